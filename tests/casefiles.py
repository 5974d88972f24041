"""Cases at each place of their life, made through the models, the vault and the lifecycle itself.

Each builder returns the case as the next step or person would find it. They need a transaction of
the test's (`db`) or commit by themselves (`own_database`).
"""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from accounts.models import ApiClient, User
from audit import vault
from audit.actors import Actor, system
from audit.models import ClockTimestamp
from cases import lifecycle
from cases.decisions import decide
from cases.definition import at_pointer
from cases.models import Case, Decision, Pipeline, Priority, Status
from inference.models import FieldRead, ModelVersion, Prediction
from reviews.claims import claim_case, claim_next
from reviews.models import Claim, Queue, QueueEntry, Review, Route, Stage
from reviews.reviewing import submit_review
from reviews.rights import rights_of
from reviews.settling import settle_due, settle_review
from reviews.signatures import Proof
from reviews.verdicts import Verdict

TESTER = system("tests")
NUMBERS = itertools.count(1)
REASON = {
    "code": "not_confident",
    "text": "Decline at 0.71, below 0.85",
    "field": None,
    "values": [["outcome", "Decline"], ["confidence", 0.71], ["threshold", 0.85]],
}

LOAN_DATA: dict[str, dict[str, Any]] = {
    "applicant": {
        "name": "Wilhelmina Ößterreicher",
        "date_of_birth": "1984-02-29",
        "address": "Lindenallee 5, 12345 Musterstadt",
    },
    "loan": {
        "amount": 4870.0,
        "currency": "EUR",
        "duration_months": 24,
        "purpose": "car_new",
        "instalment_percent": 3,
    },
    "finances": {
        "checking_account": "below_0",
        "credit_history": "delayed",
        "savings": "below_100",
        "guarantors": "none",
        "property": "unknown",
        "other_plans": "none",
        "housing": "free",
        "existing_credits": 2,
        "iban": "DE89370400440532013000",
        "closing_balance": 812.4,
    },
    "employment": {
        "employer": "Zimmerei Quandt",
        "since": "1_to_4_years",
        "job": "skilled",
        "net_income": 2310.75,
    },
}
"""What an upstream declares; nothing of it may ever stand outside of the vault."""


def loan_data(**changes: Any) -> dict[str, Any]:
    """LOAN_DATA with single facts changed: `loan_data(loan__amount=9000.0)`; None takes one away."""
    data = {part: dict(facts) for part, facts in LOAN_DATA.items()}
    for path, value in changes.items():
        part, _, name = path.partition("__")
        if value is None:
            del data[part][name]
        else:
            data[part][name] = value
    return data


@transaction.atomic
def received_case(
    pipeline: Pipeline,
    client: ApiClient,
    *,
    data: Mapping[str, Any] | None = None,
    reference: str = "",
    priority: Priority = Priority.NORMAL,
    due_in: timedelta = timedelta(hours=24),
    copies: Mapping[str, int] | None = None,
) -> Case:
    """A case as intake leaves it, without papers; `copies` of a kind that may come several times."""
    case = Case(
        pipeline=pipeline,
        pipeline_version=pipeline.current,
        client=client,
        reference=reference or f"L-{next(NUMBERS)}",
        priority=priority,
        due_at=ClockTimestamp() + due_in,
        copies=dict(copies or {}),
    )
    opened = vault.create(case.pk)
    case.sealed_data = opened.seal_json("data", data or loan_data())
    proofs = {"reference": opened.commitment("reference", case.reference)}
    lifecycle.begin(case, by=client.actor, data={}, commitments=proofs)
    return found(case)


