"""Rescoring: what the model would say with the reviewer's corrections. The first prediction stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import Event
from audit.vault import Vault
from cases.definition import Definition, at_pointer
from cases.models import Case
from inference.assessing import assessed_with, assessment_of, field_facts
from inference.knowing import names
from inference.models import FieldRead, Prediction
from inference.rescoring import facts_put_right, put_right, rescore
from inference.runtimes import Score
from inference.scoring import Asked, asked_with
from reviews.calibrating import calibrated_confidence, calibrated_probabilities, maps_behind
from reviews.casefile import CaseFile
from reviews.drafts import load_draft
from reviews.locking import locked_entry
from reviews.models import Correction, Route
from reviews.rights import Rights

COMMITTED = "rescored"
"""What the commitment to the changed input is made for."""


class HiddenFromYou(Exception):
    """The model's view is hidden from who asks for it: they judge independently, or first unseen."""


class NothingToRescore(ValueError):
    """There is no prediction to compare with, or nothing was corrected that the model may look at."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the model is asked: the prediction it gave, and its input with some fields put right.

    `maps` calibrate the answer as they did the prediction, so that the two compare.
    """

    case: Case
    prediction: Prediction
    fields: tuple[str, ...]
    asked: Asked
    maps: Mapping[str, Any]
    opened: Vault


def rescore_case(
    *, fence: int, case_version: int, reviewer: User, rights: Rights, by: Actor
) -> Event:
    """Asks the model version of the case's prediction again; returns what it said, as the event.

    Raises LateWrite, HiddenFromYou, NothingToRescore, and NoScore where the model has no usable
    answer: nothing is then changed. Nothing is locked while the model thinks.
    """
    with transaction.atomic():
        asked = question(fence, case_version=case_version, reviewer=reviewer, rights=rights)
    answer = rescore(asked.prediction.model_version, asked.asked)
    with transaction.atomic():
        locked_entry(fence, case_version=case_version, reviewer=reviewer, rights=rights)
        return record(
            "case.rescored",
            by=by,
            case_id=asked.case.pk,
            pipeline=asked.case.definition.slug,
            data={"claim": fence, **told(asked, answer)},
            commitments={"input": commitment(asked.asked, asked.opened)},
        )


def question(fence: int, *, case_version: int, reviewer: User, rights: Rights) -> Question:
    """What to ask for the reviewer who holds a case; raises as `rescore_case` does."""
    held = locked_entry(fence, case_version=case_version, reviewer=reviewer, rights=rights)
    if held.independent or held.blind:
        raise HiddenFromYou(str(fence))
    prediction = prediction_of(held.entry.route)
    case = Case.objects.select_related("pipeline_version", "pipeline").get(pk=held.entry.case_id)
    opened = vault.of(case.pk)
    data = opened.open_json("data", case.sealed_data)
    said = load_draft(opened, reviewer=reviewer).get("fields", {})
    right = right_values(case.definition, data, values_read(case, said, opened), said)
    if prediction is None or not right:
        raise NothingToRescore(str(fence))
    return Question(
        case=case,
        prediction=prediction,
        fields=tuple(sorted(right)),
        asked=asked_again(case, data, right, opened),
        maps=maps_behind(held.entry.route, prediction, case.pipeline),
        opened=opened,
    )


def prediction_of(route: Route) -> Prediction | None:
    """The prediction that a case was routed by, with its model version."""
    if route.prediction_id is None:
        return None
    return Prediction.objects.select_related("model_version__model").get(pk=route.prediction_id)


def values_read(case: Case, said: Mapping[str, Any], opened: Vault) -> dict[str, str | None]:
    """What was read of the fields that the reviewer speaks of."""
    rows = FieldRead.objects.filter(case=case, name__in=said)
    return {
        row.name: opened.open_json(f"field:{row.name}", row.sealed_value)["value"] for row in rows
    }


def right_values(
    definition: Definition,
    data: Mapping[str, Any],
    read: Mapping[str, str | None],
    said: Mapping[str, Mapping[str, Any]],
) -> dict[str, str]:
    """The values that the reviewer holds for right and the model did not know, by field.

    Such is a correction, and a reading confirmed although something else was declared. What
    the data does not declare counts where the model may look at what was read.
    """
    right = {}
    for spec in definition.fields:
        word = said.get(spec.name)
        if word is None or word["kind"] == Correction.Kind.ILLEGIBLE:
            continue
        was = read.get(spec.name)
        value = word["value"] if word["kind"] == Correction.Kind.CORRECTED else was
        if value is None:
            continue
        differs = spec.declared is not None and changes(definition, data, spec.name, value)
        if differs or (looks_at_fields(definition) and value != was):
            right[spec.name] = value
    return right


def looks_at_fields(definition: Definition) -> bool:
    """Whether the model's inputs may rest on what was read, and not on the data alone."""
    features = definition.model.features.values() if definition.model else ()
    return not all(source.startswith("/") for source in features)


def changes(definition: Definition, data: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether a field's value is another one than the data declares."""
    spec = definition.field_spec(name)
    pointer = spec.declared or ""
    after = at_pointer(put_right(data, [spec], {name: value}), pointer)
    return bool(after != at_pointer(data, pointer))


def asked_again(
    case: Case, data: Mapping[str, Any], right: Mapping[str, str], opened: Vault
) -> Asked:
    """What the model is asked with the right values in place, in the data and in what was read."""
    definition = case.definition
    if definition.model is None:
        return Asked({})
    changed = put_right(data, definition.fields, right)
    known: Mapping[str, Any] = {}
    if looks_at_fields(definition):
        facts = facts_put_right(field_facts(case, opened), right)
        copies = assessment_of(case, opened).content.get("duplicates", ())
        on = case.created_at.date()
        # What a paper shows does not change what was declared: sums still compare the two.
        assessed = assessed_with(definition, data, facts, copies, on=on)
        known = names(definition, changed, facts, assessed, on=on)
    return asked_with(definition.model, changed, known)


def commitment(asked: Asked, opened: Vault) -> str:
    """What tells later whether the model was asked this very thing."""
    return opened.commitment(COMMITTED, asked.input)


def answers(event: Event, file: CaseFile, said: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether an event `case.rescored` answers to just what the reviewer now says of the fields.

    The model was asked with what no mask lies over, so that is what the answer is compared with.
    """
    data = file.opened.open_json("data", file.case.sealed_data)
    right = right_values(file.definition, data, values_read(file.case, said, file.opened), said)
    asked = asked_again(file.case, data, right, file.opened)
    return bool(event.commitments.get("input") == commitment(asked, file.opened))


def told(asked: Question, answer: Score) -> dict[str, Any]:
    """The answer as an event keeps it: numbers, and names of fields; no value."""
    confidence = calibrated_confidence(answer.outcome, answer.confidence, asked.maps)
    probabilities = calibrated_probabilities(answer.outcome, confidence, answer.probabilities)
    return {
        "prediction": asked.prediction.pk,
        "model_version": asked.prediction.model_version_id,
        "fields": list(asked.fields),
        "outcome": answer.outcome,
        "confidence": round(confidence, 6),
        "stated_confidence": round(answer.confidence, 6),
        "probabilities": {name: round(p, 6) for name, p in probabilities.items()},
        "contributions": [
            {
                "feature": each.feature,
                "points": each.points,
                "missing": each.missing,
                "outside_range": each.outside_range,
            }
            for each in answer.contributions
        ],
    }
