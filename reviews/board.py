"""The supervisor's board: what waits, who works on what, and what people did; by queue, for its supervisors.

What a person decided is told of settled cases alone: a supervisor may yet be asked to judge one that
still waits, and nothing here may tell them what was said before.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from audit.models import ClockTimestamp
from reviews.models import Claim, QueueEntry
from reviews.queues import AT_RISK

CAP = 10_000
"""No queue's cases are counted beyond this."""
BREACHES_WITHIN = timedelta(minutes=30)
"""A case whose deadline is nearer than this is about to breach."""

QUEUES = """
WITH given AS MATERIALIZED (
    SELECT entry.queue_id, entry.due_at FROM reviews_queueentry entry
    WHERE entry.reserved_for_id IS NOT NULL AND entry.claim_id IS NULL AND entry.hold_id IS NULL)
SELECT queue.id, queue.slug, queue.name, queue.pinned, pipeline.name AS pipeline, clock_timestamp() AS now,
       waiting.count, waiting.late, waiting.at_risk, waiting.next_due, oldest.entered_at,
       (SELECT count(*) FROM reviews_queueentry entry
        JOIN reviews_claim claim ON claim.id = entry.claim_id AND claim.ended_at IS NULL
        WHERE entry.queue_id = queue.id) AS in_progress,
       (SELECT count(*) FROM reviews_queueentry entry
        WHERE entry.queue_id = queue.id AND entry.hold_id IS NOT NULL) AS on_hold,
       (SELECT count(*) FROM reviews_queueentry entry
        WHERE entry.queue_id = queue.id AND entry.escalated) AS escalated,
       (SELECT count(*) FROM given WHERE given.queue_id = queue.id) AS reserved,
       (SELECT count(*) FROM (
           SELECT FROM reviews_queueentry entry
           WHERE entry.queue_id = queue.id AND entry.stage <> 'first' AND entry.claim_id IS NULL
             AND entry.hold_id IS NULL
           LIMIT %(cap)s) later) AS later
FROM reviews_queue queue
JOIN cases_pipeline pipeline ON pipeline.id = queue.pipeline_id
CROSS JOIN LATERAL (
    SELECT count(*), min(each.due_at) AS next_due,
           count(*) FILTER (WHERE each.due_at < clock_timestamp()) AS late,
           count(*) FILTER (WHERE each.due_at >= clock_timestamp()
               AND each.due_at < clock_timestamp() + %(at_risk)s) AS at_risk
    FROM (
        (SELECT due_at FROM (VALUES (false), (true)) AS level(senior) CROSS JOIN LATERAL (
            SELECT entry.due_at FROM reviews_queueentry entry
            WHERE entry.queue_id = queue.id AND entry.senior = level.senior
              AND entry.claim_id IS NULL AND entry.hold_id IS NULL
              AND entry.reserved_for_id IS NULL
            ORDER BY entry.due_at LIMIT %(cap)s) urgent)
        UNION ALL
        (SELECT given.due_at FROM given WHERE given.queue_id = queue.id)
    ) each) waiting
LEFT JOIN LATERAL (
    SELECT entry.entered_at FROM reviews_queueentry entry
    WHERE entry.queue_id = queue.id AND entry.claim_id IS NULL AND entry.hold_id IS NULL
    ORDER BY entry.case_id LIMIT 1) oldest ON true
WHERE queue.id = ANY(%(queues)s)
ORDER BY queue.pinned DESC, waiting.next_due NULLS LAST, queue.slug
"""
"""Cases' ids grow with time, so that the lowest is the oldest case."""

