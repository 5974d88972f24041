"""The life of a case: its legal moves, and the steps that the system takes by itself.

The row is the truth. A status says which step is next; a step takes the case with a lease, does its
work and moves the case on. The broker merely rings; `ring_overdue` finds whatever nobody took.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from kombu.exceptions import OperationalError

from audit.actors import Actor, system
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Case, Status

log = structlog.get_logger("countersign.lifecycle")

MOVES: Mapping[Status | None, Mapping[Status, str]] = {
    None: {Status.RECEIVED: "case.received"},
    Status.RECEIVED: {
        Status.READ: "case.read",
        Status.QUARANTINED: "case.quarantined",
        Status.WITHDRAWN: "case.withdrawn",
    },
    Status.READ: {
        Status.SCORED: "case.scored",
        Status.QUARANTINED: "case.quarantined",
        Status.WITHDRAWN: "case.withdrawn",
    },
    Status.SCORED: {
        Status.DECIDED: "case.decided",
        Status.IN_REVIEW: "case.sent_to_review",
        Status.QUARANTINED: "case.quarantined",
        Status.WITHDRAWN: "case.withdrawn",
    },
    Status.QUARANTINED: {
        Status.IN_REVIEW: "case.sent_to_review",
        Status.WITHDRAWN: "case.withdrawn",
    },
    Status.IN_REVIEW: {
        Status.DECIDED: "case.decided",
        Status.RECEIVED: "case.supplemented",
        Status.WITHDRAWN: "case.withdrawn",
    },
    Status.DECIDED: {
        Status.ANNOUNCED: "case.announced",
        Status.IN_REVIEW: "decision.superseded",
    },
    Status.ANNOUNCED: {Status.IN_REVIEW: "decision.superseded"},
    Status.WITHDRAWN: {},
}
"""From each status, the legal next ones and the event that each move is."""

DOORBELL_GRACE = timedelta(seconds=30)
"""How long the sweep leaves it to the doorbell that was rung."""

DOORBELL_REPEAT = timedelta(minutes=1)
"""How long the sweep waits before it rings for the same step again: the workers may be busy."""


class IllegalMove(Exception):
    """The case is not where the move begins: somebody else was first, or the move is not legal."""


class StepTaken(Exception):
    """Another worker holds the step, or the case has moved on: nothing to do here."""


@dataclass(frozen=True, slots=True)
class Step:
    """A worker's lease on the next step of a case; its token fences what the worker writes."""

    case_id: UUID
    status: Status
    token: UUID
    attempt: int


def move(
    case: Case,
    to: Status,
    *,
    by: Actor,
    step: Step | None = None,
    data: Mapping[str, Any] | None = None,
    commitments: Mapping[str, str] | None = None,
) -> None:
    """Moves a case on, with its event, and rings for the next step once that is committed.

    Raises IllegalMove where the table has no such move, where the case has changed since it was
    read, or where a step's lease was lost meanwhile. Must run in a transaction.
    """
    before = Status(case.status)
    if to not in MOVES[before]:
        raise IllegalMove(f"{before} to {to}")
    unchanged = Case.objects.filter(pk=case.pk, status=before, version=case.version)
    if step is not None:
        unchanged = unchanged.filter(step_token=step.token)
    has_step = to in settings.CASE_STEPS
    moved = unchanged.update(
        status=to,
        version=F("version") + 1,
        step_token=None,
        step_due_at=ClockTimestamp() + DOORBELL_GRACE if has_step else None,
        step_attempts=0,
        step_error=F("step_error") if to is Status.QUARANTINED else "",
    )
    if not moved:
        raise IllegalMove(f"{before} to {to}: the case has changed")
    case.status, case.version = to, case.version + 1
    record(
        MOVES[before][to],
        by=by,
        case_id=case.pk,
        pipeline=case.definition.slug,
        data={**(data or {}), "version": case.version},
        commitments=commitments,
    )
    if has_step:
        ring_after_commit(case.pk, to)


def begin(
    case: Case, *, by: Actor, data: Mapping[str, Any], commitments: Mapping[str, str]
) -> None:
    """Saves a new case, with its event, and rings for its first step. Must run in a transaction."""
    case.status = Status.RECEIVED
    case.step_due_at = ClockTimestamp() + DOORBELL_GRACE
    case.save(force_insert=True)
    record(
        MOVES[None][Status.RECEIVED],
        by=by,
        case_id=case.pk,
        pipeline=case.definition.slug,
        data=data,
        commitments=commitments,
    )
    ring_after_commit(case.pk, Status.RECEIVED)


