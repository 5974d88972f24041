"""Maps from stated to calibrated confidence, fitted on labels that weigh. Pure.

A map is points of a line, between which it is straight and beyond which it stays level; it never falls,
so that of two answers the surer one stays so. Applied with `numpy.interp`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit

from inference.figures import Floats, Ints, Labels, Truth

MOST_POINTS = 100
FEWEST = 50
"""Labels of a group from which it gets a map at all: with fewer it keeps what is stated."""
MANY = 200
"""Labels of each group from which steps of any form are tried: with fewer they follow chance, and a
curve of two parameters does better (Niculescu-Mizil & Caruana 2005, figure 7)."""

SUREST = 1e-6
"""How near to 0 and 1 a confidence is taken: the logarithm of its odds has to be finite."""
GRID = expit(np.linspace(logit(0.0005), logit(0.9995), MOST_POINTS - 2))
FAR = 1e-10


@dataclass(frozen=True, slots=True)
class Line:
    """A map: `y` for `x`, both rising."""

    x: Floats
    y: Floats

    def __call__(self, stated: Floats) -> Floats:
        """The calibrated confidences."""
        return np.interp(stated, self.x, self.y)

    def points(self) -> dict[str, list[float]]:
        """The points as a Calibration keeps them."""
        return {"x": self.x.tolist(), "y": self.y.tolist()}


@dataclass(frozen=True, slots=True)
class Fitted:
    """Maps by group, and the method that made them: isotonic or platt."""

    method: str
    lines: Mapping[int, Line]

    def __call__(self, stated: Floats, group: Ints) -> Floats:
        """The calibrated confidences; a group without a map keeps what is stated."""
        calibrated = stated.copy()
        for each, line in self.lines.items():
            calibrated[group == each] = line(stated[group == each])
        return calibrated


def fitted(labels: Labels, fold: Truth) -> Fitted | None:
    """Maps by the better method; None where no group has labels enough.

    Each predicted outcome has a map of its own: confidence has to be right for each (Gupta & Ramdas
    2022, "Top-label calibration"). The methods are compared by their Brier score on the labels in
    `fold` after a fit on the others; where any group has too few for steps there is no choice.
    """
    groups = [int(each) for each in np.unique(labels.group) if many(labels, int(each)) >= FEWEST]
    if not groups:
        return None
    chosen = np.isin(labels.group, groups)
    method = "platt"
    if min(many(labels, each) for each in groups) >= MANY:
        learnt, held = labels.chosen(chosen & ~fold), labels.chosen(chosen & fold)
        method = min(("platt", "isotonic"), key=lambda name: squares(name, learnt, held))
    return fit(method, labels.chosen(chosen))


def many(labels: Labels, group: int) -> int:
    """How many labels a group has."""
    return int((labels.group == group).sum())


def squares(method: str, learnt: Labels, held: Labels) -> float:
    """The Brier score of a method on labels held out; the worst there is where there are none."""
    if not len(held) or not len(learnt):
        return float("inf")
    calibrated = fit(method, learnt)(held.stated, held.group)
    return float(np.average((calibrated - held.right) ** 2, weights=held.weight))


def fit(method: str, labels: Labels) -> Fitted:
    """The maps of each group by one method."""
    make = {"platt": platt, "isotonic": isotonic}[method]
    lines = {}
    for each in np.unique(labels.group):
        own = labels.chosen(labels.group == each)
        lines[int(each)] = make(own.stated, own.right, own.weight)
    return Fitted(method, lines)


def isotonic(stated: Floats, right: Truth, weight: Floats) -> Line:
    """The steps that rise and are nearest in squares (Zadrozny & Elkan 2002), joined by lines.

    The first and the last step are kept from 0 and 1 by Laplace's rule of succession: however many of
    a step were right, the next may be wrong.
    """
    x, place, counts = np.unique(stated, return_inverse=True, return_counts=True)
    mass = np.bincount(place, weights=weight)
    rate = np.bincount(place, weights=weight * right) / mass
    solved = isotonic_regression(rate, weights=mass, increasing=True)
    steps = np.concatenate([[0], np.cumsum(counts)])[solved.blocks]
    y = np.clip(solved.x, *ends(solved.x, np.diff(steps)))
    corner = np.zeros(len(x), bool)
    corner[solved.blocks[:-1]] = corner[solved.blocks[1:] - 1] = True
    return thinned(x[corner], y[corner])


def ends(y: Floats, counts: NDArray[np.int64]) -> tuple[float, float]:
    """What the lowest and the highest step may be, by how many labels each has; the others stay."""
    above, below = y[y > y[0]].min(initial=1.0), y[y < y[-1]].max(initial=0.0)
    low, high = 1 / (counts[0] + 2), (counts[-1] + 1) / (counts[-1] + 2)
    return float(min(low, above)), float(max(high, below))


def thinned(x: Floats, y: Floats) -> Line:
    """At most MOST_POINTS of the points, evenly over their order; the first and the last stay."""
    if len(x) > MOST_POINTS:
        kept = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int))
        x, y = x[kept], y[kept]
    return Line(x, y)


def platt(stated: Floats, right: Truth, weight: Floats) -> Line:
    """The logistic curve of the stated odds (Platt 1999, with his targets; Guo et al. 2017 on odds).

    Found by Newton's method; where it would fall it is level.
    """
    yes, no = float(weight[right].sum()), float(weight[~right].sum())
    target = np.where(right, (yes + 1) / (yes + 2), 1 / (no + 2))
    odds = logit(np.clip(stated, SUREST, 1 - SUREST))
    slope, base = newton(odds, target, weight)
    if slope < 0:
        slope, base = 0.0, float(logit(np.average(target, weights=weight)))
    x = np.concatenate([[0.0], GRID, [1.0]])
    return Line(x, expit(slope * logit(np.clip(x, SUREST, 1 - SUREST)) + base))


def newton(odds: Floats, target: Floats, weight: Floats) -> tuple[float, float]:
    """Slope and base of the weighted logistic fit; each step is halved until it is one downhill.

    As Lin, Lin & Weng (2007, "A note on Platt's probabilistic outputs") do it.
    """
    design = np.column_stack([odds, np.ones_like(odds)])
    now = np.array([0.0, float(logit(np.average(target, weights=weight)))])
    loss = loss_of(design @ now, target, weight)
    for _ in range(100):
        stated = expit(design @ now)
        slope = design.T @ (weight * (stated - target))
        curve = design.T @ (design * (weight * stated * (1 - stated))[:, None])
        step = np.linalg.solve(curve + FAR * np.eye(2), slope)
        size = 1.0
        while size > FAR and loss_of(design @ (now - size * step), target, weight) > loss:
            size /= 2
        now = now - size * step
        loss = loss_of(design @ now, target, weight)
        if np.abs(size * step).max() < FAR:
            break
    return float(now[0]), float(now[1])


def loss_of(odds: Floats, target: Floats, weight: Floats) -> float:
    """The cross entropy of targets under odds, without overflow."""
    return float(weight @ (np.logaddexp(0.0, odds) - target * odds))
