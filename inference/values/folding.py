"""Text brought to a form in which equal words compare equal: no case, no accents, no letters that
OCR confuses.
"""

import re
import unicodedata

LIGATURES = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "’": "'"}
)
LOOKALIKES = str.maketrans("01|!58i", "olllsbl")
WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """`text` without case and accents, its length not kept."""
    lowered = text.casefold().translate(LIGATURES)
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def fold_letters(text: str) -> str:
    """The letters and digits of `text`, folded and run together."""
    return "".join(WORD.findall(fold(text)))


def fold_shapes(text: str) -> str:
    """As `fold_letters`, and with characters that OCR takes for each other made one (0 and O; 1, I
    and l; rn and m).
    """
    return fold_letters(text).translate(LOOKALIKES).replace("rn", "m")


def folded_words(text: str) -> tuple[str, ...]:
    """The words of `text`, folded."""
    return tuple(WORD.findall(fold(text)))
