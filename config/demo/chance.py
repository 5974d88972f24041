"""Drawing lots: one weighted choice, shared by people, styles and papers."""

import random
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def pick(rng: random.Random, weights: Mapping[T, float]) -> T:
    """One key of `weights`, each as likely as its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]
