"""What the scorecard achieves on rows that it was not fitted to; the card's figures."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from inference.calibration import (
    area_under_curve,
    brier_score,
    calibration_error,
    reliability,
)
from inference.runtimes import Score, Scorecard, score
from inference.training.holdout import HeldOutRow

THRESHOLDS = (0.7, 0.8, 0.85, 0.9)
TENTHS = tuple(step / 10 for step in range(11))
RESAMPLES = 2000
SEED = 20240501

Figures = dict[str, Any]


def evaluate(
    card: Scorecard, rows: Sequence[HeldOutRow], thresholds: Sequence[float] = THRESHOLDS
) -> Figures:
    """Figures of `card` on `rows`, scored as the product scores them, rounded to four decimals."""
    answers = [score(card, row.features) for row in rows]
    good = [answer.probabilities[card.positive] for answer in answers]
    ended_well = [row.outcome == card.positive for row in rows]
    right = [answer.outcome == row.outcome for answer, row in zip(answers, rows, strict=True)]
    confidence = [answer.confidence for answer in answers]
    bands = reliability(good, ended_well, TENTHS)
    sure_bands = reliability(confidence, right, TENTHS[5:])
    low, high = _bootstrap(good, ended_well, area_under_curve)
    figures = {
        "rows": len(rows),
        "positive_share": float(np.mean(ended_well)),
        "auc": area_under_curve(good, ended_well),
        "auc_95": [low, high],
        "brier": brier_score(good, ended_well),
        "brier_of_the_base_rate": brier_score([float(np.mean(ended_well))] * len(rows), ended_well),
        "calibration_error": calibration_error(bands),
        "reliability": [asdict(band) for band in bands],
        "confidence_calibration_error": calibration_error(sure_bands),
        "confidence_reliability": [asdict(band) for band in sure_bands],
        "accuracy": float(np.mean(right)),
        "confusion": _confusion(card, answers, rows),
        "coverage": [_coverage(card, answers, rows, threshold) for threshold in thresholds],
    }
    return {name: _rounded(value) for name, value in figures.items()}


def _bootstrap(
    stated: Sequence[float],
    happened: Sequence[bool],
    measure: Callable[[Sequence[float], Sequence[bool]], float],
) -> tuple[float, float]:
    """The 95 % percentile interval of `measure` over rows drawn again with replacement."""
    draw = np.random.default_rng(SEED)
    ratings, truth = np.asarray(stated), np.asarray(happened)
    values = []
    for _ in range(RESAMPLES):
        chosen = (draw.random(len(ratings)) * len(ratings)).astype(int)
        values.append(measure(ratings[chosen].tolist(), truth[chosen].tolist()))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _confusion(
    card: Scorecard, answers: Sequence[Score], rows: Sequence[HeldOutRow]
) -> dict[str, dict[str, int]]:
    """Rows by how they ended (outer) and by the likelier outcome (inner)."""
    counts = {
        true: dict.fromkeys((card.positive, card.negative), 0)
        for true in (card.positive, card.negative)
    }
    for answer, row in zip(answers, rows, strict=True):
        counts[row.outcome][answer.outcome] += 1
    return counts


def _coverage(
    card: Scorecard, answers: Sequence[Score], rows: Sequence[HeldOutRow], threshold: float
) -> Figures:
    """Share of rows decided, and of those decided rightly, with `threshold` for both outcomes and
    with it for the positive one alone."""
    sure = [
        (answer.outcome, row.outcome)
        for answer, row in zip(answers, rows, strict=True)
        if answer.confidence >= threshold
    ]
    positive = [pair for pair in sure if pair[0] == card.positive]
    return {
        "threshold": threshold,
        "decided": len(sure) / len(rows),
        "right": _share_right(sure),
        "positive_decided": len(positive) / len(rows),
        "positive_right": _share_right(positive),
    }


def _share_right(pairs: Sequence[tuple[str, str]]) -> float | None:
    return sum(said == true for said, true in pairs) / len(pairs) if pairs else None


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return value
