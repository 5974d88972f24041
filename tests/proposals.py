"""Proposals of a policy as tests make them."""

import copy
from typing import Any

from accounts.models import ApiClient, User
from audit.models import Event
from cases.models import Pipeline
from reviews.models import Proposal
from reviews.policies import active_policy
from reviews.proposing import draft_proposal, request_signature


def policy(pipeline: Pipeline, **changes: Any) -> dict[str, Any]:
    active = active_policy(pipeline)
    assert active is not None
    return {**copy.deepcopy(active.content), **changes}


def stricter(pipeline: Pipeline, threshold: float = 0.95) -> dict[str, Any]:
    return policy(pipeline, thresholds={"approve": threshold})


def drafted(pipeline: Pipeline, by: User | ApiClient, **changes: Any) -> Proposal:
    content = {**stricter(pipeline), **changes}
    return draft_proposal(pipeline, content, title="Stricter", reason="Too many wrong", by=by)


def requested(pipeline: Pipeline, by: User, **options: Any) -> Proposal:
    proposal = drafted(pipeline, by)
    return request_signature(proposal.pk, revision=proposal.revision, by=by, **options)


def last_event() -> Event:
    return Event.objects.order_by("id").latest("id")
