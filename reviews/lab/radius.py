"""How many of a set of cases are wrong, as far as the labelled ones among them tell. Pure.

Cases that were found wrong are counted as they are; of those that nobody has looked at a share is taken
to be wrong, that of the labels, each counting for as many cases as it was drawn for.
"""

import math
from dataclasses import dataclass

from reviews.lab.bounds import clopper_pearson

FEW = 30
"""With fewer labels an estimate says little, and is said to."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A set of cases: how many, how many are labelled and of these wrong, and the sums of weights."""

    cases: int = 0
    labels: int = 0
    wrong: int = 0
    weight: float = 0.0
    weight_wrong: float = 0.0
    weight_squared: float = 0.0


@dataclass(frozen=True, slots=True)
class Wrong:
    """How many cases of a set are wrong, with the ends of the 95 % interval; `few` where that says little."""

    estimate: float
    lower: float
    upper: float
    few: bool


def estimated_wrong(counted: Counted) -> Wrong | None:
    """How many cases of a set are wrong, labelled ones included; None where none is labelled.

    The share among the others is the ratio of weighted sums (Hájek 1971), its interval that of Clopper
    and Pearson for as many labels as the weights leave effective, (Σw)² / Σw² (Korn & Graubard,
    "Confidence intervals for proportions with small expected number of positive counts estimated from
    survey data", Survey Methodology 24, 1998), narrowed by the part that was looked at (Cochran, "Sampling
    Techniques", 1977, 2.6): of few that are left more or fewer are wrong than their share, by chance.
    """
    if not counted.labels or not counted.weight:
        return None
    share = counted.weight_wrong / counted.weight
    effective = counted.weight**2 / counted.weight_squared
    lower, upper = clopper_pearson(share * effective, effective)
    unseen = counted.cases - counted.labels
    middle, wide = counted.wrong + share * unseen, math.sqrt(counted.cases * unseen)
    return Wrong(
        estimate=middle,
        lower=max(middle - (share - float(lower)) * wide, counted.wrong),
        upper=min(middle + (float(upper) - share) * wide, counted.wrong + unseen),
        few=effective < FEW,
    )
