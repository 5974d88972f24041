"""How much may be wrong, with a guarantee that holds for any number of labels. Pure.

Every bound here is exact: it rests on the binomial distribution, not on a normal one that has to be far
away first. `delta` is the probability, over the draw of the labels, that a bound is too low.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv
from scipy.stats import nbinom

Numbers = NDArray[np.float64]

SPARE = (0.5, 0.25, 0.0)
"""At which part of the rate that is asked for errors may come at the first threshold tested."""
MOST = 2**16
"""Of more errors than that nobody waits for the labels."""
ENOUGH = 30
"""Of fewer labels no rate is told from."""


def grid() -> Numbers:
    """The thresholds that are looked at: each 0.005, and each 0.001 from 0.99 on."""
    return np.round(np.concatenate([np.arange(0, 0.99, 0.005), np.arange(0.99, 1.0005, 0.001)]), 4)


# ---------------------------------------------------------------- bounds of one rate


def binomial_upper(errors: ArrayLike, n: ArrayLike, delta: ArrayLike) -> Numbers:
    """The rate that is exceeded with probability `delta` at most, by `errors` among `n` labels.

    One-sided, after Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the case
    of the binomial", Biometrika 26 (1934). Of no labels it is 1.
    """
    k, total = np.asarray(errors, float), np.asarray(n, float)
    within = k < total
    upper = betaincinv(k + 1, np.where(within, total - k, 1.0), 1 - np.asarray(delta, float))
    return np.where(within, upper, 1.0)


def clopper_pearson(
    errors: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[Numbers, Numbers]:
    """The two-sided exact interval of a rate (Clopper & Pearson 1934), each end with half the doubt."""
    tail = (1 - level) / 2
    k, total = np.asarray(errors, float), np.asarray(n, float)
    return 1 - binomial_upper(total - k, total, tail), binomial_upper(k, total, tail)


def labels_needed(rate: ArrayLike, at_most: float, delta: float) -> Numbers:
    """The fewest labels whose bound is `at_most`, where errors come at `rate`; infinite where none do.

    Errors are whole, so a begun one counts: of n labels k are wrong once rate * n is above k - 1. The
    least k is sought whose n = k / rate labels suffice, then the least n for that k: when the k + 1st
    error would have come with probability 1 - delta if they came at `at_most`, a quantile of the negative
    binomial distribution. Of no error at all, 2 % and 0.05 that is 149.
    """
    rates = np.asarray(rate, float)
    possible = rates < at_most
    safe = np.where(possible & (rates > 0), rates, np.inf)
    low, high = np.zeros(rates.shape), np.full(rates.shape, float(MOST))
    for _ in range(MOST.bit_length()):
        middle = np.floor((low + high) / 2)
        n = np.floor(middle / safe * (1 + 1e-12))
        enough = betainc(np.maximum(n - middle, 0.5), middle + 1, 1 - at_most) <= delta
        enough &= n > middle
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    errors = np.where(possible & (rates > 0), high, 0.0)
    fewest = errors + 1 + nbinom.ppf(1 - delta, errors + 1, at_most)
    return np.where(possible & (errors < MOST), fewest, np.inf)


# ---------------------------------------------------------------- a mixture of regions


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands at or above each threshold: arrays of thresholds by strata, one row each.

    A stratum holds the cases that are labelled with the same known probability: all that people review,
    or a sample of those that were automatic. `cases` are all of them, `labels` those labelled, `errors`
    those of the labelled ones that were wrong.
    """

    thresholds: Numbers
    cases: Numbers
    labels: Numbers
    errors: Numbers

    @property
    def weights(self) -> Numbers:
        """The strata's shares of the cases at each threshold."""
        return shares(self.cases)

    @property
    def rates(self) -> Numbers:
        """The estimated share that is wrong; NaN where a stratum has cases but no label."""
        share = np.full(self.labels.shape, np.nan)
        np.divide(self.errors, self.labels, out=share, where=self.labels > 0)
        there = self.cases > 0
        rates = np.where(there, self.weights * share, 0.0).sum(axis=1)
        return np.where(there.any(axis=1), rates, np.nan)

    def upper(self, delta: float) -> Numbers:
        """The upper bound of what is wrong at each threshold."""
        return stratified_upper(self.cases, self.labels, self.errors, delta)

    def lower(self, delta: float) -> Numbers:
        """The lower bound: what is not right at most."""
        return 1 - stratified_upper(self.cases, self.labels, self.labels - self.errors, delta)


