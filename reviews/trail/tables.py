"""Tables as files: PostgreSQL writes the lines of a CSV or of JSON, in one COPY.

One COPY is one snapshot at constant memory. Each of its rows is a finished line, but for what is sealed
beside it; only the few lines that have anything sealed are touched here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from audit.vault import canonical
from reviews.models import Export
from reviews.trail.explained import (
    EXPLANATIONS,
    Explained,
    as_json,
    in_a_cell,
)

CHUNK = 64 * 1024
SEPARATOR = b"\x02"  # neither JSON nor our CSV cells can hold it
FORMULA = r"^[=+@\t\r-]"
"""How a cell begins that a spreadsheet would run as a formula (OWASP, CSV injection)."""
BOM = "\ufeff"
"""By it spreadsheets know the CSV for UTF-8."""
COPIED = "TO STDOUT WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"


class Type(StrEnum):
    """What a column holds, as SQL calls it."""

    TEXT = "text"
    ID = "uuid"
    WHOLE = "bigint"
    NUMBER = "numeric"
    TRUTH = "boolean"
    TIME = "timestamptz"
    LIST = "text[]"
    PEOPLE = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the SQL of its value, and what that is.

    A list is text in a CSV, and a list in JSON Lines: `members` is the SQL of that one.
    """

    name: str
    value: str
    type: Type = Type.TEXT
    members: str = ""

    @property
    def quoted(self) -> bool:
        """Whether it is text in a CSV."""
        return self.type in (Type.TEXT, Type.LIST, Type.PEOPLE)


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: its columns, where they come from, and the SQL of what is sealed beside each row.

    `read` opens or masks what is sealed; a table in which nothing is has neither. `counted_in` is a part
    of the source that has the same number of rows, and all that the conditions name.
    """

    columns: Sequence[Column]
    source: str
    conditions: sql.Composable
    order: str
    sealed: str = ""
    read: Callable[[bytes], Explained] | None = None
    counted_in: str = ""


def listed(name: str, array: str, between: str) -> Column:
    """The column of a list, from the SQL of an array of texts."""
    text = f"nullif(array_to_string({array}, '{between}'), '')"
    return Column(name, text, Type.LIST, members=f"to_json(coalesce({array}, '{{}}'))")


def moment(name: str, value: str) -> Column:
    """The column of a time: UTC, to the microsecond (RFC 3339)."""
    spelled = f"to_char({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    return Column(name, spelled, Type.TIME)


def made_of(types: Mapping[str, Type], rows: Sequence[Mapping[str, Any]]) -> Table:
    """The table of rows that are at hand, few as they are: they are written as all others are."""
    columns = {
        Type.LIST: lambda name, value: listed(name, value, "; "),
        Type.TIME: moment,
    }
    declared = ", ".join(f'"{name}" {type}' for name, type in types.items())
    numbered = [{**row, "place": place} for place, row in enumerate(rows)]
    literal = sql.Literal(canonical(numbered).decode()).as_string()
    return Table(
        columns=[
            columns[type](name, f'given."{name}"')
            if type in columns
            else Column(name, f'given."{name}"', type)
            for name, type in types.items()
        ],
        source=f"FROM jsonb_to_recordset({literal}::jsonb) AS given(place integer, {declared})",
        conditions=sql.SQL("true"),
        order="given.place",
    )


# ---------------------------------------------------------------- written


def content(table: Table, format: str) -> Iterator[tuple[bytes, int]]:
    """The file's bytes in chunks, each with how many rows it has."""
    buffer, rows = bytearray(header(table, format)), 0
    for line in lines(table, format):
        buffer += line
        rows += 1
        if len(buffer) >= CHUNK:
            yield bytes(buffer), rows
            buffer.clear()
            rows = 0
    yield bytes(buffer), rows


def header(table: Table, format: str) -> bytes:
    """What stands before the first row."""
    if format != Export.Format.CSV:
        return b""
    names = [column.name for column in table.columns] + ([EXPLANATIONS] if table.read else [])
    return f"{BOM}{','.join(names)}\r\n".encode()


def lines(table: Table, format: str) -> Iterator[bytes]:
    """The finished lines of a table."""
    finish = finish_csv if format == Export.Format.CSV else finish_json
    for line, sealed in copied(statement(table, format)):
        if table.read is None:
            yield line + (b"\r\n" if format == Export.Format.CSV else b"\n")
        else:
            yield finish(line, table.read(sealed) if sealed else [])


def copied(statement: sql.Composable) -> Iterator[tuple[bytes, bytes]]:
    """The rows of a COPY: the line, and what is sealed beside it."""
    with connection.cursor() as cursor, started(cursor, statement) as copy:
        for row in copy:
            line, _, sealed = bytes(row).rstrip(b"\n").partition(SEPARATOR)
            yield line, sealed


def started(cursor: CursorWrapper, statement: sql.Composable) -> Any:
    """The COPY that a cursor begins; untyped, as Django's cursor is beyond the DB-API."""
    return cursor.copy(statement)


def statement(table: Table, format: str) -> sql.Composed:
    """The COPY that writes the lines: the line, and what is sealed beside it."""
    body = csv_line(table) if format == Export.Format.CSV else json_line(table)
    return sql.SQL("COPY (SELECT {body} {source} WHERE {conditions} ORDER BY {order}) ").format(
        body=sql.SQL(body + (f", {table.sealed}" if table.sealed else "")),
        source=sql.SQL(table.source),
        conditions=table.conditions,
        order=sql.SQL(table.order),
    ) + sql.SQL(COPIED)


def counted(table: Table) -> int:
    """How many rows a table has now."""
    asked = sql.SQL("SELECT count(*) {source} WHERE {conditions}").format(
        source=sql.SQL(table.counted_in or table.source), conditions=table.conditions
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return int(cursor.fetchone()[0])


def csv_line(table: Table) -> str:
    """SQL for a row as a line of a CSV."""
    return " || ',' || ".join(csv_cell(column) for column in table.columns)


def csv_cell(column: Column) -> str:
    """SQL for a value as a CSV cell: text quoted (RFC 4180), and never a formula."""
    if not column.quoted:
        return f"coalesce(({column.value})::text, '')"
    return (
        f"coalesce('\"' || replace(CASE WHEN ({column.value}) ~ '{FORMULA}' THEN '''' ELSE '' END"
        f" || ({column.value}), '\"', '\"\"') || '\"', '')"
    )


def json_line(table: Table) -> str:
    """SQL for a row as a JSON object."""
    members = ", ".join(
        f"'{column.name}', {column.members or column.value}" for column in table.columns
    )
    return f"json_build_object({members})::text"


def finish_csv(line: bytes, explained: Explained) -> bytes:
    """A CSV line with its last cell."""
    return line + b"," + in_a_cell(explained) + b"\r\n"


def finish_json(line: bytes, explained: Explained) -> bytes:
    """A JSON line with its last member."""
    return line[:-1] + b', "' + EXPLANATIONS.encode() + b'" : ' + as_json(explained) + b"}\n"
