"""How far stated confidences can be believed, with intervals, over labels that weigh. Pure.

A label says whether an answer was right, and for how many cases it stands: 1 where each case gets one,
1/probability where it was drawn. Estimates are those of the whole (Hájek's ratio), the intervals hold
95 %. What they rest on is said in docs/calibration.md; coverage is measured in tests/inference.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import erf, exp, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, logit, stdtrit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truth = NDArray[np.bool_]

LEVEL = 0.95
Z = 1.959963984540054
"""What the standard normal exceeds with probability (1 - LEVEL) / 2."""

FOLDED = sqrt(2 / pi)
"""The mean of a standard normal without its sign."""

BANDS = 10
FEWEST = 15
"""Labels of a band: with fewer its rate says next to nothing."""

STEPS = 20
"""Steps of equal width, from 0 to 1, in which stated confidences are counted for their picture."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the ends of its 95 % interval."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Labels:
    """Answers whose truth is known: the confidence stated (0–1), whether right, for how many cases.

    `group` is what was predicted, as a number: confidence has to be right for each (top-label
    calibration). `probabilities` (labels x outcomes) and `outcome`, the true one as a column of them,
    say how well outcomes are told apart.
    """

    stated: Floats
    right: Truth
    weight: Floats
    group: Ints
    probabilities: Floats
    outcome: Ints

    def __len__(self) -> int:
        return len(self.stated)

    def chosen(self, which: Truth) -> "Labels":
        """Those that are chosen."""
        return Labels(
            self.stated[which],
            self.right[which],
            self.weight[which],
            self.group[which],
            self.probabilities[which],
            self.outcome[which],
        )


