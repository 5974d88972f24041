"""What keeps a reviewer's work safe: twice sent, sent from nowhere, half settled, or hardly held."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit import vault
from audit.models import ClockTimestamp
from cases.models import Case, Pipeline
from reviews.drafts import load_draft
from reviews.models import Claim, Review
from tests.casefiles import OVERRIDE, held, reviewed_case, settled, waiting_case
from tests.conftest import Upstream

DECLINED = {
    "verdict": "decline",
    "reason:decline": ["income_insufficient"],
    "explanation": "The income does not carry it.",
}


@pytest.fixture
def reviewer(client: Client, loan: Pipeline, make_person: Callable[..., User]) -> User:
    user = make_person(Role.REVIEWER)
    client.force_login(user)
    return user


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    read = {"net_income": {"value": "2431.18", "mismatch": "differs"}, "amount": {"value": None}}
    return waiting_case(loan, make_upstream().client, fields=read, predicted="approve")


def post(client: Client, case: Case, act: str, /, **sent: object) -> HttpResponse:
    claim = Claim.objects.filter(case=case).latest("id")
    form = {"fence": claim.pk, "version": case.version, **sent}
    answer: HttpResponse = client.post(f"/cases/{case.pk}/{act}/", form)  # type: ignore[assignment]  # stubs
    return answer


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]  # an answer


# ---------------------------------------------------------------- twice, and from nowhere


def test_the_same_verdict_sent_twice_is_taken_once_and_both_go_on(
    client: Client, reviewer: User, case: Case
) -> None:
    held(case, reviewer)
    for _ in range(2):
        answer = post(client, case, "verdict", **DECLINED, confirmed="yes", next="stop")
        assert answer.headers["Location"] == "/"
    assert Review.objects.filter(case=case).count() == 1
    assert text(client.get("/")).count(f"{case.reference}: decline.") == 2


def test_a_verdict_that_only_corrects_fields_may_be_sent_twice_without_words(
    client: Client, reviewer: User, case: Case
) -> None:
    held(case, reviewer)
    post(client, case, "fields/net_income", act="settle", value="2,000.00")
    for _ in range(2):
        answer = post(client, case, "verdict", verdict="approve", confirmed="yes", next="stop")
        assert answer.headers["Location"] == "/"
    assert Review.objects.get(case=case).override
    answer = post(client, case, "verdict", verdict="approve", explanation="Else.", confirmed="yes")
    assert answer.status_code == 409


@pytest.mark.parametrize(
    "other", [{"verdict": "approve"}, {"explanation": "Another."}, {"reason:decline": ["other"]}]
)
def test_another_verdict_under_a_claim_that_led_to_one_is_late(
    client: Client, reviewer: User, case: Case, other: dict[str, object]
) -> None:
    held(case, reviewer)
    post(client, case, "verdict", **DECLINED, confirmed="yes")
    answer = post(client, case, "verdict", **{**DECLINED, **other}, confirmed="yes")
    assert answer.status_code == 409
    assert (decision := settled(case)) and decision.outcome == "decline"


@pytest.mark.parametrize(
    "act", ["claim", "verdict", "draft", "fields/amount", "give-back", "take-over", "heartbeat"]
)
def test_an_address_for_forms_leads_to_the_case(
    client: Client, reviewer: User, case: Case, act: str
) -> None:
    page = f"/cases/{case.pk}/"
    assert client.get(f"{page}{act}/").headers["Location"] == page
    assert client.put(f"{page}{act}/").status_code == 405
    client.logout()
    signed_out = client.post(f"{page}{act}/")
    assert signed_out.headers["Location"] == f"/account/login/?next={page}"


@pytest.mark.parametrize(
    ("address", "page"),
    [("/start/", "/"), ("/settings/choice/", "/"), ("/trail/exports/ask/", "/trail/exports/")],
)
def test_an_address_for_forms_of_other_pages_leads_to_those(
    client: Client, reviewer: User, address: str, page: str
) -> None:
    assert client.get(address).headers["Location"] == page


# ---------------------------------------------------------------- the hold


def test_who_opens_the_case_they_hold_holds_it_for_the_whole_time_again(
    client: Client, reviewer: User, case: Case
) -> None:
    claim = held(case, reviewer)
    Claim.objects.filter(pk=claim.pk).update(expires_at=ClockTimestamp() + timedelta(seconds=20))
    assert 'data-seconds="600"' in text(client.get(f"/cases/{case.pk}/"))
    left = Claim.objects.annotate(now=ClockTimestamp()).get(pk=claim.pk)
    assert left.expires_at - left.now > timedelta(minutes=9)


def test_a_write_too_late_tells_the_page_what_happened(
    client: Client, reviewer: User, case: Case
) -> None:
    held(case, reviewer)
    post(client, case, "give-back")
    assert "You had given the case back." in post(client, case, "draft").headers["HX-Trigger"]
    assert "You had given the case back." in text(post(client, case, "heartbeat"))


def test_home_shows_what_waits_for_somebody_else(
    client: Client, reviewer: User, loan: Pipeline, case: Case, make_person: Callable[..., User]
) -> None:
    options = {"predicted": "decline", "second_review": "loan-second"}
    reviewed_case(
        loan, case.client, reviewer, verdict=OVERRIDE, due_in=timedelta(minutes=57.5), **options
    )
    assert "1 waits for somebody else, 57 min left." in text(client.get("/"))
    client.force_login(make_person(Role.REVIEWER))
    assert "for somebody else" not in text(client.get("/"))


def test_who_reviews_nothing_is_shown_what_they_can_do(
    client: Client, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    client.force_login(make_person(Role.AUDITOR))
    page = text(client.get("/"))
    assert "You review no queue" in page
    assert page.count('href="/trail/"') == 2
    assert "My queues" not in page
    assert "Administration" not in page
    client.force_login(make_person(Role.PLATFORM_ADMIN, is_staff=True))
    assert page.count("Administration") < text(client.get("/")).count("Administration") == 2


# ---------------------------------------------------------------- the record


def test_the_record_tells_what_was_illegible_and_folds_looks(
    client: Client, reviewer: User, case: Case
) -> None:
    held(case, reviewer)
    post(client, case, "fields/net_income", act="illegible")
    post(client, case, "verdict", **DECLINED, confirmed="yes", next="stop")
    for _ in range(2):
        client.get(f"/cases/{case.pk}/")
    page = text(client.get(f"/cases/{case.pk}/"))
    assert "Looked at, 3 times" in page
    assert "Net income</a></dt><dd>illegible</dd>" in page


# ---------------------------------------------------------------- fields


def test_an_unread_field_is_not_confirmed_empty(client: Client, reviewer: User, case: Case) -> None:
    held(case, reviewer)
    answer = post(client, case, "fields/amount", act="settle", value="")
    assert answer.status_code == 422
    assert "fields" not in load_draft(vault.of(case.pk), reviewer=reviewer)


@pytest.mark.parametrize("htmx", [{"HX-Request": "true"}, {}])
def test_a_refused_value_is_red_counted_and_explained_at_its_place(
    client: Client, reviewer: User, case: Case, htmx: dict[str, str]
) -> None:
    claim = held(case, reviewer)
    post(client, case, "fields/net_income", act="settle", value="2000")
    answer = client.post(
        f"/cases/{case.pk}/fields/net_income/",
        {"fence": claim.pk, "act": "settle", "value": "a lot"},
        headers=htmx,
    )
    row = text(answer).partition('id="field-net_income"')[2].partition("</li>")[0]
    assert 'data-state="bad"' in row
    assert "That is no amount" in row
    assert 'value="a lot"' in row
    assert "Kept so far: 2,000.00" in row
    assert "corrected by you" not in row
    assert "2 to settle" in text(answer)


def test_what_is_not_settled_is_asked_about_before_a_verdict_counts(
    client: Client, reviewer: User, case: Case
) -> None:
    held(case, reviewer)
    asked = post(client, case, "verdict", verdict="approve")
    assert asked.status_code == 200
    assert "2 fields are not settled: Loan amount, Net income." in text(asked)
    assert "goes against" not in text(asked)
    post(client, case, "fields/net_income", act="illegible")
    asked = post(client, case, "verdict", **DECLINED)
    assert "1 field is not settled: Loan amount." in text(asked)
    assert "goes against" in text(asked)
    assert not Review.objects.filter(case=case).exists()
    post(client, case, "verdict", verdict="approve", confirmed="yes")
    assert (decision := settled(case)) and decision.outcome == "approve"


def test_what_is_missing_is_said_before_anything_is_asked(
    client: Client, reviewer: User, loan: Pipeline, case: Case
) -> None:
    unread = {"amount": {"value": None}}
    against = waiting_case(loan, case.client, fields=unread, predicted="decline")
    held(against, reviewer)
    answer = post(client, against, "verdict", verdict="approve")
    assert answer.status_code == 422
    assert "Choose at least one reason." in text(answer)


def test_what_is_settled_is_not_asked_about(client: Client, reviewer: User, case: Case) -> None:
    held(case, reviewer)
    for name in ("net_income", "amount"):
        post(client, case, f"fields/{name}", act="illegible")
    post(client, case, "verdict", verdict="approve")
    assert settled(case)
