"""A scorecard: an ONNX graph over a case's facts, and the words that explain its answer."""

import hashlib
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from inference.runtimes.answers import (
    TOLERANCE,
    BadFeatures,
    BadScore,
    Contribution,
    Score,
    direction,
    likeliest,
)
from inference.runtimes.answers import marked as _

LARGEST: Final = 1e12
"""No input is as large as this; it also keeps every number finite in the graph's 32 bits."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One input: a number, or a category by its place in `words`. What training saw of it."""

    name: str
    label: str
    number: bool
    unit: str
    words: Mapping[str, str]
    trained_values: frozenset[str]
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One model version: its graph as checked bytes, and `facts`, all that its model.json says."""

    name: str
    version: int
    positive: str
    negative: str
    intercept: float
    features: tuple[Feature, ...]
    graph: bytes
    facts: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """What tells one release's graph from another."""
        return str(self.facts["graph"]["sha256"])

    @property
    def outcomes(self) -> tuple[str, str]:
        """What it knows; its points speak for the first."""
        return (self.positive, self.negative)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """What it is asked with."""
        return tuple(feature.name for feature in self.features)

    def answer(self, features: Mapping[str, object], text: str = "") -> Score:
        """What the card says of `features`; what is absent, None or unknown is missing.

        Raises BadFeatures for a text, a name that the model doesn't have or a value of the wrong type,
        and BadScore where the graph fails or answers anything but sound probabilities.
        """
        unknown = features.keys() - set(self.feature_names)
        if unknown:
            raise BadFeatures(f"the model has no feature {', '.join(sorted(unknown))}")
        if text:
            raise BadFeatures("the model reads no text")
        codes = [_code(feature, features.get(feature.name)) for feature in self.features]
        chances, points = _run(self, codes)
        probabilities = dict(zip(self.outcomes, chances, strict=True))
        outcome = likeliest(probabilities)
        return Score(
            probabilities=probabilities,
            outcome=outcome,
            confidence=probabilities[outcome],
            contributions=tuple(
                _contribution(feature, features.get(feature.name), round(earned, 6))
                for feature, earned in zip(self.features, points, strict=True)
            ),
        )


def from_files(facts: Mapping[str, Any], directory: Path) -> Scorecard:
    """The scorecard of a directory with the graph that `facts` name; raises as `load` does."""
    return scorecard(facts, (directory / facts["graph"]["file"]).read_bytes())


def scorecard(facts: Mapping[str, Any], graph: bytes) -> Scorecard:
    """The scorecard that `facts` describe; raises BadScore where `graph` has another SHA-256."""
    if hashlib.sha256(graph).hexdigest() != facts["graph"]["sha256"]:
        raise BadScore("model.onnx is not the file that model.json describes")
    return Scorecard(
        name=facts["name"],
        version=facts["version"],
        positive=facts["outcomes"]["positive"],
        negative=facts["outcomes"]["negative"],
        intercept=facts["intercept"],
        features=tuple(_feature(each) for each in facts["features"]),
        graph=graph,
        facts=facts,
    )


def _feature(facts: Mapping[str, Any]) -> Feature:
    number = facts["kind"] == "number"
    return Feature(
        name=facts["name"],
        label=facts["label"],
        number=number,
        unit=facts["unit"],
        words=facts["words"],
        trained_values=frozenset(value for each in facts["bins"] for value in each["values"]),
        minimum=facts["minimum"] if number else -math.inf,
        maximum=facts["maximum"] if number else math.inf,
    )


def _code(feature: Feature, value: object) -> float:
    """The value as the graph takes it: a number itself, a category by place, NaN if missing."""
    if value is None:
        return math.nan
    if not feature.number:
        if not isinstance(value, str):
            raise BadFeatures(f"{feature.name} has to be text")
        return float(list(feature.words).index(value)) if value in feature.words else math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadFeatures(f"{feature.name} has to be a number")
    if not abs(value) < LARGEST:
        raise BadFeatures(f"{feature.name} is no finite number of a sensible size")
    return float(value)


@lru_cache(maxsize=8)
def _session(graph: bytes, process: int) -> onnxruntime.InferenceSession:
    """A session for this `process` alone: one inherited by a fork is not to be used."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _run(card: Scorecard, codes: list[float]) -> tuple[list[float], list[float]]:
    """Probabilities and points that the graph answers, once they are found sound."""
    names = ["probabilities", "log_odds", "points"]
    cases = np.array([codes], dtype=np.float32)
    try:
        answers = _session(card.graph, os.getpid()).run(names, {"features": cases})
    except Exception as error:  # onnxruntime's errors have no base class of their own
        raise BadScore(f"the model failed: {type(error).__name__}") from error
    shapes = [(1, 2), (1, 1), (1, len(card.features))]
    if [np.shape(answer) for answer in answers] != shapes:
        raise BadScore("the model's answer has not the shape that it should have")
    if not all(np.isfinite(answer).all() for answer in answers):
        raise BadScore("the model answered with something that is no number")
    chances, log_odds, points = (_listed(answer) for answer in answers)
    _check_sums(card, chances, log_odds[0], points)
    return chances, points


def _check_sums(
    card: Scorecard, chances: list[float], log_odds: float, points: list[float]
) -> None:
    """Refuse an answer whose parts contradict one another."""
    if abs(card.intercept + sum(points) - log_odds) > TOLERANCE * max(1.0, abs(log_odds)):
        raise BadScore("the model's points do not add up to its log-odds")
    if abs((1 + math.tanh(log_odds / 2)) / 2 - chances[0]) > TOLERANCE:
        raise BadScore("the model's probability does not follow from its log-odds")


def _listed(answer: NDArray[np.float32]) -> list[float]:
    return [float(value) for value in answer[0]]


def _contribution(feature: Feature, value: object, points: float) -> Contribution:
    missing = value is None or not (feature.number or value in feature.trained_values)
    outside = isinstance(value, int | float) and not feature.minimum <= value <= feature.maximum
    fact = f"{feature.label} {_value_in_words(feature, value)}"
    if outside:
        fact += _(" (outside of the range in training)")
    return Contribution(
        feature=feature.name,
        label=feature.label,
        value=value,
        points=points,
        fact=fact,
        words=f"{fact}: {direction(points)}",
        missing=missing,
        outside_range=outside,
    )


def _value_in_words(feature: Feature, value: object) -> str:
    if value is None:
        return _("not given")
    if isinstance(value, int | float):
        figure = format(value, ",.10g")
        return feature.words.get(figure, f"{figure} {feature.unit}".rstrip())
    if value not in feature.words:
        return _("not known to the model")
    seen = value in feature.trained_values
    return feature.words[str(value)] + ("" if seen else _(", never seen in training"))
