"""What samples say of all automatic decisions, stratum by stratum, and how many samples it takes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviews.lab.bounds import stratified_upper


@dataclass(frozen=True, slots=True)
class Counted:
    """A stratum: of how many decisions how many were drawn, judged, found wrong, and ended unjudged.

    `probability` is that with which each was drawn; what was drawn so often stands for the rest.
    """

    outcome: str
    lower: float
    probability: float
    drawn: int
    judged: int
    wrong: int
    ended: int = 0

    @property
    def waiting(self) -> int:
        """How many are still to be judged."""
        return self.drawn - self.judged - self.ended

    @property
    def cases(self) -> float:
        """For how many decisions it stands, by its draw (Horvitz & Thompson, JASA 47, 1952)."""
        return self.drawn / self.probability


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """The share of all automatic decisions that is wrong, with its interval; NaN where nothing tells.

    `missing` is the share of decisions in strata without a judged sample: of them nothing is known, and
    the interval takes that in.
    """

    estimate: float
    lower: float
    upper: float
    judged: int
    wrong: int
    missing: float


def error_rate(strata: Sequence[Counted], level: float = 0.95) -> ErrorRate:
    """What samples say of the whole: each stratum's rate, weighted by its size.

    The stratified estimator (Cochran, "Sampling Techniques", 3rd ed. 1977, ch. 5) is unbiased whatever
    share of a stratum is drawn. Its interval is put together of Clopper-Pearson bounds of the strata, so that
    few errors or none are no trouble (`reviews.lab.bounds.stratified_upper`). Exact it is of one stratum; how
    large each of several is is told from what was drawn, which takes a little where rates are far apart.
    Decisions of which none can be drawn, as their share is 0, are in no stratum, and not in the rate.
    """
    there = [each for each in strata if each.drawn]
    judged, wrong = sum(each.judged for each in there), sum(each.wrong for each in there)
    if not judged:
        return ErrorRate(np.nan, 0.0, 1.0, 0, 0, 1.0)
    cases = np.array([each.cases for each in there])
    labels = np.array([each.judged for each in there], float)
    errors = np.array([each.wrong for each in there], float)
    known = labels > 0
    shares = cases / cases.sum()
    estimate = float((shares[known] * errors[known] / labels[known]).sum() / shares[known].sum())
    tail = (1 - level) / 2
    rows = cases[None], labels[None]
    upper = float(stratified_upper(*rows, errors[None], tail)[0])
    lower = 1 - float(stratified_upper(*rows, (labels - errors)[None], tail)[0])
    return ErrorRate(estimate, max(0.0, lower), upper, judged, wrong, float(shares[~known].sum()))


def merged(strata: Iterable[Counted]) -> list[Counted]:
    """Strata of a kind as one: those of several weeks, say."""
    found: dict[tuple[str, float, float], Counted] = {}
    for each in strata:
        key = each.outcome, each.lower, each.probability
        one = found.get(key, Counted(*key, 0, 0, 0))
        found[key] = Counted(
            *key,
            one.drawn + each.drawn,
            one.judged + each.judged,
            one.wrong + each.wrong,
            one.ended + each.ended,
        )
    return sorted(found.values(), key=lambda each: (each.outcome, each.lower, each.probability))


def power(find: float, labels: ArrayLike) -> NDArray[np.float64]:
    """How likely at least one of so many samples is wrong where a share `find` of all is: 1 - (1 - p)^n."""
    return np.asarray(1 - (1 - find) ** np.asarray(labels, float))


def share_needed(labels: int, decisions: int) -> float:
    """The share (0-1) of as many decisions that gives so many labels; infinite where it is more than all."""
    return labels / decisions if decisions >= labels and decisions else float("inf")
