"""Values of fields and of the data as people read and type them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cases.definition import FieldSpec
from inference.values import Kind, iban, parse

NUMERIC = frozenset({"money", "percentage", "integer"})
THOUSANDS = r"\d{1,3}(?:,\d{3})+(?!,)|\d{1,3}(?:\.\d{3})+(?!\.)|\d{1,3}(?:['’ ]\d{3})+|\d{1,15}"
CURRENCY = r"(?:[^\W\d_]{1,3}|[€$£¥])?"
AMOUNT = re.compile(
    rf"{CURRENCY}\s?(?P<sign>[-−]?)(?P<whole>{THOUSANDS})(?:[.,](?P<cents>\d{{1,2}}))?\s?{CURRENCY}"
)
WHOLE = re.compile(rf"(?P<sign>[-−]?)(?P<whole>{THOUSANDS})(?:[.,]0{{1,2}})?(?:\s?[^\W\d_]+\.?)?")


def shown(value: str | None, spec: FieldSpec) -> str:
    """A canonical value for reading: money gets its thousands separated, an IBAN its groups."""
    if value is None:
        return ""
    if spec.type == "money":
        return money(value)
    if spec.format == "iban":
        return " ".join(value[start : start + 4] for start in range(0, len(value), 4))
    return value


def money(value: str) -> str:
    """1234.5 as 1,234.50; what is no number stays as it is."""
    try:
        return f"{float(value):,.2f}"
    except ValueError:
        return value


def typed(text: str, spec: FieldSpec) -> str | None:
    """What a person typed, in canonical form; None where it is not of the field's type."""
    text = " ".join(text.replace("\0", "").split())
    if spec.type in {"name", "text"}:
        return text or None
    return parse(text, Kind(spec.type, spec.format, spec.choices)) or lenient(text, spec)


def lenient(text: str, spec: FieldSpec) -> str | None:
    """What a person means by 1234.5, 24 months or 24.0: on paper these would be something else."""
    if spec.type == "money" and (match := AMOUNT.fullmatch(text)):
        return f"{signed(match)}.{match['cents'] or '':0<2}"
    if spec.type == "integer" and (match := WHOLE.fullmatch(text)):
        return signed(match)
    return None


def signed(match: re.Match[str]) -> str:
    """The whole part of a number, without its thousands' separators."""
    whole = int(re.sub(r"\D", "", match["whole"]))
    return f"-{whole}" if match["sign"] else str(whole)


def unusual(value: str, spec: FieldSpec, allowed: Mapping[str, Any]) -> str:
    """Why a value deserves a second look, in words; `allowed` is what the data's schema says of it."""
    if spec.format == "iban" and not iban.holds(value):
        return "Unusual: the check digits do not hold"
    if spec.type not in NUMERIC:
        return ""
    number = Decimal(value)
    low, above = allowed.get("minimum", number), allowed.get("exclusiveMinimum", number - 1)
    high, below = allowed.get("maximum", number), allowed.get("exclusiveMaximum", number + 1)
    if number < low or number <= above:
        return "Unusual: less than an application may say"
    return "Unusual: more than an application may say" if number > high or number >= below else ""


def declared(value: Any, spec: FieldSpec | None = None) -> str:
    """A value of the case's data in words; `spec` is the field that speaks of the same fact."""
    if value is None:
        return ""
    if spec is not None and isinstance(value, str):
        return shown(value, spec)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) or (spec is not None and spec.type == "money"):
        return money(str(value))
    if isinstance(value, list):
        return ", ".join(declared(item) for item in value)
    return str(value)
