"""Catch rates: what reviewers made of cases whose right answer was known. Pure.

They are told apart by whether the model was right: who always says what most cases end with looks good
until the model is wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reviews.lab.bounds import clopper_pearson

FEW = 30
"""Of fewer answers a rate says little, and is said to."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A known case as somebody judged it: `verdict` before they saw the model's answer, `final` after."""

    reviewer: int
    known: str
    predicted: str
    verdict: str
    final: str


@dataclass(frozen=True, slots=True)
class Rate:
    """So many right ones among so many, and the exact 95 % interval of the rate; None of none."""

    right: int
    of: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """After Clopper and Pearson (`reviews.lab.bounds`)."""
        if not self.of:
            return None
        lower, upper = clopper_pearson(self.right, self.of)
        return float(lower), float(upper)

    @property
    def few(self) -> bool:
        """Whether it says little."""
        return self.of < FEW


@dataclass(frozen=True, slots=True)
class Catches:
    """Somebody's answers to known cases: all, those in which the model was wrong, and was right.

    `swayed` are right answers that turned wrong once the model's was seen.
    """

    overall: Rate
    caught: Rate
    kept: Rate
    swayed: int


def catches(answers: Iterable[Answered]) -> Catches:
    """The rates of some answers."""
    every = list(answers)
    wrong = [each for each in every if each.predicted != each.known]
    right = [each for each in every if each.predicted == each.known]
    swayed = sum(each.verdict == each.known != each.final for each in every)
    return Catches(rate(every), rate(wrong), rate(right), swayed)


def rate(answers: list[Answered]) -> Rate:
    """How many of the answers are right."""
    return Rate(sum(each.verdict == each.known for each in answers), len(answers))


def by_reviewer(answers: Iterable[Answered]) -> dict[int, Catches]:
    """The rates of each reviewer, by their id."""
    own: dict[int, list[Answered]] = {}
    for each in answers:
        own.setdefault(each.reviewer, []).append(each)
    return {reviewer: catches(each) for reviewer, each in own.items()}
