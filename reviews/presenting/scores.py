"""The model's view: its probability on a scale, and what moved it, strongest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.definition import Definition
from inference.models import Prediction

SCALE = 400
HALF = 80
"""Half the width of a factor's bar, and the whole of the scale, in the units of their drawings."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: its points of log-odds in words, and its bar away from the middle."""

    label: str
    fact: str
    weight: str
    side: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Score:
    """The whole view. `threshold_at` is where on the scale a case is decided without a person."""

    model: str
    lead: str
    value_at: float
    threshold_at: float | None
    negative: str
    positive: str
    factors: tuple[Factor, ...]


def score(
    prediction: Prediction,
    definition: Definition,
    *,
    words: Mapping[str, Sequence[str]],
    thresholds: Mapping[str, float],
) -> Score:
    """The view of a prediction. `words` are each feature's label and fact, as opened."""
    positive = definition.outcome(definition.model.positive)
    probability = prediction.probabilities.get(positive.name, 0.0)
    threshold = thresholds.get(positive.name)
    return Score(
        model=str(prediction.model_version),
        lead=lead(prediction, definition, thresholds),
        value_at=round(probability * SCALE, 1),
        threshold_at=round(threshold * SCALE, 1) if threshold is not None else None,
        negative=definition.outcome(definition.model.negative).label,
        positive=positive.label,
        factors=factors(prediction.contributions, words),
    )


def lead(prediction: Prediction, definition: Definition, thresholds: Mapping[str, float]) -> str:
    """The view in a sentence or two."""
    outcome = definition.outcome(prediction.outcome)
    said = f"{prediction.confidence:.2f} for {outcome.label.lower()}."
    if outcome.adverse:
        return f"{said} An adverse outcome is for people to decide."
    threshold = thresholds.get(outcome.name)
    if threshold is None:
        return said
    return f"{said} From {threshold:.2f} no person would be needed."


def factors(
    contributions: Sequence[Mapping[str, Any]], words: Mapping[str, Sequence[str]]
) -> tuple[Factor, ...]:
    """The factors that count, strongest first."""
    counted = sorted(
        (each for each in contributions if each["points"]), key=lambda each: -abs(each["points"])
    )
    largest = abs(counted[0]["points"]) if counted else 1.0
    return tuple(factor(each, words.get(each["feature"], ()), largest) for each in counted)


def factor(contribution: Mapping[str, Any], words: Sequence[str], largest: float) -> Factor:
    """One factor; `largest` is what fills half the drawing."""
    points = float(contribution["points"])
    width = round(abs(points) / largest * HALF, 1)
    label, fact = (*words, "", "")[:2] if words else (contribution["feature"], "")
    return Factor(
        label=label,
        fact=fact.removeprefix(label).strip(),
        weight=f"{points:+.2f}".replace("-", "−"),
        side="for" if points > 0 else "against",
        x=HALF if points > 0 else HALF - width,
        width=width,
    )
