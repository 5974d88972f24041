"""Tables on papers: the goods between a head and the sums, a row for each, and whether they add up."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cases.definition import FieldSpec
from inference.extraction.candidates import FLOOR, Candidate, Paper, cents
from inference.extraction.lexicon import HEADS, PAYMENTS, TAXES, TOTALS
from inference.extraction.lines import GAP, Line, joined_lines
from inference.values import Kind, Value, find
from inference.values.folding import folded_words

MONEY, INTEGER = Kind("money"), Kind("integer")
WITH_CENTS = 0.75  # how fully a figure has money's form that is an amount without more
MOST_ROWS = 80
LOOSE = 3  # characters behind an amount that still end a row: a tax's letter, an asterisk
PLAIN, HEADED, ADDING = 0.4, 0.12, 0.45
COUNTED = re.compile(
    r"^\W*(?P<count>\d{1,3})\s{0,3}(?:[xX×*@]|(?:st|stk|pcs?|szt|ks|db|buc|kpl|kom|adet)\b\.?)?\s+(?=[^\W\d])"
)
TIMES = re.compile(
    r"(?<![\d.,])(?P<count>\d{1,3})(?:[.,]0{1,3})?\s{0,3}(?:st|stk|pcs?|szt|ks|db|buc|kpl|kom|adet)?\.?"
    r"\s{0,3}(?:[xX×*@]|à)\s{0,3}(?=[^\W\d_]{0,3}\.?\s?[€$£¥₺]?\s?\d)"
)
WHOLE_AT_END = re.compile(
    r"(?<![\d.,/:-])(?<!\d )-?(?:\d{1,3}(?:[ .,']\d{3})+|\d{1,7})(?=\s*$)"
)
CENTS = re.compile(r"[.,]\s?\d{2}(?!\d)")
EDGES = " \t.,;:*-–_|#"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of goods: its lines, what it is, how many (None: not said), its amount in hundredths.

    `fits` is whether the price of one, where it is shown, comes to the amount.
    """

    lines: tuple[Line, ...]
    description: str
    quantity: int | None
    amount: int
    fits: bool | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a table, and what speaks for their being all: a head, and a sum that they add up to."""

    rows: tuple[Row, ...]
    headed: bool
    adds_up: bool


def tables_of(spec: FieldSpec, papers: Sequence[Paper]) -> list[Candidate]:
    """The table of goods on the papers, if one is found."""
    candidates = []
    for paper in papers:
        found = table_on(paper.lines)
        if found.rows:
            candidates.append(as_candidate(spec, found))
    kept = [one for one in candidates if one.score >= FLOOR]
    return sorted(kept, key=lambda one: -one.score)


def as_candidate(spec: FieldSpec, found: Found) -> Candidate:
    """The table as a field's value; its place is around all of its rows."""
    lines = {line.number: line for row in found.rows for line in row.lines}
    whole = joined_lines([lines[number] for number in sorted(lines)])
    span = whole.span(0, len(whole.text))
    score = PLAIN + HEADED * found.headed + ADDING * found.adds_up
    fitting = [row.fits for row in found.rows if row.fits is not None]
    value = Value(written(spec, found.rows), 0, len(whole.text), tidiness(found.rows),
                  all(fitting) if fitting else None)  # fmt: skip
    return Candidate(span, value, score, sums=found.adds_up, gathered=True)


def tidiness(rows: Sequence[Row]) -> float:
    """The share of rows, 0–1, that say what was bought."""
    return sum(any(map(str.isalpha, row.description)) for row in rows) / len(rows)


def written(spec: FieldSpec, rows: Sequence[Row]) -> str:
    """The rows in canonical form: a JSON list with an object of the table's columns for each."""
    return json.dumps([record(spec, row) for row in rows], ensure_ascii=False)


