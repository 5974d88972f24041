"""Phrases that people may say in many ways: their grammar, and where a text says them. Pure.

    chest .. pain                 words in their order, with up to three others in between; `..5`: up to five
    (pain|ache|tight*) in chest   one of several, each of which may be a phrase itself; `*`: any ending
    worst [ever] headache         what may be left out
    fits!                         this form of the word and no other
    temperature .. {38-43}        a number from 38 to 43, in digits or, up to twenty, in words
    stiff neck + fever            both, in whichever order and wherever in the text

A word stands for its plain forms: `bleed` for bleeds and bleeding, `collapse` for collapsed. Case, accents,
hyphens and all kinds of apostrophe make no difference (`cant` is can't), nor does a letter that is drawn
out (nooo). Words of seven letters and more are known with one letter wrong, missing, too much or swapped
with its neighbour, but for the first. Nothing is found across the end of a sentence.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

Place = tuple[int, int]
"""Some words of a text in a row: the first one's index, and that after the last."""

LONG = 7
GAP = 3
TOKEN = re.compile(
    r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’‘`´ʼ＇\u00ad\u200b-\u200d\u2060\u0300-\u036f]+[^\W\d_]+)*"
)
SENTENCE_END = re.compile(r"[.!?;…]|\n\s*\n|\n\s*[-*•]")
DRAWN_OUT = re.compile(r"(.)\1{2,}")
PIECE = re.compile(
    r"\s*(?:(?P<gap>\.\.)(?P<size>\d*)|\{(?P<low>\d+(?:\.\d+)?)-(?P<high>\d+(?:\.\d+)?)\}"
    r"|(?P<word>[^\W\d_](?:[^\W\d_]|['’])*)(?P<form>[*!]?)|(?P<mark>[()\[\]|+]))"
)
ENDINGS = {"ies": "y", "ing": "", "ied": "y", "ees": "ee", "ed": "", "es": "", "s": ""}
NO_ENDINGS = ("eed", "ss", "us", "is")
NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
NUMBERS = {word: float(at) for at, word in enumerate(NUMBER_WORDS.split())}


class InvalidPhrase(ValueError):
    """A phrase that is none; the message says why."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word to be found; with the form `!` as it stands, with `*` whatever follows it."""

    letters: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number to be found, both bounds included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Either:
    """One of several; where it is `optional`, or none of them."""

    options: tuple["Row", ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Parts in a row, each with how many other words may stand before it."""

    parts: tuple[tuple[int, "Word | Number | Either"], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """Rows that all have to be said, wherever; `letters` are all their words."""

    rows: tuple[Row, ...]
    letters: frozenset[str]


class Text:
    """A text's words, with where they stand in it."""

    def __init__(self, text: str) -> None:
        """Reads `text`; its words are numbered from 0."""
        self.text = text
        found = list(TOKEN.finditer(text))
        self.spans = [(each.start(), each.end()) for each in found]
        self.words = [plain(each[0]) for each in found]
        self.before = [
            text[start:end]
            for start, end in zip(
                [0, *(end for _, end in self.spans)],
                [*(start for start, _ in self.spans), len(text)],
                strict=True,
            )
        ]
        self.sentence = list(numbered(self.before))
        self.found: dict[Phrase, list[list[Place]]] = {}
        self.forms: dict[str, list[int]] = {}
        self.stems: dict[str, list[int]] = {}
        for index, word in enumerate(self.words):
            self.forms.setdefault(word, []).append(index)
            self.stems.setdefault(stem(word), []).append(index)

    def span(self, place: Place) -> list[int]:
        """Where some words begin and end in the text."""
        return [self.spans[place[0]][0], self.spans[place[1] - 1][1]]


def numbered(before: list[str]) -> Iterator[int]:
    """The number of each word's sentence."""
    number = 0
    for between in before[:-1]:
        number += bool(SENTENCE_END.search(between))
        yield number


@lru_cache(maxsize=8192)
def plain(word: str) -> str:
    """A word as it is compared: small letters without accents and apostrophes."""
    if word[0].isdecimal():
        return unicodedata.normalize("NFKC", word)
    letters = unicodedata.normalize("NFKD", word).casefold()
    return DRAWN_OUT.sub(r"\1", "".join(each for each in letters if each.isalpha())) or word


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without its plain endings, so that its forms are alike: not a root, only the same."""
    for ending, instead in ENDINGS.items():
        left = word.removesuffix(ending) + instead
        if word.endswith(ending) and is_stem(left) and not word.endswith(NO_ENDINGS):
            word = left
            break
    word = word.removesuffix("e") if len(word) > 3 else word
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def is_stem(word: str) -> bool:
    """Whether a word may end here: three letters at least, with a vowel in them."""
    return len(word) >= 3 and any(vowel in word for vowel in "aeiouy")


@lru_cache(maxsize=4096)
def compiled(phrase: str) -> Phrase:
    """A phrase of the grammar above; raises InvalidPhrase."""
    pieces: list[re.Match[str]] = []
    end = 0
    while piece := PIECE.match(phrase, end):
        pieces.append(piece)
        end = piece.end()
    if phrase[end:].strip():
        raise InvalidPhrase(f"{phrase[end:].strip()!r} can't be read")
    rows, left = alternatives(pieces, "+")
    if left:
        raise InvalidPhrase(f"{left[0][0].strip()!r} closes nothing")
    return Phrase(rows, frozenset(plain(piece["word"]) for piece in pieces if piece["word"]))


def alternatives(
    pieces: list[re.Match[str]], between: str = "|"
) -> tuple[tuple[Row, ...], list[re.Match[str]]]:
    """Rows with a mark between them, and what is left behind them."""
    row, pieces = one_row(pieces)
    rows = [row]
    while pieces and pieces[0]["mark"] == between:
        row, pieces = one_row(pieces[1:])
        rows.append(row)
    return tuple(rows), pieces


def one_row(pieces: list[re.Match[str]]) -> tuple[Row, list[re.Match[str]]]:
    """A row, up to a mark that ends it, and what is left behind it."""
    parts: list[tuple[int, Word | Number | Either]] = []
    gap = 0
    while pieces and (pieces[0]["mark"] or "(") in "([":
        piece, *pieces = pieces
        if piece["gap"]:
            gap = int(piece["size"] or GAP)
            continue
        if piece["mark"]:
            options, pieces = alternatives(pieces)
            closing = {"(": ")", "[": "]"}[piece["mark"]]
            if not pieces or pieces[0]["mark"] != closing:
                raise InvalidPhrase(f"{piece['mark']!r} is not closed by {closing!r}")
            pieces = pieces[1:]
            part: Word | Number | Either = Either(options, piece["mark"] == "[")
        elif piece["word"]:
            part = Word(plain(piece["word"]), piece["form"])
        else:
            part = Number(float(piece["low"]), float(piece["high"]))
        if gap and not parts:
            raise InvalidPhrase("begins with a gap")
        parts.append((gap, part))
        gap = 0
    return checked(parts, gap), pieces


def checked(parts: list[tuple[int, Word | Number | Either]], gap: int) -> Row:
    """The parts as a row; raises InvalidPhrase where nothing has to be said at its beginning or end."""
    if gap:
        raise InvalidPhrase("ends with a gap")
    if not parts:
        raise InvalidPhrase("says nothing in one of its places")
    first = parts[0][1]
    if isinstance(first, Either) and first.optional:
        raise InvalidPhrase("begins with what may be left out: leave it out")
    return Row(tuple(parts))


def finds(phrase: Phrase, text: Text) -> list[list[Place]]:
    """For each row of a phrase, where the text says it, and in no fewer words; looked for once."""
    if phrase not in text.found:
        text.found[phrase] = [shortest(places(row, text)) for row in phrase.rows]
    return text.found[phrase]


def shortest(found: set[Place]) -> list[Place]:
    """The places that have no other in them, in their order."""
    kept: list[Place] = []
    for start, end in sorted(found, key=lambda place: (place[1], -place[0])):
        if not kept or start > kept[-1][0]:
            kept.append((start, end))
    return kept


def places(part: Row | Either | Word | Number, text: Text) -> set[Place]:
    """Where a text says a part of a phrase."""
    if isinstance(part, Word):
        return {(index, index + 1) for index in said(part, text)}
    if isinstance(part, Number):
        return {
            (index, index + 1)
            for form, found in text.forms.items()
            if part.low <= number(form) <= part.high
            for index in found
        }
    if isinstance(part, Either):
        return set[Place]().union(*(places(row, text) for row in part.options))
    return in_a_row(part, text)


def in_a_row(row: Row, text: Text) -> set[Place]:
    """Where a text says the parts of a row one after the other."""
    found = {(start, end, 0) for start, end in places(row.parts[0][1], text)}
    for gap, part in row.parts[1:]:
        if not found:
            break
        ends: dict[int, list[int]] = {}
        for start, end in places(part, text):
            ends.setdefault(start, []).append(end)
        joined = {
            (start, after, 0)
            for start, end, left in found
            for following in range(end, end + gap + left + 1)
            if following in ends and text.sentence[following] == text.sentence[end - 1]
            for after in ends[following]
        }
        if isinstance(part, Either) and part.optional:
            joined |= {(start, end, left + gap) for start, end, left in found}
        found = joined
    return {(start, end) for start, end, _ in found}


def said(word: Word, text: Text) -> list[int]:
    """Which words of a text are forms of a word."""
    if word.form == "!":
        return text.forms.get(word.letters, [])
    if word.form == "*":
        return [
            index
            for form, found in text.forms.items()
            if form.startswith(word.letters)
            for index in found
        ]
    found = list(text.stems.get(stem(word.letters), ()))
    if len(word.letters) >= LONG:
        for form, others in text.forms.items():
            if is_slip(form, word.letters):
                found += others
    return found


@lru_cache(maxsize=65536)
def is_slip(form: str, word: str) -> bool:
    """Whether a form is a word with one letter wrong, missing, too much or swapped; never the first."""
    if form[0] != word[0] or abs(len(form) - len(word)) > 1 or form == word:
        return False
    same = next((at for at in range(min(len(form), len(word))) if form[at] != word[at]), None)
    if same is None:
        return True
    mine, its = form[same:], word[same:]
    return (
        mine[1:] == its[1:]
        or mine[1:] == its
        or mine == its[1:]
        or (mine[1::-1] == its[:2] and mine[2:] == its[2:])
    )


def number(form: str) -> float:
    """The number that a word is; NaN, which is between no bounds, where it is none."""
    if form in NUMBERS:
        return NUMBERS[form]
    try:
        return float(form.replace(",", "."))
    except ValueError:
        return float("nan")
