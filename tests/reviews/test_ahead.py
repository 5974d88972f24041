"""The next case fetched ahead: for whoever may take it, claimed by nobody, told to the log."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.actors import system
from audit.models import Event
from cases.models import Case, Pipeline
from reviews import ahead
from reviews.ahead import note_fetched
from reviews.drafts import save_draft
from reviews.models import Claim
from tests.casefiles import waiting_case
from tests.conftest import Upstream

BY = system("tests")


@pytest.fixture
def reviewer(client: Client, loan: Pipeline, make_person: Callable[..., User]) -> User:
    user = make_person(Role.REVIEWER)
    client.force_login(user)
    return user


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    return waiting_case(loan, make_upstream().client, predicted="approve")


def fetched(case: Case) -> list[Event]:
    return list(Event.objects.filter(case_id=case.pk, type="case.fetched_ahead"))


def test_the_next_case_is_given_unclaimed_and_once(
    client: Client, reviewer: User, case: Case
) -> None:
    given = client.post("/ahead/", headers={"In-Place": "ahead"})
    assert case.reference in given.text
    assert "no-store" in given["Cache-Control"]
    assert not Claim.objects.exists()
    (event,) = fetched(case)
    assert event.actor_id == str(reviewer.pk)
    assert event.data == {}
    again = client.post("/ahead/", {"known": given["Case-State"]}, headers={"In-Place": "ahead"})
    assert again.status_code == 204
    assert again["Case-State"] == given["Case-State"]
    assert len(fetched(case)) == 1


def test_what_was_fetched_is_shown_by_its_small_facts_where_nothing_has_changed(
    client: Client, reviewer: User, case: Case
) -> None:
    state = client.post("/ahead/", headers={"In-Place": "ahead"})["Case-State"]
    facts = client.post("/start/", {"ahead": state}, headers={"In-Place": "verdict"}).json()
    claim = Claim.objects.get()
    assert facts["fence"] == claim.pk
    assert facts["address"] == f"/cases/{case.pk}/"
    assert 590 <= facts["seconds"] <= 600


@pytest.mark.parametrize("change", ["event", "draft", "other"])
def test_a_case_that_has_changed_comes_in_full(
    client: Client, reviewer: User, case: Case, change: str
) -> None:
    state = client.post("/ahead/", headers={"In-Place": "ahead"})["Case-State"]
    if change == "event":
        client.get(f"/cases/{case.pk}/")  # that somebody looked stands in its history
    elif change == "draft":
        save_draft(case.pk, {"explanation": "Half a thought"}, reviewer=reviewer)
    else:
        state = f"x{state}"
    page = client.post("/start/", {"ahead": state}, headers={"In-Place": "verdict"})
    assert page["Content-Location"] == f"/cases/{case.pk}/"
    assert f'name="fence" value="{Claim.objects.get().pk}"' in page.text
    assert ("Half a thought" in page.text) == (change == "draft")


def test_that_others_fetched_it_changes_nothing(reviewer: User, case: Case) -> None:
    before = ahead.state_of(case.pk, reviewer=reviewer)
    note_fetched(case, by=BY)
    assert ahead.state_of(case.pk, reviewer=reviewer) == before


def test_nobody_is_given_what_they_may_not_take(
    client: Client, case: Case, make_person: Callable[..., User]
) -> None:
    assert client.post("/ahead/").status_code == 302
    client.force_login(make_person(Role.AUDITOR))
    assert client.post("/ahead/", headers={"In-Place": "ahead"}).status_code == 204
    assert not fetched(case)


def test_who_may_be_asked_for_the_second_review_is_told_nothing_ahead(
    client: Client,
    reviewer: User,
    bank: ApiClient,
    loan: Pipeline,
    make_person: Callable[..., User],
) -> None:
    case = waiting_case(loan, bank, predicted="approve", second_review="loan-second")
    assert case.reference in client.post("/ahead/", headers={"In-Place": "ahead"}).text
    client.force_login(make_person(Role.SENIOR_REVIEWER))
    answer = client.post("/ahead/", headers={"In-Place": "ahead"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(fetched(case)) == 1
    assert client.post("/start/", headers={"In-Place": "verdict"})["Content-Location"]


def test_where_scripts_are_missing_the_next_case_is_a_redirect(
    client: Client, reviewer: User, case: Case
) -> None:
    assert client.post("/start/").headers["Location"] == f"/cases/{case.pk}/"
