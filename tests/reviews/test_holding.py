"""Holds: a case set aside until a day, out of everybody's reach, its deadline resting."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils.timezone import localdate

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import vault
from audit.models import ClockTimestamp, Event
from cases import lifecycle
from cases.lifecycle import take_step
from cases.models import Case, Pipeline, Status
from reviews.claims import HoldsAnother, NotWaiting, claim_case, close_withdrawn
from reviews.drafts import load_draft
from reviews.holding import BadFollowUp, NotHeld, follow_up_due, hold_case, take_up
from reviews.models import Claim, Hold, Notice, QueueEntry
from reviews.rights import rights_of
from tests.casefiles import TESTER, expire, found, held, start, waiting_case

REASON = "The employer's letter is on its way."


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    return waiting_case(loan, bank, predicted="approve")


def set_aside(case: Case, reviewer: User, *, days: int = 3) -> Hold:
    """The case on hold for some days."""
    claim = held(case, reviewer)
    at = Claim.objects.annotate(now=ClockTimestamp()).get(pk=claim.pk).now + timedelta(days=days)
    return hold_case(
        REASON, fence=claim.pk, follow_up_at=at, reviewer=reviewer, by=reviewer.actor
    )


def rested(hold: Hold, length: timedelta) -> None:
    """Lets a hold have lasted so long, and its day come, as time would."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE reviews_hold SET held_at = clock_timestamp() - %s,"
            " follow_up_at = clock_timestamp() - interval '1 second' WHERE id = %s",
            [length, hold.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")


def resume(case: Case, person: User) -> Claim | None:
    return take_up(case.pk, reviewer=person, rights=rights_of(person), by=person.actor)


def test_a_case_on_hold_is_nobodys_and_keeps_its_words_sealed(
    case: Case, reviewer: User, senior: User
) -> None:
    hold = set_aside(case, reviewer)
    assert Claim.objects.get(case=case).ended == Claim.Ended.SET_ASIDE
    assert start(senior) is None
    with pytest.raises(NotWaiting):
        claim_case(case.pk, reviewer=senior, rights=rights_of(senior), by=senior.actor)
    words = vault.of(case.pk).open_json(f"hold:{hold.pk}", hold.sealed_words)
    assert words == {"text": REASON}
    event = Event.objects.get(type="case.held")
    assert (event.case_id, event.data["hold"]) == (case.pk, str(hold.pk))
    assert list(event.commitments) == [f"hold:{hold.pk}"]
    assert REASON not in str(event.data)
