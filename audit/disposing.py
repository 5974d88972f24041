"""Deleting events that were kept long enough; their leaves stay, and the log goes on verifying.

Only the tables' owner can, and only what an approved disposal covers: the database checks each row
(`event_is_due`, of the migrations of reviews). Batch by batch the deletion and the event of which places in
the log it emptied are one transaction, so that whoever verifies the log can account for each of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connections, transaction

from audit.actors import Actor
from audit.eventclasses import CLASSES
from audit.events import record

BATCH = 5000
DISPOSED = "events.disposed"

DUE = """
    SELECT leaf.position, event.id FROM audit_leaf leaf
    JOIN audit_event event ON event.id = leaf.event_id
    WHERE leaf.position >= %(start)s AND event.type = ANY(%(types)s)
        AND event_is_due(event, %(disposal)s)
    ORDER BY leaf.position LIMIT %(batch)s
"""


def dispose_events(
    disposal: int, *, pipeline: str, before: Mapping[str, str], by: Actor, using: str = "owner"
) -> int:
    """Deletes the events that an approved disposal covers; returns how many.

    `before` is the time by class. Done again after it was broken off, it goes on with what is left.
    """
    told = {"disposal": disposal, "pipeline": pipeline, "before": dict(before)}
    count, start = 0, 0
    while positions := dispose_batch(told, start, by=by, using=using):
        count, start = count + len(positions), positions[-1] + 1
    return count


def dispose_batch(told: Mapping[str, Any], start: int, *, by: Actor, using: str) -> list[int]:
    """Deletes the next events from the place `start` in the log on; returns their places."""
    classes = sorted(told["before"])
    types = [type for name in classes for type in CLASSES[name]]
    asked = {"start": start, "types": types, "disposal": told["disposal"], "batch": BATCH}
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute(DUE, asked)
        due = cursor.fetchall()
        if not due:
            return []
        positions = [position for position, _ in due]
        cursor.execute("DELETE FROM audit_event WHERE id = ANY(%s)", [[pk for _, pk in due]])
        data = {**told, "classes": classes, "positions": ranges(positions)}
        record(DISPOSED, by=by, pipeline=told["pipeline"], data=data, using=using)
    return positions


def ranges(positions: Iterable[int]) -> list[list[int]]:
    """Rising places as runs: the first and the last of each."""
    found: list[list[int]] = []
    for position in positions:
        if found and found[-1][1] == position - 1:
            found[-1][1] = position
        else:
            found.append([position, position])
    return found
