"""The tax on a paper: from its labels, from tables by rate, and by what net, tax and gross come to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, permutations

from cases.definition import FieldSpec
from inference.extraction.candidates import Candidate, Paper
from inference.extraction.labels import Label
from inference.extraction.lexicon import INCLUDING, PARTLY, TAXES, TOTALS, WITHOUT
from inference.extraction.lines import GAP, Line, joined_lines
from inference.extraction.tables import WITH_CENTS, amount_values, is_whole
from inference.values import Value
from inference.values.folding import folded_words

RATE = re.compile(
    r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?%|%\s?(\d{1,2}(?:[.,]\d{1,3})?)(?![\d.,])"
)
BARE_RATE = re.compile(rf"(?:[A-Z]\s*)?(\d{{1,2}}(?:[.,]\d{{1,2}})?)(?={GAP})")
HIGHEST = Decimal("0.35")  # of the net: no sales tax is higher
SLACK = 2  # hundredths, or a unit where there are none, by which a rate's product is rounded
SOLID, NAMED, BARE = 1.0, 0.72, 0.5
BESIDES = 0.5  # what a value is worth that only a label speaks for, beside lines that say a tax
LABEL = 0.8  # how well a tax's label must fit


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A line that says a tax, in hundredths.

    `rate` is in per cent where the line has it, `word` the tax's name; `solid` says that net, tax, gross
    or rate agree with each other.
    """

    line: Line
    value: Value
    cents: int
    rate: Decimal | None
    word: str
    solid: bool
    label: Label | None = None


def is_tax(spec: FieldSpec) -> bool:
    """Whether a field is a tax: an amount most of whose labels are taxes'."""
    taxes = sum(bool(set(folded_words(label)) & TAXES) for label in spec.labels)
    return spec.type == "money" and 2 * taxes > len(spec.labels)


def taxes_of(
    papers: Sequence[Paper], labels: Sequence[Label], found: Sequence[Candidate]
) -> list[Candidate]:
    """The candidates of a field that is a tax, best first: what its lines come to, then those `found`."""
    gathered = [added_up(lines) for paper in papers if (lines := tax_lines(paper.lines, labels))]
    values = {one.value.canonical for one in gathered}
    rest = [
        replace(one, score=one.score * BESIDES)
        for one in found
        if one.label and one.value.parse >= WITH_CENTS and one.value.canonical not in values
    ]
    return sorted(gathered, key=lambda one: -one.score) + rest


def added_up(lines: Sequence[TaxLine]) -> Candidate:
    """The whole tax: what a line says that comes to the others, or what the lines come to."""
    several = each_once(lines)
    for line in several:
        others = [other for other in several if other is not line]
        total = len(others) > 1 or set(folded_words(line.line.text)) & TOTALS
        if others and total and line.cents == sum(other.cents for other in others):
            return as_candidate([line], sums=True)
    by_rate = [line for line in several if line.rate is not None and line.solid]
    if len(by_rate) > 1:
        return as_candidate(by_rate, sums=True)
    best = max(several, key=lambda line: (line.solid, line.rate is not None, -line.line.number))
    block = block_of(best, several)
    return as_candidate(block, sums=all(line.solid for line in block))


def block_of(best: TaxLine, lines: Sequence[TaxLine]) -> list[TaxLine]:
    """The lines that say one tax each, right above and below each other: state and county, or two rates."""
    position = lines.index(best)
    first = last = position
    while first and adjoining(lines[first - 1], lines[first]):
        first -= 1
    while last + 1 < len(lines) and adjoining(lines[last], lines[last + 1]):
        last += 1
    return list(lines[first : last + 1])


def adjoining(one: TaxLine, other: TaxLine) -> bool:
    """Whether two lines stand together, each with a tax of its own."""
    together = other.line.number == one.line.number + 1
    apart = (one.cents, one.word) != (other.cents, other.word)
    return together and bool(one.word and other.word) and apart


def each_once(lines: Sequence[TaxLine]) -> list[TaxLine]:
    """The lines without those that say again what another said, as a table under the sums does."""
    kept: list[TaxLine] = []
    for line in sorted(lines, key=lambda line: (not line.solid, line.line.number)):
        again = any(
            line.cents == other.cents
            and (line.rate == other.rate or None in (line.rate, other.rate))
            and (line.word == other.word or not (line.word and other.word))
            for other in kept
        )
        if not again:
            kept.append(line)
    return sorted(kept, key=lambda line: line.line.number)


def as_candidate(lines: Sequence[TaxLine], *, sums: bool) -> Candidate:
    """One tax, or several added up, as a field's value."""
    first = lines[0]
    if len(lines) == 1:
        span, parse = first.line.span(first.value.start, first.value.end), first.value.parse
    else:
        whole = joined_lines([line.line for line in lines])
        span, parse = whole.span(0, len(whole.text)), min(line.value.parse for line in lines)
    cents = sum(line.cents for line in lines)
    value = Value(f"{Decimal(cents) / 100:.2f}", span.start, span.end, parse)
    named = all(line.word for line in lines)
    score = SOLID if sums else NAMED if named else BARE
    label = next((line.label for line in lines if line.label), None)
    return Candidate(span, value, score, label, 1.0 if label else 0.0, sums, len(lines) > 1)


