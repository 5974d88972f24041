"""Typed values in text as OCR gives it: found inside a line, or parsed from a whole text, to one
canonical form.

Canonical forms: money "1234.56", date "2026-03-01", percentage "4.5", integer "36", name and text with
single spaces, id in capitals without spaces, choice the choice's key, currency its ISO 4217 code. A table
is a JSON list with an object for each row, and is found on papers only, in no line of text.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from cases.definition import FieldType
from inference.values import currencies, dates, ids, money, names, numbers
from inference.values.spans import Value, repaired

__all__ = ["OF_WORDS", "Kind", "Value", "find", "parse"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What to look for: a type, an id's or a date's `format`, and a choice's keys.

    A date's format is the order of its parts, "dmy" (the default) or "mdy"; it decides only where
    both can be.
    """

    type: FieldType
    format: str | None = None
    choices: tuple[str, ...] = field(default=())


Finder = Callable[[str, Kind], Iterator[Value]]

FINDERS: Mapping[FieldType, Finder] = {
    "money": lambda text, kind: money.find(text),
    "date": lambda text, kind: dates.find(text, kind.format or "dmy"),
    "percentage": lambda text, kind: numbers.find_percentages(text),
    "integer": lambda text, kind: numbers.find_integers(text),
    "id": lambda text, kind: ids.find(text, kind.format),
    "name": lambda text, kind: names.find(text),
    "text": lambda text, kind: names.find_text(text),
    "choice": lambda text, kind: names.find_choices(text, kind.choices),
    "currency": lambda text, kind: currencies.find(text),
    "table": lambda text, kind: iter(()),
}
MENDED = 0.6
OF_WORDS: frozenset[FieldType] = frozenset({"name", "text", "choice"})
"""The types that are words, on whose letters engines differ more than on figures."""
NUMERIC: frozenset[FieldType] = frozenset({"money", "date", "percentage", "integer"})


def find(text: str, kind: Kind) -> tuple[Value, ...]:
    """Every value of `kind` in `text`, in order, none overlapping another.

    Letters that OCR puts for digits (O for 0, l for 1) are mended where the text as read gives no
    value as sure.
    """
    found = list(FINDERS[kind.type](text, kind))
    if kind.type in NUMERIC and (mended := repaired(text)) != text:
        found += [value.doubted(MENDED) for value in FINDERS[kind.type](mended, kind)]
    kept: list[Value] = []
    for value in sorted(found, key=lambda value: (-value.parse, value.start)):
        if not any(value.overlaps(other) for other in kept):
            kept.append(value)
    return tuple(sorted(kept, key=lambda value: value.start))


def parse(text: str, kind: Kind) -> str | None:
    """The canonical value of a text that is nothing but a value; None where it is not one.

    Only punctuation and spaces may stand around the value.
    """
    for value in find(text, kind):
        rest = text[: value.start] + text[value.end :]
        if not any(character.isalnum() for character in rest):
            return value.canonical
    return None
