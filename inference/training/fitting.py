"""The scorecard's points, learnt from rows of known outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.training.binning import SMALLEST_SHARE, Bin, learn_bins, weight_of_evidence
from inference.training.features import FEATURES, FeatureSpec
from inference.training.holdout import HeldOutRow
from inference.training.regression import Floats, fit_logistic, fit_with_agreeing_signs

PENALTY = 1.0
FOLDS = 5
DECIMALS = 4
"""Points are rounded to what the card prints, so that the printed card is the model."""


@dataclass(frozen=True, slots=True)
class FittedFeature:
    """The bins of one feature, and the points of each: log-odds towards a good end."""

    bins: tuple[Bin, ...]
    points: tuple[float, ...]

    def score(self, value: object) -> float:
        """Points of `value`; 0 where no bin holds it."""
        for one, points in zip(self.bins, self.points, strict=True):
            if one.holds(value):
                return points
        return 0.0


@dataclass(frozen=True, slots=True)
class FittedCard:
    """A scorecard's intercept and its features, in the order of `specs`; its Platt correction."""

    intercept: float
    features: tuple[FittedFeature, ...]
    platt_shift: float = 0.0
    platt_slope: float = 1.0
    specs: tuple[FeatureSpec, ...] = FEATURES

    def log_odds(self, row: HeldOutRow) -> float:
        """Log-odds that the row ends well."""
        pairs = zip(self.specs, self.features, strict=True)
        return self.intercept + sum(part.score(row.features[spec.name]) for spec, part in pairs)


def fit_calibrated(
    rows: Sequence[HeldOutRow],
    specs: tuple[FeatureSpec, ...] = FEATURES,
    good: str = "approve",
    smallest: float = SMALLEST_SHARE,
) -> FittedCard:
    """A scorecard on all `rows`, Platt-corrected by cards that had not seen the rows they scored.

    The correction (a slope and a shift of the log-odds) is multiplied into the points, so that
    the card stays a plain sum. `good` is the outcome of the rows that ended well, `smallest` the
    share of the rows that a bin holds at least.
    """
    asked = (specs, good, smallest)
    unseen = np.zeros(len(rows))
    for fold in range(FOLDS):
        card = _fit([row for at, row in enumerate(rows) if at % FOLDS != fold], *asked)
        unseen[fold::FOLDS] = [card.log_odds(row) for row in rows[fold::FOLDS]]
    shift, slope = fit_logistic(unseen[:, None], _ends(rows, good))
    return _corrected(_fit(rows, *asked), float(shift), float(slope))


def _fit(
    rows: Sequence[HeldOutRow], specs: tuple[FeatureSpec, ...], good: str, smallest: float
) -> FittedCard:
    evidence = []
    for spec in specs:
        bins = learn_bins(spec, rows, good, smallest)
        weights = tuple(weight_of_evidence(one, bins) for one in bins)
        evidence.append(FittedFeature(bins, weights))
    pairs = list(zip(specs, evidence, strict=True))
    inputs = np.array(
        [[part.score(row.features[spec.name]) for spec, part in pairs] for row in rows]
    )
    intercept, *coefficients = fit_with_agreeing_signs(inputs, _ends(rows, good), penalty=PENALTY)
    features = tuple(
        _scaled(part, float(coefficient))
        for part, coefficient in zip(evidence, coefficients, strict=True)
    )
    return FittedCard(float(intercept), features, specs=specs)


def _corrected(card: FittedCard, shift: float, slope: float) -> FittedCard:
    features = tuple(_scaled(part, slope, digits=DECIMALS) for part in card.features)
    intercept = round(shift + slope * card.intercept, DECIMALS)
    rounded = round(shift, DECIMALS), round(slope, DECIMALS)
    return FittedCard(intercept, features, *rounded, specs=card.specs)


def _scaled(part: FittedFeature, factor: float, digits: int = 12) -> FittedFeature:
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return FittedFeature(part.bins, tuple(round(one * factor, digits) + 0.0 for one in part.points))


def _ends(rows: Sequence[HeldOutRow], good: str) -> Floats:
    return np.array([row.outcome == good for row in rows], dtype=np.float64)
