"""Values of fields and of the data as people read and type them, in their own locale."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.locales import day_order
from cases.definition import FieldSpec, at_pointer
from inference.values import Kind, iban, parse
from inference.values.currencies import meant
from reviews.presenting import formats

NUMERIC = frozenset({"money", "percentage", "integer"})
THOUSANDS = r"\d{1,3}(?:,\d{3})+(?!,)|\d{1,3}(?:\.\d{3})+(?!\.)|\d{1,3}(?:['’ ]\d{3})+|\d{1,15}"
CURRENCY = r"(?:[^\W\d_]{1,3}|[€$£¥])?"
AMOUNT = re.compile(
    rf"{CURRENCY}\s?(?P<sign>[-−]?)(?P<whole>{THOUSANDS})(?:[.,](?P<cents>\d{{1,2}}))?\s?{CURRENCY}"
)
CODE = re.compile("[A-Z]{3}")
WHOLE = re.compile(rf"(?P<sign>[-−]?)(?P<whole>{THOUSANDS})(?:[.,]0{{1,2}})?(?:\s?[^\W\d_]+\.?)?")


def shown(value: str | None, spec: FieldSpec, currency: str = "") -> str:
    """A canonical value for reading; what is shown can be typed again, and means the same.

    Money gets its thousands separated, a day its month's name, an IBAN its groups.
    """
    if value is None:
        return ""
    if spec.type == "money":
        return formats.money(value, currency)
    if spec.type == "date":
        return day(value)
    if spec.type == "percentage":
        return percentage(value)
    if spec.type == "table":
        return rows(value)
    if spec.format == "iban":
        return " ".join(value[start : start + 4] for start in range(0, len(value), 4))
    return value


def rows(value: Any) -> str:
    """How many rows a table has; what is no table, such as a mask, stays as it is."""
    try:
        read = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    if not isinstance(read, list):
        return str(value)
    return ngettext("%(count)s row", "%(count)s rows", len(read)) % {"count": len(read)}


def day(value: str) -> str:
    """2026-03-31 as a day; what is none stays as it is."""
    try:
        return formats.day(date.fromisoformat(value))
    except ValueError:
        return value


def percentage(value: str) -> str:
    """4.5 as so many per cent; what is no number stays as it is."""
    try:
        return formats.percentage(Decimal(value))
    except InvalidOperation:
        return value


def typed(text: str, spec: FieldSpec) -> str | None:
    """What a person typed, in canonical form; None where it is not of the field's type.

    A day of figures alone is taken as their locale has it: 03/04/2026 is in March to Americans.
    """
    text = " ".join(text.replace("\0", "").split())
    if spec.type in {"name", "text"}:
        return text or None
    format = day_order() if spec.type == "date" else spec.format
    return parse(text, Kind(spec.type, format, spec.choices)) or lenient(text, spec)


def lenient(text: str, spec: FieldSpec) -> str | None:
    """What a person means by 1234.5, 24 months, 24.0 or eur: on paper these would be something else."""
    if spec.type == "money" and (match := AMOUNT.fullmatch(text)):
        return f"{signed(match)}.{match['cents'] or '':0<2}"
    if spec.type == "integer" and (match := WHOLE.fullmatch(text)):
        return signed(match)
    if spec.type == "currency":
        codes = meant(text) or meant(text.upper())
        return codes[0] if len(codes) == 1 else None
    return None


def signed(match: re.Match[str]) -> str:
    """The whole part of a number, without its thousands' separators."""
    whole = int(re.sub(r"\D", "", match["whole"]))
    return f"-{whole}" if match["sign"] else str(whole)


def unusual(value: str, spec: FieldSpec, allowed: Mapping[str, Any]) -> str:
    """Why a value deserves a second look, in words; `allowed` is what the data's schema says of it."""
    if spec.format == "iban" and not iban.holds(value):
        return _("Unusual: the check digits do not hold")
    if spec.type not in NUMERIC:
        return ""
    number = Decimal(value)
    low, above = allowed.get("minimum", number), allowed.get("exclusiveMinimum", number - 1)
    high, below = allowed.get("maximum", number), allowed.get("exclusiveMaximum", number + 1)
    if number < low or number <= above:
        return _("Unusual: less than can be declared")
    if number > high or number >= below:
        return _("Unusual: more than can be declared")
    return ""


def declared(value: Any, spec: FieldSpec | None = None, currency: str = "") -> str:
    """A value of the case's data in words; `spec` is the field that speaks of the same fact."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if spec is not None and spec.type in NUMERIC | {"date"}:
        return shown(str(value), spec, currency)
    if spec is not None and isinstance(value, str):
        return shown(value, spec)
    if isinstance(value, float):
        return formats.money(value)
    if isinstance(value, list):
        return ", ".join(declared(item) for item in value)
    return str(value)


def currency_of(data: Mapping[str, Any]) -> str:
    """The currency that a case's data names, as ISO 4217 has it; "" where it names none, or several."""
    named = set(currencies(data))
    return named.pop() if len(named) == 1 else ""


def currency_at(data: Mapping[str, Any], pointer: str | None) -> str:
    """The currency of the amount at a JSON pointer: the one beside it, else that of all the data."""
    holder = at_pointer(data, pointer.rpartition("/")[0]) if pointer else None
    beside = holder.get("currency") if isinstance(holder, Mapping) else None
    if isinstance(beside, str) and CODE.fullmatch(beside):
        return beside
    return currency_of(data)


def currencies(data: Any) -> Iterator[str]:
    """Each currency that the data names."""
    for each in data if isinstance(data, list) else ():
        yield from currencies(each)
    for key, value in data.items() if isinstance(data, Mapping) else ():
        if key == "currency" and isinstance(value, str) and CODE.fullmatch(value):
            yield value
        yield from currencies(value)
