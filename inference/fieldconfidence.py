"""How surely a field was read right: a calibrated probability, fitted once from signals with known truth."""

import json
from collections.abc import Mapping
from functools import cache
from math import exp
from pathlib import Path
from typing import Any

COEFFICIENTS = Path(__file__).with_suffix(".json")


@cache
def fitted() -> Mapping[str, Any]:
    """The coefficients, with what they were fitted on."""
    content: Mapping[str, Any] = json.loads(COEFFICIENTS.read_text())
    return content


def confidence(signals: Mapping[str, float], kind: str, engine: str) -> float:
    """The probability that a value with these signals is right."""
    weights: Mapping[str, float] = fitted()["weights"]
    total = weights["bias"] + sum(weights.get(name, 0.0) * signal for name, signal in signals.items())
    return 1 / (1 + exp(-total))