def evidence(
    confidence: ArrayLike, wrong: ArrayLike, probability: ArrayLike, thresholds: ArrayLike
) -> Evidence:
    """Counts at or above each threshold, in one pass over the cases.

    `wrong` is 1 or 0, NaN where there is no label; `probability` is the one with which each case was to
    be labelled, known whether it was or not. Thresholds ascend.
    """
    stated, fault = np.asarray(confidence, float), np.asarray(wrong, float)
    edges = np.asarray(thresholds, float)
    strata, stratum = np.unique(np.asarray(probability, float), return_inverse=True)
    shape = (len(edges) + 1, max(1, len(strata)))
    place = np.searchsorted(edges, stated, side="right") * shape[1] + stratum.reshape(-1)
    labelled = ~np.isnan(fault)

    def above(counted: NDArray[np.bool_]) -> Numbers:
        counts = np.bincount(place[counted], minlength=shape[0] * shape[1]).reshape(shape)
        return np.cumsum(counts[:0:-1], axis=0)[::-1].astype(float)

    every = np.ones(len(stated), dtype=bool)
    return Evidence(edges, above(every), above(labelled), above(labelled & (fault == 1)))


def stratified_upper(
    cases: ArrayLike, labels: ArrayLike, errors: ArrayLike, delta: float
) -> Numbers:
    """The upper bound of what is wrong in a mixture of strata (the last axis) of known sizes.

    The share that is wrong is the sum of the strata's, each weighted by its known share of the cases.
    Each stratum has an exact bound that fails with probability delta_s; that any fails has at most their
    sum's (Boole), which is delta; while none does, their weighted sum bounds the whole. Nothing in that
    is asymptotic. Within a stratum cases need not be alike: where each has an error probability of its
    own, or is drawn without replacement, their count of errors spreads less than the binomial one of the
    same mean, and the bound holds still (Hoeffding, "On the distribution of the number of successes in
    independent trials", Ann. Math. Stat. 27, 1956; "Probability inequalities for sums of bounded random
    variables", JASA 58, 1963). Delta is split by weight over labels, which makes the sum least where no
    error is found; the split knows sizes alone, never what a label says.
    """
    size, n, found = np.broadcast_arrays(
        *(np.asarray(each, float) for each in (cases, labels, errors))
    )
    weights = shares(size)
    own = delta * shares(divided(weights, n))
    each = binomial_upper(found, n, np.where(own > 0, own, delta))
    upper = np.where(size > 0, weights * each, 0.0).sum(axis=-1)
    return np.where(size.sum(axis=-1) > 0, np.minimum(upper, 1.0), 1.0)


def divided(part: Numbers, whole: Numbers) -> Numbers:
    """A quotient, and 0 where there is nothing to divide by."""
    quotient = np.zeros_like(part)
    np.divide(part, whole, out=quotient, where=whole > 0)
    return quotient


def shares(sizes: Numbers) -> Numbers:
    """The shares of the whole along the last axis."""
    whole = np.broadcast_to(sizes.sum(axis=-1, keepdims=True), sizes.shape)
    return divided(sizes, whole)


# ---------------------------------------------------------------- the other way round


@dataclass(frozen=True, slots=True)
class Answer:
    """The lowest threshold that keeps a promise, or why there is none.

    `threshold` is None where the data do not support any. The figures are those at it or, without one,
    where the fewest labels are missing (`nearest_of`): `rate` and `upper` of what is wrong, the
    `share` of the cases at or above, and their `labels`. `more` is how many labels are missing there at
    that rate: infinite where no number would do, as more is wrong wherever the data look than is asked.
    """

    threshold: float | None
    at: float
    rate: float
    upper: float
    share: float
    labels: int
    more: float

    @property
    def supported(self) -> bool:
        """Whether there is a threshold that keeps the promise."""
        return self.threshold is not None


