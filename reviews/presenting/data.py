"""The case's data as sent, grouped and titled as its schema says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviews.presenting.values import declared


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


def groups(data: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Group]:
    """The data's objects as groups; single values on top stand in one of their own."""
    properties = schema.get("properties", {})
    found, single = [], []
    for key, value in ordered(data, schema):
        part = properties.get(key, {})
        if isinstance(value, Mapping):
            inner = part.get("properties", {})
            found.append(
                Group(
                    title(key, part),
                    tuple(item(k, v, inner.get(k, {})) for k, v in ordered(value, part)),
                )
            )
        else:
            single.append(item(key, value, part))
    return [*([Group("Case", tuple(single))] if single else []), *found]


def ordered(data: Mapping[str, Any], schema: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The data with what is required first, in the schema's order: only lists have kept theirs."""
    places = {key: place for place, key in enumerate(schema.get("required", ()))}
    return sorted(data.items(), key=lambda pair: places.get(pair[0], len(places)))


def item(key: str, value: Any, part: Mapping[str, Any]) -> Item:
    """A value in words: choices lose their underscores, amounts get their cents."""
    words = declared(value)
    if "enum" in part and isinstance(value, str):
        words = value.replace("_", " ")
    elif part.get("type") == "number" and isinstance(value, int | float):
        words = f"{value:,.2f}"
    return Item(title(key, part), words)


def title(key: str, part: Mapping[str, Any]) -> str:
    """The schema's title, or the key made readable."""
    return str(part.get("title") or key.replace("_", " ").capitalize())
