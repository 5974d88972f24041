"""How far people agree beyond chance. Pure.

Answers are whole numbers that name outcomes; what somebody did not judge is below 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

Answers = NDArray[np.int64]

FEW = 30
"""Of fewer cases an agreement says little, whatever it is."""
RESAMPLED = 2000


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement beyond chance with its interval, of so many cases, and the share that agreed.

    1 is agreement in all, 0 what chance would bring. NaN where it can't be told: of no case, or where
    everybody gave the same answer always.
    """

    value: float
    lower: float
    upper: float
    cases: int
    agreed: int

    @property
    def few(self) -> bool:
        """Whether they are too few to say much."""
        return self.cases < FEW


def cohen_kappa(one: ArrayLike, other: ArrayLike, level: float = 0.95) -> Agreement:
    """The agreement of two judges on the same cases.

    Cohen, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20 (1960), with the
    large-sample standard error of Fleiss, Cohen & Everitt, Psychol. Bull. 72 (1969).
    """
    table = crossed(np.asarray(one, np.int64), np.asarray(other, np.int64))
    cases, agreed = int(table.sum()), int(np.trace(table))
    if not cases:
        return Agreement(np.nan, np.nan, np.nan, 0, 0)
    shares = table / cases
    rows, columns, seen = shares.sum(axis=1), shares.sum(axis=0), float(np.trace(shares))
    chance = float(rows @ columns)
    if chance >= 1:
        return Agreement(np.nan, np.nan, np.nan, cases, agreed)
    kappa = (seen - chance) / (1 - chance)
    sums = (
        columns[:, None] + rows[None, :]
    )  # of a cell: its row's share among the others, and reverse
    on = float(np.diag(shares) @ (1 - (rows + columns) * (1 - kappa)) ** 2)
    off = (1 - kappa) ** 2 * float((shares * sums**2).sum() - np.diag(shares * sums**2).sum())
    variance = (on + off - (kappa - chance * (1 - kappa)) ** 2) / (cases * (1 - chance) ** 2)
    width = float(norm.ppf(0.5 + level / 2)) * float(np.sqrt(max(variance, 0.0)))
    return Agreement(kappa, max(-1.0, kappa - width), min(1.0, kappa + width), cases, agreed)


def crossed(one: Answers, other: Answers) -> NDArray[np.int64]:
    """How often each answer of one met each of the other; cases that only one judged are left out."""
    both = (one >= 0) & (other >= 0)
    size = int(max(one.max(initial=-1), other.max(initial=-1))) + 1
    table = np.zeros((size, size), np.int64)
    np.add.at(table, (one[both], other[both]), 1)
    return table


def krippendorff_alpha(
    answers: ArrayLike, level: float = 0.95, *, seed: int = 0, resampled: int = RESAMPLED
) -> Agreement:
    """The agreement of any number of judges (rows) on cases (columns), not all of which all judged.

    For nominal answers, after Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011). The
    interval is of a bootstrap over the cases, with a fixed seed; those judged alike are drawn together,
    so that it takes no longer for many. Cases that one alone judged say nothing.
    """
    counts = counted(np.asarray(answers, np.int64))
    kinds, many = np.unique(counts[counts.sum(axis=1) > 1], axis=0, return_counts=True)
    value, cases = float(alpha_of(kinds, many[None])[0]), int(many.sum())
    agreed = int(many[kinds.max(axis=1, initial=0) == kinds.sum(axis=1)].sum())
    if not cases or np.isnan(value):
        return Agreement(value, np.nan, np.nan, cases, agreed)
    rng = np.random.default_rng(seed)
    drawn = alpha_of(kinds, rng.multinomial(cases, many / cases, resampled))
    drawn = drawn[~np.isnan(drawn)]
    tail = (1 - level) / 2
    lower, upper = np.quantile(drawn, [tail, 1 - tail]) if len(drawn) else (np.nan, np.nan)
    return Agreement(value, float(lower), float(upper), cases, agreed)


def counted(answers: Answers) -> NDArray[np.int64]:
    """How often each answer was given to each case: cases by answers."""
    size = int(answers.max(initial=-1)) + 1
    return np.stack([(answers == each).sum(axis=0) for each in range(max(size, 1))], axis=1)


def alpha_of(kinds: NDArray[np.int64], draws: NDArray[np.int64]) -> NDArray[np.float64]:
    """Alpha of draws of cases: in each how many there are that were judged alike (draws by kinds)."""
    judges = kinds.sum(axis=1)
    pairs = (judges**2 - (kinds**2).sum(axis=1)) / np.maximum(judges - 1, 1)
    observed = draws @ pairs
    totals = draws @ kinds
    n = totals.sum(axis=1)
    expected = n**2 - (totals.astype(float) ** 2).sum(axis=1)
    alpha = np.full(len(draws), np.nan)
    np.divide((n - 1) * observed, expected, out=alpha, where=expected > 0)
    return 1 - alpha


def coded(pairs: Sequence[tuple[str, ...]], outcomes: Sequence[str]) -> Answers:
    """Outcomes by name as numbers, judges by cases; one that is not known is no answer."""
    place = {name: number for number, name in enumerate(outcomes)}
    width = max((len(each) for each in pairs), default=2)
    found = np.full((width, len(pairs)), -1, np.int64)
    for column, answers in enumerate(pairs):
        for row, answer in enumerate(answers):
            found[row, column] = place.get(answer, -1)
    return found
