"""Sealing in tests, as soon as it can be done."""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef

from audit.models import Checkpoint, Event, Leaf
from audit.sealing import seal
from tests.processes import eventually

KEYS = {"tests": bytes(range(32))}
PATIENCE = 150.0


def seal_all(keys: Mapping[str, bytes] = KEYS) -> Checkpoint:
    """Seals every event there is; for tests with a database of their own.

    Tests beside this one write in the same cluster: while a transaction of theirs is open, what began
    after it can't be sealed.
    """

    def sealed() -> bool:
        seal(keys=keys)
        return unsealed() == 0

    eventually(sealed, "all events to be sealed", PATIENCE)
    return Checkpoint.objects.latest("id")


def unsealed() -> int:
    """How many events are in no checkpoint."""
    leaves = Leaf.objects.filter(event_id=OuterRef("pk"))
    return Event.objects.filter(~Exists(leaves)).count()
