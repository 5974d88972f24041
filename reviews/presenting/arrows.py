"""The drawing behind a sum: an arrow for each part, from where it found the sum to where it left it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

WIDTH, HEIGHT, EDGE, TIP = 160.0, 12.0, 3.0, 5.0
"""The units of a drawing: its size, what stays free at both ends, and how long an arrow's tip is."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One row's drawing: the corners of its arrow, where the sum then stands, and the even chance."""

    corners: str
    end: float
    zero: float


def arrows(base: int, parts: Sequence[int]) -> list[Arrow]:
    """The rows of a sum: its base from nothing, each part in order, and the whole from nothing."""
    stops = list(accumulate(parts, initial=base))
    low, high = min(0, *stops), max(0, *stops)
    moves = [(0, base), *pairwise(stops), (0, stops[-1])]
    return [
        arrow(place(start, low, high), place(end, low, high), place(0, low, high))
        for start, end in moves
    ]


def place(value: int, low: int, high: int) -> float:
    """Where a number between `low` and `high` stands across the drawing."""
    return round(EDGE + (WIDTH - 2 * EDGE) * (value - low) / ((high - low) or 1), 1)


def arrow(start: float, end: float, zero: float) -> Arrow:
    """An arrow; a short one is all tip."""
    neck = end - math.copysign(min(TIP, abs(end - start)), end - start)
    top, bottom, middle = 1.5, HEIGHT - 1.5, HEIGHT / 2
    corners = [(start, top), (neck, top), (end, middle), (neck, bottom), (start, bottom)]
    return Arrow(" ".join(f"{x:.1f},{y:.1f}" for x, y in corners), end, zero)


def whole(parts: Sequence[float]) -> list[int]:
    """The parts as whole numbers, each the one below it or above it, that add up to the rounded sum.

    Those that lose most by rounding down are rounded up (the method of the largest remainder).
    """
    down = [math.floor(part) for part in parts]
    missing = round(math.fsum(parts)) - sum(down)
    losers = sorted(range(len(parts)), key=lambda at: down[at] - parts[at])[:missing]
    return [number + (at in losers) for at, number in enumerate(down)]
