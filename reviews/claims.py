"""Claims: one reviewer's exclusive, expiring hold on a case, with a fencing number.

The most urgent waiting case is picked under a row lock that others skip (SKIP LOCKED), so nobody
waits for anybody; that a case has one live claim is the database's own constraint. The order of all
locks is that of `reviews.locking`.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from audit.actors import Actor, system
from audit.events import record
from audit.models import ClockTimestamp
from cases import lifecycle
from cases.lifecycle import Step
from cases.models import Case
from reviews.free import FREE, MINE, RESERVED, asked, is_open
from reviews.models import Claim, Hold, Notice, QueueEntry, Sample, Slot
from reviews.notices import tell
from reviews.rights import Rights
from reviews.sampling import end_samples
from reviews.slots import free

WAITING_CASE = f"cases_case waiting ON waiting.id = entry.case_id AND {is_open('waiting')}"

WAITING = f"""
    SELECT entry.case_id, entry.stage, entry.due_at
    FROM reviews_queueentry entry JOIN {WAITING_CASE}
    WHERE {FREE}
    ORDER BY entry.due_at, entry.case_id LIMIT 1
"""  # noqa: S608  # made of constants
"""The most urgent case of the queue `mine` that waits for anybody."""

GIVEN = f"""
    SELECT entry.case_id, entry.stage, mine.pinned
    FROM {MINE} JOIN reviews_queueentry entry ON {RESERVED} JOIN {WAITING_CASE}
    ORDER BY mine.pinned DESC, entry.due_at, entry.case_id LIMIT 1
"""  # noqa: S608  # made of constants
"""The most urgent case that waits for the reviewer alone."""

NEXT = f"""
WITH given AS ({GIVEN} {{lock}})
SELECT case_id, stage FROM given WHERE pinned
UNION ALL (
    SELECT picked.case_id, picked.stage
    FROM (
        SELECT mine.*
        FROM {MINE}
        CROSS JOIN LATERAL ({WAITING}) AS head
        WHERE NOT EXISTS (SELECT FROM given WHERE pinned)
            AND (mine.pinned OR NOT EXISTS (SELECT FROM given))
        ORDER BY mine.pinned DESC, head.due_at, head.case_id
    ) AS mine
    CROSS JOIN LATERAL ({WAITING} {{lock}}) AS picked
    LIMIT 1
)
UNION ALL SELECT case_id, stage FROM given WHERE NOT pinned
LIMIT 1
"""  # noqa: S608  # made of constants
"""Pinned queues before all others; in either what is reserved for the reviewer comes first, else the
most urgent. It looks at each queue's head without a lock, then locks one entry in the most urgent
queue that has one free: no entry is held up that is not taken."""

PICK = NEXT.format(lock="FOR NO KEY UPDATE OF entry SKIP LOCKED")
"""The next case, its entry locked."""

CHOSEN = f"""
    SELECT entry.case_id, entry.stage
    FROM {MINE} JOIN reviews_queueentry entry ON entry.case_id = %(case)s JOIN {WAITING_CASE}
    WHERE ({FREE}) OR ({RESERVED})
"""  # noqa: S608  # made of constants
"""A chosen case, where the reviewer may take it."""

CHOOSE = f"{CHOSEN} FOR NO KEY UPDATE OF entry SKIP LOCKED"
"""The same, its entry locked."""

HOLD = """
WITH taken AS ({take}),
claim AS (
    INSERT INTO reviews_claim (case_id, reviewer_id, stage, expires_at, ended)
    SELECT case_id, %(reviewer)s, stage, clock_timestamp() + %(time)s, '' FROM taken
    RETURNING id, case_id, reviewer_id, stage, expires_at),
entry AS (
    UPDATE reviews_queueentry entry SET claim_id = claim.id
    FROM claim WHERE entry.case_id = claim.case_id
    RETURNING entry.queue_id)
