"""Spans over a text that may overlap: the text in stretches, each with all that is said of it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Span:
    """The characters from `start` to before `end`, and what `key` they are marked with."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters that are marked alike; `begins` are the keys of the spans that begin with it."""

    text: str
    start: int
    keys: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


def stretches(text: str, spans: Sequence[Span]) -> list[Stretch]:
    """The text cut wherever a span begins or ends; its stretches are the whole of it, in order.

    What of a span lies outside of the text is cut off, and one that is then empty is left out.
    """
    inside = list(held_in(spans, len(text)))
    cuts = sorted({0, len(text), *(span.start for span in inside), *(span.end for span in inside)})
    return [
        Stretch(
            text[start:end],
            start,
            keys=unique(span.key for span in inside if span.start <= start and end <= span.end),
            begins=unique(span.key for span in inside if span.start == start),
            ends=unique(span.key for span in inside if span.end == end),
        )
        for start, end in pairwise(cuts)
    ]


def held_in(spans: Sequence[Span], length: int) -> Iterator[Span]:
    """The spans as far as they lie within `length` characters."""
    for span in spans:
        start, end = max(0, span.start), min(span.end, length)
        if start < end:
            yield Span(start, end, span.key)


def unique(keys: Iterator[str]) -> tuple[str, ...]:
    """The keys, each once, in their order."""
    return tuple(dict.fromkeys(keys))
