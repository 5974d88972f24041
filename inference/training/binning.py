"""Bins of a feature and their weight of evidence, learnt from rows of known outcome."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from inference.training.features import FeatureSpec
from inference.training.holdout import HeldOutRow

SMALLEST_SHARE = 0.04
"""A bin holds at least this share of the rows: less evidence says too little to score by."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Values scored alike (categories, or numbers from `lower` to below `upper`) and their rows."""

    values: tuple[str, ...]
    lower: float
    upper: float
    good: int
    bad: int

    @property
    def rows(self) -> int:
        """Number of rows in the bin."""
        return self.good + self.bad

    @property
    def good_share(self) -> float:
        """Share of the bin's rows that ended well; 0.5 where it has none."""
        return (self.good + 0.5) / (self.rows + 1)

    def holds(self, value: object) -> bool:
        """Whether `value` belongs in this bin."""
        if isinstance(value, str):
            return value in self.values
        return isinstance(value, int | float) and self.lower <= value < self.upper


def learn_bins(
    spec: FeatureSpec,
    rows: Sequence[HeldOutRow],
    good: str = "approve",
    smallest: float = SMALLEST_SHARE,
) -> tuple[Bin, ...]:
    """The bins of `spec`, none rarer than `smallest`, good shares going as `chance` says.

    `good` is the outcome of the rows that ended well.
    """
    cells = [_counted(cell, spec.name, rows, good) for cell in _empty_cells(spec)]
    cells = [cell for cell in cells if cell.rows or spec.kind == "number"]
    if spec.kind == "unordered":
        cells.sort(key=lambda cell: (cell.good_share, cell.values))
    cells = _join_rare(cells, smallest * len(rows))
    return tuple(_pool(cells, falling=spec.chance == "falling"))


def weight_of_evidence(one: Bin, bins: Sequence[Bin]) -> float:
    """ln(share of all good rows in this bin / share of all bad), half a row added to each."""
    good = (one.good + 0.5) / (sum(other.good for other in bins) + 0.5 * len(bins))
    bad = (one.bad + 0.5) / (sum(other.bad for other in bins) + 0.5 * len(bins))
    return math.log(good / bad)


def _empty_cells(spec: FeatureSpec) -> list[Bin]:
    if spec.kind == "number":
        ends = (-math.inf, *spec.edges, math.inf)
        return [Bin((), lower, upper, 0, 0) for lower, upper in pairwise(ends)]
    alone = [(value,) for value in spec.values if value not in spec.alike]
    return [Bin(values, 0, 0, 0, 0) for values in ([spec.alike] if spec.alike else []) + alone]


def _counted(cell: Bin, name: str, rows: Sequence[HeldOutRow], good: str) -> Bin:
    ends = [row.outcome == good for row in rows if cell.holds(row.features[name])]
    return Bin(cell.values, cell.lower, cell.upper, sum(ends), len(ends) - sum(ends))


def _joined(left: Bin, right: Bin) -> Bin:
    return Bin(
        left.values + right.values,
        left.lower,
        right.upper,
        left.good + right.good,
        left.bad + right.bad,
    )


def _join_rare(cells: list[Bin], smallest: float) -> list[Bin]:
    """Join the rarest cell to the neighbour most like it until none is below `smallest`."""
    while len(cells) > 1:
        at = min(range(len(cells)), key=lambda index: cells[index].rows)
        if cells[at].rows >= smallest:
            break
        beside = [index for index in (at - 1, at + 1) if 0 <= index < len(cells)]
        share = cells[at].good_share
        other = min(beside, key=lambda index: abs(cells[index].good_share - share))
        left, right = sorted((at, other))
        cells = [*cells[:left], _joined(cells[left], cells[right]), *cells[right + 1 :]]
    return cells


def _pool(cells: list[Bin], *, falling: bool) -> list[Bin]:
    """Pool adjacent violators: neighbours that go the wrong way, or nowhere, become one."""
    pooled: list[Bin] = []
    for cell in cells:
        pooled.append(cell)
        while len(pooled) > 1 and _violates(pooled[-2], pooled[-1], falling=falling):
            right, left = pooled.pop(), pooled.pop()
            pooled.append(_joined(left, right))
    return pooled


def _violates(left: Bin, right: Bin, *, falling: bool) -> bool:
    first, then = (right, left) if falling else (left, right)
    return first.good * then.rows >= then.good * first.rows
