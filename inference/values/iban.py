"""International bank account numbers, found and mended by the help of their length and check digits."""

import re
from collections.abc import Iterator

from inference.values.spans import LETTER_FOR_DIGIT, Value

LENGTHS = {
    # SWIFT's IBAN registry: country to the length of the whole
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21,
    "HU": 28, "IE": 22,
    "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21,
    "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28,
    "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TN": 24,
    "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
LETTER_FOR_FIGURE = str.maketrans("01582", "OISBZ")
START = re.compile(r"(?<![^\W_])[A-Z0158]{2}[ ]?[0-9OoQDIlSB]{2}(?=[ .-]?[A-Z0-9])", re.IGNORECASE)
BODY = re.compile(r"[A-Z0-9](?:[ .-]{0,2}[A-Z0-9|])*", re.IGNORECASE)
TWINS = str.maketrans("O0I1S5B8Z2G6", "0O1I5S8B2Z6G")


def holds(text: str) -> bool:
    """Whether the length is the country's and the check digits hold (ISO 13616: the rotated digits
    mod 97 give 1).
    """
    if len(text) != LENGTHS.get(text[:2]) or not (text.isascii() and text.isalnum()):
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def find(text: str) -> Iterator[Value]:
    """The IBANs in `text`; one whose check digits don't hold comes back as read, `checked` False."""
    after = 0
    for match in START.finditer(text):
        if match.start() < after:
            continue
        country = text[match.start() : match.start() + 2].upper().translate(LETTER_FOR_FIGURE)
        body = BODY.match(text, match.start())
        if body is None or country not in LENGTHS:
            continue
        after = ending(body, LENGTHS[country])
        yield read(text[match.start() : after], match.start(), after, LENGTHS[country])


def ending(body: re.Match[str], length: int) -> int:
    """Where an IBAN of `length` ends in a run of groups; at the run's end where that is too short."""
    offsets = [
        i for i, character in enumerate(body.group()) if character.isalnum() or character == "|"
    ]
    return body.start() + offsets[min(length, len(offsets)) - 1] + 1


def read(text: str, start: int, end: int, length: int) -> Value:
    """The IBAN printed as `text`, mended where only a mended form holds."""
    packed = re.sub(r"[ .-]", "", text).upper().replace("|", "1")
    head = packed[:2].translate(LETTER_FOR_FIGURE) + packed[2:4].translate(LETTER_FOR_DIGIT)
    plain = head + packed[4:]
    if holds(plain):
        return Value(plain, start, end, 1.0 if plain == packed else 0.9, True)
    figures = head + packed[4:].translate(LETTER_FOR_DIGIT)
    mended = [figures] if holds(figures) else [one for one in swapped(plain) if holds(one)]
    if len(mended) == 1:
        return Value(mended[0], start, end, 0.7, True)
    return Value(plain, start, end, 0.5 if len(plain) == length else 0.3, False)


def swapped(plain: str) -> set[str]:
    """The same with one character of the account changed for the one that looks like it."""
    every = {
        plain[:at] + plain[at].translate(TWINS) + plain[at + 1 :] for at in range(4, len(plain))
    }
    return every - {plain}