def record(spec: FieldSpec, row: Row) -> Mapping[str, str | None]:
    """A row by columns: words are what it is, a whole number how many, money what it comes to."""
    cells: Mapping[str, str | None] = {
        "text": row.description,
        "name": row.description,
        "integer": None if row.quantity is None else str(row.quantity),
        "money": f"{Decimal(row.amount) / 100:.2f}",
    }
    return {column.name: cells.get(column.type) for column in spec.columns}


def table_on(lines: Sequence[Line]) -> Found:
    """The rows between the head, or where amounts begin, and the first sum.

    Where those don't add up, others ends and beginnings are tried that do.
    """
    head = head_of(lines)
    whole = is_whole(lines)
    sums = [line for line in lines if line.number > head and is_sum(line, whole)]
    ends = list(dict.fromkeys([line.number for line in sums] or [len(lines)]))
    first: Found | None = None
    for end in ends[:4]:
        rows = rows_between(lines, head + 1, end, whole)
        targets = {one for line in lines[end:] for one in amounts_on(line, whole)}
        found = fitted(rows, targets, headed=head >= 0)
        if found.adds_up:
            return found
        first = first or (found if found.rows else None)
    return first or Found((), head >= 0, False)


def fitted(rows: Sequence[Row], targets: set[int], *, headed: bool) -> Found:
    """The rows from the first on with which they add up to one of `targets`; else all of them."""
    for start in range(min(len(rows), 6)):
        own = rows[start:]
        if sum(row.amount for row in own) in targets:
            return Found(tuple(own), headed, True)
    return Found(tuple(rows), headed, False)


def head_of(lines: Sequence[Line]) -> int:
    """The number of the line that heads the columns; -1 where there is none."""
    for line in lines:
        words = folded_words(line.text)
        heads = sum(word in HEADS for word in words)
        figures = any(word.isdigit() for word in words)
        if heads >= 2 and heads >= 0.5 * len(words) and not figures and GAP in line.text:
            return line.number
    return -1


def is_whole(lines: Sequence[Line]) -> bool:
    """Whether the papers' amounts have no cents: none in the rows of its sums."""
    sums = [line for line in lines if set(folded_words(line.text)) & TOTALS]
    amounts = [
        line.text[value.start : value.end] for line in sums for value in find(line.text, MONEY)
    ]
    return bool(amounts) and not any(map(CENTS.search, amounts))


def amount_values(line: Line, whole: bool) -> list[Value]:
    """The figures on a line that can be amounts."""
    values = find(line.text, MONEY)
    if not whole:
        return [value for value in values if value.parse >= WITH_CENTS]
    at_end = WHOLE_AT_END.search(line.text)
    if at_end and not any(value.end == at_end.end() and value.parse > 0.5 for value in values):
        figure = Value(re.sub(r"\D", "", at_end.group()) + ".00", *at_end.span(), 0.6)
        values = (*(value for value in values if not value.overlaps(figure)), figure)
    return [value for value in values if value.parse >= 0.4]


def amounts_on(line: Line, whole: bool) -> list[int]:
    """The amounts on a line, in hundredths."""
    return [cents(value) for value in amount_values(line, whole)]


def is_sum(line: Line, whole: bool) -> bool:
    """Whether a line says a sum, a tax or a payment, and not what was bought."""
    values = amount_values(line, whole)
    label = line.text[: values[0].start] if values else line.text
    words = folded_words(label)
    known = sum(word in TOTALS or word in TAXES or word in PAYMENTS for word in words)
    return known > 0 and 2 * known >= len([word for word in words if not word.isdigit()])


def rows_between(lines: Sequence[Line], start: int, end: int, whole: bool) -> list[Row]:
    """The rows on the lines from `start` to before `end`."""
    rows: list[Row] = []
    held: list[Line] = []  # lines without an amount, which may belong to the next row
    for line in lines[start:end]:
        values = amount_values(line, whole)
        last = values[-1] if values else None
        if last is None or len(line.text.rstrip()) - last.end > LOOSE or is_price(line, last):
            continued = counted_above(rows, line, whole) if last is None or held else None
            if continued:
                rows[-1] = continued
            else:
                held.append(line)
            continue
        rows.append(row_of(line, values, held, whole, first=not rows and start == 0))
        held = []
    return [row for row in rows[:MOST_ROWS] if row.amount]


