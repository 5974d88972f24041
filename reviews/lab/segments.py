"""Whether a policy treats declared segments of people alike: the four-fifths rule, with its doubt. Pure.

29 CFR 1607.4(D): a selection rate of less than four-fifths of that of the group with the highest rate is
generally regarded as evidence of adverse impact. The ratio is an estimate like any other, so it has an
interval: that of the logarithm of a ratio of two rates (Katz, Baptista, Azen & Pike, "Obtaining
confidence intervals for the risk ratio in cohort studies", Biometrics 34, 1978). It is an interval of two
groups that were named beforehand. The group that fares best is found among the same cases: of many small
groups that are treated alike some stand below it by chance, and their intervals miss 1 oftener than
they say (of 8 groups of 100 cases in 11 % of draws, of 20 of 30 in 20 %).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from inference.figures import Estimate, Z
from reviews.lab.columns import Bools, Columns, Floats
from reviews.lab.replay import Replayed

FOUR_FIFTHS = 0.8
FEWEST = 30
"""Cases of a segment from which it is compared at all: with fewer a ratio says next to nothing."""


@dataclass(frozen=True, slots=True)
class Treated:
    """How a segment fares: the `share` of its cases that end favourably, by how many are `known`.

    `ratio` is to the segment that fares best, None where there is nothing to compare. Of `unknown` cases
    no one can say how they end.
    """

    name: str
    cases: int
    known: int
    unknown: int
    share: float
    ratio: Estimate | None

    @property
    def below(self) -> bool:
        """Whether the ratio is less than four-fifths."""
        return self.ratio is not None and self.ratio.estimate < FOUR_FIFTHS


def treated(
    columns: Columns,
    replayed: Replayed,
    segment: str,
    adverse: Iterable[str],
    probability: Floats,
) -> list[Treated]:
    """How each part of a segment fares under a policy; the part that is not known stands apart, last.

    What the policy decides ends as it says, what people judge as they judged it: each for itself, a
    sampled one for as many as it stands for. The others of those nobody judged: they are not known.
    """
    codes, names = columns.segments[segment]
    ends = np.where(replayed.automatic, replayed.outcome, columns.label)
    weight = np.where(replayed.automatic, 1.0, 1 / np.maximum(probability, 1e-9))
    known = replayed.known & (ends >= 0)
    bad = np.array([*(name in frozenset(adverse) for name in columns.outcomes), True])
    good = known & ~bad[ends]
    rates = [rate_of(codes == code, known, good, weight) for code in range(len(names))]
    best = best_of([rate for rate, name in zip(rates, names, strict=True) if name])
    found = []
    for code, (name, rate) in enumerate(zip(names, rates, strict=True)):
        cases = int((codes == code).sum())
        ratio = ratio_of(rate, best) if name and best else None
        found.append(Treated(name, cases, rate[2], cases - rate[2], rate[0], ratio))
    return sorted(found, key=lambda each: (not each.name, each.name))


Rate = tuple[float, float, int]
"""A share, by how many cases that weigh alike it would be as sure, and by how many it is."""


def rate_of(which: Bools, known: Bools, good: Bools, weight: Floats) -> Rate:
    """The weighted share of good ends; the number is Kish's effective one (Survey Sampling, 1965)."""
    own = weight[which & known]
    if not len(own):
        return 0.0, 0.0, 0
    return (
        float(weight[which & good].sum() / own.sum()),
        float(own.sum() ** 2 / (own**2).sum()),
        len(own),
    )


def best_of(rates: list[Rate]) -> Rate | None:
    """The highest rate of those that rest on cases enough; None where that is fewer than two."""
    enough = [rate for rate in rates if rate[2] >= FEWEST]
    return max(enough) if len(enough) > 1 else None


def ratio_of(own: Rate, best: Rate) -> Estimate | None:
    """A rate as a share of the highest, with its 95 % interval; None where that cannot be told."""
    if own[2] < FEWEST or not best[0] or not own[0]:
        return None
    if own == best:
        return Estimate(1.0, 1.0, 1.0)
    ratio = own[0] / best[0]
    wide = Z * math.sqrt(sum((1 - rate) / (number * rate) for rate, number, _ in (own, best)))
    return Estimate(ratio, ratio * math.exp(-wide), ratio * math.exp(wide))