@transaction.atomic
def read_case(
    pipeline: Pipeline,
    client: ApiClient,
    *,
    fields: Mapping[str, Mapping[str, Any]] | None = None,
    **options: Any,
) -> Case:
    """A case whose papers were read: each field as declared at 0.97 unless `fields` says otherwise.

    `fields` maps a field's name to what differs: `value` (None: not found), `confidence`, `mismatch`.
    """
    case = received_case(pipeline, client, **options)
    opened = vault.of(case.pk)
    data = opened.open_json("data", case.sealed_data)
    for position, spec in enumerate(case.definition.fields):
        said = at_pointer(data, spec.declared) if spec.declared else "2026-03-31"
        differs: dict[str, Any] = {"value": str(said), "confidence": 0.97, "mismatch": ""}
        differs |= (fields or {}).get(spec.name, {})
        value = differs["value"]
        FieldRead.objects.create(
            case=case,
            position=position,
            name=spec.name,
            sealed_value=opened.seal_json(
                f"field:{spec.name}", {"value": value, "text": value or ""}
            ),
            found=value is not None,
            confidence=differs["confidence"] if value is not None else 0.0,
            mismatch=differs["mismatch"],
        )
    lifecycle.move(case, Status.READ, by=TESTER)
    return found(case)


@transaction.atomic
def scored_case(
    pipeline: Pipeline,
    client: ApiClient,
    *,
    predicted: str | None = "decline",
    confidence: float = 0.71,
    **options: Any,
) -> Case:
    """A case with a prediction; with `predicted=None` the model gave no usable answer."""
    case = read_case(pipeline, client, **options)
    if predicted is not None:
        predict(case, predicted, confidence)
    lifecycle.move(case, Status.SCORED, by=TESTER)
    return found(case)


def predict(case: Case, outcome: str, confidence: float) -> Prediction:
    """A prediction of a two-sided model."""
    spec = case.definition.own_model
    other = spec.negative if outcome == spec.positive else spec.positive
    opened = vault.of(case.pk)
    return Prediction.objects.create(
        case=case,
        model_version=ModelVersion.objects.get(model__name=spec.name, number=spec.version),
        outcome=outcome,
        confidence=confidence,
        probabilities={outcome: confidence, other: 1 - confidence},
        contributions=[
            {"feature": "amount", "points": -0.4, "missing": False, "outside_range": False}
        ],
        sealed_input=opened.seal_json(
            "prediction",
            {
                "features": {"amount": 4870.0},
                "words": {"amount": ["Amount", "4,870", "speaks against"]},
            },
        ),
        input_commitment=opened.commitment("prediction", {"amount": 4870.0}),
    )


@transaction.atomic
def waiting_case(
    pipeline: Pipeline,
    client: ApiClient,
    *,
    queue: str = "loan-review",
    second_review: str | None = None,
    stage: Stage = Stage.FIRST,
    round: int = 1,
    blind: bool = False,
    reasons: list[dict[str, Any]] | None = None,
    **options: Any,
) -> Case:
    """A case that waits in `queue` for a judgement at `stage`; `due_in` says how urgent it is."""
    case = scored_case(pipeline, client, **options)
    place = Queue.objects.get(slug=queue)
    route = Route.objects.create(
        case=case,
        policy_version=pipeline.policy_versions.get(active=True),
        prediction=case.predictions.last(),
        kind=Route.Kind.REVIEW,
        queue=place,
        second_review_queue=Queue.objects.get(slug=second_review) if second_review else None,
        blind=blind,
        reasons=[REASON] if reasons is None else reasons,
    )
    QueueEntry.objects.create(
        case=case, queue=place, route=route, stage=stage, round=round, due_at=case.due_at
    )
    lifecycle.move(case, Status.IN_REVIEW, by=TESTER)
    return found(case)


@transaction.atomic
def quarantined_case(
    pipeline: Pipeline, client: ApiClient, *, error: str = "RuntimeError", **options: Any
) -> Case:
    """A case whose reading failed for good, on its way to a person."""
    case = received_case(pipeline, client, **options)
    Case.objects.filter(pk=case.pk).update(step_error=error)
    lifecycle.move(case, Status.QUARANTINED, by=TESTER)
    return found(case)


@transaction.atomic
def decided_case(
    pipeline: Pipeline,
    client: ApiClient,
    *,
    outcome: str = "approve",
    confidence: float = 0.93,
    **options: Any,
) -> Case:
    """A case that the policy decided by itself."""
    case = scored_case(pipeline, client, predicted=outcome, confidence=confidence, **options)
    route = Route.objects.create(
        case=case,
        policy_version=pipeline.policy_versions.get(active=True),
        prediction=case.predictions.last(),
        kind=Route.Kind.AUTOMATIC,
        outcome=outcome,
        reasons=[{"code": "confident", "text": f"{outcome} at {confidence}", "field": None}],
    )
    decide(
        case,
        outcome,
        by=system("policy"),
        made_by=Decision.MadeBy.POLICY,
        route_id=route.pk,
        reason_codes=["confident"],
    )
    return found(case)


