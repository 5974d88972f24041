"""Giving events their places in the log, after the transactions that recorded them are over.

The database does it, in a function of its own (audit/migrations/0003_sequencing.py): whoever calls
it, with whatever in mind, events get the next places in their order, each leaf being its hash.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from audit.models import Leaf

TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('countersign trail'))"
SEQUENCE = "SELECT taken, below FROM sequence_events(%s)"
BLOCK = 4096


class Sequenced(NamedTuple):
    """How many events got a place, and the transaction below which all events have one now."""

    taken: int
    below: int


def alone() -> bool:
    """Whether nobody else sequences; then nobody else can until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(TRY_LOCK)
        return bool(cursor.fetchone()[0])


def sequence(most: int) -> Sequenced:
    """Gives the next events their places, at most so many; waits where somebody else does it."""
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCE, [most])
        return Sequenced(*cursor.fetchone())


def hashes_from(position: int) -> Iterator[bytes]:
    """The leaves' hashes from a position on, a few thousand at a time."""
    while True:
        leaves = Leaf.objects.filter(position__gte=position, position__lt=position + BLOCK)
        found = leaves.order_by("position").values_list("hash", flat=True)
        yield from map(bytes, found)
        if len(found) < BLOCK:
            return
        position += BLOCK
