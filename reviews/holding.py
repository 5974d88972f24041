"""Holds: a case set aside until a day, or until the upstream answers; its deadline rests meanwhile.

Nobody can take a case on hold. Its reviewer's draft stays with it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.deadlines import put_off
from cases.models import Case
from reviews.claims import ClaimLost, HoldsAnother, NotWaiting, claim_case, claim_in_hand
from reviews.claims import end as end_claim
from reviews.free import OPEN_ENTRY
from reviews.models import Claim, Hold, Notice, QueueEntry
from reviews.notices import tell
from reviews.rights import Rights
from reviews.sampling import put_off_shown

LONGEST = timedelta(days=90)
"""How far ahead a follow-up can be."""
TAKEN_A_SWEEP = 500


class NotHeld(Exception):
    """The case is not on hold, or no longer."""


class BadFollowUp(ValueError):
    """The day of the follow-up has passed, or is too far ahead."""


@transaction.atomic
def hold_case(
    reason: str, *, fence: int, follow_up_at: datetime, reviewer: User, by: Actor
) -> Hold:
    """Sets a reviewer's case aside until `follow_up_at`; raises ClaimLost and BadFollowUp."""
    return set_aside(
        Hold.Kind.FOLLOW_UP,
        {"text": reason},
        fence=fence,
        follow_up_at=follow_up_at,
        reviewer=reviewer,
        by=by,
    )


EVENTS = {
    Hold.Kind.FOLLOW_UP: "case.held",
    Hold.Kind.QUESTION: "case.information_requested",
}


def set_aside(
    kind: Hold.Kind,
    words: Mapping[str, Any],
    *,
    fence: int,
    follow_up_at: datetime,
    reviewer: User,
    by: Actor,
) -> Hold:
    """Ends a claim with a hold on its case. Must run in a transaction."""
    entry, claim = claimed_entry(fence, reviewer=reviewer)
    check_follow_up(follow_up_at, claim.now)
    hold = Hold(case=entry.case, kind=kind, held_by=reviewer, follow_up_at=follow_up_at)
    opened = vault.of(entry.case_id)
    hold.sealed_words = opened.seal_json(words_of(hold.pk), words)
    hold.save(force_insert=True)
    end_claim(claim, Claim.Ended.SET_ASIDE)
    QueueEntry.objects.filter(pk=entry.pk).update(hold=hold)
    record(
        EVENTS[kind],
        by=by,
        case_id=entry.case_id,
        pipeline=entry.case.pipeline.slug,
        data={"hold": str(hold.pk), "claim": fence, "until": follow_up_at.isoformat()},
        commitments={words_of(hold.pk): opened.commitment(words_of(hold.pk), dict(words))},
    )
    return hold


def check_follow_up(day: datetime, now: datetime) -> None:
    """Raises BadFollowUp for a day that has passed or is too far ahead."""
    if not now < day <= now + LONGEST:
        raise BadFollowUp(str(day))


def claimed_entry(fence: int, *, reviewer: User) -> tuple[QueueEntry, Any]:
    """The entry that the reviewer's claim holds, locked with its case, and the claim with its `now`.

    Raises ClaimLost.
    """
    entry = (
        QueueEntry.objects.select_for_update(no_key=True, of=("self", "case"))
        .select_related("case__pipeline", "case__pipeline_version")
        .filter(OPEN_ENTRY, claim=fence)
        .first()
    )
    claim = (
        Claim.objects.select_for_update(no_key=True)
        .filter(pk=fence, reviewer=reviewer, ended_at=None, expires_at__gt=ClockTimestamp())
        .annotate(now=ClockTimestamp())
        .first()
    )
    if entry is None or claim is None:
        raise ClaimLost(str(fence))
    return entry, claim


def holds_of(case: Case) -> list[Hold]:
    """The times that a case was set aside, the first one first."""
    return list(Hold.objects.filter(case=case).select_related("held_by").order_by("id"))


def words_of(hold_id: UUID) -> str:
    """What a hold's words are sealed for."""
    return f"hold:{hold_id}"


def answer_of(hold_id: UUID) -> str:
    """What the answer to a hold's question is sealed for."""
    return f"answer:{hold_id}"


