"""The demo's past as rows: settled cases in bulk, so that the lab has something to look at.

They are facts of the demo alone: their upstream is called the demo's, their references begin with
`DEMO-`, they have no papers, and the one event of each says, at the time at which it is added, that it
was made up.
"""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from accounts.keys import make_client
from accounts.models import ApiClient, User
from audit import vault
from audit.events import record
from audit.models import CaseKey
from audit.vault import Vault
from cases.models import Case, Decision, Pipeline, PipelineVersion, Status
from config.demo.loans import PIPELINE
from config.demo.pastcases import PastCase, Verdict, past_cases
from config.demo.seeding import BY
from inference.models import FieldRead, ModelVersion, Prediction
from inference.registry import scorer_of
from inference.scoring import Asked, prediction_of, version_of
from reviews.bases import basis_of
from reviews.gate import Samples
from reviews.models import (
    Basis,
    Claim,
    Correction,
    PolicyVersion,
    Queue,
    Review,
    Route,
    Sample,
    Stage,
)
from reviews.policies import active_policy, read_policy
from reviews.reasons import because
from reviews.reviewing import correction_purpose

CLIENT = "Demo history"
ADDED = "demo.case_added"
BATCH = 1000
WITH_FIELDS = 8
"""Of so many reviewed cases one keeps what was read and said of each field."""
EXPLANATION = "Made up for the demo: the loan ended otherwise than the score says."
STAGES = (Stage.FIRST, Stage.SECOND, Stage.ADJUDICATION)


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


def add_history(count: int, told: Callable[[int], None]) -> int:
    """Adds `count` settled loans of the last months; returns how many it added.

    Done before, it adds nothing. `told` hears how many there are so far.
    """
    pipeline = Pipeline.objects.select_related("current").get(slug=PIPELINE)
    policy = active_policy(pipeline)
    if policy is None or pipeline.current is None or Case.objects.filter(client__name=CLIENT):
        return 0
    definition, until = pipeline.current.definition, now()
    rules = read_policy(policy.content, definition)
    house = house_of(pipeline.current, policy, rules.samples)
    past = past_cases(count, until, definition, rules, scorer_of(house.model))
    over = (case for case in past if max([case.decided_at, *ends(case)]) < until)
    added = 0
    while batch := list(islice(over, BATCH)):
        add_batch(batch, house)
        added += len(batch)
        told(added)
    return added


def ends(past: PastCase) -> Iterator[datetime]:
    """When each who judged it was done."""
    return (verdict.reviewed_at for verdict in past.verdicts)


def house_of(version: PipelineVersion, policy: PolicyVersion, samples: Samples) -> House:
    """The house as it stands, with the upstream that the past is marked by."""
    model = version_of(version.definition.model)
    if model is None:
        raise ValueError(f"{version} has no model")
    with transaction.atomic():
        client = make_client(CLIENT, pipelines=[version.pipeline.slug], by=BY)
    queues = Queue.objects.filter(pipeline=version.pipeline)
    people = {person.username: person for person in User.objects.all()}
    slugs = {queue.slug: queue for queue in queues}
    return House(version, policy, model, client, slugs, people, samples)


@transaction.atomic
def add_batch(batch: Sequence[PastCase], house: House) -> None:
    """Adds past cases with all their rows, each with its event."""
    made = [made_of(past, house) for past in batch]
    CaseKey.objects.bulk_create(vault.wrap(each.opened) for each in made)
    Case.objects.bulk_create(each.case for each in made)
    predictions = Prediction.objects.bulk_create(prediction(each, house) for each in made)
    routes = Route.objects.bulk_create(
        route(each, said, house) for each, said in zip(made, predictions, strict=True)
    )
    Decision.objects.bulk_create(map(decision, made, routes))
    Basis.objects.bulk_create(map(basis, made, routes))
    reviews = add_reviews(made, with_samples(made, routes, house), house)
    add_fields(made, reviews)
    for each in made:
        record(
            ADDED,
            by=BY,
            case_id=each.case.pk,
            pipeline=house.pipeline.slug,
        )


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
        kept.label = past.verdicts[-1].outcome
        kept.label_kind = Basis.Label.BLIND if unseen else Basis.Label.REVIEW
        kept.weight, kept.labelled_at = 1.0, past.verdicts[-1].reviewed_at
        kept.seconds = sum(verdict.seconds for verdict in past.verdicts)
    if past.sampled:
        kept.label_kind, kept.weight = Basis.Label.SAMPLE, 1 / past.sampled
    return kept


def with_samples(made: Sequence[Made], routes: Sequence[Route], house: House) -> list[Route]:
    """Keeps the samples; returns of each case the route by which people judged it."""
    own = [blind_route(each, row, house) for each, row in zip(made, routes, strict=True)]
    Route.objects.bulk_create(row for row in own if row.pk is None)
    Sample.objects.bulk_create(
        sample(each, row, house)
        for each, row in zip(made, routes, strict=True)
        if each.past.sampled or each.past.held
    )
    return own


