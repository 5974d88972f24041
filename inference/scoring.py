"""Scoring a read case with its pipeline's model version."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction

from audit import vault
from audit.actors import system
from audit.vault import Vault
from cases import lifecycle
from cases.definition import ModelSpec, at_pointer
from cases.lifecycle import Step
from cases.models import Case, Status
from inference.models import ModelVersion, Prediction
from inference.registry import scorecard_of
from inference.runtimes import BadFeatures, BadScore, Score, score

log = structlog.get_logger("countersign.scoring")


def score_case(case: Case, step: Step) -> None:
    """Does the step of scoring. A model that gives no usable answer leaves the case to a person."""
    opened = vault.of(case.pk)
    spec = case.definition.model
    if spec is None:
        unscored = {"failure": "NoModel"}
        with transaction.atomic():
            lifecycle.move(case, Status.SCORED, by=system("model"), step=step, data=unscored)
        return
    features = features_of(opened.open_json("data", case.sealed_data), spec)
    version = ModelVersion.objects.select_related("model").get(
        model__name=spec.name, number=spec.version
    )
    try:
        answer = score(scorecard_of(version), features)
    except (BadFeatures, BadScore) as error:
        log.warning("no_prediction", case=str(case.pk), error=type(error).__name__)
        failed = {"failure": type(error).__name__, "model_version": version.pk}
        with transaction.atomic():
            lifecycle.move(case, Status.SCORED, by=system("model"), step=step, data=failed)
        return
    with transaction.atomic():
        prediction = save_prediction(case, version, features, answer, opened)
        lifecycle.move(
            case,
            Status.SCORED,
            by=system("model"),
            step=step,
            data={
                "prediction": prediction.pk,
                "model_version": version.pk,
                "outcome": answer.outcome,
                "confidence": round(answer.confidence, 6),
            },
            commitments={"input": prediction.input_commitment},
        )


def features_of(data: Mapping[str, Any], spec: ModelSpec) -> dict[str, Any]:
    """The model's inputs out of the case's data; what is absent is None."""
    return {name: at_pointer(data, pointer) for name, pointer in spec.features.items()}


def save_prediction(
    case: Case, version: ModelVersion, features: Mapping[str, Any], answer: Score, opened: Vault
) -> Prediction:
    """The answer as a row: its numbers in clear, the facts that they speak of sealed."""
    snapshot = {
        "features": dict(features),
        "words": {
            each.feature: [each.label, each.fact, each.words] for each in answer.contributions
        },
    }
    return Prediction.objects.create(
        case=case,
        model_version=version,
        outcome=answer.outcome,
        confidence=answer.confidence,
        probabilities=answer.probabilities,
        contributions=[
            {
                "feature": each.feature,
                "points": each.points,
                "missing": each.missing,
                "outside_range": each.outside_range,
            }
            for each in answer.contributions
        ],
        sealed_input=opened.seal_json("prediction", snapshot),
        input_commitment=opened.commitment("prediction", dict(features)),
    )
