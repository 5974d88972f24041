"""Finding words on a page as a person types them: whatever the case, accents, and grouping of digits."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from inference.words import Box, PageWords, Word

LONGEST_QUERY = 200
"""Letters: more is no search but a paste gone wrong."""


def occurrences(page: PageWords, query: str) -> Iterator[tuple[Box, ...]]:
    """The boxes of the words of each occurrence of `query` on a page, in reading order.

    Letters and figures count, nothing else: "2310.75" finds "2.310,75". Where the query has a space,
    the next word may begin; in a number or a code it may also where the query has none, so that
    "NL91ABNA0417" finds "NL91 ABNA 0417".
    """
    parts = [folded(part) for part in query[:LONGEST_QUERY].split()]
    wanted = "".join(parts)
    if not wanted:
        return
    words = [(text, word) for word in page.words if (text := folded(word.text))]
    text = "".join(each for each, _ in words)
    starts = _starts([each for each, _ in words])
    spaces = _starts(parts)
    at = text.find(wanted)
    while at >= 0:
        first, last = _word_at(starts, at), _word_at(starts, at + len(wanted) - 1)
        breaks = [start - at for start in starts[first + 1 : last + 1]]
        if _may_break(breaks, spaces, parts, begins_word=starts[first] == at):
            yield _boxes([word for _, word in words[first : last + 1]])
            at = text.find(wanted, at + len(wanted))
        else:
            at = text.find(wanted, at + 1)


def folded(text: str) -> str:
    """A text's letters and figures alone, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if each.isalnum())


def _may_break(
    breaks: Sequence[int], spaces: Sequence[int], parts: Sequence[str], *, begins_word: bool
) -> bool:
    """Whether a new word may begin at each of `breaks`, letters into what is searched for."""
    unasked = [at for at in breaks if at not in spaces]
    codes = [
        (start, start + len(part))
        for start, part in zip(spaces, parts, strict=True)
        if any(each.isdigit() for each in part)
    ]
    return all(
        any(start < at < end and (start or begins_word) for start, end in codes) for at in unasked
    )


def _starts(texts: Sequence[str]) -> list[int]:
    """Where each text begins, all of them in a row."""
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text)
    return starts


def _word_at(starts: Sequence[int], at: int) -> int:
    """The index of the word that the letter at `at` belongs to."""
    return bisect_right(starts, at) - 1


def _boxes(words: Sequence[Word]) -> tuple[Box, ...]:
    """The words' boxes, those of neighbours on a line as one."""
    boxes = [words[0].box]
    for before, word in pairwise(words):
        if _same_line(before.box, word.box):
            left, top, right, bottom = boxes[-1]
            boxes[-1] = (
                min(left, word.box[0]),
                min(top, word.box[1]),
                max(right, word.box[2]),
                max(bottom, word.box[3]),
            )
        else:
            boxes.append(word.box)
    return tuple(boxes)


def _same_line(one: Box, next: Box) -> bool:
    """Whether the next word stands beside the one before, and not below it or far away."""
    height = min(one[3] - one[1], next[3] - next[1])
    overlap = min(one[3], next[3]) - max(one[1], next[1])
    return 2 * overlap > height and -height < next[0] - one[2] < 3 * height
