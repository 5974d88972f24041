"""Names, free text, and choices, taken from the text beside a label or from a line of its own."""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from inference.values.folding import folded_words
from inference.values.spans import Value

GAP = re.compile(r"\s{3,}")
NAME = re.compile(r"[^\W_](?:(?!\s{3}|__)[^:;|])*")
REGISTRATION = re.compile(r"\s?\([^()]*\d{4}[^()]*\)?\s*$")  # a firm's number behind its name
CAPITAL_IN_WORD = re.compile(r"(?<=[a-z])I(?=[a-z]|\b)")
ZERO_IN_WORD = re.compile(r"(?<![\w-])0(?=[^\W\d_]{2})")
TRAILING = " \t,;:-–_*=|\"'/"
CHOICE_FLOOR = 80.0


def find(text: str) -> Iterator[Value]:
    """The stretches of `text` that can be a name of a person or a firm: letters, between gaps and colons."""
    for match in NAME.finditer(text):
        kept = REGISTRATION.sub("", match.group()).rstrip(TRAILING)
        start, end = match.start(), match.start() + len(kept)
        name = ZERO_IN_WORD.sub("O", CAPITAL_IN_WORD.sub("l", kept))
        letters = sum(character.isalpha() for character in name)
        if letters >= 2:
            visible = sum(not character.isspace() for character in name)
            yield Value(collapsed(name), start, end, round(letters / visible, 2))


def find_text(text: str) -> Iterator[Value]:
    """The stretches of `text` between gaps."""
    position = 0
    for piece in GAP.split(text):
        start = text.index(piece, position)
        position = start + len(piece)
        core = piece.strip(" :;|_-")
        if core:
            begin = text.index(core, start)
            yield Value(collapsed(core), begin, begin + len(core))


def find_choices(text: str, choices: tuple[str, ...]) -> Iterator[Value]:
    """The choice whose words `text` has best, between gaps; none where two fit alike."""
    for piece in find_text(text):
        words = " ".join(folded_words(piece.canonical))
        scores = sorted(((similarity(words, choice), choice) for choice in choices), reverse=True)
        clear = scores and (len(scores) == 1 or scores[0][0] > scores[1][0])
        if clear and scores[0][0] >= CHOICE_FLOOR:
            yield Value(scores[0][1], piece.start, piece.end, scores[0][0] / 100)


def similarity(words: str, choice: str) -> float:
    """How alike some words and a choice's key are, 0–100, whatever their order."""
    return fuzz.token_sort_ratio(words, " ".join(folded_words(choice.replace("_", " "))))


def collapsed(text: str) -> str:
    """`text` with single spaces."""
    return " ".join(text.split())
