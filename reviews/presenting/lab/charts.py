"""Charts drawn by the server: scales, ticks and the paths of lines, bands and bars. Pure.

Places are text, as SVG writes numbers: a template would write a float as the reader's language does.
What there is no figure for (NaN) leaves a gap. The caller's template holds the `<svg>`, its words and a
table of the same figures.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""What a step between ticks may begin with."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From values, `low` to `high`, to places, `start` to `end`; for a y axis `start` is the bottom."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value; one outside stands at the edge, and of no number there is none (NaN)."""
        if math.isnan(value):
            return math.nan
        width = self.high - self.low
        part = (value - self.low) / width if width else 0.5
        return self.start + min(1.0, max(0.0, part)) * (self.end - self.start)

    def place(self, value: float) -> str:
        """The place as SVG writes it."""
        return written(self.at(value))


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: its place, and the words beside it."""

    at: str
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from a base line to its value: what `<rect>` asks for."""

    x: str
    y: str
    width: str
    height: str


def written(place: float) -> str:
    """A place as SVG writes it: 12.5, and 12 in place of 12.0."""
    return f"{place:.2f}".rstrip("0").rstrip(".")


def ticks(low: float, high: float, about: int = 5) -> tuple[float, ...]:
    """Round values from `low` to `high`, about so many."""
    if not high > low:
        return (low,)
    rough = (high - low) / max(1, about)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in STEPS if each * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(each * step, 12) for each in range(first, last + 1))


def ceiling(value: float, about: int = 5) -> float:
    """The next round value at which an axis may end; of nothing, 1."""
    if not value > 0:
        return 1.0
    marks = ticks(0.0, value, about)
    step = marks[1] - marks[0] if len(marks) > 1 else value
    return round(math.ceil(value / step - 1e-9) * step, 12)


def axis(scale: Scale, words: Callable[[float], str], about: int = 5) -> tuple[Tick, ...]:
    """The ticks of a scale, each with its words."""
    return tuple(
        Tick(scale.place(value), words(value)) for value in ticks(scale.low, scale.high, about)
    )


def line(xs: Sequence[float], ys: Sequence[float], x: Scale, y: Scale) -> str:
    """The path of a line through points; it begins anew after each gap."""
    return " ".join(
        "M" + " L".join(f"{x.place(a)} {y.place(b)}" for a, b in run) for run in runs(xs, ys)
    )


def band(
    xs: Sequence[float], lows: Sequence[float], highs: Sequence[float], x: Scale, y: Scale
) -> str:
    """The path around what lies between two lines; one area between gaps."""
    areas = []
    for run in runs(xs, lows, highs):
        there = [f"{x.place(a)} {y.place(high)}" for a, _, high in run]
        back = [f"{x.place(a)} {y.place(low)}" for a, low, _ in reversed(run)]
        areas.append("M" + " L".join(there + back) + " Z")
    return " ".join(areas)


def runs(*columns: Sequence[float]) -> list[list[tuple[float, ...]]]:
    """The points of columns of equal length, cut where any column has no figure."""
    found: list[list[tuple[float, ...]]] = [[]]
    for point in zip(*columns, strict=True):
        if any(math.isnan(each) for each in point):
            found.append([])
        else:
            found[-1].append(tuple(float(each) for each in point))
    return [run for run in found if run]


def bars(values: Sequence[float], across: Scale, y: Scale, gap: float = 0.2) -> tuple[Bar, ...]:
    """A bar for each value, side by side over `across` (its places alone count); `gap` is a bar's part."""
    slot = (across.end - across.start) / max(1, len(values))
    base = y.at(max(y.low, 0.0))
    return tuple(
        Bar(
            written(across.start + index * slot + slot * gap / 2),
            written(min(base, y.at(value))),
            written(slot * (1 - gap)),
            written(abs(base - y.at(value))),
        )
        for index, value in enumerate(0.0 if math.isnan(each) else each for each in values)
    )
