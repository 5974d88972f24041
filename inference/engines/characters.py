"""What a recogniser of lines saw: its columns of probabilities turned into words with their extent.

The network answers by "connectionist temporal classification" (Graves et al., 2006): one column of
probabilities every few pixels; class 0 says "nothing new" and a repeated class is one character.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

NOTHING_NEW = 0


@dataclass(frozen=True, slots=True)
class SeenWord:
    """A word on a line: its extent in columns, and the mean probability of its characters."""

    text: str
    begins: float
    ends: float
    confidence: float


def words_in(columns: NDArray[np.float32], alphabet: str) -> list[SeenWord]:
    """The words on a line from the recogniser's answer: shape (columns, 1 + characters)."""
    best = columns.argmax(axis=1)
    new = best != NOTHING_NEW
    new[1:] &= best[1:] != best[:-1]
    at = np.flatnonzero(new)
    text = [alphabet[index - 1] for index in best[at]]
    sure = columns[at, best[at]]
    width = _character_width(at, text)
    runs = _runs(text)
    words = [
        SeenWord(
            "".join(text[first:last]),
            float(at[first]) + 0.5 - width / 2,
            float(at[last - 1]) + 0.5 + width / 2,
            float(sure[first:last].mean()),
        )
        for first, last in runs
    ]
    return _apart(words)


def mean_width(words: list[SeenWord]) -> float:
    """How many columns a character of these words takes; 0 where there are none."""
    return sum(word.ends - word.begins for word in words) / max(1, sum(len(w.text) for w in words))


def _runs(text: list[str]) -> list[tuple[int, int]]:
    """Where characters stand between spaces: first index and the one past the last."""
    spaces = [-1, *(index for index, one in enumerate(text) if one.isspace()), len(text)]
    return [(before + 1, after) for before, after in pairwise(spaces) if after > before + 1]


def _character_width(at: NDArray[np.intp], text: list[str]) -> float:
    """How many columns a character of this line takes: the median step between two."""
    steps = [
        int(after - before)
        for before, after, one, other in zip(at, at[1:], text, text[1:], strict=False)
        if not (one.isspace() or other.isspace())
    ]
    return float(np.median(steps)) if steps else 2.0


def _apart(words: list[SeenWord]) -> list[SeenWord]:
    """The words with every overlap of two neighbours cut in its middle."""
    edges = [(left.ends + right.begins) / 2 for left, right in pairwise(words)]
    begins, ends = [-np.inf, *edges], [*edges, np.inf]
    return [
        SeenWord(word.text, max(word.begins, begin), min(word.ends, end), word.confidence)
        for word, begin, end in zip(words, begins, ends, strict=False)
    ]
