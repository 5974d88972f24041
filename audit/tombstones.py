"""Tombstones outside the database: whatever backup of it is restored, who was erased stays erased.

Two lines a case, each an object of its own in a place that only grows, kept and backed up apart from
the database. `begun` is there before the erasure commits, and says of which disposal: a crash can't lose
it. `erased` follows once it is committed, by itself or at the next look. So a case whose `erased` line
is there is erased wherever it still lives. A `begun` line alone says nothing certain: that erasure was
rolled back, or the database is older than it; whoever applies the lines can tell by the disposal.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Literal
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

from audit.models import Tombstone

log = structlog.get_logger("countersign.tombstones")
Line = Literal["begun", "erased"]
BATCH = 1000


def place() -> Storage:
    """Where the lines are kept."""
    return storages["tombstones"]


def write(case_id: UUID, line: Line, *, disposal: int | None = None) -> None:
    """Writes a line, once; raises whatever the place does where it can't be kept."""
    name = f"{line}/{case_id}"
    if not place().exists(name):
        said = json.dumps({"case": str(case_id), "disposal": disposal})
        place().save(name, ContentFile(said.encode()))


def begin(case_id: UUID, *, disposal: int | None) -> None:
    """Writes the first line, and has the second follow the commit. Must run in the transaction."""
    write(case_id, "begun", disposal=disposal)
    transaction.on_commit(partial(note_erased, case_id))


def note_erased(case_id: UUID) -> None:
    """Writes the second line; where that fails the next `complete` does."""
    try:
        write(case_id, "erased")
    except Exception as error:  # whatever a storage raises
        log.warning("tombstone_not_written", case=str(case_id), error=type(error).__name__)


def complete() -> int:
    """Writes the lines that are missing of cases erased in this database; returns how many."""
    known, count = set(lines("erased")), 0
    for case_id in Tombstone.objects.values_list("pk", flat=True).iterator(BATCH):
        if case_id not in known:
            write(case_id, "erased")
            count += 1
    return count


def lines(line: Line) -> Iterator[UUID]:
    """The cases of which this line is there."""
    try:
        _folders, names = place().listdir(line)
    except FileNotFoundError:  # nothing was ever erased
        return
    for name in names:
        with suppress(ValueError):
            yield UUID(name)


def disposal_of(case_id: UUID) -> int | None:
    """The disposal that a `begun` line names."""
    with place().open(f"begun/{case_id}") as file:
        said: int | None = json.loads(file.read())["disposal"]
    return said


def returned() -> Iterator[UUID]:
    """Cases that were erased and that this database knows nothing of: a backup of it was restored."""
    yield from unknown(lines("erased"))


def undecided() -> Iterator[UUID]:
    """Cases whose erasure was begun, and neither line nor database says that it was committed."""
    done = set(lines("erased"))
    yield from unknown(case_id for case_id in lines("begun") if case_id not in done)


def unknown(case_ids: Iterator[UUID]) -> Iterator[UUID]:
    """Those of the cases that have no tombstone in this database."""
    asked = list(case_ids)
    for start in range(0, len(asked), BATCH):
        some = asked[start : start + BATCH]
        here = set(Tombstone.objects.filter(pk__in=some).values_list("pk", flat=True))
        yield from (case_id for case_id in some if case_id not in here)
