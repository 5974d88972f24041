"""A place on the papers read again into a field: fenced, on the case's own papers, with its source."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from audit import vault
from cases.models import Case, Page, Pipeline
from inference.models import FieldRead
from reviews.drafts import load_draft
from reviews.models import Claim, Correction
from reviews.reviewing import correction_purpose
from reviews.verdicts import FieldVerdict, Verdict
from reviews.views import regions
from reviews.views.regions import text_at
from tests.casefiles import expire, held, submit
from tests.conftest import Upstream
from tests.loans import loan_in_review


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    return loan_in_review(make_upstream().client)


@pytest.fixture
def claim(client: Client, case: Case, reviewer: User) -> Claim:
    client.force_login(reviewer)
    return held(case, reviewer)


def place_of(case: Case, name: str) -> tuple[Page, str]:
    """The page and the box that a field was read in, as a form names them."""
    read = FieldRead.objects.select_related("page").get(case=case, name=name)
    assert read.page is not None
    assert read.box is not None
    left, top, right, bottom = read.box
    return read.page, f"{left - 6} {top - 4} {right + 6} {bottom + 4}"


def ask(client: Client, claim: Claim, name: str, page: Page, box: str) -> Any:
    sent: dict[str, Any] = {"fence": claim.pk, "page": page.pk, "box": box, "value": "typed"}
    address = f"/cases/{claim.case_id}/fields/{name}/region/"
    return client.post(address, sent, headers={"HX-Request": "true"})


def test_what_stands_there_becomes_the_correction_with_its_source(
    client: Client, claim: Claim, case: Case, reviewer: User
) -> None:
    page, box = place_of(case, "duration_months")
    assert ask(client, claim, "amount", page, box).status_code == 200
    opened = vault.of(case.pk)
    word = load_draft(opened, reviewer=reviewer)["fields"]["amount"]
    assert (word["kind"], word["value"], word["page"]) == ("corrected", "24.00", str(page.pk))
    submit(
        claim,
        Verdict(
            "approve",
            reason_codes=("papers_confirm",),
            explanation="As the form says.",
            fields={"amount": FieldVerdict.of(word)},
        ),
    )
    kept = Correction.objects.get(review__case=case, field="amount")
    sealed = opened.open_json(correction_purpose(claim.pk, "amount"), kept.sealed_values)
    assert (sealed["page"], sealed["box"]) == (word["page"], word["box"])


def test_what_is_no_value_is_shown_and_not_kept(
    client: Client, claim: Claim, case: Case, reviewer: User
) -> None:
    page, box = place_of(case, "employer")
    answer = ask(client, claim, "pay_date", page, box)
    assert answer.status_code == 422
    assert "Noord-Nederlandse" in answer.content.decode()
    assert "fields" not in load_draft(vault.of(case.pk), reviewer=reviewer)


def test_a_place_without_any_letters_keeps_what_was_typed(
    client: Client, claim: Claim, case: Case
) -> None:
    page, _ = place_of(case, "amount")
    answer = ask(client, claim, "amount", page, "20 1200 300 1240")
    assert answer.status_code == 422
    assert "Nothing could be read there" in answer.content.decode()
    assert 'value="typed"' in answer.content.decode()


def test_what_is_read_as_the_claim_ends_is_kept_for_the_return(
    client: Client,
    claim: Claim,
    case: Case,
    reviewer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page, box = place_of(case, "duration_months")

    def slowly(*place: Any) -> str:
        text = text_at(*place)
        expire(claim)
        return text

    monkeypatch.setattr(regions, "text_at", slowly)
    answer = ask(client, claim, "amount", page, box)
    assert answer.status_code == 409
    assert 'value="24.00"' in answer.content.decode()
    word = load_draft(vault.of(case.pk), reviewer=reviewer)["fields"]["amount"]
    assert (word["value"], word["page"]) == ("24.00", str(page.pk))


def test_a_late_region_is_not_applied(
    client: Client, claim: Claim, case: Case, reviewer: User
) -> None:
    expire(claim)
    page, box = place_of(case, "amount")
    answer = ask(client, claim, "amount", page, box)
    assert answer.status_code == 409
    assert "claim-lost" in answer.headers["HX-Trigger"]
    assert "fields" not in load_draft(vault.of(case.pk), reviewer=reviewer)


@pytest.mark.parametrize("box", ["", "1 2 3", "0 0 3 3", "a b c d", "9000 9000 9900 9900"])
def test_a_box_that_is_none_is_refused(client: Client, claim: Claim, case: Case, box: str) -> None:
    page, _ = place_of(case, "amount")
    assert ask(client, claim, "amount", page, box).status_code == 404


def test_a_page_of_another_case_is_refused(client: Client, claim: Claim, case: Case) -> None:
    page, box = place_of(loan_in_review(case.client), "amount")
    assert ask(client, claim, "amount", page, box).status_code == 404