SELECT queue.id, pipeline.slug, claim.*
FROM claim, entry
JOIN reviews_queue queue ON queue.id = entry.queue_id
JOIN cases_pipeline pipeline ON pipeline.id = queue.pipeline_id
"""
"""Makes the claim on the entry that is taken. By hand, and at once: nothing is done as often."""

HELD = """
SELECT id, case_id, reviewer_id, stage, expires_at, expires_at > clock_timestamp() AS holds
FROM reviews_claim WHERE reviewer_id = %s AND ended_at IS NULL
"""


class NotWaiting(Exception):
    """The case can't be claimed: it does not wait, somebody holds it, or it is not this person's."""


class HoldsAnother(NotWaiting):
    """The reviewer holds another case, and a person works on one at a time."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(str(claim.case_id))
        self.claim = claim


class ClaimLost(Exception):
    """The claim has ended, or was never this reviewer's."""


@transaction.atomic
def claim_next(
    *, reviewer: User, rights: Rights, by: Actor, queue_id: int | None = None
) -> Claim | None:
    """The most urgent case that the reviewer may take, claimed; None where nothing waits for them.

    What is reserved for them comes before all else.
    Who holds a case already gets that one again: a person works on one case at a time, which the
    lock on their own row keeps true when they press Start twice.
    """
    held = claim_in_hand(reviewer, by=by)
    if held is not None:
        return held
    return hold(PICK, reviewer=reviewer, rights=rights, by=by, queue_id=queue_id)


@transaction.atomic
def claim_case(case_id: UUID, *, reviewer: User, rights: Rights, by: Actor) -> Claim:
    """A chosen case, claimed; raises HoldsAnother, or NotWaiting where it can't be had."""
    held = claim_in_hand(reviewer, by=by)
    if held is not None and held.case_id == case_id:
        return held
    if held is not None:
        raise HoldsAnother(held)
    claim = hold(CHOOSE, reviewer=reviewer, rights=rights, by=by, case_id=case_id)
    if claim is None:
        raise NotWaiting(str(case_id))
    return claim


def hold(
    take: str,
    *,
    reviewer: User,
    rights: Rights,
    by: Actor,
    queue_id: int | None = None,
    case_id: UUID | None = None,
) -> Claim | None:
    """The claim on the entry that the SQL of `take` locks; None where there is none."""
    given = asked(rights, reviewer, queue_id) | {
        "case": case_id,
        "time": timedelta(minutes=settings.CLAIM_MINUTES),
    }
    with connection.cursor() as cursor:
        cursor.execute(HOLD.format(take=take), given)
        row = cursor.fetchone()
    if row is None:
        return None
    queue, pipeline, *columns = row
    claim = Claim.from_db(
        connection.alias, ("id", "case_id", "reviewer_id", "stage", "expires_at"), columns
    )
    record(
        "case.claimed",
        by=by,
        case_id=claim.case_id,
        pipeline=pipeline,
        data={"claim": claim.pk, "queue": queue, "stage": claim.stage},
    )
    return claim


def claim_in_hand(reviewer: User, *, by: Actor) -> Claim | None:
    """The claim that the reviewer holds. Locks their own row, so that two acts of theirs take turns.

    One that has expired unswept is ended: it would stand in the way of the next.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM accounts_user WHERE id = %s FOR NO KEY UPDATE", [reviewer.pk])
    for claim in Claim.objects.raw(HELD, [reviewer.pk]):
        if claim.holds:
            return claim
        give_back(live_claims().get(pk=claim.pk), Claim.Ended.EXPIRED, by=by)
    return None


def may_take(case_id: UUID, *, reviewer: User, rights: Rights) -> bool:
    """Whether the reviewer could take the case now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({CHOSEN})", asked(rights, reviewer) | {"case": case_id})
        return bool(cursor.fetchone()[0])


def live_claim_of(reviewer: User) -> Claim | None:
    """The claim that the reviewer holds."""
    return next((claim for claim in Claim.objects.raw(HELD, [reviewer.pk]) if claim.holds), None)


def renew(claim_id: int, *, reviewer: User) -> Claim:
    """Lengthens a claim while its reviewer is active; raises ClaimLost."""
    renewed = Claim.objects.filter(
        pk=claim_id, reviewer=reviewer, ended_at=None, expires_at__gt=ClockTimestamp()
    ).update(expires_at=ClockTimestamp() + timedelta(minutes=settings.CLAIM_MINUTES))
    if not renewed:
        raise ClaimLost(str(claim_id))
    return Claim.objects.get(pk=claim_id)


