"""The words of a page as lines of text in which every stretch of characters has its place on the page."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from inference.words import Box, PageWords, Word

GAP = "   "  # stands in a line's text where a column ends
GAP_WIDTH = 1.1  # of a line's height: a wider space is a gap
SLOPES = np.linspace(-0.035, 0.035, 29)  # two degrees either way: more is turned before reading


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand in one row of a page; `starts` holds where each begins in `text`."""

    page: int
    number: int
    text: str
    words: tuple[Word, ...]
    starts: tuple[int, ...]
    slope: float = 0.0

    def span(self, start: int, end: int) -> "Span":
        """The stretch `start:end` of the text."""
        return Span(self, start, end)

    def segment(self, position: int) -> tuple[int, int]:
        """The ends of the stretch between gaps that `position` is in."""
        start = self.text.rfind(GAP, 0, position)
        end = self.text.find(GAP, position)
        return (start + len(GAP) if start >= 0 else 0), (end if end >= 0 else len(self.text))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a line's characters."""

    line: Line
    start: int
    end: int
    box: Box = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "box", joined([clip(*piece) for piece in self.pieces()]))

    @property
    def text(self) -> str:
        """The characters."""
        return self.line.text[self.start : self.end]

    @property
    def height(self) -> int:
        """The height of its box in pixels."""
        return max(1, self.box[3] - self.box[1])

    @property
    def middle(self) -> float:
        """Where its row is on the page, in pixels, whatever the page's slope."""
        return (self.box[1] + self.box[3]) / 2 - self.line.slope * (self.box[0] + self.box[2]) / 2

    def pieces(self) -> Iterator[tuple[Word, int, int]]:
        """The words it has characters of, each with the range of those characters."""
        for word, start in zip(self.line.words, self.line.starts, strict=True):
            first, last = (
                max(self.start, start) - start,
                min(self.end, start + len(word.text)) - start,
            )
            if first < last:
                yield word, first, last

    def confidences(self) -> list[float]:
        """The engine's own confidence in each of its words."""
        return [word.confidence for word, _, _ in self.pieces()]

    def overlaps(self, other: "Span") -> bool:
        """Whether both have a character in common."""
        return self.line is other.line and self.start < other.end and other.start < self.end


def joined_lines(lines: Sequence[Line]) -> Line:
    """Lines as one, in their order; it has the last one's number."""
    starts: list[int] = []
    length = 0
    for line in lines:
        starts += [length + start for start in line.starts]
        length += len(line.text) + 1
    words = tuple(word for line in lines for word in line.words)
    text = " ".join(line.text for line in lines)
    last = lines[-1]
    return Line(last.page, last.number, text, words, tuple(starts), last.slope)


def clip(word: Word, first: int, last: int) -> Box:
    """The box of some characters of a word, taken as equally wide."""
    left, top, right, bottom = word.box
    width = (right - left) / len(word.text)
    return round(left + first * width), top, round(left + last * width), bottom


def joined(boxes: Sequence[Box]) -> Box:
    """The smallest box around all; an empty one where there are none."""
    if not boxes:
        return 0, 0, 0, 0
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def lines_of(page: int, seen: PageWords) -> tuple[Line, ...]:
    """The page's words in rows from top to bottom, each row from left to right."""
    words = [part for word in seen.words for part in single_words(word)]
    if not words:
        return ()
    slope = slope_of(words)
    rows = sorted(rows_of(words, slope), key=lambda row: median(level(word, slope) for word in row))
    return tuple(line_of(page, number, row, slope) for number, row in enumerate(rows))


def single_words(word: Word) -> Iterator[Word]:
    """The word's parts where an engine gave several words as one."""
    for match in re.finditer(r"\S+", word.text):
        yield Word(match.group(), clip(word, *match.span()), word.confidence)


def level(word: Word, slope: float) -> float:
    """The height on the page of a word's middle, the slope taken out."""
    left, top, right, bottom = word.box
    return (top + bottom) / 2 - slope * (left + right) / 2


def slope_of(words: Sequence[Word]) -> float:
    """The slope, in pixels down for each to the right, at which most words far apart stand in rows.

    0 where no other is clearly better.
    """
    sample = words[:400]
    boxes = np.array([word.box for word in sample], dtype=float)
    x, y = boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)
    height = max(1.0, float(np.median(boxes[:, 3] - boxes[:, 1])))
    apart_x, apart_y = x[:, None] - x[None, :], y[:, None] - y[None, :]
    near = (apart_x > 4 * height) & (np.abs(apart_y) < np.abs(apart_x) * 0.04 + height / 2)
    apart_x, apart_y = apart_x[near], apart_y[near]
    aligned = [float((np.abs(apart_y - slope * apart_x) < height / 5).sum()) for slope in SLOPES]
    level_now = float((np.abs(apart_y) < height / 5).sum())
    best = int(np.argmax(aligned))
    return float(SLOPES[best]) if aligned[best] > 1.15 * level_now + 5 else 0.0


def rows_of(words: Iterable[Word], slope: float) -> list[list[Word]]:
    """Words grouped by row, each joined to the row whose last word it stands beside."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.box[0]):
        row = min(rows, key=lambda row: apart(row, word, slope), default=None)
        if row is not None and apart(row, word, slope) < 0.5:
            row.append(word)
        else:
            rows.append([word])
    return rows


def apart(row: Sequence[Word], word: Word, slope: float) -> float:
    """How far a word is off a row, in heights; at least 1 where it would overprint the last."""
    last = row[-1]
    height = min(last.box[3] - last.box[1], word.box[3] - word.box[1]) or 1
    distance = abs(level(last, slope) - level(word, slope)) / height
    overprinted = last.box[2] - word.box[0] > 0.5 * (word.box[2] - word.box[0])
    return distance + overprinted


def line_of(page: int, number: int, row: Sequence[Word], slope: float) -> Line:
    """The row as a line of text: a space between words, a gap between columns."""
    height = median(word.box[3] - word.box[1] for word in row)
    text, starts = "", []
    for before, word in zip([None, *row], row, strict=False):
        if before is not None:
            text += GAP if word.box[0] - before.box[2] > GAP_WIDTH * height else " "
        starts.append(len(text))
        text += word.text
    return Line(page, number, text, tuple(row), tuple(starts), slope)
