"""A policy's way from a draft to what is in force: each step by whom it may be, each an event."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.utils import ProgrammingError
from django.utils.timezone import now

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases.catalogue import apply_pipeline
from cases.models import Pipeline
from reviews.models import PolicyVersion, Proposal
from reviews.policies import active_policy, put_in_force
from reviews.proposing import (
    Changed,
    NotYours,
    activate_due_proposals,
    change_proposal,
    discard_proposal,
    draft_proposal,
    recall_request,
    refuse_proposal,
    request_signature,
    roll_back,
    sign_proposal,
)
from reviews.routing import InvalidPolicy
from tests.conftest import TESTER
from tests.threads import in_threads


@pytest.fixture
def dora(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN, username="dora")


@pytest.fixture
def karim(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN, username="karim")


@pytest.fixture
def program(db: None, make_upstream: Callable[..., Any]) -> ApiClient:
    client: ApiClient = make_upstream().client
    return client


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


def test_somebody_else_signs_and_it_is_in_force(loan: Pipeline, dora: User, karim: User) -> None:
    before = active_policy(loan)
    proposal = requested(loan, dora)
    signed = sign_proposal(proposal.pk, revision=1, answer="Yes.", by=karim)
    after = active_policy(loan)
    assert before is not None and after is not None
    assert after.number == before.number + 1
    assert after.content["thresholds"] == {"approve": 0.95}
    assert (signed.status, signed.version) == ("active", after)
    types = Event.objects.filter(type__startswith="policy.", pipeline="loan", id__gt=0)
    assert list(types.order_by("id").values_list("type", flat=True))[-4:] == [
        "policy.drafted", "policy.signature_requested", "policy.signed", "policy.activated",
    ]  # fmt: skip
