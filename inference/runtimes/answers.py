"""What every kind of model answers, and how it refuses."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

TOLERANCE: Final = 1e-4
"""How far sums of 32 bits may be apart from the same sums in 64 bits."""


class BadFeatures(ValueError):
    """Input outside of the model's schema; the message names the feature, never its value."""


class BadScore(RuntimeError):
    """The model or its answer cannot be trusted; such a case goes to a person."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature added to the log-odds of the outcome that its points speak for.

    With a scorecard that is the positive outcome, with a text model the one that it answers with.
    `fact` is the value in words; `words` says beside it which way it counts. `missing` is set where
    the value is absent, unknown, or was never seen in training: it then counts nothing.
    """

    feature: str
    label: str
    value: object
    points: float
    fact: str
    words: str
    missing: bool
    outside_range: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one word of a text added to each outcome: the characters `start` to before `end`.

    The difference of two outcomes' points is what the word added to the log-odds between them.
    """

    start: int
    end: int
    points: dict[str, float]


@dataclass(frozen=True, slots=True)
class Score:
    """A prediction: the likeliest outcome, its probability as `confidence`, and what led there."""

    probabilities: dict[str, float]
    outcome: str
    confidence: float
    contributions: tuple[Contribution, ...]
    evidence: tuple[Evidence, ...] = ()


def read_facts(directory: Path) -> dict[str, Any]:
    """What the model.json in a directory says; raises OSError, or ValueError where it is no object."""
    facts = json.loads((directory / "model.json").read_text(encoding="utf-8"))
    if not isinstance(facts, dict):
        raise ValueError("model.json holds no object")
    return facts


def likeliest(probabilities: Mapping[str, float]) -> str:
    """The outcome with the largest probability; the first of equals. Raises BadScore for unsound ones."""
    chances = probabilities.values()
    if not all(math.isfinite(chance) and chance >= 0 for chance in chances):
        raise BadScore("the model's probabilities are none")
    if abs(math.fsum(chances) - 1) > TOLERANCE:
        raise BadScore("the model's probabilities are none")
    return max(probabilities, key=lambda name: probabilities[name])


def direction(points: float) -> str:
    """Which way points count, in words."""
    if points == 0:
        return "counts neither way"
    return "counts for" if points > 0 else "counts against"


def marked(words: str) -> str:
    """Marks words that are kept in English and read in any language; Django's own asks for settings,
    which a sandboxed child does not have."""
    return words
