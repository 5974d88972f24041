"""Tables on papers: the goods between a head and the sums, a row for each, and whether they add up."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cases.definition import FieldSpec
from inference.extraction.amounts import COIN
from inference.extraction.candidates import FLOOR, Candidate, Paper, cents
from inference.extraction.lexicon import COUNTS, HEADS, INCLUDING, NEUTRAL, PAYMENTS, TAXES, TOTALS
from inference.extraction.lines import GAP, Line, joined_lines
from inference.values import Kind, Value, find
from inference.values.folding import folded_words

MONEY = Kind("money")
WITH_CENTS = 0.75  # how fully a figure has money's form that is an amount without more
MOST_ROWS = 80
MARKED = re.compile(r"\s{0,3}[A-Za-z*#]{0,4}[.*]?\s*")  # what may end a row: a tax's letter or code
UNEVEN = 0.5  # what a table keeps of its tidiness
PLAIN, HEADED, ADDING = 0.4, 0.12, 0.45
UNITS = r"(?i:st|stk|pcs?|szt|ks|db|buc|kpl|kom|adet|un)"
COUNTED = re.compile(
    rf"^\W*(?P<count>[1-9]\d{{0,2}})\s{{0,3}}(?:[xX×*@]|{UNITS}\b\.?)?"
    rf"\s+(?!(?:{UNITS}\.?\s*)?[xX×*@]\s)(?=[^\W\d])"
)
TIMES = re.compile(
    rf"(?<![\d.,])(?P<count>\d{{1,3}})(?:[.,]0{{1,3}})?\s{{0,3}}{UNITS}?\.?"
    r"\s{0,3}(?:[xX×*@]|à)\s{0,3}(?=[^\W\d_]{0,3}\.?\s?[€$£¥₺]?\s?\d)"
)
WHOLE_CELL = re.compile(
    r"(?:(?<=\s\s\s)|(?<=^)|(?<=: ))-?\d{1,3}(?:[ .,']\d{3})+(?=\s?[A-Z*]?(?:\s{3}|\s*$))"
)
FIGURES_APART = re.compile(rf"{GAP}(?:\s*[€$£¥]?-?\d[\d.,']*%?(?:\s?[^\W\d_]{{1,3}}\.?)?)+\s*$")
PRICES = re.compile(r"(?:\s(?:[€$£¥]?\d+[.,]\d{2}|\d{1,2}(?=\s+[€$£¥]?\d+[.,]\d{2})))+\s*$")
CENTS = re.compile(r"(?<=\d)[.,]\s?\d{2}(?!\d)")
WORDS = re.compile(r"[^\W\d_]{3}")
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
    """The rows of a table, and what speaks for their being all: a head, and a sum that they add up to.

    `counted` is whether the head has a column that says how many.
    """

    rows: tuple[Row, ...]
    headed: bool = False
    adds_up: bool = False
    counted: bool = False


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
    value = Value(written(spec, found.rows), 0, len(whole.text), tidiness(found),
                  all(fitting) if fitting else None)  # fmt: skip
    return Candidate(span, value, score, sums=found.adds_up, gathered=True)


def tidiness(found: Found) -> float:
    """The share of rows, 0–1, that say what was bought; less where some don't say how many, though a
    column is headed so, or others say that it was one.
    """
    named = sum(bool(WORDS.search(row.description)) for row in found.rows) / len(found.rows)
    uncounted = any(row.quantity is None and row.amount > 0 for row in found.rows)
    every = found.counted or any(row.quantity == 1 for row in found.rows)
    return named * (UNEVEN if every and uncounted else 1.0)


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
    """The rows between the head, or where amounts begin, and the first sum, tax or payment.

    Where those don't add up, and more of them stand before the first total, ends further down are
    tried that do: a tax on what was bought may be bought itself.
    """
    head = head_of(lines)
    whole = is_whole(lines)
    first: Found | None = None
    for end in ends_of(lines, head + 1, whole):
        rows = rows_between(lines, head + 1, end, whole)
        targets = {one for line in lines[end:] for one in amounts_on(line, whole)}
        own, adds_up = fitted(rows, unrounded(targets))
        counted = head >= 0 and bool(set(folded_words(lines[head].text)) & COUNTS)
        found = Found(singled(own) if counted else own, head >= 0, adds_up, counted)
        bought = any(not is_sum(row.lines[-1], whole) for row in found.rows)
        if found.adds_up and bought:
            return found
        first = first or (found if bought else None)
    if first is None or (whole and head < 0):
        return Found(())
    return first


def ends_of(lines: Sequence[Line], start: int, whole: bool) -> list[int]:
    """Where the rows may end: at each line of sums up to the first total with its amount."""
    ends: list[int] = []
    for line in lines[start:]:
        if not is_sum(line, whole):
            continue
        ends.append(line.number)
        if has_amount(line, lines, whole) and set(folded_words(line.text)) & TOTALS:
            break
    return ends or [len(lines)]


def has_amount(line: Line, lines: Sequence[Line], whole: bool) -> bool:
    """Whether a sum's amount stands beside its label, or alone on the next line."""
    if amount_values(line, whole):
        return True
    following = lines[line.number + 1 : line.number + 2]
    return any(amount_values(one, whole) and not wordy(one) for one in following)


