"""The log, checked by the house itself: each leaf's hash made anew of its event, and the root of all."""

from dataclasses import dataclass

from django.db import connection

from audit.merkle import Frontier
from audit.models import Checkpoint
from audit.proving import kept_hashes

BLOCK = 10_000
TOLD = 100
"""How many places of leaves that are wrong are told."""
CHECK = """
SELECT count(event.id), count(*),
    coalesce(array_agg(leaf.position ORDER BY leaf.position) FILTER (
        WHERE sha256('\\x00'::bytea || convert_to(event_line(event), 'UTF8')) <> leaf.hash
    ), '{}')
FROM audit_leaf leaf LEFT JOIN audit_event event ON event.id = leaf.event_id
WHERE leaf.position >= %s AND leaf.position < %s
"""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What it came to, for the log up to a checkpoint: leaves whose event is gone are `disposed`.

    `wrong` are places of leaves that are not their events' hashes, TOLD at most; `root` is the one that
    all leaves lead to.
    """

    size: int
    leaves: int
    recomputed: int
    disposed: int
    wrong: tuple[int, ...]
    root: bytes
    root_holds: bool

    @property
    def holds(self) -> bool:
        """Whether all is as it should be."""
        return self.root_holds and not self.wrong and self.leaves == self.size


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
        wrong=tuple(wrong),
        root=frontier.root(),
        root_holds=frontier.root() == bytes(checkpoint.root),
    )
