"""Fields that are tables, as people read and type them: cells in rows, each of its column's type.

A table travels as JSON text, a list with an object for each row: with texts as typed on the way in, with
canonical values where it is kept.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

from cases.definition import ColumnSpec, FieldSpec
from reviews.presenting import values

CELL = re.compile(r"cell-(\d{1,4})-([a-z][a-z0-9_]*)")
"""The name of a cell in a form: its row, its column."""
INPUT_MODES = {"money": "decimal", "percentage": "decimal", "integer": "numeric"}


class NotATable(ValueError):
    """Cells that can't be what their columns hold; the message names the first to the person."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; `figures` stand right."""

    name: str
    label: str
    figures: bool
    inputmode: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the name of its control, what stands in it, its column, and what it is called aloud.

    `wrong` where it can't be what its column holds, as it was typed and refused.
    """

    name: str
    text: str
    heading: str
    label: str
    figures: bool
    inputmode: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with an empty row at its end, for one that was not read."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def filled(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that say something, for those who only read."""
        return self.rows[:-1]


def grid(value: str | None, spec: FieldSpec) -> Grid:
    """The table of a field's value: canonical, or as it was typed and refused."""
    columns = tuple(
        Column(each.name, _(each.label), figures(each), INPUT_MODES.get(each.type, ""))
        for each in spec.columns
    )
    rows = [*rows_of(value), {}]
    return Grid(
        columns,
        tuple(
            tuple(
                Cell(
                    f"cell-{number}-{each.name}",
                    cell_text(row.get(each.name), each),
                    _(each.label),
                    _("%(column)s, row %(number)s")
                    % {"column": _(each.label), "number": number + 1},
                    figures(each),
                    INPUT_MODES.get(each.type, ""),
                    wrong(row.get(each.name), each),
                )
                for each in spec.columns
            )
            for number, row in enumerate(rows)
        ),
    )


def figures(column: ColumnSpec) -> bool:
    """Whether a column holds numbers."""
    return column.type in values.NUMERIC


def rows_of(value: str | None) -> list[Mapping[str, Any]]:
    """The rows in a table's text; none where it is no table, such as a mask."""
    try:
        read = json.loads(value or "[]")
    except ValueError:
        return []
    return [row for row in read if isinstance(row, Mapping)] if isinstance(read, list) else []


def cell_text(value: Any, column: ColumnSpec) -> str:
    """A cell for reading, which can be typed again."""
    return "" if value is None else values.shown(str(value), as_field(column))


def wrong(value: Any, column: ColumnSpec) -> bool:
    """Whether a cell can't be what its column holds."""
    return bool(value) and values.typed(str(value), as_field(column)) is None


def as_field(column: ColumnSpec) -> FieldSpec:
    """A column as a field of its type."""
    return FieldSpec(column.name, column.label, column.type)


def column_of(cell: str, spec: FieldSpec) -> FieldSpec | None:
    """The column of a cell's control, as a field of its type; None where there is no such cell."""
    name = found[2] if (found := CELL.fullmatch(cell)) else ""
    return next((as_field(column) for column in spec.columns if column.name == name), None)


def sent(posted: Mapping[str, str]) -> str:
    """The cells of a form as a table's text, as typed; rows without a word are left out."""
    rows: dict[int, dict[str, str]] = {}
    for name, text in posted.items():
        if cell := CELL.fullmatch(name):
            rows.setdefault(int(cell[1]), {})[cell[2]] = text.strip()
    kept = [row for _number, row in sorted(rows.items()) if any(row.values())]
    return json.dumps(kept, ensure_ascii=False)


def typed(text: str, spec: FieldSpec) -> str:
    """A table as typed in its canonical form; raises NotATable naming the first cell that is wrong."""
    rows = [
        {column.name: cell(row, number, column) for column in spec.columns}
        for number, row in enumerate(rows_of(text), 1)
    ]
    return json.dumps(rows, ensure_ascii=False)


def cell(row: Mapping[str, Any], number: int, column: ColumnSpec) -> str | None:
    """One cell in canonical form; None where it is empty."""
    said = str(row.get(column.name) or "")
    if not said:
        return None
    value = values.typed(said, as_field(column))
    if value is None:
        words = _("Row %(number)s, %(column)s: that can't be it")
        raise NotATable(words % {"number": number, "column": _(column.label)})
    return value


def same(one: str | None, other: str | None, columns: Sequence[ColumnSpec]) -> bool:
    """Whether two tables say the same in every cell."""
    return cells(one, columns) == cells(other, columns)


def cells(value: str | None, columns: Sequence[ColumnSpec]) -> list[list[Any]]:
    """A table's cells, row by row."""
    return [[row.get(column.name) for column in columns] for row in rows_of(value)]


def differences(read: str | None, said: str | None, spec: FieldSpec) -> list[str]:
    """What a person changed of a table, in words: cell by cell, and rows added or taken away."""
    before, after = as_shown(read, spec), as_shown(said, spec)
    told: list[str] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        kept = min(end - start, new_end - new_start)
        for place in range(kept):
            told += changed_cells(
                before[start + place], after[new_start + place], new_start + place, spec
            )
        told += [
            row_words(_("Row %(number)s taken away: %(cells)s"), before, place)
            for place in range(start + kept, end)
        ]
        told += [
            row_words(_("Row %(number)s added: %(cells)s"), after, place)
            for place in range(new_start + kept, new_end)
        ]
    return told


def as_shown(value: str | None, spec: FieldSpec) -> list[tuple[str, ...]]:
    """A table's cells for reading, row by row."""
    return [
        tuple(cell_text(row.get(column.name), column) for column in spec.columns)
        for row in rows_of(value)
    ]


def changed_cells(
    before: Sequence[str], after: Sequence[str], place: int, spec: FieldSpec
) -> Iterator[str]:
    """The cells of one row that say something else now."""
    for column, was, now in zip(spec.columns, before, after, strict=True):
        if was != now:
            words = {
                "column": _(column.label),
                "number": place + 1,
                "was": was or "–",
                "now": now or "–",
            }
            yield _("%(column)s, row %(number)s: %(was)s → %(now)s") % words


def row_words(words: str, rows: Sequence[Sequence[str]], place: int) -> str:
    """What became of a whole row."""
    cells = ", ".join(cell for cell in rows[place] if cell)
    return words % {"number": place + 1, "cells": cells}


def as_text(value: str | None, spec: FieldSpec) -> str:
    """A table as lines of text, to be compared with another."""
    return "\n".join(", ".join(cell for cell in row if cell) for row in as_shown(value, spec))
