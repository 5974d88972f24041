"""What the file of each kind of export holds."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from accounts.models import User
from audit import proving
from audit.models import Event
from reviews.models import Export
from reviews.trail import decisions, figures, loglines, reports, tables
from reviews.trail.bundles import Content
from reviews.trail.casepdf import case_pdf
from reviews.trail.loglines import Positions
from reviews.trail.selecting import Selection, conditions
from reviews.trail.tables import Table
from reviews.trail.vouching import most_proofs


class Report(Protocol):
    """A table of what was chosen, as its reader may see it."""

    def __call__(self, selection: Selection, *, reader: User) -> Table: ...


REPORTS: Mapping[str, Report] = {
    Export.Kind.DECISIONS: decisions.decisions,
    Export.Kind.OVERRIDES: reports.overrides,
    Export.Kind.SEGMENTS: figures.segments,
    Export.Kind.THRESHOLDS: figures.thresholds,
    Export.Kind.ACCESS: reports.access,
    Export.Kind.MODELS: reports.models,
}
"""The kinds that are tables."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of an export, by their names; how many rows they will have, and whether any is masked.

    Of how many events cases have nobody counts first: 0 rows are `expected` then.

    `positions` are where the file's events stand in the log; None where it has the whole log.
    """

    members: tuple[tuple[str, Content], ...]
    expected: int
    masked: bool
    positions: Positions | None


def contents_of(export: Export) -> Contents:
    """What the file will hold; read as it is written."""
    selection = Selection.from_filter(export.pipeline, export.filter)
    if export.kind == Export.Kind.TRAIL:
        return whole_trail()
    positions = Positions(most_proofs(log_size()))
    if export.kind == Export.Kind.CASE:
        return case_file(export, selection, positions)
    return report(export, selection, positions)


def log_size() -> int:
    """How many events are sealed."""
    checkpoint = proving.latest_checkpoint()
    return checkpoint.size if checkpoint else 0


def whole_trail() -> Contents:
    """All events that are sealed now."""
    size = log_size()
    return Contents((("events.jsonl", loglines.whole_log(size)),), size, False, None)


def report(export: Export, selection: Selection, positions: Positions) -> Contents:
    """A table, and the events of its cases where they were asked for."""
    reader = export.exported_by
    table = REPORTS[export.kind](selection, reader=reader)
    members = [(f"{export.kind}.{export.format}", content(table, export.format))]
    if selection.events:
        chosen = conditions(selection, veiled=decisions.is_veiled(selection, reader))
        members.append(("events.jsonl", loglines.of_decisions(chosen, positions)))
    masked = table.read is not None and decisions.is_masked(selection, reader)
    expected = 0 if selection.events else tables.counted(table)
    return Contents(tuple(members), expected, masked, positions)


def content(table: Table, format: str) -> Content:
    """A table as a file of the format; what writes Parquet is large, and loaded for that alone."""
    if format == Export.Format.PARQUET:
        written: Content = importlib.import_module("reviews.trail.parquet").content(table)
        return written
    return tables.content(table, format)


def case_file(export: Export, selection: Selection, positions: Positions) -> Contents:
    """A case's readable file, and its events."""
    if export.case_id is None:
        raise ValueError(f"export {export.pk} names no case")
    reader = export.exported_by
    pdf = case_pdf(export.case_id, reader=reader, purpose=selection.purpose or "")
    events = loglines.of_case(export.case_id, positions)
    masked = decisions.is_masked(selection, reader)
    members: tuple[tuple[str, Content], ...] = (("case.pdf", [(pdf, 0)]), ("events.jsonl", events))
    expected = Event.objects.filter(case_id=export.case_id).count()
    return Contents(members, expected, masked, positions)
