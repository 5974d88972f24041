"""What a reviewer may take, said once in SQL, for taking it and for counting it."""

MINE = (
    "unnest(%(queues)s::bigint[], %(first)s::bool[], %(second)s::bool[]) AS mine(id, first, second)"
)
"""The reviewer's queues, and for which judgements each is theirs."""

FREE = """
    entry.queue_id = mine.id
    AND entry.claim_id IS NULL
    AND entry.hold_id IS NULL
    AND (entry.reserved_for_id IS NULL OR entry.reserved_for_id = %(reviewer)s)
    AND CASE WHEN entry.stage = 'first' AND NOT entry.escalated
        THEN mine.first ELSE mine.second END
    AND NOT EXISTS (
        SELECT FROM reviews_review review
        WHERE review.case_id = entry.case_id
          AND review.round = entry.round
          AND review.reviewer_id = %(reviewer)s
          AND review.undone_at IS NULL)
"""
"""Whether an entry of the queue `mine` waits for the reviewer."""
