"""The alarm of pinned queues: for whom it sounds, when, and what taking a case does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases.models import Case, Pipeline
from reviews.alarms import ringing
from reviews.claims import release
from reviews.models import Claim, Queue, QueueEntry
from reviews.rights import rights_of
from tests.casefiles import held, waiting_case


@pytest.fixture
def reviewer(client: Client, make_person: Callable[..., User]) -> User:
    user = make_person(Role.REVIEWER)
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def pinned(loan: Pipeline) -> str:
    """A queue whose cases sound alarm in the last ten minutes."""
    Queue.objects.filter(slug="loan-papers").update(pinned=True, alarm_minutes=10)
    return "loan-papers"


@pytest.fixture
def make_urgent(loan: Pipeline, bank: ApiClient, pinned: str) -> Callable[..., Case]:
    """Makes a case that sounds alarm, or would if it were due in time."""

    def make(**minutes: float) -> Case:
        return waiting_case(loan, bank, queue=pinned, due_in=timedelta(**minutes or {"minutes": 4}))

    return make


def references(person: User) -> list[str]:
    return [each.reference for each in ringing(rights_of(person), reviewer=person)]


def test_what_is_due_within_the_minutes_or_late_sounds_alarm_the_most_urgent_first(
    loan: Pipeline, bank: ApiClient, reviewer: User, make_urgent: Callable[..., Case]
) -> None:
    soon, late = make_urgent(minutes=9.5), make_urgent(minutes=-3)
    make_urgent(minutes=11)
    waiting_case(loan, bank, due_in=timedelta(minutes=1))  # of a queue that is not pinned
    assert references(reviewer) == [late.reference, soon.reference]


def test_only_what_somebody_could_take_sounds_for_them(
    reviewer: User, make_person: Callable[..., User], make_urgent: Callable[..., Case]
) -> None:
    case, other = make_urgent(), make_person(Role.REVIEWER)
    claim = held(case, other)
    assert references(reviewer) == []
    release(claim.pk, reviewer=other, by=other.actor)
    assert references(reviewer) == [case.reference]
    QueueEntry.objects.filter(pk=case.pk).update(reserved_for=other)
    assert (references(reviewer), references(other)) == ([], [case.reference])


def test_it_stands_on_every_page_of_who_may_take_it_and_on_nobody_elses(
    client: Client,
    reviewer: User,
    make_person: Callable[..., User],
    make_urgent: Callable[..., Case],
) -> None:
    case = make_urgent()
    for address in ("/", "/cases/", "/settings/", f"/cases/{case.pk}/"):
        page = client.get(address).text
        assert f'data-alarm-case="{case.pk}"' in page
        assert "Take it now" in page
    client.force_login(make_person(Role.PIPELINE_ADMIN))
    assert 'id="alarm"' not in client.get("/").text
    assert client.get("/alarm/").status_code == 204


def test_a_page_that_asks_again_is_told_of_changes_alone(
    client: Client, reviewer: User, make_urgent: Callable[..., Case]
) -> None:
    assert client.get("/alarm/", {"known": ""}).status_code == 204
    case = make_urgent()
    told = client.get("/alarm/", {"known": ""})
    assert case.reference in told.text
    state = told.context["alarm"].state
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/alarm/", {"known": state}).status_code == 204
    assert len([each for each in queries if "reviews_queueentry" in each["sql"]]) == 1
    assert len(queries) <= 4  # the session, the person, their rights
    held(case, reviewer)
    gone = client.get("/alarm/", {"known": state})
    assert gone.status_code == 200
    assert "data-alarm-case" not in gone.text


def test_taking_it_claims_the_most_urgent_case_of_the_queue(
    client: Client, reviewer: User, pinned: str, make_urgent: Callable[..., Case]
) -> None:
    make_urgent(minutes=8)
    case = make_urgent(minutes=2)
    sent = {"queue": pinned, "case": str(case.pk)}
    for _ in range(2):  # pressed twice is taken once
        assert client.post("/alarm/take/", sent).headers["Location"] == f"/cases/{case.pk}/"
    assert Claim.objects.get().case == case


def test_who_holds_a_case_is_asked_and_gives_it_back_only_for_a_case_that_is_there(
    client: Client,
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    pinned: str,
    make_urgent: Callable[..., Case],
) -> None:
    mine, urgent = waiting_case(loan, bank), make_urgent()
    claim = held(mine, reviewer)
    sent = {"queue": pinned, "case": str(urgent.pk)}
    asked = client.post("/alarm/take/", sent)
    assert f"Give {mine.reference} back and take {urgent.reference}" in asked.text
    assert Claim.objects.get(ended_at=None) == claim

    QueueEntry.objects.filter(pk=urgent.pk).update(reserved_for=reviewer.pk, hold=None, claim=None)
    elsewhere = QueueEntry.objects.get(pk=urgent.pk).queue
    QueueEntry.objects.filter(pk=urgent.pk).update(queue=Queue.objects.get(slug="loan-review"))
    gone = client.post("/alarm/take/", {**sent, "fence": claim.pk})
    assert gone.headers["Location"] == f"/cases/{mine.pk}/"
    assert Claim.objects.get(ended_at=None) == claim, "nothing is given back for nothing"

    QueueEntry.objects.filter(pk=urgent.pk).update(queue=elsewhere)
    taken = client.post("/alarm/take/", {**sent, "fence": claim.pk})
    assert taken.headers["Location"] == f"/cases/{urgent.pk}/"
    assert Claim.objects.get(ended_at=None).case == urgent
    assert Event.objects.filter(type="claim.released", case_id=mine.pk).exists()
