"""Then and now: what the model said, and what it would say with the reviewer's corrections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.models import Event
from cases.definition import Definition
from inference.models import Prediction
from reviews.presenting.arrows import whole
from reviews.presenting.formats import decimals
from reviews.presenting.scores import SCALE, UNIT, signed
from reviews.presenting.words import inside


@dataclass(frozen=True, slots=True)
class ChangedFactor:
    """A factor whose points changed, in words; `speaks` is which way the change goes."""

    label: str
    then: str
    now: str
    by: str
    side: str


@dataclass(frozen=True, slots=True)
class Rescored:
    """The comparison. `stale` where the reviewer has corrected something else since."""

    at: datetime
    who: str
    fields: tuple[str, ...]
    then: str
    now: str
    then_at: float
    now_at: float
    lead: str
    factors: tuple[ChangedFactor, ...]
    stale: bool


def rescored(
    event: Event,
    prediction: Prediction,
    definition: Definition,
    *,
    words: Mapping[str, Sequence[str]],
    who: str,
    stale: bool = False,
) -> Rescored:
    """The comparison that an event `case.rescored` keeps, with the prediction it is about."""
    data, speaks_for = event.data, outcome_compared(prediction, definition)
    labels = {spec.name: spec.label for spec in definition.fields}
    then = said(prediction.outcome, prediction.confidence, definition)
    now = said(data["outcome"], data["confidence"], definition)
    factors = changed(prediction.contributions, data["contributions"], words)
    return Rescored(
        at=event.at,
        who=who,
        fields=tuple(labels.get(name, name) for name in data["fields"]),
        then=then,
        now=now,
        then_at=round(prediction.probabilities.get(speaks_for, 0.0) * SCALE, 1),
        now_at=round(data["probabilities"].get(speaks_for, 0.0) * SCALE, 1),
        lead=lead(prediction, data, any_change=bool(factors)),
        factors=factors,
        stale=stale,
    )


def outcome_compared(prediction: Prediction, definition: Definition) -> str:
    """The outcome whose probability is compared: of two the one that points speak for, of more the
    one that was predicted first."""
    model = definition.model
    return model.positive if model and len(model.outcomes) == 2 else prediction.outcome


def said(outcome: str, confidence: float, definition: Definition) -> str:
    """A score in a few words."""
    return _("%(confidence)s for %(outcome)s") % {
        "confidence": decimals(confidence),
        "outcome": inside(definition.outcome(outcome).label),
    }


def lead(prediction: Prediction, data: Mapping[str, Any], *, any_change: bool) -> str:
    """What the corrections would have changed, in a sentence."""
    if not any_change:
        return _("The model would say the same: it does not look at what was corrected.")
    if data["outcome"] != prediction.outcome:
        return _("With the corrections the model would say otherwise.")
    if decimals(data["confidence"]) == decimals(prediction.confidence):
        return _("With the corrections the model would say the same.")
    if data["confidence"] > prediction.confidence:
        return _("With the corrections the model would be surer of the same.")
    return _("With the corrections the model would be less sure of the same.")


def changed(
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    words: Mapping[str, Sequence[str]],
) -> tuple[ChangedFactor, ...]:
    """The factors whose points changed, the most changed first."""
    then = {each["feature"]: float(each["points"]) for each in before}
    moved = [
        (each["feature"], then.get(each["feature"], 0.0), float(each["points"]))
        for each in after
        if each["points"] != then.get(each["feature"], 0.0)
    ]
    moved.sort(key=lambda each: -abs(each[2] - each[1]))
    return tuple(
        changed_factor(_(words.get(name, (name,))[0]), old, new) for name, old, new in moved
    )


def changed_factor(label: str, old: float, new: float) -> ChangedFactor:
    """One factor, in whole points that add up."""
    start, by = whole([old * UNIT, (new - old) * UNIT])
    return ChangedFactor(
        label=label,
        then=signed(start),
        now=signed(start + by),
        by=signed(by),
        side="for" if new > old else "against",
    )
