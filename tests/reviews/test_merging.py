"""A write that came late beside what was kept since: neither is lost, and its reviewer chooses."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import ApiClient, User
from audit import vault
from cases.models import Case, Pipeline
from reviews.claims import return_expired
from reviews.drafts import load_draft
from reviews.merging import laid_beside, merged, parts, with_parts
from tests.casefiles import DECLINE, TESTER, expire, give, held, waiting_case
from tests.reviews.test_case_page import text

WORDS = st.fixed_dictionaries({"kind": st.just("corrected"), "value": st.text(max_size=3)})
DRAFTS = st.fixed_dictionaries(
    {},
    optional={
        "outcome": st.sampled_from(["approve", "decline"]),
        "reasons": st.lists(st.sampled_from(["a", "b"]), max_size=2),
        "explanation": st.text(max_size=5),
        "fields": st.dictionaries(st.sampled_from(["amount", "iban"]), WORDS),
    },
)


@given(kept=DRAFTS, late=DRAFTS)
def test_nothing_is_lost_and_what_is_newer_stays(kept: Any, late: Any) -> None:
    draft = laid_beside(kept, late)
    assert parts(draft) == {**parts(late), **parts(kept)}
    known = {**parts(draft), **draft.get("late", {})}
    assert all(known[key] == value for key, value in parts(late).items())


@given(kept=DRAFTS, late=DRAFTS)
def test_who_takes_all_that_came_late_has_it(kept: Any, late: Any) -> None:
    draft = laid_beside(kept, late)
    assert parts(merged(draft, take=draft.get("late", ()))) == {**parts(kept), **parts(late)}
    assert parts(merged(draft, take=())) == {**parts(late), **parts(kept)}
    assert "late" not in merged(draft, take=())


def test_parts_are_put_where_a_draft_has_them() -> None:
    word = {"kind": "illegible", "value": None}
    assert with_parts({}, {"outcome": "approve", "field:iban": word}) == {
        "outcome": "approve",
        "fields": {"iban": word},
    }


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    return waiting_case(loan, bank)


def test_two_tabs_of_one_reviewer_are_merged_by_hand(
    client: Client, reviewer: User, case: Case
) -> None:
    client.force_login(reviewer)
    first = held(case, reviewer)
    expire(first)
    return_expired(by=TESTER)
    second = held(case, reviewer)
    address = f"/cases/{case.pk}"
    newer = {"fence": second.pk, "verdict": "approve", "explanation": "Written in the second tab."}
    assert client.post(f"{address}/draft/", newer).status_code == 204
    older = {
        "fence": first.pk,
        "version": case.version,
        "verdict": "decline",
        "reason:decline": "income_insufficient",
        "explanation": "Written in the first tab.",
    }
    page = client.post(f"{address}/verdict/", older)
    assert page.status_code == 409
    for words in ("Two of your own drafts differ", "in the first tab", "in the second tab"):
        assert words in text(page)
    draft = load_draft(vault.of(case.pk), reviewer=reviewer)
    assert draft["explanation"] == "Written in the second tab."
    assert "Two of your own drafts differ" in text(client.get(f"{address}/"))
    answer = client.post(f"{address}/merge/", {"take:outcome": "sent", "take:explanation": "kept"})
    assert answer.headers["Location"] == f"{address}/"
    draft = load_draft(vault.of(case.pk), reviewer=reviewer)
    assert (draft["outcome"], draft["explanation"]) == ("decline", "Written in the second tab.")
    assert "Two of your own drafts differ" not in text(client.get(f"{address}/"))


def test_what_another_tab_sends_under_a_claim_that_was_undone_is_kept(
    client: Client, reviewer: User, case: Case, settings: Any
) -> None:
    settings.UNDO_SECONDS = 10
    client.force_login(reviewer)
    claim = held(case, reviewer)
    give(claim, DECLINE)
    stale = {"fence": claim.pk, "act": "settle", "value": "2,222.00"}
    field = f"/cases/{case.pk}/fields/net_income/"
    assert client.post(field, stale).status_code == 409
    assert not load_draft(vault.of(case.pk), reviewer=reviewer), "the review stands"
    assert client.post("/undo/", {"fence": claim.pk}).status_code == 302
    assert client.post(field, stale).status_code == 409
    draft = load_draft(vault.of(case.pk), reviewer=reviewer)
    assert draft["outcome"] == "decline"
    assert draft["fields"]["net_income"]["value"] == "2222.00"


def test_a_field_that_came_late_is_in_the_draft_on_return(
    client: Client, reviewer: User, case: Case
) -> None:
    client.force_login(reviewer)
    claim = held(case, reviewer)
    expire(claim)
    sent = {"fence": claim.pk, "act": "settle", "value": "2,222.00"}
    answer = client.post(f"/cases/{case.pk}/fields/net_income/", sent)
    assert answer.status_code == 409
    fields = load_draft(vault.of(case.pk), reviewer=reviewer)["fields"]
    assert fields["net_income"]["value"] == "2222.00"
