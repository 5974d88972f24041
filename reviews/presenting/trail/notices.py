"""Notices in words: who is owed one, by when, and what became of it. Nothing personal is among them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Case
from reviews.models import AdverseNotice

SOON = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Left:
    """How long there is, and the tone that colours it."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a notice, or a case that should have been decided; `outcome` of that is empty."""

    pk: int | None
    case: Case
    outcome: str
    due_at: datetime
    left: Left
    escalated: bool
    sent_at: datetime | None = None
    channel: str = ""


def left_until(due_at: datetime, now: datetime) -> Left:
    """The days that are left, counted down to the last one, and those that it is late."""
    days = (due_at - now) // timedelta(days=1)
    if due_at < now:
        late = max(1, -days - 1) if days < -1 else 0
        if late == 0:
            return Left(_("due today"), "bad")
        words = ngettext("%(count)s day late", "%(count)s days late", late)
        return Left(words % {"count": late}, "bad")
    if days == 0:
        return Left(_("less than a day left"), "bad")
    words = ngettext("%(count)s day left", "%(count)s days left", days)
    return Left(words % {"count": days}, "warn" if due_at - now < SOON else "")


def row(notice: AdverseNotice, now: datetime) -> Row:
    """A notice as a line; its case with pipeline and version, and its decision, must be loaded."""
    label = notice.case.definition.outcome(notice.decision.outcome).label
    return Row(
        pk=notice.pk,
        case=notice.case,
        outcome=_(label),
        due_at=notice.due_at,
        left=left_until(notice.due_at, now),
        escalated=notice.escalated_at is not None,
        sent_at=notice.sent_at,
        channel=str(AdverseNotice.Channel(notice.channel).label) if notice.channel else "",
    )


def undecided(case: Case, now: datetime) -> Row:
    """A case without a decision as a line; its version must be loaded, and have [adverse]."""
    spec = case.definition.adverse
    due_at = case.created_at + timedelta(days=spec.notice_days if spec else 0)
    return Row(None, case, "", due_at, left_until(due_at, now), escalated=True)
