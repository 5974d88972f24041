"""The values on the lines that could be a field's, each scored by its label, its place and its form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cases.definition import FieldSpec
from inference.extraction.amounts import Amount, rounded, weight
from inference.extraction.labels import Label
from inference.extraction.lexicon import FORM, share
from inference.extraction.lines import Line, Span
from inference.extraction.origins import usual_order
from inference.extraction.places import in_row, place, stacked
from inference.extraction.priors import headings, unlabelled, where_unlabelled
from inference.values import OF_WORDS, Kind, Value, find
from inference.values.dates import order_of
from inference.values.folding import folded_words

ROUNDED = 1.05  # what an amount rounded to coins scores of the one that it was rounded from
ROUNDED_PLACE = 0.9
LONG_NAME = 9  # words: what has more is rather a sentence
COLUMNED = 0.3  # what a value in a column of its like keeps of its score
UNUSUAL = 0.35  # what a value loses that stands otherwise to its label than the paper's others
MANY = 5  # amounts with cents or a currency, beside which a bare figure is rather a count
BARE = 0.6
FLOOR = 0.3  # under it a value is a guess, and none is better


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that could be a field's; `score` (0–1 and a little) ranks it among the others.

    A `gathered` one is of several figures, and no engine reads its place again as one line.
    """

    span: Span
    value: Value
    score: float
    label: Label | None = None
    place: float = 0.0
    sums: bool = False
    gathered: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """One page's lines, with its width in pixels."""

    lines: tuple[Line, ...]
    width: int


def candidates(
    spec: FieldSpec,
    papers: Sequence[Paper],
    labels: Sequence[Label],
    taken: Sequence[Span],
    habit: float,
) -> list[Candidate]:
    """The candidates for a field, best first; `taken` are the stretches that are labels of any field."""
    kind = Kind(spec.type, spec.format or date_order(spec, papers), spec.choices)
    found = [
        scored(spec, span, value, paper, labels, habit)
        for paper in papers
        for line in lines_for(spec, paper)
        for span, value in values_on(line, kind, taken)
    ]
    if spec.type not in OF_WORDS:
        found = [apart_from_columns(one, found) for one in found]
    if spec.type == "money":
        found = supported(found)
    return sorted((one for one in found if one.score >= FLOOR), key=lambda one: -one.score)


def lines_for(spec: FieldSpec, paper: Paper) -> tuple[Line, ...]:
    """The paper's lines, and where a firm's name is looked for without a label, headings of two lines."""
    if spec.type == "name" and where_unlabelled(spec):
        return (*paper.lines, *headings(paper.lines))
    return paper.lines


def date_order(spec: FieldSpec, papers: Sequence[Paper]) -> str | None:
    """The order of dates that the papers show, or that is usual where they are from, for a date."""
    if spec.type != "date":
        return None
    lines = [line for paper in papers for line in paper.lines]
    usual = usual_order(lines)
    if usual == "ymd":  # whose two figures of the year look like a day
        return usual
    return order_of([line.text for line in lines]) or usual


def values_on(line: Line, kind: Kind, taken: Sequence[Span]) -> Iterator[tuple[Span, Value]]:
    """The line's values of a kind; where they are of words, in the stretches that are no label."""
    if kind.type not in OF_WORDS:
        for value in find(line.text, kind):
            yield line.span(value.start, value.end), value
        return
    for start, end in free_stretches(line, taken):
        for value in find(line.text[start:end], kind):
            span = line.span(start + value.start, start + value.end)
            if not line.text[span.end :].lstrip().startswith(":"):
                yield span, replace(value, start=span.start, end=span.end)


def free_stretches(line: Line, taken: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """What is left of a line between the labels on it."""
    position = 0
    for span in sorted((span for span in taken if span.line is line), key=lambda span: span.start):
        if span.start > position:
            yield position, span.start
        position = max(position, span.end)
    yield position, len(line.text)


def scored(
    spec: FieldSpec,
    span: Span,
    value: Value,
    paper: Paper,
    labels: Sequence[Label],
    habit: float,
) -> Candidate:
    """The value with its best label, or with what its place alone is worth."""
    form = (0.4 + 0.6 * value.parse) * (0.5 if value.checked is False else 1.0)
    if spec.type in OF_WORDS:
        form *= 1 - 0.6 * share(folded_words(span.text), FORM)
    if spec.type == "name" and len(span.text.split()) > LONG_NAME:
        form *= 0.5
    best = Candidate(span, value, form * unlabelled(spec, span, paper.lines))
    for label in labels:
        where = place(label, span, paper.width)
        against = habit if in_row(label.span, span) else -habit
        where *= 1 - UNUSUAL * max(0.0, against)
        score = label.quality * where * form
        if score > best.score:
            best = Candidate(span, value, score, label, where)
    return best


def apart_from_columns(one: Candidate, found: Sequence[Candidate]) -> Candidate:
    """The candidate, lowered where its label heads a column of such values."""
    if one.label is None or in_row(one.label.span, one.span):
        return one
    columned = any(
        stacked(one.span, other.span) or stacked(other.span, one.span) for other in found
    )
    return replace(one, score=one.score * COLUMNED) if columned else one


def supported(found: Sequence[Candidate]) -> list[Candidate]:
    """Amounts raised or lowered by what the others on their page say of them."""
    sure = [number for number, one in enumerate(found) if one.value.parse >= 0.8]
    if len(sure) >= MANY:
        found = [
            replace(one, score=one.score * BARE) if one.value.parse <= 0.4 else one for one in found
        ]
    amounts = [Amount(found[number].span, cents(found[number].value)) for number in sure]
    scored = list(found)
    for position, number in enumerate(sure):
        by = weight(position, amounts)
        scored[number] = replace(scored[number], score=scored[number].score * by, sums=by > 1)
    for position, number in enumerate(sure):
        for later in rounded(position, amounts) if scored[number].label else ():
            scored[sure[later]] = inheriting(scored[sure[later]], scored[number])
    return scored


def inheriting(later: Candidate, former: Candidate) -> Candidate:
    """The amount that `former` was rounded to, with its label where it has no better one."""
    score = ROUNDED * max(later.score, former.score)
    if later.label and later.label.quality * later.place >= former.score:
        return replace(later, score=score)
    return replace(later, score=score, label=former.label, place=ROUNDED_PLACE)


def cents(value: Value) -> int:
    """An amount in hundredths."""
    return int(Decimal(value.canonical) * 100)
