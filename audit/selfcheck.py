"""The log, checked by the house itself: each leaf's hash made anew of its event, and the root of all."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from audit.disposing import DISPOSED
from audit.merkle import Frontier
from audit.models import Checkpoint, Event
from audit.proving import kept_hashes

BLOCK = 10_000
TOLD = 100
"""How many places of leaves that are wrong are told."""
CHECK = """
SELECT count(event.id), count(*),
    coalesce(array_agg(leaf.position ORDER BY leaf.position) FILTER (
        WHERE event.id IS NOT NULL
            AND sha256('\\x00'::bytea || convert_to(event_line(event), 'UTF8')) <> leaf.hash
    ), '{}')
FROM audit_leaf leaf LEFT JOIN audit_event event ON event.id = leaf.event_id
WHERE leaf.position >= %s AND leaf.position < %s
"""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What it came to, for the log up to a checkpoint: leaves whose event is gone are `disposed`.

    `accounted` is how many of their places the events of disposals name. `wrong` are places of leaves
    that are not their events' hashes, TOLD at most; `root` is the one that all leaves lead to.
    """

    size: int
    leaves: int
    recomputed: int
    disposed: int
    accounted: int
    wrong: tuple[int, ...]
    root: bytes
    root_holds: bool

    @property
    def holds(self) -> bool:
        """Whether all is as it should be."""
        whole = self.leaves == self.size and self.disposed == self.accounted
        return whole and self.root_holds and not self.wrong


def check_log(checkpoint: Checkpoint) -> SelfCheck:
    """Checks the log up to a checkpoint, block by block, at constant memory.

    Raises LogBroken where leaves are missing.
    """
    frontier, leaves, recomputed, wrong = Frontier(), 0, 0, list[int]()
    for start in range(0, checkpoint.size, BLOCK):
        stop = min(start + BLOCK, checkpoint.size)
        with connection.cursor() as cursor:
            cursor.execute(CHECK, [start, stop])
            there, known, bad = cursor.fetchone()
        recomputed, leaves = recomputed + there, leaves + known
        wrong += bad[: TOLD - len(wrong)]
        for hash in kept_hashes(0, start, stop):
            frontier.append(hash)
    return SelfCheck(
        size=checkpoint.size,
        leaves=leaves,
        recomputed=recomputed,
        disposed=leaves - recomputed,
        accounted=accounted(checkpoint.size),
        wrong=tuple(wrong),
        root=frontier.root(),
        root_holds=frontier.root() == bytes(checkpoint.root),
    )


def accounted(size: int) -> int:
    """How many of the log's first places the disposals have emptied, as their events say."""
    said = Event.objects.filter(type=DISPOSED).values_list("data__positions", flat=True)
    return sum(max(0, min(last + 1, size) - first) for first, last in runs_in(said.iterator()))


def runs_in(said: Iterator[object]) -> Iterator[tuple[int, int]]:
    """The runs that events name; what somebody else recorded under their type names none."""
    for runs in said:
        for run in runs if isinstance(runs, list) else ():
            match run:
                case [int(first), int(last)]:
                    yield first, last
