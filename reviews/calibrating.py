"""Calibrations: what people said of past cases makes of a stated confidence one that can be believed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cases.models import Pipeline
from inference.models import Calibration


def calibration_of(pipeline: Pipeline, number: int | None) -> Calibration | None:
    """A pipeline's calibration by its number; None where there is none of that number."""
    if number is None:
        return None
    return Calibration.objects.filter(pipeline=pipeline, number=number).first()


def calibrated(
    stated: NDArray[np.float64], line: Mapping[str, Sequence[float]] | None
) -> NDArray[np.float64]:
    """What a map, a line through points, makes of stated confidences; without one they stay as they are."""
    if line is None:
        return stated
    return np.interp(stated, line["x"], line["y"])


def calibrated_confidence(outcome: str, confidence: float, maps: Mapping[str, Any]) -> float:
    """A model's confidence in the outcome that it predicts, by the maps of a calibration."""
    return float(calibrated(np.asarray([confidence]), maps.get(outcome))[0])
