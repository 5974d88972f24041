"""What a reviewer may take, said once in SQL, for taking it and for counting it."""

from typing import Any

from accounts.models import User
from reviews.rights import Rights

MINE = (
    "unnest(%(queues)s::bigint[], %(first)s::bool[], %(second)s::bool[]) AS mine(id, first, second)"
)
"""The reviewer's queues, and for which judgements each is theirs."""

OPEN = """
    entry.queue_id = mine.id
    AND entry.claim_id IS NULL
    AND entry.hold_id IS NULL
    AND CASE WHEN entry.stage = 'first' AND NOT entry.escalated
        THEN mine.first ELSE mine.second END
    AND NOT EXISTS (
        SELECT FROM reviews_review review
        WHERE review.case_id = entry.case_id
          AND review.round = entry.round
          AND review.reviewer_id = %(reviewer)s
          AND review.undone_at IS NULL)
"""
"""Whether an entry of the queue `mine` waits for somebody with the reviewer's rights."""

FREE = f"""
    {OPEN}
    AND entry.reserved_for_id IS NULL
    AND (NOT entry.escalated OR NOT EXISTS (
        SELECT FROM reviews_claim passed_on
        WHERE passed_on.case_id = entry.case_id
          AND passed_on.reviewer_id = %(reviewer)s
          AND passed_on.ended = 'escalated'))
"""  # made of constants
"""Whether it waits for anybody, and was not passed on by this reviewer."""

RESERVED = f"""
    {OPEN}
    AND entry.reserved_for_id = %(reviewer)s
"""
"""Whether it waits for the reviewer alone: these come first."""


def asked(rights: Rights, reviewer: User, queue_id: int | None = None) -> dict[str, Any]:
    """What the conditions above ask of the person; for one queue, or all that they review."""
    first = rights.queues.get("review", frozenset())
    second = rights.queues.get("second_review", frozenset())
    queues = sorted(first | second) if queue_id is None else [queue_id]
    return {
        "queues": queues,
        "first": [queue in first for queue in queues],
        "second": [queue in second for queue in queues],
        "reviewer": reviewer.pk,
    }
