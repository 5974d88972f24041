"""The values on the lines that could be a field's, each scored by its label, its place and its form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cases.definition import FieldSpec, FieldType
from inference.extraction.labels import Label, labels_on
from inference.extraction.lexicon import FORM
from inference.extraction.lines import Line, Span
from inference.extraction.places import place
from inference.extraction.priors import unlabelled
from inference.extraction.sums import follows
from inference.values import Kind, Value, find
from inference.values.dates import order_of
from inference.values.folding import folded_words

OF_WORDS: frozenset[FieldType] = frozenset({"name", "text", "choice"})
FLOOR = 0.3                              # under it a value is a guess, and none is better


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that could be a field's; `score` (0–1 and a little) ranks it among the others."""

    span: Span
    value: Value
    score: float
    label: Label | None = None
    place: float = 0.0
    sums: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """One page's lines, with its width in pixels."""

    lines: tuple[Line, ...]
    width: int


def seen_labels(specs: Sequence[FieldSpec], papers: Sequence[Paper]) -> Mapping[str, list[Label]]:
    """Each field's labels on the papers, without those that are but a part of another field's better label."""
    lines = [line for paper in papers for line in paper.lines]
    seen = {
        spec.name: [
            label for line in lines for label in labels_on(line, spec.labels, free=spec.type in OF_WORDS)
        ]
        for spec in specs
    }
    every = [label for labels in seen.values() for label in labels]
    return {name: [label for label in labels if not outdone(label, every)] for name, labels in seen.items()}


def outdone(label: Label, every: Sequence[Label]) -> bool:
    """Whether another field's label covers this one and more."""
    return any(
        other.span.overlaps(label.span)
        and len(other.span.text) > len(label.span.text)
        and other.quality >= label.quality
        for other in every
    )


def candidates(
    spec: FieldSpec, papers: Sequence[Paper], labels: Sequence[Label], taken: Sequence[Span]
) -> list[Candidate]:
    """The candidates for a field, best first; `taken` are the stretches that are labels of any field."""
    kind = Kind(spec.type, spec.format or date_order(spec, papers), spec.choices)
    found = [
        scored(spec, span, value, paper, labels)
        for paper in papers
        for line in paper.lines
        for span, value in values_on(line, kind, taken)
    ]
    if spec.type == "money":
        found = supported(found)
    return sorted((one for one in found if one.score >= FLOOR), key=lambda one: -one.score)


def date_order(spec: FieldSpec, papers: Sequence[Paper]) -> str | None:
    """The order of dates that the papers show, where the field is one."""
    if spec.type != "date":
        return None
    return order_of(line.text for paper in papers for line in paper.lines)


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
    spec: FieldSpec, span: Span, value: Value, paper: Paper, labels: Sequence[Label]
) -> Candidate:
    """The value with its best label, or with what its place alone is worth."""
    form = (0.6 + 0.4 * value.parse) * (0.5 if value.checked is False else 1.0)
    if spec.type in OF_WORDS and set(folded_words(span.text)) & FORM:
        form *= 0.4
    best = Candidate(span, value, form * unlabelled(spec, span, value, paper.lines))
    for label in labels:
        where = place(label, span, paper.width)
        score = label.quality * where * form
        if score > best.score:
            best = Candidate(span, value, score, label, where)
    return best


def supported(found: Sequence[Candidate]) -> list[Candidate]:
    """Amounts that follow from others on their page, or are large, raised a little above their like."""
    amounts = [(one.span, round(float(one.value.canonical) * 100)) for one in found if one.value.parse >= 0.8]
    sums = {
        id(span): follows(position, amounts[:])
        for position, (span, _) in enumerate(amounts)
    }
    return [
        replace(one, score=one.score * (1.12 if sums.get(id(one.span)) else 1.0), sums=sums.get(id(one.span), False))
        for one in found
    ]
