"""Where a value may be that no label names: the firm at a paper's head, the first date, the last amount."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from cases.definition import FieldSpec, Place
from inference.extraction.lexicon import ASIDE, FIRM, SHARES, STREET, STREET_ENDINGS, share
from inference.extraction.lines import Line, Span, joined_lines
from inference.values.folding import fold, folded_words

HEAD = 10  # lines of a paper among which its maker's name is
REGISTERED = re.compile(
    r"^\W*[A-Z]{0,3}\d{5,}\s?-?\s?[A-Z]{0,2}\W*$|\breg\b|\bco\.? ?(reg|no)|\b(gst|vat|uid|siret|brn|ssm)\b",
    re.IGNORECASE,
)
PRICE = re.compile(r"(?<![\d.,])\d{1,4}[.,]\d{2}\s?(?:[A-Z*]|[€£$]|[A-Z]{3})?\s*$")
HOUSE_NUMBER = re.compile(
    r"\s\d{1,4}(?:[-/]\d{1,3})* ?[a-z]?$|^\d{1,4}(?:-\d{1,3})+\s", re.IGNORECASE
)
POSTCODE = re.compile(r",\s?[A-Z]{2}\s+\d{5}\b|(?<![\d-])\d{5}\s+[A-Z][^\W\d_]{2}")
LEGAL = re.compile(
    r"\b(sdn\.? ?[bn8][hn]d|berhad|bhd|s/b|ltd|limited|llc|inc|gmbh|ag|plc|pty|pte|s\.?a\.?r\.?l|s\.?r\.?l"
    r"|s\.?p\.?a|b\.?v|n\.?v|oyj?|a/s|sp\.? ?z ?o\.? ?o|co\.|corp|enterprise|trading|k\.k\.|s\.? ?r\.? ?o\.?"
    r"|d\.? ?o\.? ?o\.?|s\.? ?r\.? ?l|s\.? ?n\.? ?c|s\.l\.|s\.a\.s|kft|zrt|aps|lda|ltda|sti|e\.k\.|tmi|uab)"
    r"(?![a-z])"
    r"|\b(as|ab|sa|ou|bt|ky|sia|a\.? ?s\.?|d\.d\.|k\.s\.)\W*$"
)


def headings(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines at a paper's head with the next one, where that only says what form of firm it is."""
    for line, following in pairwise(lines[:HEAD]):
        words = folded_words(following.text)
        if words and set(words) <= FIRM and LEGAL.search(fold(following.text)):
            yield joined_lines([line, following])


def unlabelled(spec: FieldSpec, span: Span, lines: Sequence[Line]) -> float:
    """The score, 0–0.7, of a value that no label names; 0 where its field allows no such place."""
    where = where_unlabelled(spec)
    if where is None:
        return 0.0
    if spec.type == "name":
        return maker(span, lines)
    depth = span.line.number / max(1, len(lines))
    return 0.7 * {"top": 1 - depth, "bottom": depth}.get(where, 1 - 0.3 * depth)


def where_unlabelled(spec: FieldSpec) -> Place | None:
    """Where a field's value may be taken from without a label; None: nowhere."""
    return spec.place or (None if spec.labels else "anywhere")


def maker(span: Span, lines: Sequence[Line]) -> float:
    """The score of a stretch of text as the name of the firm that made the paper."""
    words = folded_words(span.text)
    if span.line.number >= HEAD or not looks_named(span.text, words) or is_priced(span.line):
        return 0.0
    score = 0.45 + firmness(span.text, words) - 0.03 * span.line.number
    score += 0.1 * min(1.0, max(-0.5, span.height / typical(lines) - 1))
    return min(0.7, score + 0.05 * heads_block(span, lines)) * purity(span, words)


def is_priced(line: Line) -> bool:
    """Whether a line says what something costs, as goods do under a head that is only a logo."""
    return bool(PRICE.search(line.text))


def looks_named(text: str, words: Sequence[str]) -> bool:
    """Whether a text is mostly of letters, with a word of three or more."""
    visible = [character for character in text if not character.isspace()]
    return (
        sum(map(str.isalpha, visible)) >= 0.6 * len(visible)
        and max(map(len, words), default=0) >= 3
    )


def firmness(text: str, words: Sequence[str]) -> float:
    """What the words say for a firm: a legal form most.

    Words of trades alone are no name, and a note by hand is mostly read in small letters.
    """
    if set(words) <= FIRM:
        return -0.1
    if LEGAL.search(fold(text)):
        return 0.2
    return (0.1 if set(words) & FIRM else 0.0) - (0.1 if text.islower() else 0.0)


def heads_block(span: Span, lines: Sequence[Line]) -> float:
    """Over 0 where lines follow closely, as a firm's address does; -1 where it stands alone."""
    following = [line for line in lines[span.line.number + 1 :] if line.words]
    if not following:
        return 0.0
    gap = min(word.box[1] for word in following[0].words) - span.box[3]
    registered = bool(REGISTERED.search(following[0].text))
    return registered + (
        1.0 if gap < 0.6 * typical(lines) else -1.0 if gap > 1.2 * typical(lines) else 0.0
    )


def purity(span: Span, words: Sequence[str]) -> float:
    """How free of addresses, headings and other labels a stretch of text is, 0–1."""
    rest = span.line.text[: span.start] + span.line.text[span.end :]
    aside = share(words, ASIDE)
    if set(words) & SHARES and any(map(str.isdigit, span.text)):
        return 0.0
    return (
        (0.5 if ":" in rest else 1.0)
        * (1 - aside)
        * max(0.1, 1 - 1.5 * streetness(span.text, words))
    )


def streetness(text: str, words: Sequence[str]) -> float:
    """How much of a text is an address, 0–1; nothing of it where it has a firm's legal form."""
    if LEGAL.search(fold(text)):
        return 0.0
    compounds = sum(word.endswith(STREET_ENDINGS) for word in words) / len(words)
    place = 0.15 * bool(HOUSE_NUMBER.search(text)) + 0.6 * bool(POSTCODE.search(text))
    return min(1.0, share(words, STREET) + compounds + place)


def typical(lines: Sequence[Line]) -> float:
    """The height that most lines have, in pixels."""
    return median(word.box[3] - word.box[1] for line in lines for word in line.words) or 1.0
