"""Reservations: a supervisor gives waiting cases to named people, who get them first.

Nobody else can take a reserved case. A reservation ends when its person has reviewed the case or given
it back, when a supervisor lifts it, when the person may no longer judge the case, and after a day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from accounts.models import User
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from reviews.claims import ClaimLost, take_over
from reviews.free import OPEN_ENTRY
from reviews.models import Claim, Notice, QueueEntry, Review, Stage
from reviews.notices import tell
from reviews.rights import Rights, rights_of

LASTS = timedelta(days=1)
MOST_SHARED = 200
"""How many cases can be shared out at once."""

HEAD = """
SELECT case_id FROM (
    (SELECT urgent.* FROM (VALUES (false), (true)) AS level(senior) CROSS JOIN LATERAL (
        SELECT case_id, due_at FROM reviews_queueentry
        WHERE queue_id = %(queue)s AND senior = level.senior AND claim_id IS NULL
          AND hold_id IS NULL AND reserved_for_id IS NULL
        ORDER BY due_at, case_id LIMIT %(count)s) urgent)
    UNION ALL
    (SELECT case_id, due_at FROM reviews_queueentry
     WHERE queue_id = %(queue)s AND claim_id IS NULL AND hold_id IS NULL
       AND reserved_for_id IS NOT NULL)
) waiting ORDER BY due_at, case_id LIMIT %(count)s
"""
"""The most urgent waiting cases of a queue, reserved or not."""

Ended = Literal["lifted", "expired", "right_lost"]


class Moved(Exception):
    """Somebody was first: the case does not stand as the supervisor saw it."""


class MayNotJudge(Exception):
    """The person can't be given the case: no right, or they know what was said in this round."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What sharing out did: cases given now, and those that somebody had already."""

    given: int
    left: int


@transaction.atomic
def reserve(
    case_id: UUID,
    *,
    person: User,
    seen: int | None,
    supervisor: User,
    by: Actor,
    kept_for: int | None = None,
) -> None:
    """Gives a case to a person; `seen` is the claim under which the supervisor saw it held, if any.

    `kept_for` is whom they saw it reserved for. Who holds it loses it and is told, as by any
    takeover. Raises Moved and MayNotJudge.
    """
    entry = waiting_entry(case_id)
    holder = entry.claim.reviewer_id if entry.claim else None
    if (entry.claim_id, entry.reserved_for_id) != (seen, kept_for) or holder == person.pk:
        raise Moved(str(case_id))
    if not can_judge(entry, person, rights_of(person), judged_by([entry])):
        raise MayNotJudge(str(case_id))
    if seen is not None:
        try:
            take_over(seen, case_id=case_id, supervisor=supervisor, by=by)
        except ClaimLost:
            raise Moved(str(case_id)) from None
    give([entry], person, by=by)
    if person != supervisor:
        tell([person], Notice.Kind.RESERVED, case_id, about=supervisor)


def waiting_entry(case_id: UUID) -> QueueEntry:
    """The entry of a case that waits or is held, locked; raises Moved."""
    entry = (
        QueueEntry.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__pipeline", "claim")
        .filter(OPEN_ENTRY, pk=case_id, hold=None)
        .first()
    )
    if entry is None:
        raise Moved(str(case_id))
    return entry


Judged = frozenset[tuple[UUID, int, int]]


def judged_by(entries: Sequence[QueueEntry]) -> Judged:
    """Who has judged which of the cases in which round, or held it before a later judgement of that.

    What is to be judged by fresh eyes, or as a sample, counts in this round whoever judged it in another.
    """
    keys = [entry.pk for entry in entries]
    judged = Review.objects.filter(case__in=keys, undone_at=None)
    anew = Q(case__queue_entry__fresh=True) | Q(case__queue_entry__sample__isnull=False)
    later = Q(case__queue_entry__stage__in=[Stage.SECOND, Stage.ADJUDICATION])
    looked = Claim.objects.filter(later, case__in=keys, stage=Stage.FIRST).filter(
        claimed_at__gte=F("case__queue_entry__entered_at")
    )
    this_round = ("case", "case__queue_entry__round", "reviewer")
    return (
        frozenset(judged.values_list("case", "round", "reviewer"))
        | frozenset(judged.filter(anew).values_list(*this_round))
        | frozenset(looked.values_list(*this_round))
    )