def tax_lines(lines: Sequence[Line], labels: Sequence[Label]) -> list[TaxLine]:
    """Every line that says a tax, by a label or by its sums."""
    whole = is_whole(lines)
    named = {id(label.span.line): label for label in labels if label.match >= LABEL}
    headed = headed_by_tax(lines, named)
    first = next(
        iter(named.values()), None
    )  # a table's row is its head's, or of what is said before
    largest = max((cents(v) for line in lines for v in amount_values(line, whole)), default=0)
    found = []
    for line in lines:
        label = named.get(id(line))
        values = [v for v in amount_values(line, whole) if 0 <= cents(v) <= largest]
        if label is not None and not of_tax(line, label):
            continue
        read = read_line(line, values, label, within=line.number in headed, whole=whole)
        if read is not None:
            found.append(read if read.label else replace(read, label=first))
    return found


def headed_by_tax(lines: Sequence[Line], named: dict[int, Label]) -> set[int]:
    """The numbers of lines under a head of columns, one of which is the tax's: rows of a table by rate."""
    heads = [
        line.number
        for line in lines
        if id(line) in named and GAP in line.text and not any(map(str.isdigit, line.text))
    ]
    return {number for head in heads for number in range(head + 1, head + 6)}


def of_tax(line: Line, label: Label) -> bool:
    """Whether a line with a tax's label says the tax, and not a total that holds it."""
    before = folded_words(line.text[: label.span.start])
    sums = set(before) & TOTALS
    holding = (set(before) | set(folded_words(label.span.text))) & (INCLUDING | WITHOUT)
    return not (sums and holding) and not (holding & WITHOUT and not set(before) & PARTLY)


def read_line(
    line: Line, values: Sequence[Value], label: Label | None, *, within: bool, whole: bool
) -> TaxLine | None:
    """The tax that a line says: net, tax and gross agree, or a rate does, or a label names it."""
    rate = rate_of(line)
    amounts = [cents(value) for value in values]
    slack = 100 * SLACK if whole else SLACK
    if within and rate is None and of_three(amounts, bare_rate(line), slack) is not None:
        rate = bare_rate(line)
    position = of_three(amounts, rate, slack)
    if position is None and (rate is not None or within or label):
        position = of_two(amounts, rate, slack)
    solid = position is not None and (rate is not None or within or label is not None)
    if not solid and label is not None:
        after = [n for n, value in enumerate(values) if value.start >= label.span.end]
        position = after[-1] if after else None
    elif not solid:
        position = None
    if position is None:
        return None
    word = " ".join(folded_words(label.span.text)) if label else ""
    return TaxLine(line, values[position], amounts[position], rate, word, solid, label)


def rate_of(line: Line) -> Decimal | None:
    """The rate on a line, in per cent."""
    match = RATE.search(line.text)
    if not match:
        return None
    rate = Decimal((match[1] or match[2]).replace(",", "."))
    return rate if rate <= 100 * HIGHEST else None


def bare_rate(line: Line) -> Decimal | None:
    """The figure that a line begins with, as rates stand in a table that says "%" at its head alone."""
    match = BARE_RATE.match(line.text)
    return Decimal(match[1].replace(",", ".")) if match else None


def of_three(amounts: Sequence[int], rate: Decimal | None, slack: int) -> int | None:
    """Which of an amount's neighbours is the tax where two of them come to the third."""
    for net, tax, gross in permutations(range(len(amounts)), 3):
        if amounts[net] + amounts[tax] != amounts[gross] or not 0 < amounts[tax] < amounts[net]:
            continue
        if rate is None and amounts[tax] <= HIGHEST * amounts[net]:
            return tax
        if rate is not None and agrees(amounts[tax], amounts[net], rate, slack):
            return tax
    return None


def of_two(amounts: Sequence[int], rate: Decimal | None, slack: int) -> int | None:
    """Which of two amounts is the tax on the other, by its rate or by a round one."""
    for one, other in combinations(range(len(amounts)), 2):
        less, more = sorted((one, other), key=lambda position: amounts[position])
        tax, base = amounts[less], amounts[more]
        if not 0 < tax <= HIGHEST * base or base < 20 * slack:
            continue
        net = base - tax
        rates = [rate] if rate is not None else [nearest(tax, base), nearest(tax, net)]
        if any(agrees(tax, base, each, slack) or agrees(tax, net, each, slack) for each in rates):
            return less
    return None


def nearest(tax: int, net: int) -> Decimal:
    """The rate in halves of a per cent nearest to what a tax is of a net."""
    return round(Decimal(200 * tax) / net) / Decimal(2)


def agrees(tax: int, net: int, rate: Decimal, slack: int) -> bool:
    """Whether a tax is what its rate makes it, but for rounding."""
    return abs(tax - net * rate / 100) <= slack


def cents(value: Value) -> int:
    """An amount in hundredths."""
    return int(Decimal(value.canonical) * 100)