# ---------------------------------------------------------------- the end of a hold


@transaction.atomic
def take_up(case_id: UUID, *, reviewer: User, rights: Rights, by: Actor) -> Claim | None:
    """Ends a hold before its day and claims the case; None where the person can't judge it.

    For whoever set it aside, and for supervisors of its queue. Raises NotHeld, and HoldsAnother where
    the person works on another case; nothing is changed then.
    """
    claim_in_hand(reviewer, by=by)  # locks their own row, which comes before the entry
    entry = held_entry(case_id)
    if not may_take_up(entry, reviewer, rights):
        raise NotHeld(str(case_id))
    end(entry, Hold.Ended.RESUMED, by=by)
    if not rights.may_judge(entry):
        return None
    try:
        return claim_case(case_id, reviewer=reviewer, rights=rights, by=by)
    except HoldsAnother:
        raise
    except NotWaiting:  # not for them: they have judged it, or passed it on
        return None


def may_take_up(entry: QueueEntry, person: User, rights: Rights) -> bool:
    """Whether the person may end the hold on a case before its day."""
    if entry.hold is None or entry.queue_id not in rights.all_queues():
        return False
    return entry.hold.held_by_id == person.pk or rights.may("supervise", entry.queue_id)


def follow_up_due(*, by: Actor) -> int:
    """Ends the holds whose day has come, and tells those who set the cases aside; how many."""
    due = Hold.objects.filter(ended_at=None, follow_up_at__lte=ClockTimestamp())
    ended = 0
    for case_id in list(
        due.order_by("follow_up_at").values_list("case", flat=True)[:TAKEN_A_SWEEP]
    ):
        ended += follow_up(case_id, by=by)
    return ended


@transaction.atomic
def follow_up(case_id: UUID, *, by: Actor) -> bool:
    """Ends a hold whose day has come; False where somebody else was first."""
    try:
        entry = held_entry(case_id)
    except NotHeld:
        return False
    hold = end(entry, Hold.Ended.FOLLOWED_UP, by=by)
    tell([hold.held_by], Notice.Kind.FOLLOW_UP, case_id)
    return True


def held_entry(case_id: UUID) -> QueueEntry:
    """The entry of a case on hold, locked with it: nobody withdraws it now. Raises NotHeld."""
    entry = (
        QueueEntry.objects.select_for_update(no_key=True, of=("self", "case"))
        .select_related("case__pipeline", "case__pipeline_version", "hold__held_by")
        .filter(OPEN_ENTRY, case=case_id, hold__ended_at=None, hold__isnull=False)
        .first()
    )
    if entry is None:
        raise NotHeld(str(case_id))
    return entry


def end(
    entry: QueueEntry, how: Hold.Ended, *, by: Actor, sealed_answer: bytes | None = None
) -> Hold:
    """Lets a case wait again, its deadline later by the time it rested. Raises NotHeld.

    Must run in a transaction that has locked the entry and its case.
    """
    hold = entry.hold
    if hold is None:
        raise NotHeld(str(entry.case_id))
    live = Hold.objects.filter(pk=hold.pk, ended_at=None)
    if not live.update(ended_at=ClockTimestamp(), ended=how, sealed_answer=sealed_answer):
        raise NotHeld(str(entry.case_id))
    hold.refresh_from_db(fields=["held_at", "ended_at", "ended"])
    rested = (hold.ended_at or hold.held_at) - hold.held_at
    QueueEntry.objects.filter(pk=entry.pk).update(hold=None, due_at=F("due_at") + rested)
    version = put_off_entry(entry, rested)
    record(
        "case.resumed",
        by=by,
        case_id=entry.case_id,
        pipeline=entry.case.pipeline.slug,
        data={
            "hold": str(hold.pk),
            "ended": how.value,
            "rested_seconds": round(rested.total_seconds()),
            "version": version,
        },
    )
    return hold


def put_off_entry(entry: QueueEntry, rested: timedelta) -> int:
    """Moves a case's deadline on, where it still has one; the version that people see from then on."""
    if entry.sample_id is not None:
        return put_off_shown(entry.sample_id)
    put_off(entry.case, rested)
    return entry.case.version
