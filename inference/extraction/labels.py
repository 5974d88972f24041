"""Where a field's labels stand on the lines, read with the slips that OCR makes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from inference.extraction.lexicon import ABBREVIATED, INCLUDING, JOINING, NEUTRAL, TURNING
from inference.extraction.lines import GAP, Line, Span
from inference.values.folding import fold_letters, fold_shapes, folded_words

TOKEN = re.compile(r"[^\W\d_]+|\d+")
SHORT = 4  # letters: a label of fewer must be spelled right
LONG = 8  # letters: a word of as many may have a slip
LONG_INCLUDING = sorted(word for word in INCLUDING if len(word) >= LONG)
ABBREVIATIONS = {fold_shapes(short): fold_shapes(word) for short, word in ABBREVIATED.items()}


@dataclass(frozen=True, slots=True)
class Label:
    """A label seen.

    `match` (0–1) is how well its letters fit, `whole` (0–1) how much of the printed label it is.
    """

    span: Span
    wanted: str
    match: float
    whole: float

    @property
    def quality(self) -> float:
        """Both together."""
        return self.match * self.whole


def labels_on(line: Line, wanted: Sequence[str], *, free: bool) -> list[Label]:
    """The wanted labels on a line, the best where several overlap.

    `free` says that the value itself is of words, so that not all words behind a label belong to it.
    """
    tokens = list(TOKEN.finditer(line.text))
    spelled = [spelled_label(label) for label in wanted]
    runs = list(runs_on(line, tokens, max(map(len, spelled), default=0)))
    seen = [
        Label(span, wanted[label], match, wholeness(span, tokens, free=free))
        for label, run, match in alike([run for _, _, run in runs], spelled)
        for span in [line.span(*runs[run][:2])]
        if not another(span, wanted[label])
    ]
    seen.sort(key=lambda label: (label.quality, len(label.wanted)), reverse=True)
    kept: list[Label] = []
    for label in seen:
        if not any(label.span.overlaps(other.span) for other in kept):
            kept.append(label)
    return kept


def another(span: Span, wanted: str) -> bool:
    """Whether words so like a label turn it into another's: "Total items" is no slip of "Total lei"."""
    return bool(set(folded_words(span.text)) & TURNING - set(folded_words(wanted)))


def runs_on(
    line: Line, tokens: Sequence[re.Match[str]], longest: int
) -> Iterator[tuple[int, int, str]]:
    """The stretches of tokens, folded, that could spell a label of at most `longest` letters.

    None reaches across a gap.
    """
    spelled = [spelled_out(token.group()) for token in tokens]
    for first, token in enumerate(tokens):
        run = ""
        for last, letters in zip(tokens[first:], spelled[first:], strict=True):
            run += letters
            if len(run) > 1.3 * longest + 1 or GAP in line.text[token.start() : last.start()]:
                break
            yield token.start(), last.end(), run


def alike(runs: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Which label (by its place in `wanted`) which run spells, a few slips allowed, and how well (0–1).

    One letter in four may differ, none in a short label.
    """
    if not runs or not wanted:
        return
    lengths = np.array([len(label) for label in wanted])
    allowed = np.where(lengths < SHORT, 0, lengths // 4)
    slips = process.cdist(
        wanted, runs, scorer=Levenshtein.distance, score_cutoff=int(allowed.max())
    )
    for label, run in np.argwhere(slips <= allowed[:, None]):
        yield int(label), int(run), 1.0 - float(slips[label, run]) / int(lengths[label])


def spelled_out(word: str) -> str:
    """A word folded, a usual abbreviation in full."""
    shape = fold_shapes(word)
    return ABBREVIATIONS.get(shape, shape)


@lru_cache(maxsize=1000)
def spelled_label(label: str) -> str:
    """A wanted label, folded, its words run together."""
    return "".join(map(spelled_out, TOKEN.findall(label)))


def wholeness(span: Span, tokens: Sequence[re.Match[str]], *, free: bool) -> float:
    """How much of the label as printed `span` is: 1 where no other word belongs to it."""
    before = words_before(span, tokens)
    after = words_after(span, tokens, free=free)
    others = [word for word in (*before, *after) if word not in NEUTRAL and not includes(word)]
    turned = set(others) & TURNING
    if turned and not any(map(includes, after)):
        return 0.15
    count = len(TOKEN.findall(span.text))
    return count / (count + 0.6 * (len(others) - len(turned)))


@lru_cache(maxsize=10_000)
def includes(word: str) -> bool:
    """Whether a word says that a sum holds something; a slip is allowed in a long one."""
    if word in INCLUDING or len(word) < LONG:
        return word in INCLUDING
    near = process.extractOne(word, LONG_INCLUDING, scorer=Levenshtein.distance, score_cutoff=1)
    return near is not None


def words_before(span: Span, tokens: Sequence[re.Match[str]]) -> list[str]:
    """The words before `span` that run on into it: no gap, colon or figure between."""
    words: list[str] = []
    edge = span.start
    for token in reversed([token for token in tokens if token.end() <= span.start]):
        between = span.line.text[token.end() : edge]
        if GAP in between or ":" in between or token.group().isdigit():
            break
        words.append(fold_letters(token.group()))
        edge = token.start()
    return words


def words_after(span: Span, tokens: Sequence[re.Match[str]], *, free: bool) -> list[str]:
    """The words after `span` that belong to the label: up to a colon, a gap or a figure.

    Where the value is itself of words, only those before a colon, or those that a joining word ties
    to the label.
    """
    words: list[str] = []
    edge, closed = span.end, False
    for token in (token for token in tokens if token.start() >= span.end):
        between = span.line.text[edge : token.start()]
        if GAP in between or ":" in between or token.group().isdigit():
            closed = ":" in between
            break
        words.append(fold_letters(token.group()))
        edge = token.end()
    else:
        closed = ":" in span.line.text[edge : edge + 2]
    tied = bool(words) and words[0] in JOINING
    return words if not free or closed or tied else []