def right_or_wrong(stated: Floats, right: Truth, group: Ints) -> Labels:
    """Labels of something that is right or wrong, and no more: a field as it was read."""
    apart = np.column_stack([1 - stated, stated])
    return Labels(stated, right, np.ones(len(stated)), group, apart, right.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Band:
    """Answers of one group stated from `lower` to `upper`: their `share` of all cases, how often right.

    `right` comes with its Clopper–Pearson interval `low` to `high`; `count` are labels, not cases.
    """

    group: int
    lower: float
    upper: float
    count: int
    share: float
    stated: float
    right: float
    low: float
    high: float
    spread: float


def bands(labels: Labels) -> tuple[Band, ...]:
    """Bands of about equally many labels, within each group, in the order of confidence.

    Equal in number rather than in width: no band is then left with a handful (Nguyen & O'Connor 2015,
    arXiv:1508.05154); equal confidences share one. A group has its share of BANDS, one at least.
    """
    total = labels.weight.sum()
    return tuple(
        band_of(labels.chosen(inside), total) for inside in places(labels.stated, labels.group)
    )


def places(stated: Floats, group: Ints) -> Iterator[Truth]:
    """Which answers are in each band."""
    for each in np.unique(group):
        own = group == each
        count = min(round(BANDS * own.mean()), int(own.sum()) // FEWEST)
        inner = np.quantile(stated[own], np.arange(1, count) / count) if count > 1 else []
        place = np.searchsorted(np.unique(inner), stated)
        for number in np.unique(place[own]):
            yield own & (place == number)


def band_of(inside: Labels, total: float) -> Band:
    """The band of some answers, of all that weigh `total`."""
    weight = inside.weight.sum()
    right = float(np.average(inside.right, weights=inside.weight))
    effective = effective_number(inside.weight)
    low, high = rate_interval(right, effective)
    stated = float(np.average(inside.stated, weights=inside.weight))
    return Band(
        group=int(inside.group[0]),
        lower=float(inside.stated.min()),
        upper=float(inside.stated.max()),
        count=len(inside),
        share=float(weight / total),
        stated=stated,
        right=right,
        low=low,
        high=high,
        spread=spread(right, stated, effective),
    )


def effective_number(weight: Floats) -> float:
    """How many labels of equal weight tell as much (Kish 1965, Survey Sampling)."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def rate_interval(rate: float, number: float) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934) of a rate among a number of labels.

    Of weighted ones the effective number is taken (Korn & Graubard 1998), which need not be whole.
    """
    met, tail = rate * number, (1 - LEVEL) / 2
    low = float(betaincinv(met, number - met + 1, tail)) if met > 0 else 0.0
    high = float(betaincinv(met + 1, number - met, 1 - tail)) if met < number else 1.0
    return low, high


def spread(right: float, stated: float, number: float) -> float:
    """The standard error of a band's rate; one label as it was stated keeps it from being nothing."""
    smooth = (right * number + stated) / (number + 1)
    return float(np.sqrt(max(smooth * (1 - smooth), 1e-9) / max(1.0, number - 1)))


def expected_calibration_error(found: tuple[Band, ...]) -> tuple[Estimate, float]:
    """The ECE over bands (Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017), and what chance makes of it.

    The plain estimate is too high: where all is as stated, chance alone makes a gap of each band
    (Kumar, Liang & Ma 2019; Roelofs et al. 2022). Its second value says how much. The interval takes that
    into account by inverting the test "the ECE is so and so" on the normal approximation of each
    band's gap: the upper end goes by the gaps that would show least of it, spread over all bands in
    proportion to their standard errors; the lower by those that would show most, all in one band.
    """
    share = np.array([band.share for band in found])
    gaps = np.array([abs(band.right - band.stated) for band in found])
    errors = share * np.array([band.spread for band in found])
    shown, scale = float(share @ gaps), float(errors.sum())
    noise = float(np.sqrt((errors**2).sum()))
    chance = scale * FOLDED
    lower = max(0.0, shown - chance - Z * noise)
    upper = min(1.0, max(shown, scale * largest_gap(shown / scale, noise / scale)))
    return Estimate(shown, lower, upper), chance


def largest_gap(shown: float, noise: float) -> float:
    """The largest gap, in standard errors, under which so small a mean of gaps is shown in 2.5 %.

    The mean and variance of what is shown are those of the folded normal (Leone et al. 1961).
    """
    low, high = 0.0, shown + Z * noise + 4.0
    for _ in range(30):
        middle = (low + high) / 2
        mean = FOLDED * exp(-(middle**2) / 2) + middle * erf(middle / sqrt(2))
        deviation = sqrt(max(middle**2 + 1 - mean**2, 0.0)) * noise
        low, high = (middle, high) if mean - Z * deviation < shown else (low, middle)
    return high


def brier(labels: Labels) -> Estimate:
    """The mean squared difference between what was stated and whether it was right (Brier 1950).

    The interval is that of a ratio's linearisation, on the scale of the logarithm.
    """
    squares = (labels.stated - labels.right) ** 2
    share = labels.weight / labels.weight.sum()
    mean = float(share @ squares)
    if len(labels) < 2 or mean <= 0:
        return Estimate(mean, 0.0, 1.0)
    error = np.sqrt((share**2 @ (squares - mean) ** 2) * len(labels) / (len(labels) - 1))
    sure = stdtrit(max(1.0, effective_number(labels.weight) - 1), (1 + LEVEL) / 2)
    away = float(np.exp(sure * error / mean))
    return Estimate(mean, mean / away, min(1.0, mean * away))


def area_under_curve(labels: Labels) -> Estimate | None:
    """How well probabilities tell outcomes apart: of each against the rest, the mean by frequency.

    Of two outcomes it is the usual area under the ROC curve (Hanley & McNeil 1982); of several
    that of Provost & Domingos (2001), which scikit-learn calls "ovr", "weighted". The interval is
    DeLong's (1988), with weights, on the scale of the logit. None where labels are all of one outcome.
    """
    areas, shares, pulls = [], [], []
    for column in range(labels.probabilities.shape[1]):
        happened = labels.outcome == column
        if 2 <= happened.sum() <= len(labels) - 2:
            area, pull = area_of(labels.probabilities[:, column], happened, labels.weight)
            areas.append(area)
            pulls.append(pull)
            shares.append(labels.weight[happened].sum())
    if not areas:
        return None
    by = np.array(shares) / sum(shares)
    area, error = float(by @ areas), float(np.sqrt(((by @ np.array(pulls)) ** 2).sum()))
    pairs = fewest_pairs(labels)
    if not 0 < area < 1:
        return perfect(area, pairs)
    away = stdtrit(pairs - 1, (1 + LEVEL) / 2) * error / (area * (1 - area))
    return Estimate(area, float(expit(logit(area) - away)), float(expit(logit(area) + away)))


def area_of(stated: Floats, happened: Truth, weight: Floats) -> tuple[float, Floats]:
    """The area of one outcome against the rest, and how far each label pulls it (DeLong's placements)."""
    yes, no = np.where(happened, weight, 0.0), np.where(happened, 0.0, weight)
    yes, no = yes / yes.sum(), no / no.sum()
    above = placement(stated, no)
    below = 1 - placement(stated, yes)
    area = float(yes @ above)
    many = happened.sum(), (~happened).sum()
    pull = np.where(
        happened,
        yes * (above - area) * np.sqrt(many[0] / (many[0] - 1)),
        no * (below - area) * np.sqrt(many[1] / (many[1] - 1)),
    )
    return area, pull


def placement(stated: Floats, weight: Floats) -> Floats:
    """Of each answer, how much weight is stated below it, with half of what is stated the same."""
    _, place = np.unique(stated, return_inverse=True)
    mass = np.bincount(place, weights=weight)
    return np.asarray((np.cumsum(mass) - mass / 2)[place], np.float64)


def fewest_pairs(labels: Labels) -> float:
    """How many independent pairs can be made of two outcomes: as many as the rarest has, two at least."""
    outcomes, counts = np.unique(labels.outcome, return_counts=True)
    many = [
        effective_number(labels.weight[labels.outcome == each]) for each in outcomes[counts > 1]
    ]
    return max(2.0, min(many))


def perfect(area: float, pairs: float) -> Estimate:
    """The interval where all are told apart: of so many pairs none stands the other way round."""
    end = float(((1 - LEVEL) / 2) ** (1 / pairs))
    return Estimate(area, end, 1.0) if area else Estimate(area, 0.0, 1 - end)


def figures(labels: Labels) -> dict[str, Any]:
    """All figures, as a Calibration and a GateCheck keep them; only their number where there is none.

    `chance` is the ECE that so many labels show where everything is as stated.
    """
    if not len(labels):
        return {"labels": 0}
    found = bands(labels)
    error, chance = expected_calibration_error(found)
    area = area_under_curve(labels)
    return {
        "labels": len(labels),
        "ece": asdict(error) | {"chance": chance},
        "brier": asdict(brier(labels)),
        **({"auroc": asdict(area)} if area else {}),
        "bands": [asdict(band) for band in found],
        "steps": {
            str(group): steps(labels, labels.group == group) for group in np.unique(labels.group)
        },
    }


def steps(labels: Labels, own: Truth) -> list[float]:
    """The shares, of all cases, of those of one group whose confidence is in each of STEPS steps."""
    counts, _ = np.histogram(
        labels.stated[own], bins=STEPS, range=(0, 1), weights=labels.weight[own]
    )
    return [float(share) for share in counts / labels.weight.sum()]
