"""The case's data as sent, grouped and titled as its schema says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases.definition import Definition, FieldSpec
from reviews.presenting import values


@dataclass(frozen=True, slots=True)
class Item:
    """One value under its title."""

    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Values that belong together."""

    title: str
    entries: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the data beside its schema: the fields that speak of it, and its currency."""

    fields: Mapping[str, FieldSpec]
    currency: str


def groups(data: Mapping[str, Any], definition: Definition) -> list[Group]:
    """The data's objects as groups; single values on top stand in one of their own."""
    known = Known(
        {spec.declared: spec for spec in definition.fields if spec.declared},
        values.currency_of(data),
    )
    properties = definition.schema.get("properties", {})
    found, single = [], []
    for key, value in ordered(data, definition.schema):
        part = properties.get(key, {})
        if isinstance(value, Mapping):
            inner = part.get("properties", {})
            found.append(
                Group(
                    title(key, part),
                    tuple(
                        item(f"/{key}/{k}", k, v, inner.get(k, {}), known)
                        for k, v in ordered(value, part)
                    ),
                )
            )
        else:
            single.append(item(f"/{key}", key, value, part, known))
    return [*([Group(_("Case"), tuple(single))] if single else []), *found]


def ordered(data: Mapping[str, Any], schema: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The data with what is required first, in the schema's order: only lists have kept theirs."""
    places = {key: place for place, key in enumerate(schema.get("required", ()))}
    return sorted(data.items(), key=lambda pair: places.get(pair[0], len(places)))


def item(pointer: str, key: str, value: Any, part: Mapping[str, Any], known: Known) -> Item:
    """A value in words: choices lose their underscores, amounts get their cents and currency."""
    spec = known.fields.get(pointer)
    if "enum" in part and isinstance(value, str):
        words = _(value.replace("_", " "))
    elif part.get("format") == "date" and isinstance(value, str):
        words = values.day(value)
    elif spec is None and part.get("type") == "number" and isinstance(value, int | float):
        words = values.declared(float(value))
    else:
        words = values.declared(value, spec, known.currency)
    return Item(title(key, part), words)


def title(key: str, part: Mapping[str, Any]) -> str:
    """The schema's title, or the key made readable."""
    return _(str(part.get("title") or key.replace("_", " ").capitalize()))
