"""Tables that turn measurements into points, such as NEWS2. Pure.

A measurement that is absent, or that the table has no points for, is missing and counts nothing: the
sum is then a lower bound. A value between two steps of a table is rounded half up to its step, as it
would be written on a chart, and the line says so.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cases.definition import ParameterSpec, TableSpec, at_pointer
from cases.expressions import AbsentInput, InvalidExpression, holds


def tables(specs: tuple[TableSpec, ...], known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The tables that are for this case, each by its name; `known` has at least `data` and `age`."""
    return {spec.name: table(spec, known) for spec in specs if may_apply(spec.when, known)}


def table(spec: TableSpec, known: Mapping[str, Any]) -> dict[str, Any]:
    """One table: `points` in all, the `highest` of a line, what is `missing`, and its `lines`."""
    lines = [line(each, known) for each in spec.parameters if may_apply(each.when, known)]
    points = [each["points"] for each in lines if each["points"] is not None]
    return {
        "label": spec.label,
        "source": spec.source,
        "points": sum(points),
        "highest": max(points, default=0),
        "missing": [each["name"] for each in lines if each["points"] is None],
        "lines": lines,
    }


def may_apply(when: str, known: Mapping[str, Any]) -> bool:
    """Whether a condition holds; one that can't be told is no reason to leave a measurement out."""
    try:
        return not when or holds(when, known)
    except AbsentInput:
        return False
    except InvalidExpression:
        return True


def line(spec: ParameterSpec, known: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the table; `points` is None where it is missing, `rounded` what a value became."""
    value = at_pointer(known["data"], spec.value)
    if value is None:
        value = spec.default
    charted = rounded(value, spec.step)
    said = {
        "name": spec.name,
        "label": spec.label,
        "unit": spec.unit,
        "value": value,
        "points": points_of(spec, charted),
    }
    return said if charted == value else {**said, "rounded": charted}


def rounded(value: Any, step: float | None) -> Any:
    """A number to the nearest multiple of the step, a half upwards; anything else as it is."""
    if step is None or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    unit = Decimal(str(step))
    steps = (Decimal(str(value)) / unit).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return float(steps * unit)


def points_of(spec: ParameterSpec, value: Any) -> int | None:
    """The points of a value; None where the table has none for it."""
    if isinstance(value, bool):
        return spec.points.get(str(value).lower())
    if isinstance(value, str):
        return spec.points.get(value)
    if value is None or not spec.bands:
        return None
    return next((points for bound, points in spec.bands if value <= bound), spec.bands[-1][1])
