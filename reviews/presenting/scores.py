"""The model's view: where it starts, what moved it how far, and where that ends. It adds up."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.definition import Definition, ModelSpec
from inference.models import Prediction
from reviews.presenting.arrows import Arrow, arrows, whole
from reviews.presenting.formats import decimals
from reviews.presenting.words import fact as fact_words
from reviews.presenting.words import inside

SCALE = 400
"""The whole of the scale, in the units of its drawing."""
SHOWN = 6
"""How many factors stand in the open; weaker ones are folded, unless something is wrong with them."""
FOLDED = 3
"""Fewer than these are not worth folding."""
STRONG = 0.1
"""The share of all that moved the score from which a doubt about a factor is said at once."""
UNIT = 100
"""Points to one of log-odds: whole numbers that can be added in the head; 69 double the odds."""

OUTSIDE = " (outside of the range in training)"
"""How the model's words say so; here it is said beside the factor."""

Side = Literal["for", "against", "neither"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """The field that reads an input's fact on the papers, and in words what makes it doubtful, if so."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: which way it counts, its points and share (%) of all that moved the score.

    `field` reads the same fact on the papers, if any does; `notes` say what is wrong with the input.
    """

    feature: str
    label: str
    fact: str
    side: Side
    points: int
    share: int
    field: str = ""
    notes: tuple[str, ...] = ()
    arrow: Arrow | None = None

    @property
    def weight(self) -> str:
        """The points as read."""
        return signed(self.points)

    @property
    def push(self) -> str:
        """Which way it counts, for those who do not see the arrow."""
        return {
            "for": _("speaks for"),
            "against": _("speaks against"),
            "neither": _("counts neither way"),
        }[self.side]


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of the sum: where every case starts, the folded factors together, or the end."""

    weight: str
    share: int = 0
    arrow: Arrow | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The whole view. `threshold_at` is where on the scale a case is decided without a person.

    `probability` is what the points come to, the model's own; the scale and the lead are as calibrated.
    """

    model: str
    lead: str
    calibrated: str
    caution: str
    value_at: float
    threshold_at: float | None
    negative: str
    positive: str
    probability: str
    base: Sum
    factors: tuple[Factor, ...]
    folded: tuple[Factor, ...]
    rest: Sum
    total: Sum


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved the score: its shown and folded factors and their sum, all in whole points."""

    base: Sum
    factors: tuple[Factor, ...]
    folded: tuple[Factor, ...]
    rest: Sum
    total: Sum


def score(
    prediction: Prediction,
    definition: Definition,
    model: ModelSpec,
    *,
    stated: Prediction,
    words: Mapping[str, Sequence[str]],
    thresholds: Mapping[str, float],
    doubts: Mapping[str, Doubt],
) -> Score:
    """The view of a prediction.

    `stated` is the same as the model itself stated it. `words` are each feature's label and fact, as
    opened; `doubts` what their fields say of some.
    """
    positive = definition.outcome(model.positive)
    probability = prediction.probabilities.get(positive.name, 0.0)
    threshold = thresholds.get(positive.name)
    base = float(prediction.model_version.facts.get("intercept", 0.0))
    moved = movement(base, prediction.contributions, words, doubts)
    return Score(
        model=str(prediction.model_version),
        lead=lead(prediction.outcome, prediction.confidence, definition, thresholds),
        calibrated=calibrated(prediction, stated),
        caution=caution((*moved.factors, *moved.folded), prediction.contributions),
        value_at=round(probability * SCALE, 1),
        threshold_at=round(threshold * SCALE, 1) if threshold is not None else None,
        negative=definition.outcome(model.negative).label,
        positive=positive.label,
        probability=decimals(stated.probabilities.get(positive.name, 0.0)),
        base=moved.base,
        factors=moved.factors,
        folded=moved.folded,
        rest=moved.rest,
        total=moved.total,
    )


def lead(
    outcome: str, confidence: float, definition: Definition, thresholds: Mapping[str, float]
) -> str:
    """The view in a sentence or two."""
    spec = definition.outcome(outcome)
    said = _("%(confidence)s for %(outcome)s.") % {
        "confidence": decimals(confidence),
        "outcome": inside(spec.label),
    }
    if spec.adverse:
        return " ".join((said, _("An adverse outcome is for people to decide.")))
    if (threshold := thresholds.get(outcome)) is None:
        return said
    return " ".join((said, _("From %s no person would be needed.") % decimals(threshold)))


def calibrated(prediction: Prediction, stated: Prediction) -> str:
    """That the confidence is not the one that the model states, where that can be seen."""
    numbers = {
        "stated": decimals(stated.confidence),
        "calibrated": decimals(prediction.confidence),
    }
    if numbers["stated"] == numbers["calibrated"]:
        return ""
    return _("%(stated)s by the model, %(calibrated)s as calibrated.") % numbers


def caution(factors: Sequence[Factor], contributions: Sequence[Mapping[str, Any]]) -> str:
    """What to hold against the view: strong factors that are in doubt, and inputs that are missing."""
    shaky = [each.label for each in factors if each.notes and each.share >= STRONG * 100]
    absent = sum(bool(each["missing"]) for each in contributions)
    said = []
    if shaky:
        said.append(
            ngettext(
                "Take it with care: a strong factor is in doubt, %(names)s.",
                "Take it with care: strong factors are in doubt, %(names)s.",
                len(shaky),
            )
            % {"names": ", ".join(shaky)}
        )
    if absent:
        said.append(
            ngettext(
                "%(count)s of %(all)s inputs is missing.",
                "%(count)s of %(all)s inputs are missing.",
                absent,
            )
            % {"count": absent, "all": len(contributions)}
        )
    return " ".join(said)


def movement(
    base: float,
    contributions: Sequence[Mapping[str, Any]],
    words: Mapping[str, Sequence[str]],
    doubts: Mapping[str, Doubt],
) -> Moved:
    """From the base to the sum by every factor, strongest first; the rounded points add up too."""
    ordered = sorted(contributions, key=lambda each: -abs(each["points"]))
    start, *points = whole([base * UNIT, *(each["points"] * UNIT for each in ordered)])
    every = math.fsum(abs(each["points"]) for each in ordered) or 1.0
    factors = [
        factor(each, number, every, words.get(each["feature"], ()), doubts.get(each["feature"]))
        for each, number in zip(ordered, points, strict=True)
    ]
    weak = [each for each in factors[SHOWN:] if not each.notes]
    folded = tuple(weak) if len(weak) >= FOLDED else ()
    shown = [each for each in factors if each not in folded]
    rest, total = sum(each.points for each in folded), start + sum(points)
    drawn = arrows(start, [*(each.points for each in shown), rest])
    return Moved(
        base=Sum(signed(start), arrow=drawn[0]),
        factors=tuple(
            replace(each, arrow=one) for each, one in zip(shown, drawn[1:-2], strict=True)
        ),
        folded=folded,
        rest=Sum(signed(rest), sum(each.share for each in folded), drawn[-2]),
        total=Sum(signed(total), arrow=drawn[-1]),
    )


def factor(
    contribution: Mapping[str, Any],
    points: int,
    every: float,
    words: Sequence[str],
    doubt: Doubt | None,
) -> Factor:
    """One factor; `every` is all that moved the score either way, in the model's own units."""
    weight = float(contribution["points"])
    label, fact = words[:2] if len(words) > 1 else (contribution["feature"], "")
    return Factor(
        feature=contribution["feature"],
        label=_(label),
        fact=fact_words(fact.removeprefix(label).removesuffix(OUTSIDE).strip()),
        side="for" if weight > 0 else "against" if weight < 0 else "neither",
        points=points,
        share=round(abs(weight) / every * 100),
        field=doubt.field if doubt else "",
        notes=notes(contribution, doubt),
    )


def notes(contribution: Mapping[str, Any], doubt: Doubt | None) -> tuple[str, ...]:
    """What is wrong with an input, in words."""
    said = []
    if contribution.get("missing"):
        said.append(_("missing, so it counts nothing"))
    if contribution.get("outside_range"):
        said.append(_("outside of what the model knows"))
    if doubt and doubt.words:
        said.append(doubt.words)
    return tuple(said)


def signed(points: int) -> str:
    """Points with their sign."""
    return f"{points:+d}".replace("-", "−") if points else "0"
