"""The alarm in words: one line a queue, with its most urgent case."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.alarms import CAP, Ringing
from reviews.presenting.times import Due, due


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One queue of the alarm: how many cases wait, and the most urgent one; `seconds` until it is due."""

    slug: str
    words: str
    case_id: UUID
    reference: str
    due: Due
    seconds: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """All of it; `state` is the same as long as the same cases lead the same number of others."""

    lines: Sequence[AlarmLine]
    count: int
    state: str


def alarm(cases: Sequence[Ringing]) -> Alarm:
    """The alarm that cases sound, the most urgent first."""
    queues: dict[str, list[Ringing]] = {}
    for case in cases:
        queues.setdefault(case.queue, []).append(case)
    lines = [alarm_line(waiting) for waiting in queues.values()]
    told = "".join(f"{line.words}{line.case_id}" for line in lines)
    state = hashlib.sha256(told.encode()).hexdigest()[:16] if lines else ""
    return Alarm(lines, len(cases), state)


def alarm_line(waiting: Sequence[Ringing]) -> AlarmLine:
    """The line of one queue, by its cases."""
    first, count = waiting[0], len(waiting)
    words = ngettext("%(count)s due in %(queue)s", "%(count)s due in %(queue)s", count)
    counted = f"{CAP - 1}+" if count >= CAP else str(count)
    return AlarmLine(
        slug=first.queue,
        words=words % {"count": counted, "queue": _(first.queue_name)},
        case_id=first.case_id,
        reference=first.reference,
        due=due(first.due_at, first.now),
        seconds=int((first.due_at - first.now).total_seconds()),
    )