def take_step(case_id: UUID, status: Status) -> Step:
    """Takes the next step of a case with a lease; raises StepTaken where there is nothing to take."""
    token = uuid.uuid4()
    free = Q(step_token=None) | Q(step_due_at__lt=ClockTimestamp())
    taken = Case.objects.filter(free, pk=case_id, status=status).update(
        step_token=token,
        step_due_at=ClockTimestamp() + timedelta(seconds=settings.STEP_LEASE_SECONDS),
        step_attempts=F("step_attempts") + 1,
    )
    if not taken:
        raise StepTaken(f"{status} of {case_id}")
    attempt = Case.objects.values_list("step_attempts", flat=True).get(pk=case_id)
    return Step(case_id, status, token, attempt)


def renew_step(step: Step) -> None:
    """Lengthens a step's lease while its work goes on; raises StepTaken where it was lost."""
    renewed = Case.objects.filter(pk=step.case_id, step_token=step.token).update(
        step_due_at=ClockTimestamp() + timedelta(seconds=settings.STEP_LEASE_SECONDS)
    )
    if not renewed:
        raise StepTaken(f"{step.status} of {step.case_id}")


def finish_step(step: Step) -> None:
    """Ends a step that leaves the status as it is; raises StepTaken where the lease was lost."""
    finished = Case.objects.filter(pk=step.case_id, step_token=step.token).update(
        step_token=None, step_due_at=None, step_attempts=0
    )
    if not finished:
        raise StepTaken(f"{step.status} of {step.case_id}")


@transaction.atomic
def fail_step(step: Step, *, error: str) -> None:
    """Gives a failed step back: another attempt follows, and after the last one a person."""
    failed = Case.objects.filter(pk=step.case_id, step_token=step.token).update(
        step_token=None,
        step_due_at=ClockTimestamp() + timedelta(seconds=min(2**step.attempt, 600)),
        step_error=error[:300],
    )
    if not failed:  # the lease was lost: whoever has the step now will tell how it went
        return
    case = Case.objects.select_related("pipeline_version").get(pk=step.case_id)
    by = system(settings.CASE_STEPS[step.status])
    record(
        "step.failed",
        by=by,
        case_id=case.pk,
        pipeline=case.definition.slug,
        data={"step": step.status, "attempt": step.attempt, "error": error[:300]},
    )
    if step.attempt >= settings.STEP_ATTEMPTS and Status.QUARANTINED in MOVES[step.status]:
        move(
            case,
            Status.QUARANTINED,
            by=by,
            data={"step": step.status, "attempts": step.attempt, "error": error[:300]},
        )


@transaction.atomic
def ring_overdue(limit: int = 500) -> int:
    """Rings for steps that nobody took or whose worker was lost, longest overdue first: how many.

    A lost worker's token goes, so that its step is free for whoever hears the bell. Two sweeps at
    once ring for different cases, and none rings for a case at every turn while workers are busy.
    """
    due = list(
        Case.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(step_due_at__lt=ClockTimestamp())
        .order_by("step_due_at")
        .values_list("pk", "status")[:limit]
    )
    Case.objects.filter(pk__in=[case_id for case_id, _ in due]).update(
        step_token=None, step_due_at=ClockTimestamp() + DOORBELL_REPEAT
    )
    for case_id, status in due:
        ring_after_commit(case_id, Status(status))
    return len(due)


def ring_after_commit(case_id: UUID, status: Status) -> None:
    """Rings for a case's next step as soon as the transaction is committed."""
    transaction.on_commit(lambda: ring(case_id, status))


def ring(case_id: UUID, status: Status) -> None:
    """Rings for a case's next step. A broker out of reach costs time, never the case.

    A case that has been read is taken to its end before the next one is read: somebody may wait for
    it. What beat sends overtakes both (0 is first in Redis).
    """
    task, priority = settings.CASE_STEPS[status], 9 if status is Status.RECEIVED else 6
    try:
        current_app.send_task(task, args=[str(case_id)], priority=priority, retry=False)
    except OperationalError:
        log.warning("doorbell_unheard", case=str(case_id), status=str(status))


def unheard() -> int:
    """How many rings wait in the broker for a worker; 0 where it can't say."""
    try:
        with current_app.connection_for_write() as connection:
            channel: Any = connection.default_channel  # its stub knows no queues
            return int(channel.queue_declare(current_app.conf.task_default_queue).message_count)
    except OperationalError:
        return 0
