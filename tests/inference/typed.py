"""Pages typed as text: a character is 10 pixels wide, a line 30 high."""

import re

from inference.extraction import PageOfDocument
from inference.words import PageWords, Word

WIDTH, HEIGHT, PITCH = 10, 20, 30


def typed(
    text: str, *, sure: float = 0.99, skew: float = 0.0, engine: str = "rapidocr"
) -> PageWords:
    """The words of a page as it stands in `text`, tilted by `skew` pixels down for each to the right."""
    words = [
        Word(match.group(), box(row, match.start(), match.end(), skew), sure)
        for row, line in enumerate(text.strip("\n").split("\n"))
        for match in re.finditer(r"\S+", line)
    ]
    return PageWords(tuple(words), 1000, 1400, engine, "1")


def box(row: int, start: int, end: int, skew: float) -> tuple[int, int, int, int]:
    """Where the characters of a row are."""
    down = round(skew * WIDTH * (start + end) / 2)
    top = row * PITCH + down
    return start * WIDTH, top, end * WIDTH - 2, top + HEIGHT


def paper(text: str, kind: str = "form", page: int = 0, **how: float) -> PageOfDocument:
    """The same as a page of a document."""
    return PageOfDocument(kind, page, typed(text, **how))  # type: ignore[arg-type]  # floats alone are passed
