"""A case as a line of the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from cases.models import Case, Status
from reviews.models import QueueEntry, Stage
from reviews.presenting.times import Due, due_unless_held


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line; a deadline only while the case is open. `marks` are how it stands in its queue."""

    case_id: UUID
    reference: str
    pipeline: str
    status: str
    tone: str
    outcome: str
    adverse: bool
    queue: str
    pinned: bool
    marks: Sequence[str]
    due: Due | None
    received: datetime


OPEN = frozenset(
    {Status.RECEIVED, Status.READ, Status.SCORED, Status.QUARANTINED, Status.IN_REVIEW}
)
TONES = {Status.IN_REVIEW: "accent", Status.QUARANTINED: "bad", Status.WITHDRAWN: ""}


def case_line(case: Case, labels: Mapping[str, str], me: User) -> CaseLine:
    """The line of a case from the list, for the person `me`; `labels` are the outcomes' own."""
    status = Status(case.status)
    entry: QueueEntry | None = getattr(case, "queue_entry", None)
    outcome = (getattr(case, "outcome", None) or "") if status not in OPEN else ""
    return CaseLine(
        case_id=case.pk,
        reference=case.reference,
        pipeline=_(case.pipeline.name),
        status=str(status.label),
        tone=TONES.get(status, "ok" if status not in OPEN else ""),
        outcome=labels.get(outcome, outcome),
        adverse=bool(outcome and getattr(case, "adverse", False)),
        queue=_(entry.queue.name) if entry else "",
        pinned=entry is not None and entry.queue.pinned,
        marks=marks(entry, me) if entry and status is Status.IN_REVIEW else (),
        due=due_unless_held(
            entry.due_at if entry else case.due_at,
            getattr(case, "now"),  # noqa: B009  # annotated by the list
            entry.hold if entry else None,
        )
        if status in OPEN
        else None,
        received=case.created_at,
    )


def marks(entry: QueueEntry, me: User) -> list[str]:
    """How a case stands in its queue, in words."""
    found = []
    if entry.stage != Stage.FIRST:
        found.append(str(Stage(entry.stage).label))
    if entry.escalated:
        found.append(_("Escalated"))
    if entry.claim_id is not None:
        found.append(_("In progress"))
    elif entry.reserved_for == me:
        found.append(_("Reserved for you"))
    elif entry.reserved_for is not None:
        found.append(_("Reserved for %(name)s") % {"name": entry.reserved_for.shown_name})
    return found