def can_judge(entry: QueueEntry, person: User, rights: Rights, judged: Judged) -> bool:
    """Whether the person has the right, and knows nothing of the case that bars them this round."""
    return rights.may_judge(entry) and (entry.pk, entry.round, person.pk) not in judged


def give(entries: Sequence[QueueEntry], person: User, *, by: Actor) -> None:
    """Reserves locked entries for a person, for a day. Must run in a transaction."""
    QueueEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(
        reserved_for=person, reserved_until=ClockTimestamp() + LASTS
    )
    for entry in entries:
        record(
            "case.reserved",
            by=by,
            case_id=entry.pk,
            pipeline=entry.case.pipeline.slug,
            data={"queue": entry.queue_id, "for": person.pk},
        )


@transaction.atomic
def share_out(
    queue_id: int, count: int, *, among: Iterable[User], supervisor: User, by: Actor
) -> Shared:
    """Shares the `count` most urgent waiting cases of a queue evenly among people.

    What is reserved for somebody stays theirs and counts as shared, so that doing it twice moves
    nothing; what none of the people may judge is left. Each person is told once, of the most urgent.
    """
    entries, total = head_of(queue_id, min(count, MOST_SHARED))
    people = {person.pk: (person, rights_of(person)) for person in among}
    judged = judged_by(entries)
    shares: dict[int, list[QueueEntry]] = {key: [] for key in people}
    for entry in entries:
        able = [key for key, who in people.items() if can_judge(entry, *who, judged)]
        if able:
            shares[min(able, key=lambda key: len(shares[key]))].append(entry)
    for key, share in shares.items():
        person = people[key][0]
        if share:
            give(share, person, by=by)
        if share and person != supervisor:
            tell([person], Notice.Kind.RESERVED, share[0].pk, about=supervisor)
    given = sum(map(len, shares.values()))
    return Shared(given, total - given)


def head_of(queue_id: int, count: int) -> tuple[list[QueueEntry], int]:
    """Those of a queue's `count` most urgent waiting cases that nobody has, locked, and all's number."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD, {"queue": queue_id, "count": count})
        head = [case_id for (case_id,) in cursor.fetchall()]
    entries = (
        QueueEntry.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        .select_related("case__pipeline")
        .filter(OPEN_ENTRY, pk__in=head, claim=None, hold=None, reserved_for=None)
        .order_by("due_at", "pk")
    )
    return list(entries), len(head)


@transaction.atomic
def lift(case_id: UUID, *, by: Actor) -> None:
    """Lets anybody take a reserved case again; raises Moved where it is not reserved."""
    if not end_reservation(case_id, "lifted", Q(), by=by):
        raise Moved(str(case_id))


def end_reservation(case_id: UUID, how: Ended, still: Q, *, by: Actor) -> bool:
    """Ends a reservation of which `still` holds; False where there is none. Must run in a transaction.

    That is asked under the lock: somebody may have given the case anew meanwhile.
    """
    entry = (
        QueueEntry.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__pipeline")
        .filter(still, pk=case_id, reserved_for__isnull=False, claim=None)
        .first()
    )
    if entry is None:
        return False
    QueueEntry.objects.filter(pk=case_id).update(reserved_for=None, reserved_until=None)
    record(
        "case.reservation_ended",
        by=by,
        case_id=case_id,
        pipeline=entry.case.pipeline.slug,
        data={"for": entry.reserved_for_id, "how": how},
    )
    return True


def end_reservations(*, by: Actor) -> int:
    """Ends every reservation whose time is up or whose person may no longer judge; how many."""
    reserved = QueueEntry.objects.filter(reserved_for__isnull=False, claim=None)
    ending: dict[UUID, tuple[Ended, Q]] = {}
    for person in User.objects.filter(pk__in=reserved.values("reserved_for")):
        rights = rights_of(person)
        for entry in reserved.filter(reserved_for=person):
            if not rights.may_judge(entry):
                ending[entry.pk] = "right_lost", Q(reserved_for=person)
    up = Q(reserved_until__lte=ClockTimestamp())
    for case_id in reserved.filter(up).values_list("pk", flat=True):
        ending.setdefault(case_id, ("expired", up))
    ended = 0
    for case_id, (how, still) in ending.items():
        with transaction.atomic():
            ended += end_reservation(case_id, how, still, by=by)
    return ended
