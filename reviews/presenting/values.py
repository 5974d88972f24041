"""Values of fields and of the data as people read and type them."""

from typing import Any

from cases.definition import FieldSpec
from inference.values import Kind, parse

NUMERIC = frozenset({"money", "percentage", "integer"})


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
    return parse(text, Kind(spec.type, spec.format, spec.choices))


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
