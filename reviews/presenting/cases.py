"""A case as a line of the list."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cases.models import Case, Status
from reviews.presenting.times import Due, due_unless_held


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line; a deadline only while the case is open."""

    case_id: UUID
    reference: str
    pipeline: str
    status: str
    tone: str
    outcome: str
    adverse: bool
    queue: str
    due: Due | None
    received: datetime


OPEN = frozenset(
    {Status.RECEIVED, Status.READ, Status.SCORED, Status.QUARANTINED, Status.IN_REVIEW}
)
TONES = {Status.IN_REVIEW: "accent", Status.QUARANTINED: "bad", Status.WITHDRAWN: ""}


def case_line(case: Case) -> CaseLine:
    """The line of a case annotated with `now`, `outcome` and `adverse`."""
    status = Status(case.status)
    entry = getattr(case, "queue_entry", None)
    hold = entry.hold if entry else None
    outcome = getattr(case, "outcome", None) or ""
    return CaseLine(
        case_id=case.pk,
        reference=case.reference,
        pipeline=case.pipeline.name,
        status=status.label,
        tone=TONES.get(status, "ok" if status not in OPEN else ""),
        outcome=outcome.replace("_", " ").capitalize(),
        adverse=bool(getattr(case, "adverse", False)),
        queue=entry.queue.name if entry else "",
        due=due_unless_held(case.due_at, getattr(case, "now"), hold)  # noqa: B009
        if status in OPEN
        else None,
        received=case.created_at,
    )
