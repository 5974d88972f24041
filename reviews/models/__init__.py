"""Policies, routes, queues, claims, drafts and reviews."""

from reviews.models.judging import Commitment, Correction, Draft, Review
from reviews.models.replying import Reply, Slot
from reviews.models.routing import PolicyVersion, Queue, Route
from reviews.models.telling import Comment, Export, Notice, Unmasking
from reviews.models.waiting import Claim, Hold, QueueEntry, Stage

__all__ = [
    "Claim",
    "Comment",
    "Commitment",
    "Correction",
    "Draft",
    "Export",
    "Hold",
    "Notice",
    "PolicyVersion",
    "Queue",
    "QueueEntry",
    "Reply",
    "Review",
    "Route",
    "Slot",
    "Stage",
    "Unmasking",
]
