"""Scoring a read case: what it shows beside the model, and what its pipeline's model version says."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from django.db import transaction

from audit import vault
from audit.actors import system
from audit.vault import Vault
from cases import lifecycle
from cases.definition import ModelSpec, at_pointer
from cases.expressions import InvalidExpression, value_of
from cases.lifecycle import Step
from cases.models import Case, Status
from inference.assessing import assess, field_facts, keep_assessment
from inference.knowing import Assessed, FieldFact, names
from inference.models import ModelVersion, Prediction
from inference.registry import scorer_of
from inference.runtimes import BadFeatures, BadScore, Score, score

log = structlog.get_logger("countersign.scoring")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model is asked: its features and, where it reads one, the text."""

    features: Mapping[str, Any]
    text: str = ""

    @property
    def input(self) -> dict[str, Any]:
        """All of it, as a commitment is made to it."""
        return {**self.features, "": self.text} if self.text else dict(self.features)


def score_case(case: Case, step: Step) -> None:
    """Does the step of scoring. A model that gives no usable answer leaves the case to a person."""
    opened = vault.of(case.pk)
    sent, fields = opened.open_json("data", case.sealed_data), field_facts(case, opened)
    assessed = assess(case, sent, fields)
    asked = asked_of(case, sent, fields, assessed)
    version = version_of(case.definition.model)
    answer, failure = answer_of(case, version, asked)
    data: dict[str, Any] = {"flags": list(assessed.flags), "tables": points_of(assessed)}
    data = {name: value for name, value in data.items() if value}
    commitments = {}
    if assessed.content:
        commitments["assessment"] = opened.commitment("assessment", dict(assessed.content))
    with transaction.atomic():
        keep_assessment(case, opened, assessed)
        if version is not None:
            data["model_version"] = version.pk
        if answer is None or version is None:
            data["failure"] = failure
        else:
            prediction = prediction_of(case, version, asked, answer, opened)
            prediction.save(force_insert=True)
            data["prediction"] = prediction.pk
            data["outcome"] = answer.outcome
            data["confidence"] = round(answer.confidence, 6)
            commitments["input"] = prediction.input_commitment
        by = system("model")
        lifecycle.move(case, Status.SCORED, by=by, step=step, data=data, commitments=commitments)


def version_of(spec: ModelSpec | None) -> ModelVersion | None:
    """The registered version that a pipeline names, if it names one."""
    if spec is None:
        return None
    versions = ModelVersion.objects.select_related("model")
    return versions.get(model__name=spec.name, number=spec.version)


def answer_of(case: Case, version: ModelVersion | None, asked: Asked) -> tuple[Score | None, str]:
    """What a version says, or why it says nothing."""
    if version is None:
        return None, "NoModel"
    try:
        return score(scorer_of(version), asked.features, asked.text), ""
    except (BadFeatures, BadScore) as error:
        log.warning("no_prediction", case=str(case.pk), error=type(error).__name__)
        return None, type(error).__name__


def points_of(assessed: Assessed) -> dict[str, Any]:
    """What each table of points comes to, by its name."""
    return {name: each["points"] for name, each in assessed.content.get("tables", {}).items()}


def asked_of(
    case: Case, data: Mapping[str, Any], fields: Sequence[FieldFact], assessed: Assessed
) -> Asked:
    """What the case's model is asked."""
    definition = case.definition
    if definition.model is None:
        return Asked({})
    known = names(definition, data, fields, assessed, on=case.created_at.date())
    return asked_with(definition.model, data, known)


def asked_with(spec: ModelSpec, data: Mapping[str, Any], known: Mapping[str, Any]) -> Asked:
    """What a model is asked where `known` is what expressions can name."""
    return Asked(features_of(spec, data, known), text_of(spec, data))


def features_of(
    spec: ModelSpec, data: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, Any]:
    """The model's inputs: what is absent, or can't be evaluated, is None."""
    return {name: feature(source, data, known) for name, source in spec.features.items()}


def feature(source: str, data: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """The value of one input: at a JSON pointer into the data, or of a CEL expression."""
    if source.startswith("/"):
        return at_pointer(data, source)
    try:
        return value_of(source, known)
    except InvalidExpression:
        return None


def text_of(spec: ModelSpec, data: Mapping[str, Any]) -> str:
    """The text that the model reads; empty where it reads none, or there is none."""
    text = at_pointer(data, spec.text) if spec.text else None
    return text if isinstance(text, str) else ""


def prediction_of(
    case: Case, version: ModelVersion, asked: Asked, answer: Score, opened: Vault
) -> Prediction:
    """The answer as a row not saved yet: numbers in clear, the facts and words that they speak of sealed."""
    snapshot = {
        "features": dict(asked.features),
        "words": {
            each.feature: [each.label, each.fact, each.words] for each in answer.contributions
        },
        "evidence": [asdict(each) for each in answer.evidence],
    }
    return Prediction(
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
        input_commitment=opened.commitment("prediction", asked.input),
    )
