"""A table as Parquet, its columns of their own types. Only the job that writes one loads this: it is big."""

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.json as pj
import pyarrow.parquet as pq

from reviews.models import Export
from reviews.trail.explained import EXPLANATIONS
from reviews.trail.tables import Column, Table, Type, lines

GROUP = 20_000
"""Rows that are written together; so many are in memory at once."""
STAGED = pa.struct([("stage", pa.string()), ("username", pa.string())])
WORDS = pa.struct([("stage", pa.string()), ("text", pa.string())])
TYPES = {
    Type.TEXT: pa.string(),
    Type.ID: pa.string(),
    Type.WHOLE: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.TRUTH: pa.bool_(),
    Type.TIME: pa.timestamp("us", tz="UTC"),
    Type.LIST: pa.list_(pa.string()),
    Type.PEOPLE: pa.list_(STAGED),
}


class Taken(io.RawIOBase):
    """Where a Parquet file is written, and taken away piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        """It is written."""
        return True

    def write(self, data: Any) -> int:
        """Keeps a piece until it is taken."""
        self.pieces.append(bytes(data))
        return len(self.pieces[-1])

    def take(self) -> bytes:
        """What was written since it was taken last."""
        found = b"".join(self.pieces)
        self.pieces.clear()
        return found


def content(table: Table) -> Iterator[tuple[bytes, int]]:
    """The file's bytes in chunks, each with how many rows it has."""
    schema, taken = schema_of(table), Taken()
    with pq.ParquetWriter(pa.PythonFile(taken, mode="w"), schema, compression="zstd") as writer:
        for group, rows in grouped(table):
            writer.write_table(read(group, schema))
            yield taken.take(), rows
    yield taken.take(), 0


def grouped(table: Table) -> Iterator[tuple[bytes, int]]:
    """The rows as JSON Lines, a group after the other."""
    buffer, rows = bytearray(), 0
    for line in lines(table, Export.Format.JSON_LINES):
        buffer += line
        rows += 1
        if rows == GROUP:
            yield bytes(buffer), rows
            buffer.clear()
            rows = 0
    if rows:
        yield bytes(buffer), rows


def read(group: bytes, schema: Any) -> Any:
    """JSON Lines as a table of Arrow; raises pyarrow.ArrowInvalid where a value is not of its type."""
    return pj.read_json(
        io.BytesIO(group),
        parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
        read_options=pj.ReadOptions(use_threads=False, block_size=len(group) + 1),
    )


def schema_of(table: Table) -> Any:
    """The schema of a table's columns."""
    own = [(column.name, type_of(column)) for column in table.columns]
    return pa.schema([*own, (EXPLANATIONS, pa.list_(WORDS))] if table.read else own)


def type_of(column: Column) -> Any:
    """The type of a column's values."""
    return TYPES[column.type]
