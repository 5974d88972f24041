"""What people said of the past cases of the demo, in rows: reviews, samples, known answers, fields."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings

from config.demo.pastcases import Verdict
from config.demo.pastrows import House, Made, reason_codes
from inference.models import FieldRead
from reviews.models import (
    Claim,
    Correction,
    Review,
    Route,
    Sample,
    Stage,
)
from reviews.reasons import because
from reviews.reviewing import correction_purpose

WITH_FIELDS = 8
"""Of so many reviewed cases one keeps what was read and said of each field."""
EXPLANATION = "Made up for the demo: the loan ended otherwise than the score says."
STAGES = (Stage.FIRST, Stage.SECOND, Stage.ADJUDICATION)


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
    return unseen(made, row, house, row.created_at) if made.past.sampled else row


def unseen(made: Made, row: Route, house: House, at: datetime) -> Route:
    """A route by which a settled case comes to somebody who is told nothing of it."""
    return Route(
        case=made.case,
        policy_version=house.policy,
        prediction=row.prediction,
        kind=Route.Kind.REVIEW,
        confidence=row.confidence,
        queue=row.queue or house.queues[house.policy.content["queue"]],
        blind=True,
        reasons=[asdict(because("sampled"))],
        created_at=at,
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
        verdict=past.verdicts[0].label,
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


def add_known(made: Sequence[Made], routes: Sequence[Route], house: House) -> None:
    """Keeps what was said of cases that were given to somebody anew, since their answer was known."""
    given = [
        (each, unseen(each, row, house, each.past.known.claimed_at), each.past.known, row)
        for each, row in zip(made, routes, strict=True)
        if each.past.known and each.past.known.reviewed_at < house.until
    ]
    Route.objects.bulk_create(row for _, row, _, _ in given)
    claims = Claim.objects.bulk_create(
        claim(each, Stage.FIRST, verdict, house) for each, _, verdict, _ in given
    )
    Review.objects.bulk_create(
        review(each, row, verdict, held, round=2)
        for (each, row, verdict, _), held in zip(given, claims, strict=True)
    )
    Sample.objects.bulk_create(
        Sample(
            case=each.case,
            kind=Sample.Kind.KNOWN,
            route=row,
            policy_version=house.policy,
            model_version=house.model,
            outcome=each.past.outcome,
            confidence=row.confidence,
            drawn_at=verdict.claimed_at,
            verdict=verdict.label,
            reviewer=house.people[verdict.reviewer],
            judged_at=verdict.reviewed_at,
        )
        for each, _, verdict, row in given
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


def review(made: Made, row: Route, verdict: Verdict, held: Claim, round: int = 1) -> Review:
    """What somebody said of the case, in words that say that they are the demo's."""
    differs = verdict.outcome != made.past.answer.outcome
    words = EXPLANATION if differs or row.blind else ""
    return Review(
        case=made.case,
        reviewer=held.reviewer,
        claim=held,
        route=row,
        round=round,
        stage=held.stage,
        outcome=verdict.outcome,
        override=differs,
        reason_codes=reason_codes(verdict.outcome),
        sealed_explanation=made.opened.seal(f"explanation:{held.pk}", words.encode()),
        shown={"case_version": 4, "prediction": row.prediction_id, "route": row.pk, "opened": {}},
        committed_outcome=verdict.unseen if held.stage == Stage.FIRST else "",
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
