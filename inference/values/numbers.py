"""Percentages and whole numbers."""

import re
from collections.abc import Iterator
from decimal import Decimal

from inference.values.spans import Value

MARK = r"%|0/0|(?:per\s?cent|pct|Prozent|pour\s?cent|por\s?ciento)\b"
PERCENTAGE = re.compile(
    r"(?<![\d.,/])(?P<sign>[-−])?(?P<number>\d{1,3}(?:[ ]?[.,][ ]?\d{1,4})?)"
    rf"(?P<mark>\s?(?:{MARK}))?(?![\d/:]|[.,]\d)",
    re.IGNORECASE,
)
INTEGER = re.compile(
    r"(?<![\d.,/:\w-])-?\d{1,9}(?!\w|[.,:/-]\d|\s?%)|(?<![\d.,/:-])\d{1,4}(?=[^\W\d_]{3,})"
)


def find_percentages(text: str) -> Iterator[Value]:
    """The percentages in `text`; a number without a sign of percent is one too, parsed at 0.4."""
    for match in PERCENTAGE.finditer(text):
        number = Decimal(re.sub(r"\s", "", match["number"]).replace(",", "."))
        signed = -number if match["sign"] else number
        yield Value(plain(signed), *match.span(), 1.0 if match["mark"] else 0.4)


def plain(number: Decimal) -> str:
    """A decimal without needless zeros: 4.50 is "4.5", 10 is "10"."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def find_integers(text: str) -> Iterator[Value]:
    """The whole numbers in `text` that are no part of an amount, a date, a time or a word."""
    for match in INTEGER.finditer(text):
        yield Value(str(int(match.group())), *match.span())
