"""Whether two texts mean the same, given what people and OCR do to spelling."""

from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from inference.values.folding import fold_letters, fold_shapes, folded_words

LETTERS_A_SLIP = 6  # a word may differ in one letter for so many
NEAR = 85.0  # per cent of letters alike, from which two names may be one
UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))


def alike_names(one: str, other: str) -> float:
    """1 where two names are one but for case, order, accents and slips; 0.5 where they may be; else 0.

    They may be where one has more words than the other (a middle name, a legal form), shortens some to
    initials, or where a short word has a slip that could as well make another name.
    """
    shorter, longer = sorted((name_words(one), name_words(other)), key=len)
    if not shorter:
        return 0.0
    if sorted(shorter) == sorted(longer) or run_together(one) == run_together(other):
        return 1.0
    if len(shorter) == len(longer) and matched(shorter, longer, initials=False):
        return 1.0
    near = fuzz.ratio(" ".join(sorted(shorter)), " ".join(sorted(longer))) >= NEAR
    return 0.5 if near or matched(shorter, longer, initials=True) else 0.0


def name_words(name: str) -> list[str]:
    """The words of a name in the form in which they are compared."""
    return [plain(word) for word in folded_words(name)]


def plain(word: str) -> str:
    """A word with umlauts written out made short (Mueller, Müller: muller), and lookalikes made one."""
    for written, short in UMLAUTS:
        word = word.replace(written, short)
    return fold_shapes(word)


def run_together(name: str) -> str:
    """A name's letters in its own order, as where OCR lost the spaces."""
    return plain(fold_letters(name))


def matched(shorter: Sequence[str], longer: Sequence[str], *, initials: bool) -> bool:
    """Whether each word of the shorter name is another of the longer; at least one whole, if
    initials count.
    """
    left = list(longer)
    whole = 0
    for word in sorted(shorter, key=len, reverse=True):
        same = next((other for other in left if same_word(word, other)), None)
        if same is None and initials:
            same = next((other for other in left if is_initial(word, other)), None)
        else:
            whole += 1
        if same is None:
            return False
        left.remove(same)
    return whole > 0


def same_word(one: str, other: str) -> bool:
    """Whether two words are equal but for the slips that their length allows."""
    allowed = min(len(one), len(other)) // LETTERS_A_SLIP
    return Levenshtein.distance(one, other, score_cutoff=allowed) <= allowed


def is_initial(one: str, other: str) -> bool:
    """Whether one of two words is the other's first letter."""
    return min(len(one), len(other)) == 1 and one[:1] == other[:1]


def text_likeness(one: str, other: str) -> float:
    """The share of letters and digits that two texts have in common, 0–1."""
    return fuzz.ratio(fold_letters(one), fold_letters(other)) / 100
