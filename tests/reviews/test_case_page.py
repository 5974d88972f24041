"""The case page: the workbench of whoever holds the case, a record for everybody else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from cases.models import Case, Decision, Pipeline
from reviews.drafts import load_draft
from reviews.models import Claim, Correction, Review
from tests.casefiles import (
    DECLINE,
    OVERRIDE,
    decided_case,
    expire,
    held,
    reviewed_case,
    settled,
    submit,
    waiting_case,
)
from tests.conftest import Upstream

SECOND = {"second_review": "loan-second"}
SAID = "The statement shows the means."


@pytest.fixture
def reviewer(client: Client, loan: Pipeline, make_person: Callable[..., User]) -> User:
    user = make_person(Role.REVIEWER, first_name="Mara", last_name="Okonkwo")
    client.force_login(user)
    return user


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    doubtful = {"net_income": {"value": "2431.18", "mismatch": "differs"}}
    return waiting_case(loan, make_upstream().client, fields=doubtful, predicted="approve")


def post(client: Client, case: Case, act: str, /, **sent: object) -> HttpResponse:
    """A form of the case page, with the claim's fence and the case's version as the page has them."""
    claim = Claim.objects.filter(case=case).latest("id")
    form = {"fence": claim.pk, "version": Case.objects.get(pk=case.pk).version, **sent}
    answer: HttpResponse = client.post(f"/cases/{case.pk}/{act}/", form)  # type: ignore[assignment]  # stubs
    return answer


def draft_of(case: Case, reviewer: User) -> dict[str, object]:
    return load_draft(vault.of(case.pk), reviewer=reviewer)


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]  # an answer


# ---------------------------------------------------------------- start and hold


def test_start_opens_the_most_urgent_case(client: Client, reviewer: User, case: Case) -> None:
    with CaptureQueriesContext(
        connection,
    ) as statements:
        answer = client.post("/start/")
    assert answer.headers["Location"] == f"/cases/{case.pk}/"
    assert len(statements) <= 12
    page = text(client.get(f"/cases/{case.pk}/"))
    assert case.reference in page
    assert "Sent to you because" in page
    assert "Declared: €2,310.75" in page
    assert "1 to settle" in page


def test_the_page_costs_the_same_whatever_the_case_holds(
    client: Client, reviewer: User, case: Case
) -> None:
    held(case, reviewer)
    with CaptureQueriesContext(connection) as statements:
        client.get(f"/cases/{case.pk}/")
    assert len(statements) <= 18


def test_where_all_work_is_held_home_says_when_some_may_come_free(
    client: Client, reviewer: User, case: Case, make_person: Callable[..., User]
) -> None:
    held(case, make_person(Role.REVIEWER))
    page = text(client.post("/start/", follow=True))
    assert "Nothing waits right now" in page
    assert "1 in progress, next frees in" in page


def test_home_goes_on_with_the_case_in_hand(client: Client, reviewer: User, case: Case) -> None:
    held(case, reviewer)
    page = text(client.get("/"))
    assert f"Go on with {case.reference}" in page
    assert "Nothing waits right now" in page
    assert "next frees" not in page  # it is theirs: nobody else's time frees it for them


def test_a_heartbeat_lengthens_the_claim_until_it_has_ended(
    client: Client, reviewer: User, case: Case
) -> None:
    claim = held(case, reviewer)
    assert post(client, case, "heartbeat").status_code == 200
    expire(claim)
    assert post(client, case, "heartbeat").status_code == 409


def test_a_case_given_back_keeps_its_draft(client: Client, reviewer: User, case: Case) -> None:
    held(case, reviewer)
    post(client, case, "fields/amount", act="settle", value="5000")
    post(client, case, "give-back")
    assert Claim.objects.get(case=case).ended == Claim.Ended.RELEASED
    client.post("/start/")
    assert "5,000.00" in text(client.get(f"/cases/{case.pk}/"))


# ---------------------------------------------------------------- fields


@pytest.mark.parametrize(
    ("sent", "kind", "value"),
    [
        ({"act": "settle", "value": "2,431.18"}, Correction.Kind.CONFIRMED, None),
        ({"act": "settle", "value": " 2431,18 "}, Correction.Kind.CONFIRMED, None),
        ({"act": "settle", "value": "EUR 2,341.18"}, Correction.Kind.CORRECTED, "2341.18"),
        ({"act": "illegible", "value": "2,431.18"}, Correction.Kind.ILLEGIBLE, None),
    ],
)
def test_a_field_is_settled_as_a_draft(
    client: Client, reviewer: User, case: Case, sent: dict[str, str], kind: str, value: str | None
) -> None:
    held(case, reviewer)
    answer = post(client, case, "fields/net_income", **sent)
    assert answer.headers["Location"] == f"/cases/{case.pk}/#field-net_income"
    fields: Any = draft_of(case, reviewer)["fields"]
    word = fields["net_income"]
    assert (word["kind"], word["value"]) == (kind, value)
    assert abs(datetime.fromisoformat(word["at"]) - timezone.now()) < timedelta(minutes=5)
    assert "All settled" in text(client.get(f"/cases/{case.pk}/"))
    post(client, case, "fields/net_income", act="reopen")
    assert draft_of(case, reviewer)["fields"] == {}


@pytest.mark.parametrize("typed", ["a lot", "", "12.03.2026"])
def test_what_is_no_amount_is_refused_and_stays_in_its_box(
    client: Client, reviewer: User, case: Case, typed: str
) -> None:
    claim = held(case, reviewer)
    answer = client.post(
        f"/cases/{case.pk}/fields/net_income/",
        {"fence": claim.pk, "act": "settle", "value": typed},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert f'value="{typed}"' in text(answer)
    assert "fields" not in draft_of(case, reviewer)


def test_a_field_that_the_pipeline_has_not_is_not_found(
    client: Client, reviewer: User, case: Case
) -> None:
    held(case, reviewer)
    assert post(client, case, "fields/shoe_size", act="illegible").status_code == 404


def test_a_field_saved_under_another_claim_is_not_saved(
    client: Client, reviewer: User, case: Case, make_person: Callable[..., User]
) -> None:
    held(case, make_person(Role.REVIEWER))
    answer = post(client, case, "fields/amount", act="settle", value="5000")
    assert answer.status_code == 409
    assert "5000" in text(answer)
    assert draft_of(case, reviewer) == {}


# ---------------------------------------------------------------- verdict


def test_agreeing_decides_and_opens_the_next_case(
    client: Client, reviewer: User, case: Case, loan: Pipeline
) -> None:
    other = waiting_case(loan, case.client, predicted="approve")
    client.post("/start/")
    post(client, case, "fields/net_income", act="illegible")
    with CaptureQueriesContext(connection) as statements:
        answer = post(
            client, case, "verdict", verdict="approve", next="stop", opened="1,3,x", confirmed="yes"
        )
    assert len(statements) <= 20 + 4  # session, person, rights and case, as every page asks
    assert answer.headers["Location"] == "/"
    review = Review.objects.get(case=case)
    assert review.shown["opened"] == {"pages": [1, 3]}
    assert review.corrections.get().field == "net_income"
    client.post("/start/")
    assert f"/cases/{other.pk}/" in text(client.get("/"))


def test_an_adverse_verdict_is_asked_about_twice(
    client: Client, reviewer: User, case: Case
) -> None:
    held(case, reviewer)
    sent = {
        "verdict": "decline",
        "reason:decline": ["income_insufficient"],
        "reason:approve": ["papers_confirm"],
        "explanation": "The income does not carry it.",
    }
    asked = post(client, case, "verdict", **sent)
    assert asked.status_code == 200
    assert "Yes, this is my verdict" in text(asked)
    assert not Review.objects.filter(case=case).exists()
    post(client, case, "verdict", **sent, confirmed="yes")
    assert Review.objects.get(case=case).reason_codes == ["income_insufficient"]
    assert (decision := settled(case)) and decision.outcome == "decline"


def test_an_incomplete_verdict_comes_back_with_what_is_missing(
    client: Client, reviewer: User, case: Case
) -> None:
    held(case, reviewer)
    answer = post(client, case, "verdict", verdict="decline", explanation="Because.")
    assert answer.status_code == 422
    assert "Choose at least one reason." in text(answer)
    assert "Because." in text(answer)


def test_a_late_verdict_is_refused_said_and_kept(
    client: Client, reviewer: User, case: Case
) -> None:
    expire(held(case, reviewer))
    sent = {"verdict": "approve", "explanation": SAID}
    answer = post(client, case, "verdict", **sent)
    assert answer.status_code == 409
    assert "This came too late" in text(answer)
    assert SAID in text(answer)
    assert not Decision.objects.filter(case=case).exists()
    assert draft_of(case, reviewer)["explanation"] == SAID


def test_after_a_takeover_the_late_page_tells_what_happened(
    client: Client, reviewer: User, case: Case, make_person: Callable[..., User]
) -> None:
    claim = held(case, reviewer)
    post(client, case, "give-back")
    other = make_person(Role.REVIEWER, first_name="Jonas", last_name="Weber")
    submit(held(case, other), OVERRIDE)
    form = {"fence": claim.pk, "version": case.version, "verdict": "approve"}
    page = text(client.post(f"/cases/{case.pk}/verdict/", form))
    assert "You had given the case back." in page
    assert "Jonas Weber" in page
    assert "Review: approve" in page


def test_a_verdict_is_kept_as_it_is_entered(client: Client, reviewer: User, case: Case) -> None:
    held(case, reviewer)
    answer = post(client, case, "draft", verdict="decline", explanation="Half a sen")
    assert answer.status_code == 204
    page = text(client.get(f"/cases/{case.pk}/"))
    assert "Half a sen" in page


# ---------------------------------------------------------------- the record


def test_the_record_tells_decision_review_and_history(
    client: Client, reviewer: User, loan: Pipeline, case: Case
) -> None:
    done = reviewed_case(loan, case.client, reviewer, verdict=DECLINE, predicted="approve")
    page = text(client.get(f"/cases/{done.pk}/"))
    assert "Decided by review" in page
    assert "The income does not carry the instalments." in page
    assert "Income is insufficient for the amount requested" in page
    assert "Mara Okonkwo" in page
    assert "/verdict/" not in page
    assert "/fields/" not in page
    assert Event.objects.filter(case_id=done.pk, type="case.opened").count() == 1


def test_an_automatic_decision_says_so(
    client: Client, reviewer: User, loan: Pipeline, case: Case
) -> None:
    done = decided_case(loan, case.client)
    assert "Decided without a person" in text(client.get(f"/cases/{done.pk}/"))


@pytest.mark.parametrize("path", ["", "claim/", "verdict/", "fields/amount/", "draft/"])
def test_without_a_right_the_case_does_not_exist(
    client: Client, make_person: Callable[..., User], case: Case, path: str
) -> None:
    client.force_login(make_person(Role.OPERATOR))
    ask = client.get if not path else client.post
    assert ask(f"/cases/{case.pk}/{path}").status_code == (409 if path == "draft/" else 404)
    assert ask(f"/cases/{uuid4()}/{path}").status_code == (409 if path == "draft/" else 404)


def test_nobody_sees_anything_without_signing_in(client: Client, case: Case) -> None:
    for path in ("/", "/cases/", f"/cases/{case.pk}/", f"/cases/{case.pk}/pages/{uuid4()}/"):
        assert client.get(path).headers["Location"].startswith("/account/login/")


def test_a_supervisor_lets_a_held_case_wait_again(
    client: Client, case: Case, reviewer: User, make_person: Callable[..., User]
) -> None:
    claim = held(case, reviewer)
    seen = {"seen": claim.pk}
    client.force_login(make_person(Role.REVIEWER))
    assert client.post(f"/cases/{case.pk}/take-over/", seen).status_code == 403
    assert "Give to" not in text(client.get(f"/cases/{case.pk}/"))
    client.force_login(make_person(Role.SENIOR_REVIEWER))
    assert "Give to" in text(client.get(f"/cases/{case.pk}/"))
    assert "Let it wait again" in text(client.get(f"/board/cases/{case.pk}/"))
    client.post(f"/cases/{case.pk}/take-over/", seen)
    claim.refresh_from_db()
    assert claim.ended == "taken_over"
    assert "Let it wait again" not in text(client.get(f"/board/cases/{case.pk}/"))
