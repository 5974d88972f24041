"""The tasks of the system of record."""

from celery import shared_task

from cases import announcing, blobs, idempotency, lifecycle


@shared_task
def deliver_due_webhooks() -> None:
    """Sends whatever message is due."""
    announcing.deliver_due()


MOST_RINGS = 500
"""Above this many unheard rings the workers have enough to do: more would only fill the broker."""


@shared_task
def sweep() -> None:
    """Rings again for cases whose step is overdue, while there is room for it in the broker."""
    lifecycle.ring_overdue(limit=max(0, MOST_RINGS - lifecycle.unheard()))


@shared_task
def forget_idempotency_keys() -> None:
    """Forgets the keys that have lived as long as is published."""
    idempotency.forget_old()


@shared_task
def forget_orphaned_files() -> None:
    """Deletes the files of cases that were never committed."""
    blobs.forget_orphans()
