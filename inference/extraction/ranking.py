"""Each field's candidates on the papers of its document, the fields weighed against each other."""

from collections.abc import Callable, Mapping, Sequence

from cases.definition import FieldSpec, FieldType
from inference.extraction.candidates import Candidate, Paper, candidates
from inference.extraction.currencies import currencies_of
from inference.extraction.labels import Label, labels_on
from inference.extraction.lexicon import TIPS
from inference.extraction.lines import Line
from inference.extraction.places import in_row
from inference.extraction.tables import tables_of
from inference.extraction.taxes import is_tax, taxes_of
from inference.values import OF_WORDS
from inference.values.folding import folded_words

GATHERED: Mapping[FieldType, Callable[[FieldSpec, Sequence[Paper]], list[Candidate]]] = {
    "currency": lambda spec, papers: currencies_of(papers),
    "table": tables_of,
}
"""The types that are not told by a label and a place, but by the whole paper."""

TAKEN = 0.5  # a label as good as this is no part of a value
SPELLED = 0.8  # and it must be spelled so well
CLAIM = 1.3  # how much better a field's claim to a value is that keeps it from another


def ranked_for(specs: Sequence[FieldSpec], papers: Sequence[Paper]) -> dict[str, list[Candidate]]:
    """Each field's candidates, best first, on the papers of its document.

    Where the values of figures stand, beside their labels or below them, tells where those of words do.
    """
    gathered = [spec for spec in specs if spec.type in GATHERED]
    specs = [spec for spec in specs if spec.type not in GATHERED]
    labels = seen_labels(specs, papers)
    taken = [
        label.span
        for seen in labels.values()
        for label in seen
        if label.quality > TAKEN and label.match > SPELLED
    ]
    ranked: dict[str, list[Candidate]] = {}
    for spec in sorted(specs, key=lambda spec: spec.type in OF_WORDS):
        habit = habit_of(ranked) if spec.type in OF_WORDS else 0.0
        found = candidates(spec, papers, labels[spec.name], taken, habit)
        own = taxes_of(papers, labels[spec.name], found) if is_tax(spec) else found
        ranked[spec.name] = own
    return settled(ranked) | {spec.name: GATHERED[spec.type](spec, papers) for spec in gathered}


def seen_labels(specs: Sequence[FieldSpec], papers: Sequence[Paper]) -> Mapping[str, list[Label]]:
    """Each field's labels on the papers, without those that are better taken for
    another field's.
    """
    lines = [line for paper in papers for line in paper.lines if not is_suggested(line)]
    seen = {
        spec.name: [
            label
            for line in lines
            for label in labels_on(line, spec.labels, free=spec.type in OF_WORDS)
        ]
        for spec in specs
    }
    every = [label for labels in seen.values() for label in labels]
    return {
        name: [label for label in labels if not outdone(label, every)]
        for name, labels in seen.items()
    }


def is_suggested(line: Line) -> bool:
    """Whether a line says what could be given: a tip in per cent, with what it would all come to."""
    return bool(set(folded_words(line.text)) & TIPS) and "%" in line.text


def outdone(label: Label, every: Sequence[Label]) -> bool:
    """Whether another field's label covers this one and more, or fits the same words better."""
    return any(
        other.span.overlaps(label.span)
        and len(other.span.text) >= len(label.span.text)
        and other.quality >= label.quality
        and (len(other.span.text), other.quality) != (len(label.span.text), label.quality)
        for other in every
    )


def habit_of(ranked: Mapping[str, Sequence[Candidate]]) -> float:
    """1 where all values found stand below their labels, -1 where all stand beside them."""
    labelled = [(found[0].label, found[0].span) for found in ranked.values() if found]
    sides = [-1 if in_row(label.span, span) else 1 for label, span in labelled if label]
    return sum(sides) / len(sides) if sides else 0.0


def settled(ranked: Mapping[str, Sequence[Candidate]]) -> dict[str, list[Candidate]]:
    """Each field's candidates without those that another field has a much better claim to."""
    firsts = [found[0] for found in ranked.values() if found]
    return {
        name: [one for one in found if not claimed(one, firsts)] for name, found in ranked.items()
    }


def claimed(one: Candidate, firsts: Sequence[Candidate]) -> bool:
    """Whether the value is another field's best, and far better there."""
    return any(
        first.span.overlaps(one.span) and first.score > CLAIM * one.score for first in firsts
    )
