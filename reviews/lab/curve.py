"""Risk against coverage: what each threshold would have decided, what of it wrong, at what saving. Pure.

Only cases that nothing but the threshold holds back can be automated, so the curve is theirs; shares are
of all cases of the window. Risk is the selective one: the share that is wrong among what is decided
(El-Yaniv & Wiener, "On the foundations of noise-free selective classification", JMLR 11, 2010).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reviews.gate import Samples
from reviews.lab.bounds import Answer, Numbers, evidence, grid, threshold_for

WEEK = 7 * 24 * 3600.0
DEFAULT_SECONDS = 300.0
"""How long a review takes where nobody has timed any yet."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Field:
    """The cases of a window as one outcome's threshold meets them, one place of each array for each case.

    `confidence` is calibrated; `open` are those of which the outcome was predicted and that nothing but
    the threshold holds back; `others` are decided without a person whatever this threshold is. `wrong`
    is 1 or 0, NaN without a label; `probability` the one with which each was to be labelled; `sampled`
    the share of such decisions that the policy gives to a person all the same. `seconds` is what a
    review of the case took, or is likely to take. `weeks` is how long the window is.
    """

    confidence: Numbers
    open: Flags
    others: Flags
    wrong: Numbers
    probability: Numbers
    sampled: Numbers
    seconds: Numbers
    weeks: float


@dataclass(frozen=True, slots=True)
class Curve:
    """What each threshold does, one row for each: none below the least confidence that there is.

    `share` is of all cases of the window, `rate` the estimate of what is wrong among those decided, with
    its bounds, each of which fails with the probability asked for. `decided` are cases a week, `hours`
    reviewers' hours a week that are left for everything else, `saved` those that the threshold saves.
    """

    thresholds: Numbers
    share: Numbers
    rate: Numbers
    lower: Numbers
    upper: Numbers
    labels: Numbers
    decided: Numbers
    hours: Numbers
    saved: Numbers

    def at(self, threshold: float) -> int:
        """The row of the strictest threshold that is not above this one."""
        return max(0, int(np.searchsorted(self.thresholds, threshold + 1e-9)) - 1)


def curve_of(cases: Field, delta: float, also: Sequence[float] = ()) -> Curve:
    """The curve of an outcome; `also` are thresholds that it has to have a row for."""
    own = cases.open
    confidence = cases.confidence[own]
    edges = edges_of(confidence, also)
    found = evidence(confidence, cases.wrong[own], cases.probability[own], edges)
    spared = cases.seconds[own] * (1 - cases.sampled[own])
    saved = above(confidence, spared, edges) / 3600 / cases.weeks
    rest = float(cases.seconds[~cases.others].sum()) / 3600 / cases.weeks
    decided = found.cases.sum(axis=1)
    return Curve(
        thresholds=edges,
        share=decided / max(1, len(cases.confidence)),
        rate=found.rates,
        lower=found.lower(delta),
        upper=found.upper(delta),
        labels=found.labels.sum(axis=1),
        decided=decided / cases.weeks,
        hours=rest - saved,
        saved=saved,
    )


def asked(cases: Field, at_most: float, delta: float) -> Answer:
    """The lowest threshold with at most so much wrong, sure but for `delta`, or why there is none."""
    own = cases.open
    confidence = cases.confidence[own]
    return threshold_for(
        confidence,
        cases.wrong[own],
        cases.probability[own],
        at_most,
        delta,
        edges_of(confidence),
    )


def edges_of(confidence: Numbers, also: Sequence[float] = ()) -> Numbers:
    """The thresholds from the highest that leaves no case out to the lowest that leaves out all, if any."""
    every = np.unique(np.concatenate([grid(), np.asarray(also, float)]))
    if not len(confidence):
        return every[every >= 0.5]
    least = max(0, int(np.searchsorted(every, confidence.min(), side="right")) - 1)
    least = min([least, *(int(np.searchsorted(every, each)) for each in also)])
    return np.asarray(every[least:], float)


def above(confidence: Numbers, amounts: Numbers, edges: Numbers) -> Numbers:
    """The sum of the amounts of the cases at or above each threshold."""
    place = np.searchsorted(edges, confidence, side="right")
    sums = np.bincount(place, weights=amounts, minlength=len(edges) + 1)
    return np.asarray(np.cumsum(sums[:0:-1])[::-1], float)


# ---------------------------------------------------------------- what the arrays are made of


@dataclass(frozen=True, slots=True)
class Design:
    """How a policy version decided and sampled an outcome: its threshold, if any, and its samples.

    `calibrated` makes of the model's confidences those that it went by.
    """

    threshold: float | None
    samples: Samples
    calibrated: Callable[[Numbers], Numbers]


def label_probability(
    outcome: str, confidence: Numbers, weight: Numbers, held: Flags, design: Design
) -> Numbers:
    """With which probability cases that a version routed were to be labelled: people review all others.

    `confidence` is the model's own, `weight` that of the labels, 0 where there is none. A label says it
    itself. Without one a case that the version would have decided was to be sampled by its stratum's
    share; one that was `held` back by more than the version's threshold waits for people yet.
    """
    probability = np.ones(len(confidence))
    if design.threshold is not None:
        stated = design.calibrated(confidence)
        decided = ~held & (stated >= design.threshold)
        probability[decided] = sampled_share(outcome, stated[decided], design.samples)
    labelled = weight > 0
    probability[labelled] = 1 / weight[labelled]
    return np.round(probability, 6)


def sampled_share(outcome: str, confidence: Numbers, samples: Samples) -> Numbers:
    """The share of automatic decisions of an outcome that is sampled, at each confidence."""
    strata = sorted((each.lower, each.share) for each in samples.strata if each.outcome == outcome)
    lowers = np.asarray([lower for lower, _ in strata], float)
    shares = np.asarray([samples.share, *(share for _, share in strata)], float)
    return np.asarray(shares[np.searchsorted(lowers, confidence, side="right")], float)


def filled_seconds(seconds: Numbers, predicted: NDArray[np.integer]) -> Numbers:
    """What a review takes: as timed or, where nobody did, on average for what was predicted alike."""
    timed = ~np.isnan(seconds)
    overall = float(seconds[timed].mean()) if timed.any() else DEFAULT_SECONDS
    filled = np.where(timed, seconds, overall)
    for each in np.unique(predicted):
        alike = predicted == each
        if (alike & timed).any():
            filled[alike & ~timed] = seconds[alike & timed].mean()
    return np.asarray(filled, float)
