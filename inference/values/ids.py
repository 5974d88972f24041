"""Identifiers, with the checksum of those that have one."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from inference.values import iban
from inference.values.spans import LETTER_FOR_DIGIT, Value


def lei_holds(text: str) -> bool:
    """Whether a legal entity identifier's check digits hold (ISO 17442: mod 97 is 1)."""
    return int("".join(str(int(character, 36)) for character in text)) % 97 == 1


def luhn_holds(text: str) -> bool:
    """Whether the last digit is Luhn's check digit of the others (ISO/IEC 7812-1)."""
    digits = [int(character) for character in reversed(text)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def npi_holds(text: str) -> bool:
    """Whether a US provider identifier holds: Luhn with the prefix 80840."""
    return luhn_holds("80840" + text)


def nhs_holds(text: str) -> bool:
    """Whether an NHS number's check digit holds (mod 11 of weights 10 to 2)."""
    total = sum(
        int(digit) * weight for digit, weight in zip(text[:9], range(10, 1, -1), strict=True)
    )
    return (11 - total % 11) % 11 == int(text[9])


@dataclass(frozen=True, slots=True)
class Format:
    """A known kind of id: its look in print (spaces allowed), and its checksum over the packed text."""

    pattern: re.Pattern[str]
    holds: Callable[[str], bool]
    figures: bool = True


def spaced(body: str) -> re.Pattern[str]:
    """The pattern of an id that stands apart from other letters and digits."""
    return re.compile(rf"(?<![^\W_]){body}(?![^\W_])", re.IGNORECASE)


FORMATS: Mapping[str, Format] = {
    "lei": Format(spaced(r"[A-Z0-9]{18}[ ]?[0-9OIlSB]{2}"), lei_holds, False),
    "luhn": Format(spaced(r"[0-9OIlSB](?:[ -]?[0-9OIlSB]){11,18}"), luhn_holds),
    "npi": Format(spaced(r"[12][0-9OIlSB]{9}"), npi_holds),
    "nhs": Format(spaced(r"[0-9OIlSB]{3}[ -]?[0-9OIlSB]{3}[ -]?[0-9OIlSB]{4}"), nhs_holds),
}
PLAIN = re.compile(
    r"(?<![^\W_])(?=[^\s:]*\d)[A-Z0-9](?:[A-Z0-9]|[/.\-](?=[A-Z0-9])){2,29}", re.IGNORECASE
)


def find(text: str, form: str | None) -> Iterator[Value]:
    """The ids in `text`: of a known `form`, or of one given as a regular expression, or any run
    with a digit.
    """
    if form == "iban":
        yield from iban.find(text)
    elif known := FORMATS.get(form or ""):
        yield from find_known(text, known)
    else:
        for match in (re.compile(form) if form else PLAIN).finditer(text):
            yield Value(packed(match.group()), *match.span())


def find_known(text: str, form: Format) -> Iterator[Value]:
    """The ids of a known form; where it is of figures alone, letters that look like them are read as such."""
    for match in form.pattern.finditer(text):
        read = re.sub(r"[\s-]", "", match.group())
        mended = read.translate(LETTER_FOR_DIGIT) if form.figures else read.upper()
        yield Value(
            mended, *match.span(), 1.0 if mended == read.upper() else 0.7, form.holds(mended)
        )


def packed(text: str) -> str:
    """`text` in capitals without spaces."""
    return re.sub(r"\s", "", text).upper()