def blind_route(made: Made, row: Route, house: House) -> Route:
    """The route by which a sampled decision came to somebody; of any other case its own."""
    if not made.past.sampled:
        return row
    return Route(
        case=made.case,
        policy_version=house.policy,
        prediction=row.prediction,
        kind=Route.Kind.REVIEW,
        confidence=row.confidence,
        queue=house.queues[house.policy.content["queue"]],
        blind=True,
        reasons=[asdict(because("sampled"))],
        created_at=row.created_at,
    )


def sample(made: Made, row: Route, house: House) -> Sample:
    """A sampled decision, or a case that the gate held back, with what was said of it."""
    past, last = made.past, made.past.verdicts[-1]
    return Sample(
        case=made.case,
        kind=Sample.Kind.AUTOMATIC if past.sampled else Sample.Kind.HELD,
        route=row,
        policy_version=house.policy,
        model_version=house.model,
        outcome=past.answer.outcome,
        confidence=past.answer.confidence,
        stratum=house.samples.stratum(past.answer.outcome, past.answer.confidence).lower,
        probability=past.sampled or 1.0,
        drawn_at=past.arrived_at,
        verdict=last.outcome,
        reviewer=house.people[last.reviewer],
        judged_at=last.reviewed_at,
    )


def add_reviews(made: Sequence[Made], routes: Sequence[Route], house: House) -> list[Review]:
    """Keeps what people said, by claims of theirs that have ended."""
    given = [
        (each, row, stage, verdict)
        for each, row in zip(made, routes, strict=True)
        for stage, verdict in zip(STAGES, each.past.verdicts, strict=False)
    ]
    claims = Claim.objects.bulk_create(
        claim(each, stage, verdict, house) for each, _, stage, verdict in given
    )
    return Review.objects.bulk_create(
        review(each, row, verdict, held)
        for (each, row, _, verdict), held in zip(given, claims, strict=True)
    )


def claim(made: Made, stage: Stage, verdict: Verdict, house: House) -> Claim:
    """The hold on the case under which somebody judged it."""
    return Claim(
        case=made.case,
        reviewer=house.people[verdict.reviewer],
        stage=stage,
        claimed_at=verdict.claimed_at,
        expires_at=verdict.claimed_at + timedelta(minutes=settings.CLAIM_MINUTES),
        ended_at=verdict.reviewed_at,
        ended=Claim.Ended.REVIEWED,
    )


def review(made: Made, row: Route, verdict: Verdict, held: Claim) -> Review:
    """What somebody said of the case, in words that say that they are the demo's."""
    differs = verdict.outcome != made.past.answer.outcome
    words = EXPLANATION if differs or row.blind else ""
    return Review(
        case=made.case,
        reviewer=held.reviewer,
        claim=held,
        route=row,
        round=1,
        stage=held.stage,
        outcome=verdict.outcome,
        override=differs,
        reason_codes=reason_codes(verdict.outcome),
        sealed_explanation=made.opened.seal(f"explanation:{held.pk}", words.encode()),
        shown={"case_version": 4, "prediction": row.prediction_id, "route": row.pk, "opened": {}},
        committed_outcome=verdict.outcome if row.blind and held.stage == Stage.FIRST else "",
        reviewed_at=verdict.reviewed_at,
    )


# ---------------------------------------------------------------- fields


def add_fields(made: Sequence[Made], reviews: Sequence[Review]) -> None:
    """Of some reviewed cases what was read of each field, and what the first reviewer said of it."""
    first = {row.case_id: row for row in reviews if row.stage == Stage.FIRST}
    kept = [each for each in made if each.case.pk in first and each.past.number % WITH_FIELDS == 0]
    FieldRead.objects.bulk_create(row for each in kept for row in fields_read(each))
    Correction.objects.bulk_create(
        word for each in kept for word in words_on_fields(each, first[each.case.pk])
    )


def fields_read(made: Made) -> Iterator[FieldRead]:
    """The fields as they were read."""
    for position, fact in enumerate(made.past.facts.fields):
        value = {"value": fact.value, "text": fact.value or ""}
        yield FieldRead(
            case=made.case,
            position=position,
            name=fact.name,
            sealed_value=made.opened.seal_json(f"field:{fact.name}", value),
            found=fact.found,
            confidence=fact.confidence,
            mismatch=fact.mismatch,
        )


def words_on_fields(made: Made, row: Review) -> Iterator[Correction]:
    """What the reviewer said of each field that was found: that it is right, or what stands there."""
    for fact in made.past.facts.fields:
        if not fact.found:
            continue
        right = made.past.right[fact.name]
        said = {"read": fact.value, "right": None if right else f"{fact.value}?"}
        yield Correction(
            review=row,
            field=fact.name,
            kind=Correction.Kind.CONFIRMED if right else Correction.Kind.CORRECTED,
            sealed_values=made.opened.seal_json(correction_purpose(row.claim_id, fact.name), said),
        )