@transaction.atomic
def reviewed_case(
    pipeline: Pipeline, client: ApiClient, reviewer: User, *, verdict: Verdict, **options: Any
) -> Case:
    """A case that `reviewer` has judged."""
    case = waiting_case(pipeline, client, **options)
    submit(held(case, reviewer), verdict)
    return found(case)


def held(case: Case, reviewer: User) -> Claim:
    """The reviewer's claim on a waiting case."""
    return claim_case(case.pk, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor)


def start(person: User, queue: str | None = None) -> Claim | None:
    """Presses Start."""
    queue_id = Queue.objects.get(slug=queue).pk if queue else None
    return claim_next(reviewer=person, rights=rights_of(person), by=person.actor, queue_id=queue_id)


def started(person: User, queue: str | None = None) -> Case:
    """The case that somebody gets who presses Start."""
    claim = start(person, queue)
    assert claim is not None
    return claim.case


def submit(claim: Claim, verdict: Verdict, *, by: Actor | None = None) -> Decision | None:
    """Submits a verdict, and settles it: the decision where it ends the case.

    In the tests a review is due at once; one that sets UNDO_SECONDS gives it and settles by itself.
    """
    give(claim, verdict, by=by)
    return settle_review(claim.pk)


def settled(case: Case) -> Decision | None:
    """The case's decision, once what was said of it is settled, as a worker would."""
    settle_due()
    return Decision.objects.filter(case=case, superseded_at=None).first()


def give(
    claim: Claim, verdict: Verdict, *, by: Actor | None = None, proof: Proof | None = None
) -> Review:
    """Submits a verdict under a claim, with the case's version as it stands."""
    return submit_review(
        fence=claim.pk,
        case_version=found(claim.case).version,
        verdict=verdict,
        reviewer=claim.reviewer,
        rights=rights_of(claim.reviewer),
        by=by or claim.reviewer.actor,
        proof=proof,
    )


APPROVE = Verdict("approve")
OVERRIDE = Verdict(
    "approve", reason_codes=("papers_confirm",), explanation="The statement shows the means."
)
DECLINE = Verdict(
    "decline",
    reason_codes=("income_insufficient",),
    explanation="The income does not carry the instalments.",
)


def found(case: Case) -> Case:
    """The case as the database has it, with its pipeline and version."""
    return Case.objects.select_related("pipeline", "pipeline_version", "client").get(pk=case.pk)


def due_now(case: Case) -> None:
    """Makes a case's step overdue, as time would."""
    Case.objects.filter(pk=case.pk).update(step_due_at=ClockTimestamp() - timedelta(seconds=1))


def expire(claim: Claim) -> None:
    """Lets a claim run out, as time would."""
    Claim.objects.filter(pk=claim.pk).update(expires_at=F("claimed_at") + timedelta(microseconds=1))


def many_waiting(queue: Queue, client: ApiClient, size: int) -> None:
    """`size` waiting cases by one statement, for plans and numbers alone: none has a key."""
    case = waiting_case(queue.pipeline, client, queue=queue.slug)
    route = case.routes.get()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO cases_case (id, pipeline_id, pipeline_version_id, client_id, reference,
                    status, version, priority, due_at, sealed_data, step_attempts, step_error)
                SELECT gen_random_uuid(), pipeline_id, pipeline_version_id, client_id, 'crowd ' || n,
                    status, version, priority, due_at + n * interval '1 second', sealed_data, 0, ''
                FROM cases_case, generate_series(1, %(size)s) n WHERE id = %(like)s
                RETURNING id, due_at)
            INSERT INTO reviews_queueentry (case_id, queue_id, route_id, stage, round, due_at)
            SELECT id, %(queue)s, %(route)s, 'first', 1, due_at FROM made
            """,
            {"size": size, "like": case.pk, "queue": queue.pk, "route": route.pk},
        )
