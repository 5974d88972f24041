"""Quantities in the unit that a value is wanted in: converted exactly, or refused. Pure.

Units are UCUM's alone (https://ucum.org): the words beside them are for people, and many.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

UCUM = "http://unitsofmeasure.org"
ANNOTATION = re.compile(r"\{[^{}]*\}")
HUNDREDTHS = Decimal("0.01")

CONVERSIONS: Mapping[tuple[str, str], Callable[[Decimal], Decimal]] = {
    ("[degF]", "Cel"): lambda value: (value - 32) * 5 / 9,
    ("K", "Cel"): lambda value: value - Decimal("273.15"),
    ("kPa", "mm[Hg]"): lambda value: value * 1000 / Decimal("133.322387415"),
    ("/s", "/min"): lambda value: value * 60,
    ("Hz", "/min"): lambda value: value * 60,
    ("kg", "g"): lambda value: value * 1000,
    ("g", "kg"): lambda value: value / 1000,
    ("m", "cm"): lambda value: value * 100,
    ("[lb_av]", "kg"): lambda value: value * Decimal("0.45359237"),
    ("[in_i]", "cm"): lambda value: value * Decimal("2.54"),
}
"""From a unit to another; what is converted is rounded to hundredths."""


class Unmeasurable(ValueError):
    """A quantity that can't be told in the unit wanted; the message says why and quotes nothing."""


def measured(quantity: Any, unit: str) -> float:
    """The number of a FHIR Quantity in a UCUM `unit`; raises Unmeasurable."""
    if not isinstance(quantity, Mapping):
        raise Unmeasurable(f"must be a Quantity in {unit}")
    value = number_of(quantity.get("value"))
    if quantity.get("comparator"):
        raise Unmeasurable("must be an exact value: it has a comparator")
    if quantity.get("system") != UCUM or not isinstance(quantity.get("code"), str):
        raise Unmeasurable(f"must say its unit in UCUM: system {UCUM}, code {unit}")
    return float(converted(value, plain(quantity["code"]), plain(unit), wanted=unit))


def converted(value: Decimal, given: str, unit: str, *, wanted: str) -> Decimal:
    """A value in another unit; raises Unmeasurable where no exact way leads there."""
    if given == unit:
        return value
    if (given, unit) not in CONVERSIONS:
        known = ", ".join([wanted, *(a for a, b in CONVERSIONS if b == unit)])
        raise Unmeasurable(f"must be in one of the units: {known}")
    return CONVERSIONS[given, unit](value).quantize(HUNDREDTHS)


def plain(unit: str) -> str:
    """A unit without annotations, which say what is counted and nothing of how much: {beats}/min."""
    bare = ANNOTATION.sub("", unit)
    return bare.removeprefix("1") if bare.startswith("1/") else bare


def number_of(value: Any) -> Decimal:
    """A JSON number, exactly as it was written; raises Unmeasurable."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unmeasurable("lacks its number")
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise Unmeasurable("is no number") from None
