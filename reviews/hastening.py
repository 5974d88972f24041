"""Hastening: a case that enters a queue with a deadline of its own is due by then, or sooner."""

from datetime import timedelta
from typing import Any

from cases.deadlines import bring_forward
from cases.models import Case
from reviews.models import Queue


def hasten(case: Case, queue: Queue) -> dict[str, Any]:
    """Makes a case due within its new queue's time, where it was due later; what an event says of it.

    The entry's deadline is then the case's. Must run in a transaction, with the event of the queue.
    """
    if queue.sla_minutes is None:
        return {}
    if not bring_forward(case, timedelta(minutes=queue.sla_minutes)):
        return {}
    return {"due_at": case.due_at.isoformat()}