def wordy(line: Line) -> bool:
    """Whether a line has a word that is no currency."""
    return any(len(word) > 3 and word.isalpha() for word in folded_words(line.text))


def unrounded(sums: set[int]) -> set[int]:
    """The sums, and what they were before a rounding that stands among them."""
    coins = {one for one in sums if 0 < abs(one) <= COIN}
    return sums | {one + by for one in sums for coin in coins for by in (coin, -coin)}


def fitted(rows: Sequence[Row], targets: set[int]) -> tuple[tuple[Row, ...], bool]:
    """The rows from where on they add up to one of `targets`; else all, and that they don't."""
    for start in range(len(rows)):
        own = rows[start:]
        if sum(row.amount for row in own) in targets:
            return tuple(own), True
    return tuple(rows), False


def singled(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows, one of a thing where the price of one is the amount and a faint 1 was not read."""
    return tuple(
        replace(row, quantity=1) if row.fits and row.quantity is None else row for row in rows
    )


def head_of(lines: Sequence[Line]) -> int:
    """The number of the line that heads the columns; -1 where there is none."""
    for line in lines:
        words = folded_words(line.text)
        heads = sum(word in HEADS for word in words)
        figures = any(word.isdigit() for word in words)
        apart = GAP in line.text or heads >= 3
        if heads >= 2 and heads >= 0.5 * len(words) and not figures and apart:
            return line.number
    return -1


def is_whole(lines: Sequence[Line]) -> bool:
    """Whether the papers' amounts have no cents: none in the rows of its sums, or, where those have no
    amounts at all, nowhere.
    """
    sums = [line for line in lines if set(folded_words(line.text)) & TOTALS]
    for among in (sums, lines):
        amounts = [
            line.text[value.start : value.end]
            for line in among
            for value in find(line.text, MONEY)
            if value.parse > 0.4 or among is sums
        ]
        if amounts:
            return not any(map(CENTS.search, amounts))
    return False


def amount_values(line: Line, whole: bool) -> list[Value]:
    """The figures on a line that can be amounts."""
    values = find(line.text, MONEY)
    if not whole:
        return [value for value in values if value.parse >= WITH_CENTS]
    cells = [
        Value(re.sub(r"[^\d-]", "", match.group()) + ".00", *match.span(), 0.6)
        for match in WHOLE_CELL.finditer(line.text)
    ]
    others = [one for one in values if not any(one.overlaps(cell) for cell in cells)]
    return sorted((*others, *cells), key=lambda value: value.start)


def amounts_on(line: Line, whole: bool) -> list[int]:
    """The amounts on a line, in hundredths."""
    return [cents(value) for value in amount_values(line, whole)]


def is_sum(line: Line, whole: bool) -> bool:
    """Whether a line says a sum, a tax or a payment, and not what was bought."""
    return says(line, whole, TOTALS | TAXES | PAYMENTS)


def is_total(line: Line, whole: bool) -> bool:
    """Whether a line says a sum or a payment."""
    return says(line, whole, TOTALS | PAYMENTS)


def says(line: Line, whole: bool, known: frozenset[str]) -> bool:
    """Whether half of the words before a line's first amount are among the `known`."""
    values = amount_values(line, whole)
    label = line.text[: values[0].start] if values else line.text
    words = folded_words(label)
    own = sum(word in known for word in words)
    others = sum(
        not (word in known or word.isdigit() or word in NEUTRAL or word in INCLUDING)
        for word in words
    )
    return own > 0 and own >= others


def rows_between(lines: Sequence[Line], start: int, end: int, whole: bool) -> list[Row]:
    """The rows on the lines from `start` to before `end`."""
    rows: list[Row] = []
    held: list[Line] = []  # lines without an amount, which may belong to the next row
    for line in lines[start:end]:
        values = amount_values(line, whole)
        last = values[-1] if values else None
        if last is None or not ends_row(line, last) or is_total(line, whole):
            continued = counted_above(rows, line, whole) or named_below(rows, line, held)
            if continued:
                rows[-1] = continued
            held = [] if continued or is_total(line, whole) else [*held, line]
            continue
        rows.append(row_of(line, values, held, whole, first=not rows and start == 0))
        held = []
    return [row for row in rows[:MOST_ROWS] if row.amount]


def ends_row(line: Line, last: Value) -> bool:
    """Whether the last figure on a line is a row's amount."""
    return bool(MARKED.fullmatch(line.text[last.end :])) and not is_price(line, last)


def is_price(line: Line, last: Value) -> bool:
    """Whether the last figure is the price of one, and no row's amount: 2 x 3.50."""
    if line.text[: last.start].rstrip().endswith("@"):
        return True
    times = TIMES.search(line.text)
    if times is None or last.start - times.end() > 5:
        return False
    return not line.text[: times.start()].strip(EDGES)


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


def named_below(rows: Sequence[Row], line: Line, held: Sequence[Line]) -> Row | None:
    """The last row with its name, where it had only a number and the line under it is of words."""
    if not rows or held or WORDS.search(rows[-1].description) or not WORDS.search(line.text):
        return None
    return replace(rows[-1], lines=(*rows[-1].lines, line), description=cleaned(line.text))


def row_of(
    line: Line, values: Sequence[Value], held: Sequence[Line], whole: bool, *, first: bool
) -> Row:
    """The row that ends with the last of `values`, with the lines above that belong to it."""
    amount = cents(values[-1])
    text = line.text[: values[-1].start]
    above = list(held[-1:] if first else held[-2:])
    leading = COUNTED.match(text)
    name, rest = divided(text[leading.end() :] if leading else text, amount)
    prices = [cents(value) for value in values[:-1]] + [
        price for one in above for price in amounts_on(one, whole)
    ]
    said = [int(leading["count"])] if leading else counts(text, rest, above)
    count = next((one for one in said if any(one * price == amount for price in prices)), None)
    likely = (one for one in said if 100 * one != amount)  # the price of one, and no count
    fits = None if not prices else count is not None or amount in prices
    description, lines = named_above(name or first_cell(rest), above)
    return Row((*lines, line), description, count or next(likely, None), amount, fits)


def counts(text: str, rest: str, above: Sequence[Line]) -> list[int]:
    """How many, as the row may say it: before a times sign, or as whole figures behind the name."""
    for one in (text, *(line.text for line in above)):
        if times := TIMES.search(one):
            return [int(times["count"])]
    cells = re.split(r"\s+", rest.strip())
    figures = [cell for cell in cells if re.fullmatch(r"\d{1,3}(?:[.,]0{1,3})?", cell)]
    return [int(re.split(r"[.,]", cell)[0]) for cell in figures]


def first_cell(text: str) -> str:
    """The first of a row's cells where no word names the goods: a number of theirs."""
    cells = text.strip().split(GAP)
    return cells[0] if len(cells) > 2 else ""


def divided(text: str, amount: int) -> tuple[str, str]:
    """What was bought, and the figures behind it: after a gap, or prices that the amount is made of."""
    times = TIMES.search(text)
    if times and any(map(str.isalpha, text[: times.start()])):
        return text[: times.start()], text[times.start() :]
    if times or not any(map(str.isalpha, text)):
        return "", text
    apart, prices = FIGURES_APART.search(text), PRICES.search(text)
    if prices and not any(price and amount % price == 0 for price in of_cents(prices.group())):
        prices = None
    for found in (apart, prices):
        if found and any(map(str.isalpha, text[: found.start()])):
            return text[: found.start()], text[found.start() :]
    return text, ""


def of_cents(text: str) -> list[int]:
    """The amounts with cents in a text, in hundredths."""
    return [cents(value) for value in find(text, MONEY) if value.parse >= WITH_CENTS]


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
