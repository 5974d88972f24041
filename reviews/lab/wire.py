"""Rows of numbers as PostgreSQL copies them out in binary, taken as columns. Pure.

Where every value is of one width and none is null, each row has the same length: so a block of them is
an array of records, and nothing is read value by value. The form is that of COPY: a header of 19 bytes;
each row the number of its values (int16), then of each its length (int32) and its bytes, the most
significant first; at the end 16 bits set. https://www.postgresql.org/docs/current/sql-copy.html
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = 19
END = b"\xff\xff"
TOGETHER = 4096
"""Rows that are turned into columns at a time: as many as a processor's nearest memory has room for."""
ARRAY = [(name, ">i4") for name in ("dimensions", "nulls", "type", "count", "lower")]


class NotInForm(ValueError):
    """What came is not what was asked for: a value was null, or of another width."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A value of a row: its name, its type as numpy writes it, and of an array how many it holds."""

    name: str
    type: str
    many: int = 0

    @property
    def parts(self) -> list[tuple[Any, ...]]:
        """The value's length and bytes, as fields of a record."""
        if not self.many:
            return [(f"length of {self.name}", ">i4"), (self.name, self.type)]
        items = np.dtype([("length", ">i4"), ("item", self.type)])
        parts = [(f"{name} of {self.name}", kind) for name, kind in ARRAY]
        return [(f"length of {self.name}", ">i4"), *parts, (self.name, items, (self.many,))]


def columns_of(blocks: Iterable[bytes], wires: Sequence[Wire]) -> dict[str, NDArray[Any]]:
    """The columns of what a COPY gave, by name; an array of a row stands in a column (many, rows).

    Raises NotInForm where rows are of another form than `wires` say.
    """
    record = np.dtype([("values", ">i2"), *(part for wire in wires for part in wire.parts)])
    parts: dict[str, list[NDArray[Any]]] = {wire.name: [] for wire in wires}
    for rows in records(blocks, record, len(wires)):
        for wire in wires:
            parts[wire.name].append(column_in(rows, wire))
    return {name: np.concatenate(parts.pop(name), axis=-1) for name in tuple(parts)}


def records(
    blocks: Iterable[bytes], record: np.dtype[Any], values: int
) -> Iterator[NDArray[np.void]]:
    """The rows, some thousand at a time."""
    coming, rest, skip = iter(blocks), b"", HEADER
    while block := b"".join(islice(coming, TOGETHER)):
        some = rest + block
        count, left = divmod(max(len(some) - skip, 0), record.itemsize)
        rows = np.frombuffer(some, record, count, skip)
        if (rows["values"] != values).any():
            raise NotInForm("a row has not the form that was asked for")
        yield rows
        rest, skip = some[len(some) - left :], 0
    if rest != END:
        raise NotInForm("the rows have no end, or one of another form")


def column_in(rows: NDArray[np.void], wire: Wire) -> NDArray[Any]:
    """A value's column, in the machine's own order of bytes."""
    column = rows[wire.name]["item"].T if wire.many else rows[wire.name]
    return np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("="))
