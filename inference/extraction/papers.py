"""A document's pages as they come in, and a field as it goes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from inference.words import Box, PageWords

Second = Callable[[int, Box], tuple[str, float]]
"""Another engine's reading of a page's box: the text and that engine's own confidence (0–1)."""


@dataclass(frozen=True, slots=True)
class PageOfDocument:
    """One page of a case.

    `page` counts from 0 over the whole case; `quality` (0–1) is the image's, 1 where unknown; `number`
    tells the papers of one kind apart, from 1.
    """

    document_kind: str
    page: int
    words: PageWords
    quality: float = 1.0
    number: int = 1


@dataclass(frozen=True, slots=True)
class FoundField:
    """A field's canonical value with where it was read; not found, value and place are None.

    `confidence` is the calibrated probability that the value is right; `signals` are what it was
    computed from.
    """

    name: str
    value: str | None = None
    text: str = ""
    page: int | None = None
    box: Box | None = None
    confidence: float = 0.0
    signals: Mapping[str, float] = field(default_factory=dict)
