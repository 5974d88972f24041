"""The tasks of the system of record."""

from celery import shared_task

from cases import announcing, blobs, idempotency, lifecycle, steps
from cases.models import Status


@shared_task
def announce_case(case_id: str) -> None:
    """Tells the upstream of a decision."""
    steps.run(case_id, Status.DECIDED, announcing.announce)


@shared_task
def deliver_due_webhooks() -> None:
    """Sends whatever message is due."""
    announcing.deliver_due()


@shared_task
def sweep() -> None:
    """Rings again for every case whose step is overdue."""
    lifecycle.ring_overdue()


@shared_task
def forget_idempotency_keys() -> None:
    """Forgets the keys that have lived as long as is published."""
    idempotency.forget_old()


@shared_task
def forget_orphaned_files() -> None:
    """Deletes the files of cases that were never committed."""
    blobs.forget_orphans()