@transaction.atomic
def release(claim_id: int, *, reviewer: User, by: Actor) -> None:
    """Gives a case back; raises ClaimLost."""
    claim = live_claims().filter(pk=claim_id, reviewer=reviewer).first()
    if claim is None:
        raise ClaimLost(str(claim_id))
    give_back(claim, Claim.Ended.RELEASED, by=by)


@transaction.atomic
def take_over(claim_id: int, *, case_id: UUID, supervisor: User, by: Actor) -> Claim:
    """A supervisor takes a case from its reviewer and lets it wait again; both are told.

    Raises ClaimLost where nobody holds this very case under that claim any more.
    """
    held = live_claims().select_related("reviewer")
    claim = held.filter(pk=claim_id, case=case_id).first()
    if claim is None or not give_back(claim, Claim.Ended.TAKEN_OVER, by=by):
        raise ClaimLost(str(claim_id))
    if claim.reviewer != supervisor:
        tell([claim.reviewer], Notice.Kind.TAKEN_OVER, claim.case_id, about=supervisor)
        tell([supervisor], Notice.Kind.TOOK_OVER, claim.case_id, about=supervisor)
    return claim


def return_expired(*, by: Actor) -> int:
    """Lets every case wait again whose claim has expired; returns how many."""
    expired = list(live_claims().filter(expires_at__lte=ClockTimestamp())[:500])
    for claim in expired:
        with transaction.atomic():
            give_back(claim, Claim.Ended.EXPIRED, by=by)
    return len(expired)


def live_claims() -> QuerySet[Claim]:
    """The claims that have not ended, with what an event says of their case."""
    return Claim.objects.select_related("case__pipeline").filter(ended_at=None)


def give_back(claim: Claim, how: Claim.Ended, *, by: Actor) -> bool:
    """Ends a claim, and its case waits again, its draft kept; False where it had ended already.

    Must run in a transaction.
    """
    if not end(claim, how):
        return False
    record(
        f"claim.{how}",
        by=by,
        case_id=claim.case_id,
        pipeline=claim.case.pipeline.slug,
        data={"claim": claim.pk},
    )
    return True


def end(claim: Claim, how: Claim.Ended) -> bool:
    """Ends a claim without a word; False where it had ended. Must run in a transaction.

    An expiry counts only if the claim was not renewed meanwhile, and leaves the case reserved for
    whom it was; by any other end that is over too.
    """
    QueueEntry.objects.select_for_update(no_key=True).filter(claim=claim).first()
    live = Claim.objects.filter(pk=claim.pk, ended_at=None)
    if how is Claim.Ended.EXPIRED:
        live = live.filter(expires_at__lte=ClockTimestamp())
    if not live.update(ended_at=ClockTimestamp(), ended=how):
        return False
    entry = QueueEntry.objects.filter(claim=claim)
    if how is Claim.Ended.EXPIRED:
        entry.update(claim=None)
    else:
        entry.update(claim=None, reserved_for=None, reserved_until=None)
    return True


@transaction.atomic
def close_withdrawn(case: Case, step: Step) -> None:
    """Does the step after a withdrawal: the case leaves its queue, a claim on it ends."""
    entry = (
        QueueEntry.objects.select_for_update(no_key=True, of=("self", "case"))
        .select_related("case")
        .filter(case=case)
        .first()
    )
    ended = Claim.objects.filter(case=case, ended_at=None).update(
        ended_at=ClockTimestamp(), ended=Claim.Ended.WITHDRAWN
    )
    holds = Hold.objects.filter(case=case, ended_at=None)
    tell(User.objects.filter(pk__in=holds.values("held_by")), Notice.Kind.WITHDRAWN, case.pk)
    holds.update(ended_at=ClockTimestamp(), ended=Hold.Ended.WITHDRAWN)
    free(Slot.objects.filter(booked_by__case=case), case, by=system("withdrawal"))
    if entry is not None:
        QueueEntry.objects.filter(pk=entry.pk).delete()
        end_samples(case, Sample.Ended.GONE, by=system("withdrawal"))
    if ended:
        record(
            "claim.withdrawn",
            by=system("withdrawal"),
            case_id=case.pk,
            pipeline=case.definition.slug,
        )
    lifecycle.finish_step(step)
