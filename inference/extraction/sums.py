"""Whether an amount follows from others on its page: what was paid less change, parts added, a column summed."""

from collections.abc import Sequence
from itertools import combinations

from inference.extraction.lines import Span

WINDOW = 8                               # amounts before and after that are tried


def follows(position: int, amounts: Sequence[tuple[Span, int]]) -> bool:
    """Whether the amount at `position`, of amounts in reading order in hundredths, follows from its neighbours."""
    span, amount = amounts[position]
    if amount <= 0:
        return False
    before = [cents for _, cents in amounts[max(0, position - WINDOW) : position] if cents]
    after = [cents for _, cents in amounts[position + 1 : position + 1 + WINDOW] if cents]
    return paid(amount, after) or added(amount, before) or summed(span, amount, amounts[:position])


def paid(amount: int, after: Sequence[int]) -> bool:
    """Whether two neighbours that follow differ by it: the cash given, the change returned."""
    return any(given - change == amount and change > 0 for given, change in zip(after, after[1:], strict=False))


def added(amount: int, before: Sequence[int]) -> bool:
    """Whether two or three earlier amounts give it, one perhaps taken off: net and tax, gross and deductions."""
    distinct = [cents for cents in before if abs(cents) != amount]
    return any(
        one + other == amount or abs(one) - abs(other) == amount for one, other in combinations(distinct, 2)
    ) or any(sum(three) == amount for three in combinations(distinct[-4:], 3))


def summed(span: Span, amount: int, before: Sequence[tuple[Span, int]]) -> bool:
    """Whether amounts above it, flush right with it, add up to it."""
    total = count = 0
    for other, cents in reversed(before):
        if abs(other.box[2] - span.box[2]) <= span.height and other.line is not span.line and cents != amount:
            total, count = total + cents, count + 1
            if count > 1 and total == amount:
                return True
    return False
