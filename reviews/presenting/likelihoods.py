"""The view of a model that knows more than two outcomes: how likely it holds each, and on which words."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.definition import Definition, ModelSpec, OutcomeSpec
from inference.models import Prediction
from reviews.presenting.formats import decimals
from reviews.presenting.message import Evidence, signed
from reviews.presenting.scores import SCALE, Factor, calibrated, factor
from reviews.presenting.words import inside

WORDS = 8
"""How many words are listed, the strongest first."""
FACTORS = 6
"""How many other factors are."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """One outcome: its probability in figures and on the scale, and the policy's bound beside it.

    `bound_at` is where on the scale the bound stands; `bound` says what it is.
    """

    label: str
    probability: str
    at: float
    predicted: bool
    urgent: bool
    bound: str = ""
    bound_at: float | None = None
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the message and what it speaks for the predicted outcome; `count` is how often it stands."""

    text: str
    points: str
    side: str
    count: int


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """The whole view. `factors` are what counted beside the words."""

    model: str
    lead: str
    calibrated: str
    caution: tuple[str, ...]
    outcomes: tuple[Likelihood, ...]
    outcome: str
    words: tuple[Word, ...]
    factors: tuple[Factor, ...]


def likelihoods(
    prediction: Prediction,
    definition: Definition,
    model: ModelSpec,
    *,
    stated: Prediction,
    policy: Mapping[str, Any],
    facts: Mapping[str, Sequence[str]],
    evidence: Evidence | None,
    text: str,
) -> Likelihoods:
    """The view of a prediction under a policy.

    `stated` is the same as the model itself stated it: ceilings are asked of that. `facts` are each
    feature's label and fact, as opened; `text` the words that the evidence is of.
    """
    thresholds, ceilings = policy.get("thresholds", {}), policy.get("ceilings", {})
    outcomes = tuple(
        likelihood(
            definition.outcome(name),
            stated if name in ceilings else prediction,
            thresholds.get(name),
            ceilings.get(name),
        )
        for name in model.outcomes
    )
    predicted = definition.outcome(prediction.outcome)
    return Likelihoods(
        model=str(prediction.model_version),
        lead=lead(prediction, predicted, thresholds.get(predicted.name)),
        calibrated=calibrated(prediction, stated),
        caution=caution(stated, definition, ceilings, facts),
        outcomes=outcomes,
        outcome=predicted.label,
        words=strongest(evidence, text),
        factors=factors(prediction, facts),
    )


def likelihood(
    spec: OutcomeSpec, prediction: Prediction, threshold: float | None, ceiling: float | None
) -> Likelihood:
    """One outcome. Of an urgent one the bound is a ceiling, of another one a threshold."""
    chance = float(prediction.probabilities.get(spec.name, 0.0))
    bound = ceiling if ceiling is not None else threshold
    words = ""
    if ceiling is not None:
        words = _("a person judges from %s") % decimals(ceiling)
    elif threshold is not None:
        words = _("automatic from %s") % decimals(threshold)
    return Likelihood(
        label=spec.label,
        probability=decimals(chance),
        at=round(chance * SCALE, 1),
        predicted=spec.name == prediction.outcome,
        urgent=spec.urgent,
        bound=words,
        bound_at=round(bound * SCALE, 1) if bound is not None else None,
        beyond=ceiling is not None and chance >= ceiling,
    )


def lead(prediction: Prediction, spec: OutcomeSpec, threshold: float | None) -> str:
    """The view in a sentence or two."""
    said = _("%(confidence)s for %(outcome)s.") % {
        "confidence": decimals(prediction.confidence),
        "outcome": inside(spec.label),
    }
    if spec.adverse or spec.urgent:
        return " ".join((said, _("Such an outcome is for people to decide.")))
    if threshold is None:
        return said
    return " ".join((said, _("From %s no person would be needed.") % decimals(threshold)))


def caution(
    prediction: Prediction,
    definition: Definition,
    ceilings: Mapping[str, float],
    facts: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """What to hold against the view, or to know beside it."""
    said = []
    for name, ceiling in ceilings.items():
        chance = float(prediction.probabilities.get(name, 0.0))
        if chance >= ceiling and name != prediction.outcome:
            words = {
                "outcome": definition.outcome(name).label,
                "chance": decimals(chance),
                "ceiling": decimals(ceiling),
            }
            said.append(
                _("%(outcome)s is possible at %(chance)s: from %(ceiling)s on a person judges.")
                % words
            )
    absent = [each for each in prediction.contributions if each.get("missing")]
    if absent:
        names = [label_of(each["feature"], facts) for each in absent]
        said.append(
            ngettext(
                "The model was not given: %(names)s. What is not given is unknown, not normal.",
                "The model was not given: %(names)s. What is not given is unknown, not normal.",
                len(absent),
            )
            % {"names": ", ".join(inside(name) for name in names)}
        )
    return tuple(said)


def label_of(feature: str, facts: Mapping[str, Sequence[str]]) -> str:
    """What a feature is called."""
    said = facts.get(feature)
    return _(said[0]) if said else _(feature.replace("_", " ").capitalize())


def strongest(evidence: Evidence | None, text: str) -> tuple[Word, ...]:
    """The words that speak most for or against the predicted outcome; the same word stands once."""
    if evidence is None:
        return ()
    said: dict[str, list[float]] = defaultdict(list)
    for each in evidence.words:
        if word := text[each["start"] : each["end"]].strip():
            said[word.casefold()].append(evidence.points(each))
    sums = {word: math.fsum(points) for word, points in said.items()}
    ordered = sorted(sums, key=lambda word: -abs(sums[word]))
    return tuple(
        Word(word, signed(sums[word]), "for" if sums[word] > 0 else "against", len(said[word]))
        for word in ordered[:WORDS]
        if abs(sums[word]) >= 0.05
    )


def factors(prediction: Prediction, facts: Mapping[str, Sequence[str]]) -> tuple[Factor, ...]:
    """What counted beside the words, the strongest first."""
    counted = [each for each in prediction.contributions if each["points"]]
    every = math.fsum(abs(each["points"]) for each in counted) or 1.0
    ordered = sorted(counted, key=lambda each: -abs(each["points"]))[:FACTORS]
    return tuple(
        factor(each, round(each["points"] * 100), every, facts.get(each["feature"], ()), None)
        for each in ordered
    )
