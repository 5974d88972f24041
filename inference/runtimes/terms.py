"""The terms of a text: what a text model counts, and where in the text each stands. Pure.

A term is a word's stem, or two stems that follow one another. Words that a denial reaches ("no chest
pain") are other terms than the same words said outright, so that a model can tell them apart.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)?|[.!?;:,()\n]")
DENIALS: Final = frozenset({
    "no", "not", "without", "never", "nor", "neither", "none", "denies", "denied", "deny", "nothing",
    "isnt", "arent", "wasnt", "hasnt", "havent", "hadnt", "dont", "doesnt", "didnt",
})  # fmt: skip
TURNS: Final = frozenset(
    {"but", "however", "though", "although", "except", "just", "only", "still"}
)
"""Words with which a denial ends."""
REACH: Final = 5
"""How many words a denial reaches, at most, within its clause."""
DENIED: Final = "!"
NUMBERS: Final = frozenset({
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "couple", "few", "several",
})  # fmt: skip
NUMBER: Final = "#"
FEVER: Final = "#fever"
"""A number that is a temperature in °C or °F that counts as a fever."""
ENDINGS: Final = (
    ("iness", "i"), ("ness", ""), ("ings", ""), ("ing", ""), ("ied", "i"), ("ies", "i"),
    ("edly", ""), ("ed", ""), ("ly", ""), ("es", ""), ("s", ""), ("e", ""), ("y", "i"),
)  # fmt: skip
SHORTEST: Final = 3
"""No stem is left with fewer letters than this by taking an ending off."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text: the characters `start` to before `end`, its stem, and whether denied.

    `clause` tells which words belong together.
    """

    start: int
    end: int
    stem: str
    denied: bool
    clause: int

    @property
    def term(self) -> str:
        """The word as a term by itself."""
        return DENIED + self.stem if self.denied else self.stem


def words_of(text: str) -> list[Word]:
    """The words of a text in their order; numbers are words too."""
    words: list[Word] = []
    clause, reach = 0, 0
    for match in WORD.finditer(text):
        said = match[0]
        if not said[0].isalnum():
            clause, reach = clause + 1, 0
            continue
        plain = folded(said)
        if plain in TURNS:
            reach = 0
        words.append(Word(*match.span(), stem(plain), reach > 0, clause))
        reach = REACH if plain in DENIALS else max(reach - 1, 0)
    return words


def terms_of(words: list[Word]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each occurrence of a term, with the places in `words` of the words that it is made of."""
    for place, word in enumerate(words):
        yield word.term, (place,)
        if place and words[place - 1].clause == word.clause:
            yield f"{words[place - 1].term} {word.term}", (place - 1, place)


def folded(said: str) -> str:
    """A word in small letters, without accents and apostrophes; numbers as what they may mean."""
    if said[0].isdecimal():
        value = float(said.replace(",", "."))
        return FEVER if 38 <= value < 43 or 100.4 <= value < 108 else NUMBER
    apart = unicodedata.normalize("NFKD", said.casefold())
    plain = "".join(letter for letter in apart if letter.isalpha())
    return NUMBER if plain in NUMBERS else plain or said


def stem(word: str) -> str:
    """A word without its ending, so that "bleeding", "bleeds" and "bleed" are one."""
    for ending, instead in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            if ending == "s" and word.endswith(("ss", "us")):
                return word
            root = word.removesuffix(ending)
            if ending in ("ing", "ed", "ings") and root[-1] == root[-2] and root[-1] not in "lsz":
                root = root[:-1]
            if ending in ("ing", "ed", "ings", "es", "s"):
                root = root.removesuffix("e") if len(root) > SHORTEST else root
            return root + instead
    return word
