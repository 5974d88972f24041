"""What a past case of the demo is in rows, apart from what people said of it."""

import os
import random
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import ApiClient, User
from audit.vault import Vault
from cases.models import Case, Decision, Pipeline, PipelineVersion, Status
from config.demo.pastcases import PastCase
from inference.models import ModelVersion, Prediction
from inference.scoring import Asked, prediction_of
from reviews.bases import basis_of
from reviews.gate import Samples
from reviews.models import (
    Basis,
    PolicyVersion,
    Queue,
    Route,
)


@dataclass(frozen=True, slots=True)
class House:
    """What all past cases share: pipeline, policy, model, queues and people by their names."""

    version: PipelineVersion
    policy: PolicyVersion
    model: ModelVersion
    client: ApiClient
    queues: dict[str, Queue]
    people: dict[str, User]
    samples: Samples
    until: datetime

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that the cases are of."""
        return self.version.pipeline


@dataclass(frozen=True, slots=True)
class Made:
    """A past case, its row and its key; the rest of its rows come as the ids of others are known."""

    past: PastCase
    case: Case
    opened: Vault


def made_of(past: PastCase, house: House) -> Made:
    """The case's own row, and its key."""
    opened = Vault(id_at(past.arrived_at, past.number), os.urandom(32))
    case = Case(
        id=opened.case_id,
        pipeline=house.pipeline,
        pipeline_version=house.version,
        client=house.client,
        reference=f"DEMO-{past.number:05d}",
        status=Status.ANNOUNCED,
        version=5,
        priority=past.priority,
        created_at=past.arrived_at,
        due_at=past.due_at,
        sealed_data=opened.seal_json("data", dict(past.person.data)),
    )
    return Made(past, case, opened)


def id_at(moment: datetime, number: int) -> UUID:
    """A UUIDv7 (RFC 9562) of a moment in the past."""
    rng = random.Random(f"id {number}")  # told apart, and no secret
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(
        int=milliseconds << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62)
    )


def prediction(made: Made, house: House) -> Prediction:
    """What the model said."""
    past = made.past
    row = prediction_of(made.case, house.model, Asked(past.features), past.answer, made.opened)
    row.created_at = past.arrived_at
    return row


def route(made: Made, said: Prediction, house: House) -> Route:
    """Where the policy sent it."""
    routed = made.past.routed
    second = routed.second_review
    return Route(
        case=made.case,
        policy_version=house.policy,
        prediction=said,
        kind=Route.Kind.REVIEW if routed.queue else Route.Kind.AUTOMATIC,
        outcome=routed.outcome or "",
        confidence=said.confidence,
        queue=house.queues[routed.queue] if routed.queue else None,
        second_review_queue=house.queues[second] if second else None,
        blind=made.past.blind,
        reasons=[asdict(reason) for reason in routed.reasons],
        created_at=made.past.arrived_at,
    )


def decision(made: Made, row: Route) -> Decision:
    """How it ended."""
    past, automatic = made.past, made.past.routed.outcome is not None
    codes = [reason["code"] for reason in row.reasons] if automatic else reason_codes(past.outcome)
    return Decision(
        case=made.case,
        outcome=past.outcome,
        adverse=made.case.definition.outcome(past.outcome).adverse,
        override=not automatic and past.outcome != past.answer.outcome,
        made_by=Decision.MadeBy.POLICY if automatic else Decision.MadeBy.REVIEW,
        route_id=row.pk,
        reason_codes=codes,
        decided_at=past.decided_at,
    )


def reason_codes(outcome: str) -> list[str]:
    """What a reviewer would cite for an outcome."""
    return ["obligations_excessive"] if outcome == "decline" else []


def basis(made: Made, row: Route) -> Basis:
    """What the route rested on, and what people said of it."""
    past = made.past
    kept = basis_of(row, past.facts, past.routed)
    kept.routed_at = past.arrived_at
    if past.verdicts:
        unseen = past.blind or len(past.verdicts) > 1
        kept.label = past.verdicts[-1].label
        kept.label_kind = Basis.Label.BLIND if unseen else Basis.Label.REVIEW
        kept.weight, kept.labelled_at = 1.0, past.verdicts[-1].reviewed_at
        kept.seconds = sum(verdict.seconds for verdict in past.verdicts)
    if past.sampled:
        kept.label_kind, kept.weight = Basis.Label.SAMPLE, 1 / past.sampled
    return kept
