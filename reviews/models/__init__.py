"""Policies, routes, queues, claims, drafts and reviews; what measures them, and what stops them."""

from reviews.models.judging import Commitment, Correction, Draft, Review
from reviews.models.measuring import Basis, GateCheck, RuleResult, Sample
from reviews.models.proposing import Proposal, Stop
from reviews.models.reopening import Reopening, ReopeningCase
from reviews.models.replying import Reply, Slot
from reviews.models.routing import PolicyVersion, Queue, Route
from reviews.models.telling import Comment, Export, Notice, Unmasking
from reviews.models.waiting import Claim, Hold, QueueEntry, Stage

__all__ = [
    "Basis",
    "Claim",
    "Comment",
    "Commitment",
    "Correction",
    "Draft",
    "Export",
    "GateCheck",
    "Hold",
    "Notice",
    "PolicyVersion",
    "Proposal",
    "Queue",
    "QueueEntry",
    "Reopening",
    "ReopeningCase",
    "Reply",
    "Review",
    "Route",
    "RuleResult",
    "Sample",
    "Slot",
    "Stage",
    "Stop",
    "Unmasking",
]
