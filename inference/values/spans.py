"""A value inside a text, and the mending of digits that OCR read as letters."""

import re
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Value:
    """A value found at `start:end` of a text.

    `parse` (0–1) says how fully the text had the type's form: 1 leaves nothing to assume.
    `checked` is whether a checksum holds; None where the kind has none.
    """

    canonical: str
    start: int
    end: int
    parse: float = 1.0
    checked: bool | None = None

    def overlaps(self, other: "Value") -> bool:
        """Whether both stand on some of the same characters."""
        return self.start < other.end and other.start < self.end

    def doubted(self, factor: float) -> "Value":
        """The same value, parsed less surely by `factor`."""
        return replace(self, parse=self.parse * factor)


LETTER_FOR_DIGIT = str.maketrans("OoQDIil|!SsBZzG", "000011111558226")
SLIP = re.compile(
    r"(?<![^\W\d_])[OoQDIil|!SsBZzG]{1,2}(?=[.,/-]?\d)|(?<=\d)[OoQDIil|SsBZzG]{1,2}(?![^\W\d_])"
    r"|(?<=\d[.,])[OoQDIil|SsBZzG]{1,2}(?![^\W\d_])|(?<=\d[.,]\d)[OoQDIil|SsBZzG](?![^\W\d_])"
)


def repaired(text: str) -> str:
    """`text` with letters next to digits read as digits where they look alike; the length stays the same."""
    return SLIP.sub(lambda slip: slip.group().translate(LETTER_FOR_DIGIT), text)