def is_price(line: Line, last: Value) -> bool:
    """Whether the last figure is the price of one, and no row's amount: 2 x 3.50."""
    times = TIMES.search(line.text)
    return bool(times) and last.start - times.end() <= 5 and not line.text[: times.start()].strip(EDGES)


def counted_above(rows: Sequence[Row], line: Line, whole: bool) -> Row | None:
    """The last row with how many it was, where the line under it says so: 2 x 3.50."""
    times = TIMES.search(line.text)
    if not rows or not times or rows[-1].quantity is not None:
        return None
    count = int(times["count"])
    prices = [price for price in amounts_on(line, whole) if price * count == rows[-1].amount]
    if not prices:
        return None
    return replace(rows[-1], lines=(*rows[-1].lines, line), quantity=count, fits=True)


def row_of(
    line: Line, values: Sequence[Value], held: Sequence[Line], whole: bool, *, first: bool
) -> Row:
    """The row that ends with the last of `values`, with the lines above that belong to it."""
    amount = cents(values[-1])
    text = line.text[: values[-1].start]
    above = list(held[-1:] if first else held[-2:])
    times = TIMES.search(text) or next(
        (found for one in above if (found := TIMES.search(one.text))), None
    )
    leading = COUNTED.match(text)
    figures = text[leading.end() :] if leading else text
    name, rest = divided(figures, whole)
    count = int(leading["count"]) if leading else int(times["count"]) if times else counted(rest)
    prices = [cents(value) for value in values[:-1]] + [
        price for one in above for price in amounts_on(one, whole)
    ]
    own = named_above(name, above)
    fits = any(price * (count or 1) == amount for price in prices) if prices else None
    return Row((*own[1], line), own[0], count, amount, fits)


def divided(text: str, whole: bool) -> tuple[str, str]:
    """What was bought, and the figures behind it."""
    times = TIMES.search(text)
    if times and any(map(str.isalpha, text[: times.start()])):
        return text[: times.start()], text[times.start() :]
    gap = re.search(rf"{GAP}\s*(?=[^\w]*\d)|\s+(?=[€$£¥]?\d+[.,]\d{{2}}(?!\d))", text)
    if gap and any(map(str.isalpha, text[: gap.start()])):
        return text[: gap.start()], text[gap.end() :]
    return (text, "") if any(map(str.isalpha, text)) and not times else ("", text)


def counted(rest: str) -> int | None:
    """How many, among the figures behind a name: the first that is whole."""
    for cell in re.split(r"\s+", rest.strip()):
        if re.fullmatch(r"\d{1,3}(?:[.,]0{1,3})?", cell):
            return int(re.split(r"[.,]", cell)[0])
    return None


def named_above(name: str, above: Sequence[Line]) -> tuple[str, tuple[Line, ...]]:
    """The name as one text, with the lines above where it begins there, or stands there alone."""
    own = cleaned(name)
    words = [line for line in above if any(map(str.isalpha, TIMES.sub("", line.text)))]
    if own[:1].islower() and words and words[-1] is above[-1]:
        return cleaned(f"{words[-1].text} {own}"), tuple(above)
    if any(map(str.isalpha, own)):
        return own, tuple(line for line in above if line not in words)
    if words:
        return cleaned(words[-1].text), tuple(above)
    return own, ()


def cleaned(text: str) -> str:
    """A name without what stands around it, on one line."""
    leading = COUNTED.match(text)
    bare = text[leading.end() :] if leading else text
    return " ".join(bare.replace(";", ",").replace("|", " ").split()).strip(EDGES)
