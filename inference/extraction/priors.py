"""Where a value may be that no label names: the firm at a paper's head, the first date, the last amount."""

import re
from collections.abc import Sequence
from statistics import median

from cases.definition import FieldSpec
from inference.extraction.lexicon import ASIDE, FIRM, STREET
from inference.extraction.lines import Line, Span
from inference.values import Value
from inference.values.folding import fold, folded_words

HEAD = 10                                # lines of a paper among which its maker's name is
REGISTERED = re.compile(r"\(?\b[A-Z]{0,3}\d{5,}\s?-?\s?[A-Z]{0,2}\b\)?|\breg|\bco\.? ?no", re.IGNORECASE)
LEGAL = re.compile(
    r"\b(sdn\.? ?[bn8][hn]d|berhad|bhd|s/b|ltd|limited|llc|inc|gmbh|ag|plc|pty|pte|s\.?a\.?r\.?l|s\.?r\.?l"
    r"|s\.?p\.?a|b\.?v|n\.?v|oyj?|a/s|sp\.? ?z ?o\.? ?o|co\.|corp|enterprise|trading)(?![a-z])"
)


def unlabelled(spec: FieldSpec, span: Span, value: Value, lines: Sequence[Line]) -> float:
    """The score, 0–0.6, of a value that no label names, by the place that its field allows; 0 where it allows none."""
    where = spec.place or (None if spec.labels else "anywhere")
    if where is None:
        return 0.0
    if spec.type == "name":
        return maker(span, lines)
    depth = span.line.number / max(1, len(lines))
    weight = {"top": 1 - depth, "bottom": depth}.get(where, 1 - 0.3 * depth)
    return 0.45 * weight * value.parse if value.parse > 0.5 else 0.0


def maker(span: Span, lines: Sequence[Line]) -> float:
    """The score of a stretch of text as the name of the firm that made the paper."""
    line = span.line
    if line.number >= HEAD:
        return 0.0
    words = folded_words(span.text)
    letters = sum(map(str.isalpha, span.text)) / max(1, len(span.text.replace(" ", "")))
    if letters < 0.6 or max(map(len, words)) < 3:
        return 0.0
    follower = lines[line.number + 1].text if line.number + 1 < len(lines) else ""
    score = 0.3 + firmness(span.text, words) + 0.06 * bool(REGISTERED.search(follower))
    score += 0.1 * min(1.0, max(-0.5, span.height / typical(lines) - 1)) - 0.02 * line.number
    return min(0.6, max(0.0, score)) * purity(span, words)


def firmness(text: str, words: Sequence[str]) -> float:
    """What the words say for a firm: a legal form most."""
    if LEGAL.search(fold(text)):
        return 0.2
    return 0.1 if set(words) & FIRM else 0.0


def purity(span: Span, words: Sequence[str]) -> float:
    """How free of addresses, headings and other labels a stretch of text is, 0–1."""
    rest = span.line.text[: span.start] + span.line.text[span.end :]
    named = ":" in rest or any(map(str.isdigit, rest.replace("(", "")[:4]))
    aside = sum(word in ASIDE for word in words) / len(words)
    street = sum(word in STREET for word in words) / len(words)
    return (0.5 if named else 1.0) * (1 - aside) * max(0.1, 1 - 1.5 * street)


def typical(lines: Sequence[Line]) -> float:
    """The height that most lines have, in pixels."""
    return median(word.box[3] - word.box[1] for line in lines for word in line.words) or 1.0
