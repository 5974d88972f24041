"""A message in FHIR becomes a case's data as the pipeline's definition says: by FHIRPath. Pure.

https://hl7.org/fhirpath/ ; an expression is evaluated over the message's Bundle (`cases.fhir.message`).
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import fhirpathpy
from fhirpathpy.models import models

from cases.definition import FhirPath, FhirSpec
from cases.fhir.measuring import Unmeasurable, measured
from cases.validation import Fault

R4 = models["r4"]


class InvalidPath(ValueError):
    """A text that is no FHIRPath expression."""


class Unmappable(ValueError):
    """What an expression found is no value for the data; the message quotes nothing of it."""


@lru_cache(maxsize=512)
def compiled(expression: str) -> Callable[[Any, Any], list[Any]]:
    """The expression, parsed once; raises InvalidPath."""
    try:
        return fhirpathpy.compile(expression, R4)
    except Exception as error:  # the library raises bare Exceptions
        raise InvalidPath(expression) from error


def mapped(
    bundle: Mapping[str, Any], spec: FhirSpec, schema: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Fault]]:
    """The data that a pipeline makes of a message, and what in the message can't be taken as it is.

    What an expression finds nothing for is left out. Each fault's pointer is the expression.
    """
    data: dict[str, Any] = {}
    wrong = []
    bundle = copy.deepcopy(dict(bundle))  # the library makes numbers of its own of those it meets
    for pointer, path in spec.data.items():
        try:
            found = value_of(bundle, path, of_many=is_list(schema, pointer))
        except (Unmappable, Unmeasurable) as refusal:
            wrong.append(Fault(path.path, "invalid", f"{pointer}: {refusal}"))
            continue
        if found is not None:
            put(data, pointer, found)
    return data, wrong


def value_of(bundle: Mapping[str, Any], path: FhirPath, *, of_many: bool) -> Any:
    """What stands at a path: a list if `of_many`, else one value, or None where there is none.

    Raises Unmappable and Unmeasurable. Two different values are refused: which of them holds is not
    for a program to guess.
    """
    found = [simple(item, path.unit) for item in evaluated(bundle, path.path)]
    if of_many:
        return found or None
    if any(item != found[0] for item in found):
        raise Unmappable("more than one value is given; send the one that holds")
    return found[0] if found else None


def evaluated(bundle: Mapping[str, Any], expression: str) -> list[Any]:
    """What an expression finds."""
    try:
        found = compiled(expression)(bundle, None)
    except InvalidPath:
        raise
    except Exception as error:  # the library raises whatever the resource leads it to
        raise Unmappable("can't be told from what was sent") from error
    if any(isinstance(item, dict) and item.get("$status") == "error" for item in found):
        raise Unmappable("can't be told from what was sent")
    return [item for item in found if item is not None]


def simple(item: Any, unit: str | None) -> Any:
    """One thing found, as JSON has it: a measurement in its unit, a text, a number, or yes and no."""
    if unit is not None:
        return measured(item, unit)
    if isinstance(item, dict | list):
        raise Unmappable("is no single value")
    if isinstance(item, Decimal):
        return int(item) if item == item.to_integral_value() else float(item)
    return item if isinstance(item, str | bool | int | float) else str(item)


def is_list(schema: Mapping[str, Any], pointer: str) -> bool:
    """Whether the data has a list at a pointer, as far as the schema says."""
    place: Any = schema
    for part in pointer.split("/")[1:]:
        place = place.get("properties", {}).get(part, {}) if isinstance(place, Mapping) else {}
    return isinstance(place, Mapping) and place.get("type") == "array"


def put(data: dict[str, Any], pointer: str, value: Any) -> None:
    """Puts a value at a pointer, making the objects on the way."""
    *parts, last = pointer.split("/")[1:]
    for part in parts:
        data = data.setdefault(part, {})
    data[last] = value


def expressions_for(pointer: str, spec: FhirSpec) -> Iterator[str]:
    """The expressions that the data at a pointer comes from: its own, those below, or the next above."""
    below = [
        path.path
        for each, path in spec.data.items()
        if each == pointer or each.startswith(f"{pointer}/")
    ]
    above = [path.path for each, path in spec.data.items() if pointer.startswith(f"{each}/")]
    yield from below or above
