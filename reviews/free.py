"""What a reviewer may take, said once in SQL, for taking it and for counting it."""

from typing import Any

from django.db.models import Q

from accounts.models import User
from cases.models import Status
from reviews.rights import Rights

OPEN_ENTRY = Q(case__status=Status.IN_REVIEW) | Q(sample__isnull=False)
"""Whether an entry is of a case that people may have in hand: one in review, or settled and a sample."""


def is_open(case: str) -> str:
    """The same of an entry and its case in SQL, where the case goes by this name."""
    return f"({case}.status = 'in_review' OR entry.sample_id IS NOT NULL)"


MINE = """
unnest(%(queues)s::bigint[], %(senior)s::bool[], %(pinned)s::bool[]) AS mine(id, senior, pinned)
"""
"""The reviewer's queues, one by one for what asks for the first right there and for the second."""

OPEN = """
    entry.queue_id = mine.id
    AND entry.senior = mine.senior
    AND entry.claim_id IS NULL
    AND entry.hold_id IS NULL
    AND NOT EXISTS (
        SELECT FROM reviews_review review
        WHERE review.case_id = entry.case_id
          AND (review.round = entry.round OR entry.fresh OR entry.sample_id IS NOT NULL)
          AND review.reviewer_id = %(reviewer)s
          AND review.undone_at IS NULL)
    AND (entry.stage = 'first' OR NOT EXISTS (
        SELECT FROM reviews_claim looked
        WHERE looked.case_id = entry.case_id
          AND looked.reviewer_id = %(reviewer)s
          AND looked.stage = 'first'
          AND looked.claimed_at >= entry.entered_at))
"""
"""Whether an entry of the queue `mine` waits for somebody with the reviewer's rights.

Who judged the case in an earlier round judges no sample of it, and nothing that is to have fresh eyes.
Who held it for its first review in this round may have seen the model's view, even if they gave it back:
a later judgement of that round would not be independent. An entry is made anew for each round.
"""

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
    mine = [
        (queue, senior)
        for right, senior in (("review", False), ("second_review", True))
        for queue in sorted(rights.queues.get(right, frozenset()))
        if queue_id in (None, queue)
    ]
    return {
        "queues": [queue for queue, senior in mine],
        "senior": [senior for queue, senior in mine],
        "pinned": [queue in rights.pinned for queue, senior in mine],
        "reviewer": reviewer.pk,
    }
