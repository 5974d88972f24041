"""Policies, routes, queues, claims, drafts and reviews; what measures and stops them, what is owed."""

from reviews.models.access import AccessReview, BrokenGlass
from reviews.models.answering import AdverseNotice, Contest, Signature
from reviews.models.exporting import Export
from reviews.models.judging import Commitment, Correction, Draft, Review
from reviews.models.keeping import Disposal, DisposalCase, LegalHold
from reviews.models.measuring import Basis, GateCheck, RuleResult, Sample
from reviews.models.proposing import Proposal, Stop
from reviews.models.reopening import Reopening, ReopeningCase
from reviews.models.replying import Reply, Slot
from reviews.models.routing import PolicyVersion, Queue, Route
from reviews.models.telling import Comment, Notice, Unmasking
from reviews.models.waiting import Claim, Hold, QueueEntry, Stage

__all__ = [
    "AccessReview",
    "AdverseNotice",
    "Basis",
    "BrokenGlass",
    "Claim",
    "Comment",
    "Commitment",
    "Contest",
    "Correction",
    "Disposal",
    "DisposalCase",
    "Draft",
    "Export",
    "GateCheck",
    "Hold",
    "LegalHold",
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
    "Signature",
    "Slot",
    "Stage",
    "Stop",
    "Unmasking",
]
