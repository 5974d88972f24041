"""Proofs out of the database, for anybody who keeps a checkpoint.

Each reads at most two blocks of 256 hashes of each kept level, however long the log is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from audit import merkle
from audit.models import Checkpoint, Leaf, Subtree

UNSEALED_SECONDS = """
    SELECT extract(epoch FROM clock_timestamp() - min(at))::float8 FROM (
        (SELECT at FROM audit_event event
        WHERE transaction >= coalesce(
                (SELECT below FROM audit_checkpoint ORDER BY id DESC LIMIT 1), 0)
            AND NOT EXISTS (SELECT FROM audit_leaf WHERE event_id = event.id)
        ORDER BY transaction, id LIMIT 1)
        UNION ALL
        (SELECT at FROM audit_event
        WHERE id > coalesce((SELECT max(event_id) FROM audit_leaf), 0) ORDER BY id LIMIT 1)
    ) waiting
"""
"""The first after the last checkpoint, and the first after the last leaf's event.

A database that was restored in another cluster gives numbers of transactions again that are behind the
checkpoint's `below`; ids it only ever gives higher ones. Both are the first entries of an index.
"""


class NotSealed(LookupError):
    """An event that the checkpoint does not reach, or that there is none of."""


class LogBroken(RuntimeError):
    """The log lacks hashes that its checkpoint is over: somebody took them."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where an event stands in the log, and the proof of it (RFC 6962, 2.1.1)."""

    position: int
    path: list[bytes]


def latest_checkpoint() -> Checkpoint | None:
    """The newest checkpoint; None before the first."""
    return Checkpoint.objects.order_by("-id").first()


def inclusion(event_id: int, checkpoint: Checkpoint) -> Inclusion:
    """The proof that an event is in the log as `checkpoint` has it; raises NotSealed, LogBroken."""
    leaf = Leaf.objects.filter(event_id=event_id, position__lt=checkpoint.size).first()
    if leaf is None:
        raise NotSealed(f"event {event_id} is not in the checkpoint of {checkpoint.size}")
    return Inclusion(
        leaf.position, merkle.inclusion_path(leaf.position, checkpoint.size, kept_hashes)
    )


def consistency(old_size: int, checkpoint: Checkpoint) -> list[bytes]:
    """The proof that the log of `checkpoint` begins with the log of `old_size` events (2.1.2).

    Raises ValueError where the old one is the larger, LogBroken.
    """
    return merkle.consistency_path(old_size, checkpoint.size, kept_hashes)


def sealed_upto(event_id: int) -> bool:
    """Whether an event is in a checkpoint: its leaf is written with the one that first has it."""
    return Leaf.objects.filter(event_id=event_id).exists()


def seconds_unsealed() -> float:
    """How long the event that waits longest has been in no checkpoint; 0 where none waits.

    Those wait longest of which a transaction is still open that began before theirs.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED_SECONDS)
        (seconds,) = cursor.fetchone()
    return max(0.0, seconds or 0.0)


def kept_hashes(level: int, start: int, stop: int) -> list[bytes]:
    """The hashes of full subtrees of a kept level, of leaves for level 0; raises LogBroken."""
    found = subtrees(level, start, stop) if level else leaves(start, stop)
    hashes = [bytes(hash) for hash in found]
    if len(hashes) != stop - start:
        raise LogBroken(f"{len(hashes)} hashes of level {level} where there are {stop - start}")
    return hashes


def leaves(start: int, stop: int) -> Iterable[bytes | memoryview]:
    """The leaves' hashes from `start` up to `stop`, as far as they are there."""
    rows = Leaf.objects.filter(position__gte=start, position__lt=stop)
    return rows.order_by("position").values_list("hash", flat=True)


def subtrees(level: int, start: int, stop: int) -> Iterable[bytes | memoryview]:
    """The hashes of full subtrees of a level above, as far as they are there."""
    rows = Subtree.objects.filter(level=level, number__gte=start, number__lt=stop)
    return rows.order_by("number").values_list("hash", flat=True)
