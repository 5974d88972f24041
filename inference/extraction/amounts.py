"""Amounts in the light of the others on their page: paid less change, added, summed, rounded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from inference.extraction.lines import Span

WINDOW = 8  # amounts before and after one that are tried
PAYMENT = 4  # of them are looked at for cash and change
COIN = 5  # hundredths: cash is rounded by at most as much
PAID, ADDED, TABLED = 1.4, 1.1, 0.7


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount on a page, in hundredths."""

    span: Span
    cents: int


def weight(position: int, amounts: Sequence[Amount]) -> float:
    """How the amounts around one speak for its being a sum: over 1 for it, under 1 against."""
    amount = amounts[position]
    before = amounts[max(0, position - WINDOW) : position]
    after = amounts[position + 1 : position + 1 + WINDOW]
    support = 1.0
    if paid(amount.cents, [other.cents for other in after]):
        support = PAID
    elif added(amount.cents, [other.cents for other in before]) or summed(
        amount, amounts[:position]
    ):
        support = ADDED
    tabled = bool(after) and after[0].span.line is amount.span.line
    return support * (TABLED if tabled else 1.0)


def paid(cents: int, after: Sequence[int]) -> bool:
    """Whether two of the next amounts differ by it: what was given, and the change."""
    return any(
        given - change == cents > 0 and change >= 0 and given > change
        for given, change in combinations(after[:PAYMENT], 2)
    )


def added(cents: int, before: Sequence[int]) -> bool:
    """Whether two or three earlier amounts give it: net and tax, or gross less deductions."""
    others = [other for other in before if other and abs(other) != cents]
    pairs = any(cents in (one + two, abs(one) - abs(two)) for one, two in combinations(others, 2))
    return cents > 0 and (
        pairs or any(sum(three) == cents for three in combinations(others[-4:], 3))
    )


def summed(amount: Amount, before: Sequence[Amount]) -> bool:
    """Whether amounts above it, flush right with it, add up to it."""
    total = count = 0
    for other in reversed(before):
        flush = abs(other.span.box[2] - amount.span.box[2]) <= amount.span.height
        if flush and other.span.line is not amount.span.line and other.cents != amount.cents:
            total, count = total + other.cents, count + 1
            if count > 1 and total == amount.cents:
                return True
    return False


def rounded(position: int, amounts: Sequence[Amount]) -> Iterator[int]:
    """The positions of the amounts that this one became by a rounding printed between."""
    cents = amounts[position].cents
    near = range(position + 1, min(position + 5, len(amounts)))
    for coin, later in combinations(near, 2):
        step = amounts[coin].cents
        if 0 < abs(step) <= COIN and amounts[later].cents in (cents + step, cents - step):
            yield later
