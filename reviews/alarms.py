"""Alarms: cases of pinned queues that wait while the last minutes before their deadline run, or have run.

Nothing is locked by looking, and only what somebody could take themselves sounds alarm for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from audit.actors import Actor
from reviews.claims import (
    CHOOSE,
    WAITING_CASE,
    HoldsAnother,
    NotWaiting,
    claim_in_hand,
    give_back,
    hold,
    live_claims,
)
from reviews.free import FREE, MINE, RESERVED, asked
from reviews.models import Claim
from reviews.rights import Rights

CAP = 100
"""Of a queue no more cases are looked at."""

SOON = "entry.due_at <= statement_timestamp() + queue.alarm_minutes * interval '1 minute'"
"""Stable within a statement, so that the index on deadlines is not read beyond it."""

RINGING = f"""
SELECT queue.id, queue.slug, queue.name, waiting.id, waiting.reference, ringing.due_at,
       statement_timestamp()
FROM {MINE} JOIN reviews_queue queue ON queue.id = mine.id
CROSS JOIN LATERAL (
    (SELECT entry.case_id, entry.due_at, entry.sample_id FROM reviews_queueentry entry
     WHERE {FREE} AND {SOON} ORDER BY entry.due_at LIMIT {CAP})
    UNION ALL
    (SELECT entry.case_id, entry.due_at, entry.sample_id FROM reviews_queueentry entry
     WHERE {RESERVED} AND {SOON})) ringing
JOIN {WAITING_CASE.replace("entry.", "ringing.")}
ORDER BY ringing.due_at, ringing.case_id
"""  # noqa: S608  # made of constants


@dataclass(frozen=True, slots=True)
class Ringing:
    """A case that waits in a pinned queue and is due soon, or was; `now` by the database's clock."""

    queue_id: int
    queue: str
    queue_name: str
    case_id: UUID
    reference: str
    due_at: datetime
    now: datetime


def ringing(rights: Rights, *, reviewer: User) -> Sequence[Ringing]:
    """The cases that sound alarm for a person, the most urgent first, in one statement."""
    mine = {right: ids & rights.alarms.keys() for right, ids in rights.queues.items()}
    given = asked(replace(rights, queues=mine), reviewer)
    if not given["queues"]:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(RINGING, given)
        return [Ringing(*row) for row in cursor.fetchall()]


@transaction.atomic
def take_urgent(
    queue: str, *, reviewer: User, rights: Rights, by: Actor, giving_back: int | None = None
) -> Claim:
    """The most urgent case that sounds alarm in a queue, claimed.

    Raises HoldsAnother where the person holds a case under another claim than the one that they give
    back for it, and NotWaiting where everything was taken meanwhile: then they keep what they hold.
    """
    held = claim_in_hand(reviewer, by=by)
    if held is not None and held.pk != giving_back:
        raise HoldsAnother(held)
    waiting = [each for each in ringing(rights, reviewer=reviewer) if each.queue == queue]
    if held is not None:
        give_back(live_claims().get(pk=held.pk), Claim.Ended.RELEASED, by=by)
    for each in waiting:
        claim = hold(CHOOSE, reviewer=reviewer, rights=rights, by=by, case_id=each.case_id)
        if claim is not None:
            return claim
    raise NotWaiting(queue)