def threshold_for(
    confidence: ArrayLike,
    wrong: ArrayLike,
    probability: ArrayLike,
    at_most: float,
    delta: float,
    thresholds: ArrayLike | None = None,
) -> Answer:
    """The lowest threshold with at most `at_most` wrong at or above it, sure but for `delta`.

    Learn then Test (Angelopoulos, Bates, Candès, Jordan, Lei, "Learn then Test: calibrating predictive
    algorithms to achieve risk control", arXiv:2110.01052, 2021) for the selective risk (Geifman & El-Yaniv,
    "Selective classification for deep neural networks", 2017): for each threshold the hypothesis that
    more is wrong is tested by the exact bound, in a fixed sequence from a strict threshold downwards, and
    the first that is not rejected ends it. The first threshold is chosen by confidences and counts alone,
    never by what a label says, so each test keeps all of delta, and that any accepted threshold breaks the
    promise has at most that probability, however many are tested and whether or not risk falls with
    confidence. What is promised is the mean over cases like these: of the window's mix of regions.

    Parameters are those of `evidence`; without `thresholds` those of `grid` are looked at.
    """
    edges = grid() if thresholds is None else np.asarray(thresholds, float)
    found = evidence(confidence, wrong, probability, edges)
    upper = found.upper(delta)
    start = first_tested(found, at_most, delta)
    accepted = accepted_down_from(start, upper <= at_most)
    if accepted is not None:
        return answer(found, upper, accepted, 0.0)
    missing = missing_labels(found, at_most, delta)
    nearest = nearest_of(found, missing)
    return replace(answer(found, upper, nearest, float(missing[nearest])), threshold=None)


def first_tested(found: Evidence, at_most: float, delta: float) -> int | None:
    """Where the sequence begins: the strictest threshold that would pass with errors at half of the rate
    asked for; where there are never so many labels at a quarter, or else without any. None if none would.
    """
    for spare in SPARE:
        errors = np.ceil(found.labels * at_most * spare)
        passing = np.flatnonzero(
            stratified_upper(found.cases, found.labels, errors, delta) <= at_most
        )
        if len(passing):
            return int(passing[-1])
    return None


def accepted_down_from(start: int | None, passes: NDArray[np.bool_]) -> int | None:
    """The last of the tests that pass one after the other, downwards; None where the first does not."""
    if start is None or not passes[start]:
        return None
    failing = np.flatnonzero(~passes[: start + 1])
    return int(failing[-1]) + 1 if len(failing) else 0


def missing_labels(found: Evidence, at_most: float, delta: float) -> Numbers:
    """How many more labels each threshold needs at the rate seen there, if all were as those it has."""
    rates = found.rates
    needed = labels_needed(np.nan_to_num(rates, nan=1.0), at_most, delta)
    return np.maximum(needed - effective(found), 1.0)


def nearest_of(found: Evidence, missing: Numbers) -> int:
    """Where the fewest labels are missing or, where none would do, the least is wrong.

    Thresholds with so few labels that their rate says nothing are left out, unless all are.
    """
    labels = found.labels.sum(axis=1)
    told = labels >= min(ENOUGH, labels.max(initial=0.0))
    order = np.lexsort((np.nan_to_num(found.rates, nan=1.0), missing, ~told))
    return int(order[0])


def effective(found: Evidence) -> Numbers:
    """For how many labels of a plain sample a mixture's count: 1 / sum of weight² / labels (Kish 1965)."""
    part = np.asarray(divided(found.weights**2, found.labels).sum(axis=1))
    return divided(np.ones_like(part), part)


def answer(found: Evidence, upper: Numbers, at: int, more: float) -> Answer:
    """The answer at one of the thresholds."""
    total = float(found.cases[0].sum())
    threshold = float(found.thresholds[at])
    return Answer(
        threshold=threshold,
        at=threshold,
        rate=float(found.rates[at]),
        upper=float(upper[at]),
        share=float(found.cases[at].sum()) / total if total else 0.0,
        labels=int(found.labels[at].sum()),
        more=more,
    )
