"""What waits in a person's queues: counted up to a cap, so that a million cost what a thousand do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from accounts.models import User
from reviews.free import FREE, MINE, RESERVED, asked
from reviews.rights import Rights

CAP = 1000
"""Nothing is counted beyond this; the page then says "1,000+"."""
AT_RISK = timedelta(hours=2)
"""A case whose deadline is nearer than this is at risk."""

# The CAP most urgent cases stand for all: their order lets the index serve them, whatever waits
# behind. Those that are reserved for the person are few.
WAITING = f"""
    (SELECT entry.due_at, entry.entered_at FROM reviews_queueentry entry WHERE {FREE}
     ORDER BY entry.due_at LIMIT %(cap)s)
    UNION ALL
    (SELECT entry.due_at, entry.entered_at FROM reviews_queueentry entry WHERE {RESERVED})
"""  # noqa: S608  # made of constants

DEPTHS = f"""
SELECT queue.slug, queue.name, queue.pinned, pipeline.name AS pipeline, clock_timestamp() AS now,
       urgent.count AS waiting, urgent.at_risk, urgent.due_at AS next_due,
       urgent.entered_at AS oldest, held.count AS in_progress, held.frees_at AS frees_at,
       aside.count AS on_hold, aside.follow_up_at AS follow_up_at
FROM reviews_queue queue
JOIN cases_pipeline pipeline ON pipeline.id = queue.pipeline_id
CROSS JOIN LATERAL (
    SELECT count(*), min(waiting.due_at) AS due_at, min(waiting.entered_at) AS entered_at,
           count(*) FILTER (
               WHERE waiting.due_at < clock_timestamp() + %(at_risk)s * interval '1 second'
           ) AS at_risk
    FROM {MINE} CROSS JOIN LATERAL ({WAITING}) waiting
    WHERE mine.id = queue.id) urgent
CROSS JOIN LATERAL (
    SELECT count(*), min(claim.expires_at) AS frees_at
    FROM reviews_queueentry entry JOIN reviews_claim claim ON claim.id = entry.claim_id
    WHERE entry.queue_id = queue.id AND claim.ended_at IS NULL
      AND claim.reviewer_id <> %(reviewer)s) held
CROSS JOIN LATERAL (
    SELECT count(*), min(hold.follow_up_at) AS follow_up_at
    FROM reviews_hold hold JOIN reviews_queueentry entry ON entry.hold_id = hold.id
    WHERE hold.ended_at IS NULL AND entry.queue_id = queue.id) aside
WHERE queue.id = ANY(%(queues)s)
ORDER BY queue.pinned DESC, queue.sla_minutes NULLS LAST, queue.slug
"""  # noqa: S608  # made of constants


@dataclass(frozen=True, slots=True)
class Depth:
    """One queue as a reviewer may work on it. Counts end at CAP.

    `oldest` is when the longest waiting of the CAP most urgent cases came in; `in_progress` is what
    others work on, `frees_at` when the first of their claims ends unless it is renewed;
    `follow_up_at` when the first case that is set aside waits again, if not before.
    """

    slug: str
    name: str
    pinned: bool
    pipeline: str
    now: datetime
    waiting: int
    at_risk: int
    next_due: datetime | None
    oldest: datetime | None
    in_progress: int
    frees_at: datetime | None
    on_hold: int
    follow_up_at: datetime | None


def depths(rights: Rights, *, reviewer: User) -> Sequence[Depth]:
    """The queues that a person reviews, the pinned ones first, in one query."""
    given = asked(rights, reviewer) | {"cap": CAP, "at_risk": AT_RISK.total_seconds()}
    with connection.cursor() as cursor:
        cursor.execute(DEPTHS, given)
        return [Depth(*row) for row in cursor.fetchall()]
