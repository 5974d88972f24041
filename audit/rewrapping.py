"""After a new master key: all keys and secrets are wrapped anew under it, so that the old one can go.

In batches, each in a transaction of its own: what was done stays done, and whoever starts again goes
on where the one before was ended.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import CaseKey

BATCH = 500
Secrets = Callable[[], int]
"""Seals the secrets of one kind anew, where they are not under the current key; returns how many."""


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many keys of cases, and secrets of the house, were wrapped anew under a master key."""

    master_key: str
    cases: int
    secrets: int


def rewrap(secrets: Iterable[Secrets], *, by: Actor, batch: int = BATCH) -> Rewrapped:
    """Wraps all that an older master key wraps under the current one; recorded, where that was any.

    Raises CannotOpen where a master key that is still needed is not configured; what was wrapped anew
    by then stays so.
    """
    cases = 0
    while done := rewrap_keys(batch):
        cases += done
    found = Rewrapped(current_key(), cases, sum(seal_anew() for seal_anew in secrets))
    gone = CaseKey.objects.filter(wrapped=None).exclude(master_key=found.master_key)
    gone.update(master_key=found.master_key)  # of a destroyed key, too, no row names an older one
    if found.cases or found.secrets:
        with transaction.atomic():
            data = {
                "master_key": found.master_key,
                "cases": found.cases,
                "secrets": found.secrets,
            }
            record("vault.rewrapped", by=by, data=data)
    return found


@transaction.atomic
def rewrap_keys(batch: int) -> int:
    """Wraps the keys of so many cases under the current master key; returns how many there were."""
    older = CaseKey.objects.filter(wrapped__isnull=False).exclude(master_key=current_key())
    keys = list(older.select_for_update().order_by("case_id")[:batch])
    CaseKey.objects.bulk_update(
        [vault.wrap(vault.unwrap(key)) for key in keys], ["master_key", "wrapped"]
    )
    return len(keys)


def resealed(purpose: str, sealed: bytes) -> bytes | None:
    """A secret of the house under the current master key; None where it is so already.

    Raises CannotOpen.
    """
    if bytes(sealed).startswith(f"{current_key()}:".encode()):
        return None
    return vault.seal_for_house(purpose, vault.open_for_house(purpose, sealed))


def current_key() -> str:
    """The name of the current master key."""
    return next(iter(settings.MASTER_KEYS))
