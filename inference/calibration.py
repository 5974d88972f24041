"""How far stated probabilities can be believed: measures over past answers whose truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Band:
    """Answers stated from `lower` to below `upper` (the last includes it), against the truth."""

    lower: float
    upper: float
    count: int
    stated: float
    happened: float


def brier_score(stated: Sequence[float], happened: Sequence[bool]) -> float:
    """Mean squared difference between the stated probability and what happened; 0 is perfect."""
    return float(np.mean((np.asarray(stated) - np.asarray(happened, dtype=float)) ** 2))


def area_under_curve(stated: Sequence[float], happened: Sequence[bool]) -> float:
    """Chance that one that happened was rated above one that didn't, ties counting half.

    Raises ValueError where all or none happened.
    """
    ratings, truth = np.asarray(stated), np.asarray(happened, dtype=bool)
    yes, no = int(truth.sum()), int((~truth).sum())
    if not yes or not no:
        raise ValueError("ranking needs both: some that happened and some that did not")
    _, place, counts = np.unique(ratings, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[truth].sum() - yes * (yes + 1) / 2) / (yes * no))


def reliability(
    stated: Sequence[float], happened: Sequence[bool], edges: Sequence[float]
) -> tuple[Band, ...]:
    """The bands between `edges` that hold any answer, with mean stated and true frequency."""
    ratings, truth = np.asarray(stated, dtype=float), np.asarray(happened, dtype=float)
    place = np.clip(np.digitize(ratings, edges) - 1, 0, len(edges) - 2)
    return tuple(
        Band(
            lower=edges[band],
            upper=edges[band + 1],
            count=int(inside.sum()),
            stated=float(ratings[inside].mean()),
            happened=float(truth[inside].mean()),
        )
        for band in range(len(edges) - 1)
        if (inside := place == band).any()
    )


def calibration_error(bands: Sequence[Band]) -> float:
    """Expected calibration error: the mean gap between stated and true, weighted by count."""
    total = sum(band.count for band in bands)
    return sum(band.count * abs(band.stated - band.happened) for band in bands) / total
