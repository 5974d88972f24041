"""The case's data as sent, grouped and titled as its schema says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cases.definition import Definition, FieldSpec
from reviews.presenting import formats, values

UNIT = re.compile(r"[:,]")
"""What stands between a title and its unit or scale: `config.messages` knows the short ones by it, too."""


@dataclass(frozen=True, slots=True)
class Item:
    """One value under its title."""

    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Values that belong together; things of one kind stand as `rows` under `columns`.

    A column of figures is marked so by the same place in `figures`.
    """

    title: str
    entries: tuple[Item, ...] = ()
    columns: tuple[str, ...] = ()
    figures: tuple[bool, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def lines(self) -> list[list[tuple[str, bool]]]:
        """The rows, each value with whether it is a figure."""
        return [list(zip(row, self.figures, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the data beside its schema: the fields that speak of it, and its currency.

    What is `measured` are no amounts; by JSON pointer.
    """

    fields: Mapping[str, FieldSpec]
    currency: str
    measured: frozenset[str] = frozenset()


NOTHING = Known({}, "")


def groups(
    data: Mapping[str, Any], definition: Definition, shown: frozenset[str] = frozenset()
) -> list[Group]:
    """The data's objects as groups, its lists of objects as tables, and single values in one of their own.

    What is `shown` elsewhere, by JSON pointer, is left out.
    """
    known = known_of(definition, values.currency_of(data))
    found: list[Group] = []
    single: list[Item] = []
    for key, value in ordered(data, definition.schema):
        pointer, part = f"/{key}", schema_at(definition.schema, f"/{key}")
        if pointer in shown:
            continue
        if isinstance(value, Mapping):
            entries, tables = parts_of(pointer, value, part, known, shown)
            found += [Group(title(key, part), entries)] if entries else []
            found += tables
        elif is_table(value):
            found.append(table(pointer, key, value, part, known))
        else:
            single.append(item(pointer, key, value, part, known))
    return [*([Group(_("Case"), tuple(single))] if single else []), *found]


def known_of(definition: Definition, currency: str) -> Known:
    """What a definition says of its data beside the schema."""
    return Known(
        {spec.declared: spec for spec in definition.fields if spec.declared},
        currency,
        frozenset(each.value for spec in definition.tables for each in spec.parameters),
    )


def parts_of(
    pointer: str,
    value: Mapping[str, Any],
    part: Mapping[str, Any],
    known: Known,
    shown: frozenset[str],
) -> tuple[tuple[Item, ...], list[Group]]:
    """The values of an object, and its lists of objects as tables."""
    own = [
        (f"{pointer}/{key}", key, inner, schema_at(part, f"/{key}"))
        for key, inner in ordered(value, part)
        if f"{pointer}/{key}" not in shown
    ]
    return (
        tuple(item(*each, known) for each in own if not is_table(each[2])),
        [table(*each, known) for each in own if is_table(each[2])],
    )


def is_table(value: Any) -> bool:
    """Whether a value is a list of objects."""
    return (
        isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)
    )


def table(
    pointer: str,
    key: str,
    value: Sequence[Mapping[str, Any]],
    part: Mapping[str, Any],
    known: Known,
) -> Group:
    """A list of objects: a column for each name that any of them has, in the schema's order."""
    inner = schema_at(part, "/0")
    names = [name for name, _value in ordered({k: None for row in value for k in row}, inner)]
    rows = [
        cells(f"{pointer}/{number}", row, names, inner, known) for number, row in enumerate(value)
    ]
    return Group(
        title(key, part),
        columns=tuple(title(name, schema_at(inner, f"/{name}")) for name in names),
        figures=tuple(is_number(schema_at(inner, f"/{name}")) for name in names),
        rows=tuple(rows),
    )


def cells(
    pointer: str,
    row: Mapping[str, Any],
    names: Sequence[str],
    schema: Mapping[str, Any],
    known: Known,
) -> tuple[str, ...]:
    """One row in words; its amounts are of its own currency, where it names one."""
    own = replace(known, currency=values.currency_of(row) or known.currency)
    parts = [(name, schema_at(schema, f"/{name}")) for name in names]
    return tuple(
        item(f"{pointer}/{name}", name, row.get(name), part, own).value for name, part in parts
    )


def is_number(part: Mapping[str, Any]) -> bool:
    """Whether a part of the schema is a number."""
    return part.get("type") in ("number", "integer")


def schema_at(schema: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """What a schema says of the value at a JSON pointer into its data; nothing where it says nothing."""
    for name in pointer.split("/")[1:]:
        key = name.replace("~1", "/").replace("~0", "~")
        properties = schema.get("properties", {})
        part = properties.get(key) if key in properties else schema.get("items")
        schema = part if isinstance(part, Mapping) else {}
    return schema


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
    elif part.get("format") == "date-time" and isinstance(value, str):
        words = when(value)
    elif pointer in known.measured:
        words = measured(value)
    elif spec is None and part.get("type") == "number" and isinstance(value, int | float):
        words = values.declared(float(value))
    else:
        words = values.declared(value, spec, known.currency)
    return Item(title(key, part), words)


def measured(value: Any) -> str:
    """A measurement: a number with the decimals that it has, a word, or yes or no."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return formats.plain(value)
    if isinstance(value, str):
        return _(value.replace("_", " "))
    return values.declared(value)


def when(value: str) -> str:
    """A moment of ISO 8601 in the reader's words and time zone; what is none stays as it is."""
    read = read_time(value)
    return formats.moment(read) if read else value


def read_time(value: Any) -> datetime | None:
    """A moment as ISO 8601 has it, its zone said; None for anything else."""
    try:
        read = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None


def title(key: str, part: Mapping[str, Any]) -> str:
    """The schema's title, or the key made readable."""
    return _(plain_title(key, part))


def short_title(key: str, part: Mapping[str, Any]) -> str:
    """The same without its unit or scale, which stand behind a comma or a colon."""
    return _(UNIT.split(plain_title(key, part))[0])


def plain_title(key: str, part: Mapping[str, Any]) -> str:
    """The title as the schema has it."""
    return str(part.get("title") or key.replace("_", " ").capitalize())
