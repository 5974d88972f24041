"""What an export holds, for tests: a table without its job, read back."""

import csv
import io
from dataclasses import replace

from accounts.models import User
from reviews.models import Export
from reviews.trail import decisions, tables
from reviews.trail.selecting import Selection
from reviews.trail.tables import Table


def exported(selection: Selection, format: str, reader: User) -> bytes:
    """The decisions chosen, with a purpose to see all."""
    chosen = replace(selection, purpose="Audit sample")
    return written(decisions.decisions(chosen, reader=reader), format)


def written(table: Table, format: str = Export.Format.CSV) -> bytes:
    """A table as a file."""
    return b"".join(chunk for chunk, _ in tables.content(table, format))


def rows(content: bytes) -> list[dict[str, str]]:
    """A CSV read back."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
