"""Fields in groups where a case has several papers of a kind: each paper with what it is claimed as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.definition import Definition, FieldSpec, at_pointer
from reviews.presenting import data as facts
from reviews.presenting.data import Item
from reviews.presenting.fields import FieldRow, errors_first
from reviews.presenting.values import currency_at

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class PaperGroup:
    """The fields of one paper, errors first, beside what was `declared` of it. `key` is its own.

    `brief` tells it in a few words: what is read as its first field and as the required ones.
    """

    key: str
    title: str
    sheet: int | None
    brief: str
    declared: tuple[Item, ...]
    settle: tuple[FieldRow, ...]
    rest: tuple[FieldRow, ...]

    @property
    def rows(self) -> tuple[FieldRow, ...]:
        """All of its fields."""
        return (*self.settle, *self.rest)


def paper_groups(
    rows: Sequence[FieldRow], definition: Definition, data: Mapping[str, Any]
) -> list[PaperGroup]:
    """The groups, those with something to settle first, each lot in the order of the papers."""
    specs: dict[Key, list[FieldSpec]] = {}
    for spec in definition.fields:
        if spec.number is not None and spec.document is not None:
            specs.setdefault((spec.document, spec.number), []).append(spec)
    names = {spec.kind: spec.name for spec in definition.documents}
    lines = {row.name: row for row in rows}
    groups = [
        paper_group(f"{kind}-{number}", f"{names[kind]} {number}", own, lines, definition, data)
        for (kind, number), own in specs.items()
    ]
    return sorted(groups, key=lambda group: not group.settle)


def paper_group(
    key: str,
    title: str,
    specs: Sequence[FieldSpec],
    lines: Mapping[str, FieldRow],
    definition: Definition,
    data: Mapping[str, Any],
) -> PaperGroup:
    """One group."""
    rows = [lines[spec.name] for spec in specs]
    settle, rest = errors_first(rows)
    told = [lines[spec.name].value for spec in specs if spec.required or spec is specs[0]]
    return PaperGroup(
        key=key,
        title=title,
        sheet=rows[0].sheet,
        brief=", ".join(value for value in told if value),
        declared=declared_item(specs, definition, data),
        settle=tuple(settle),
        rest=tuple(rest),
    )


def declared_item(
    specs: Sequence[FieldSpec], definition: Definition, data: Mapping[str, Any]
) -> tuple[Item, ...]:
    """All that the data says of the thing that the paper's fields speak of: category, claimed, …"""
    holder = next((spec.declared.rpartition("/")[0] for spec in specs if spec.declared), "")
    said = at_pointer(data, holder) if holder else None
    if not isinstance(said, Mapping):
        return ()
    schema = facts.schema_at(definition.schema, holder)
    known = facts.known_of(definition, currency_at(data, f"{holder}/"))
    return tuple(
        facts.item(f"{holder}/{key}", key, value, facts.schema_at(schema, f"/{key}"), known)
        for key, value in facts.ordered(said, schema)
    )
