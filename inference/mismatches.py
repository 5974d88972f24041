"""Where the papers say something else than the data that was declared."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from cases.definition import FieldSpec, FieldType, at_pointer
from inference.extraction import FoundField
from inference.values import Kind, parse
from inference.values.comparing import alike_names, text_likeness
from inference.values.folding import fold_letters, fold_shapes

MismatchKind = Literal["differs", "not found", "unsure"]
SURE = 0.7  # confidence under which a difference may be the reading's own
SAME_TEXT = 0.9
HALF_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A field whose papers don't confirm what was declared, with both values in their canonical form.

    "differs": both are known and not the same; "unsure": they differ, but the reading is doubtful or
    the two are near each other; "not found": the papers don't show the field.
    """

    field: str
    kind: MismatchKind
    declared: str
    found: str | None


def mismatches(
    specs: Sequence[FieldSpec],
    data: Mapping[str, Any],
    found: Sequence[FoundField],
    *,
    sure: float = SURE,
) -> tuple[Mismatch, ...]:
    """The mismatches of the fields whose fact the data declares too; nothing declared is none.

    A table is no one value, and has none: its sums are compared elsewhere.
    """
    by_name = {field.name: field for field in found}
    return tuple(
        mismatch
        for spec in specs
        if spec.name in by_name and spec.type != "table"
        for mismatch in compared(spec, data, by_name[spec.name], sure)
    )


def compared(
    spec: FieldSpec, data: Mapping[str, Any], field: FoundField, sure: float
) -> Iterator[Mismatch]:
    """The field's mismatch, if it has one."""
    declared = declared_value(spec, data)
    if declared is None:
        return
    if field.value is None:
        yield Mismatch(spec.name, "not found", declared, None)
        return
    alike = likeness(spec.type, declared, field.value)
    if alike < 1:
        unsure = alike > 0 or field.confidence < sure
        yield Mismatch(spec.name, "unsure" if unsure else "differs", declared, field.value)


def declared_value(spec: FieldSpec, data: Mapping[str, Any]) -> str | None:
    """What the data declares, in canonical form where it has one; None where it declares nothing."""
    value = at_pointer(data, spec.declared) if spec.declared else None
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (
            f"{Decimal(str(value)):.2f}"
            if spec.type == "money"
            else f"{Decimal(str(value)).normalize():f}"
        )
    text = str(value)
    return parse(text, Kind(spec.type, spec.format, spec.choices)) or text


def likeness(kind: FieldType, declared: str, found: str) -> float:
    """1 where two canonical values are the same, 0 where they are not, between where they may be."""
    return COMPARE.get(kind, same_text)(declared, found)


def same_amount(declared: str, found: str) -> float:
    """Whether two numbers are equal."""
    try:
        return float(abs(Decimal(declared) - Decimal(found)) < HALF_CENT)
    except InvalidOperation:
        return 0.0


def same_exactly(declared: str, found: str) -> float:
    """Whether two values are equal, letters and digits alone."""
    return float(fold_letters(declared) == fold_letters(found))


def same_id(declared: str, found: str) -> float:
    """Whether two ids are equal; a half where only characters that OCR confuses differ."""
    return same_exactly(declared, found) or 0.5 * (fold_shapes(declared) == fold_shapes(found))


def same_text(declared: str, found: str) -> float:
    """Whether two texts are equal but for a slip in ten letters."""
    return float(text_likeness(declared, found) >= SAME_TEXT)


COMPARE: Mapping[FieldType, Callable[[str, str], float]] = {
    "money": same_amount,
    "percentage": same_amount,
    "integer": same_amount,
    "date": same_exactly,
    "choice": same_exactly,
    "currency": same_exactly,
    "id": same_id,
    "name": alike_names,
}
