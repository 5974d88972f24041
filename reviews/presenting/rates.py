"""Shares of a whole, and how sure one can be of them."""

from dataclasses import dataclass
from math import sqrt

from reviews.presenting.formats import percentage

ENOUGH = 20
"""Of fewer cases no share is told: too few to say."""
Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def enough(self) -> bool:
        """Whether there are enough to speak of a share."""
        return self.whole >= ENOUGH

    @property
    def words(self) -> str:
        """The share in per cent."""
        return percentage(round(100 * self.part / self.whole)) if self.whole else ""

    @property
    def between(self) -> tuple[float, float]:
        """The Wilson score interval for 95 % (E. B. Wilson, 1927), which holds near 0 and 1 too."""
        if not self.whole:
            return 0.0, 1.0
        rate = self.part / self.whole
        scale = 1 + Z**2 / self.whole
        middle = (rate + Z**2 / (2 * self.whole)) / scale
        half = Z / scale * sqrt(rate * (1 - rate) / self.whole + Z**2 / (4 * self.whole**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def range(self) -> str:
        """The interval in per cent: 6–23%."""
        low, high = self.between
        return f"{round(100 * low)}–{percentage(round(100 * high))}"
