"""What an OCR engine saw on one page: words, where they stand, and how sure it said it was."""

from dataclasses import dataclass

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the normalised page image."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as an engine read it.

    `confidence` is that engine's own raw figure (0–1), never compared across engines.
    """

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class PageWords:
    """One page's words in reading order, with its size in pixels and the engine that read it."""

    words: tuple[Word, ...]
    width: int
    height: int
    engine: str
    engine_version: str