WORK = """
WITH unsettled AS MATERIALIZED (
    SELECT entry.case_id FROM reviews_queueentry entry
    WHERE entry.stage <> 'first' OR entry.round > 1
    UNION
    SELECT entry.case_id FROM reviews_queueentry entry WHERE entry.claim_id IS NOT NULL),
taken_back AS MATERIALIZED (
    SELECT review.case_id, review.round, review.reviewer_id,
           sum(review.reviewed_at - claim.claimed_at) AS time
    FROM reviews_review review JOIN reviews_claim claim ON claim.id = review.claim_id
    WHERE review.reviewed_at >= %(since)s AND review.undone_at IS NOT NULL
    GROUP BY review.case_id, review.round, review.reviewer_id),
done AS (
    SELECT review.id, review.reviewer_id, review.case_id, review.round, review.stage, review.outcome,
           review.override, review.committed_outcome, review.undone_at IS NOT NULL AS undone,
           CASE WHEN review.stage = 'first'
               THEN route.queue_id ELSE route.second_review_queue_id END AS queue_id,
           extract(epoch FROM review.reviewed_at - claim.claimed_at
               + coalesce(taken_back.time, '0'))::float AS seconds,
           review.undone_at IS NULL AND unsettled.case_id IS NULL AS settled
    FROM reviews_review review
    JOIN reviews_route route ON route.id = review.route_id
    JOIN reviews_claim claim ON claim.id = review.claim_id
    LEFT JOIN unsettled ON unsettled.case_id = review.case_id
    LEFT JOIN taken_back ON taken_back.case_id = review.case_id
        AND taken_back.round = review.round AND taken_back.reviewer_id = review.reviewer_id
    WHERE review.reviewed_at >= %(since)s),
mine AS MATERIALIZED (SELECT * FROM done WHERE queue_id = ANY(%(queues)s)),
fields AS (
    SELECT mine.reviewer_id, count(*) AS spoken,
           count(*) FILTER (WHERE word.kind = 'corrected') AS corrected
    FROM mine JOIN reviews_correction word ON word.review_id = mine.id
    WHERE mine.settled GROUP BY mine.reviewer_id),
compared AS (
    SELECT mine.reviewer_id, count(*), count(*) FILTER (WHERE second.outcome = mine.outcome) AS agreed
    FROM mine
    JOIN reviews_review second ON second.case_id = mine.case_id AND second.round = mine.round
        AND second.stage = 'second' AND second.undone_at IS NULL
    WHERE mine.stage = 'first' AND mine.settled GROUP BY mine.reviewer_id),
counted AS (
    SELECT reviewer_id, queue_id,
           count(*) FILTER (WHERE NOT undone) AS reviews,
           count(*) FILTER (WHERE settled) AS settled,
           count(*) FILTER (WHERE settled AND override) AS overrides,
           count(*) FILTER (WHERE settled AND committed_outcome <> '') AS blind,
           count(*) FILTER (
               WHERE settled AND committed_outcome NOT IN ('', outcome)) AS switched,
           count(*) FILTER (WHERE undone) AS undone,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE NOT undone) AS median
    FROM mine GROUP BY GROUPING SETS ((reviewer_id, queue_id), (reviewer_id)))
SELECT counted.*, coalesce(fields.spoken, 0), coalesce(fields.corrected, 0),
       coalesce(compared.count, 0), coalesce(compared.agreed, 0)
FROM counted
LEFT JOIN fields ON fields.reviewer_id = counted.reviewer_id AND counted.queue_id IS NULL
LEFT JOIN compared ON compared.reviewer_id = counted.reviewer_id AND counted.queue_id IS NULL
"""
"""A reviewed case that still waits for a judgement does so at a later stage or in a later round, or its
review can still be undone and has its claim: that set is small, where looking each case up is slow. What
somebody spent on a review that they took back counts as time on the one that they gave instead."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue now. What waits counts to CAP; `later` are second reviews and adjudications in it."""

    queue_id: int
    slug: str
    name: str
    pinned: bool
    pipeline: str
    now: datetime
    waiting: int
    late: int
    at_risk: int
    next_due: datetime | None
    oldest: datetime | None
    in_progress: int
    on_hold: int
    escalated: int
    reserved: int
    later: int


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody did in a period, on one queue or (`queue_id` None) on all of the supervisor's.

    `reviews`, `undone` and `median` seconds count all; the rest `settled` cases alone. `spoken` are the
    fields the person had a word on, `compared` their first reviews that a second followed.
    """

    reviewer_id: int
    queue_id: int | None
    reviews: int
    settled: int
    overrides: int
    blind: int
    switched: int
    undone: int
    median: float | None
    spoken: int
    corrected: int
    compared: int
    agreed: int


def queue_states(queues: Collection[int]) -> list[QueueState]:
    """The queues, the one with the nearest deadline first, in one statement."""
    given: dict[str, Any] = {"queues": list(queues), "cap": CAP, "at_risk": AT_RISK}
    with connection.cursor() as cursor:
        cursor.execute(QUEUES, given)
        return [QueueState(*row) for row in cursor.fetchall()]


def work_since(since: datetime, queues: Collection[int]) -> list[Work]:
    """What everybody did on the queues since then, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(WORK, {"since": since, "queues": list(queues)})
        return [Work(*row) for row in cursor.fetchall()]


def in_hands(queues: Collection[int]) -> list[Claim]:
    """The claims on cases of the queues, each with `now`, the most urgent first."""
    return list(
        Claim.objects.filter(ended_at=None, entry__queue__in=queues)
        .select_related("reviewer", "case", "entry__queue")
        .defer("case__sealed_data")
        .annotate(now=ClockTimestamp())
        .order_by("entry__due_at", "pk")
    )


def reserved_counts(queues: Collection[int]) -> dict[int, int]:
    """How many waiting cases of the queues are kept for whom."""
    reserved = QueueEntry.objects.filter(
        reserved_for__isnull=False, queue__in=queues, claim=None, hold=None
    )
    return dict(reserved.values_list("reserved_for").annotate(Count("pk")))


def shown(entries: QuerySet[QueueEntry]) -> QuerySet[QueueEntry]:
    """Entries with what a line of the board tells of them."""
    return (
        entries.select_related("case__pipeline", "queue", "claim__reviewer", "reserved_for")
        .defer("case__sealed_data")
        .annotate(now=ClockTimestamp())
        .order_by("due_at", "pk")
    )


def breaching(entries: QuerySet[QueueEntry]) -> QuerySet[QueueEntry]:
    """Those that are late or about to be, the most urgent first; a deadline on hold rests."""
    return shown(entries.filter(hold=None, due_at__lt=Now() + BREACHES_WITHIN))
