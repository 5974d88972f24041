"""Checkpoints of the log that the tests' database begins with."""

from audit import sealing
from audit.merkle import Frontier
from audit.models import Checkpoint
from audit.sequencing import Sequenced, hashes_from, sequence
from tests.processes import eventually

KEYS = {"seal-of-tests": bytes(range(32))}


def checkpoint(more: int = 5) -> Checkpoint:
    """Seals so many events more, of those that were committed before the test.

    They can be sealed once all transactions of the cluster are over that began before them.
    """
    sequenced = eventually(lambda: taken(more), "older transactions to end")
    assert sequenced is not None
    frontier = Frontier()
    for hash in hashes_from(0):
        frontier.append(hash)
    return sealing.keep(frontier, sequenced.below, KEYS)


def taken(most: int) -> Sequenced | None:
    """What was sequenced, None where nothing was."""
    found = sequence(most)
    return found if found.taken else None
