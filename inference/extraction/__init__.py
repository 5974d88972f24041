"""Typed fields on pages that were read: found by label, place and form, each with how surely it is right."""

from collections.abc import Sequence
from math import exp, log

from rapidfuzz import fuzz

from cases.definition import FieldSpec
from inference.extraction.candidates import Candidate, Paper
from inference.extraction.lines import Span, lines_of
from inference.extraction.papers import FoundField, PageOfDocument, Second
from inference.extraction.ranking import ranked_for
from inference.fieldconfidence import confidence
from inference.values import OF_WORDS, Kind, find
from inference.values.currencies import possible
from inference.values.folding import fold_letters

__all__ = ["FoundField", "PageOfDocument", "Second", "find_fields"]


def find_fields(
    specs: Sequence[FieldSpec], pages: Sequence[PageOfDocument], *, second: Second | None = None
) -> tuple[FoundField, ...]:
    """Each field's best value on the pages of its document, in the order of `specs`.

    `second` reads the box of a value with another engine; where it agrees, confidence rises. A field
    without a value that its label or its place speaks for comes back with the value None.
    """
    sheets = {page.page: Paper(lines_of(page.page, page.words), page.words.width) for page in pages}
    found: dict[str, FoundField] = {}
    for kind, number in {(spec.document, spec.number) for spec in specs}:
        own_pages = [
            page
            for page in pages
            if kind in (None, page.document_kind) and number in (None, page.number)
        ]
        own = [spec for spec in specs if (spec.document, spec.number) == (kind, number)]
        ranked = ranked_for(own, [sheets[page.page] for page in own_pages])
        for spec in own:
            found[spec.name] = field_of(spec, ranked[spec.name], own_pages, second)
    return tuple(found[spec.name] for spec in specs)


def field_of(
    spec: FieldSpec,
    ranked: Sequence[Candidate],
    pages: Sequence[PageOfDocument],
    second: Second | None,
) -> FoundField:
    """The best candidate as a field; no value where there is none."""
    if not ranked:
        return FoundField(spec.name)
    best = ranked[0]
    page = next(page for page in pages if page.page == best.span.line.page)
    signals = {
        **of_reading(best.span, page),
        **of_finding(best),
        **of_others(best, ranked),
        **of_second(spec, best, second),
    }
    sure = confidence(signals, spec.type, page.words.engine)
    return FoundField(
        spec.name, best.value.canonical, best.span.text, page.page, best.span.box, sure, signals
    )


def of_reading(span: Span, page: PageOfDocument) -> dict[str, float]:
    """What the engine said of the value's words and of the page's, and the image's quality."""
    own = span.confidences()
    every = [word.confidence for word in page.words.words]
    return {
        "word": exp(sum(log(max(one, 0.01)) for one in own) / len(own)),
        "weakest": min(own),
        "page": sum(every) / len(every),
        "quality": page.quality,
    }


def of_finding(best: Candidate) -> dict[str, float]:
    """How the value was found: its form, its label, its place, its checksum or sum."""
    return {
        "parse": best.value.parse,
        "holds": float(best.value.checked is True),
        "breaks": float(best.value.checked is False),
        "sums": float(best.sums),
        "labelled": float(best.label is not None),
        "label_match": best.label.match if best.label else 0.0,
        "label_whole": best.label.whole if best.label else 0.0,
        "place": best.place,
        "score": best.score,
    }


def of_others(best: Candidate, ranked: Sequence[Candidate]) -> dict[str, float]:
    """How near the best other value comes, 0–1, and whether the same value stands elsewhere too."""
    rivals = [one for one in ranked if one.value.canonical != best.value.canonical]
    again = [one for one in ranked[1:] if one.value.canonical == best.value.canonical]
    return {
        "rival": rivals[0].score / best.score if rivals else 0.0,
        "again": float(bool(again)),
    }


def of_second(spec: FieldSpec, best: Candidate, second: Second | None) -> dict[str, float]:
    """Whether the second engine reads the same value in the same place, or another of its kind."""
    if second is None or best.gathered:
        return dict.fromkeys(("second", "agrees", "contradicts", "alike", "second_word"), 0.0)
    text, sure = second(best.span.line.page, best.span.box)
    values = {value.canonical for value in find(text, Kind(spec.type, spec.format, spec.choices))}
    own = best.value.canonical
    if spec.type == "currency" and own in possible(text):
        values.add(own)
    agrees = own in values or (spec.type in OF_WORDS and fold_letters(text) == fold_letters(own))
    return {
        "second": 1.0,
        "agrees": float(agrees),
        "contradicts": float(bool(values) and not agrees),
        "alike": fuzz.ratio(fold_letters(text), fold_letters(best.span.text)) / 100,
        "second_word": sure * agrees,
    }
