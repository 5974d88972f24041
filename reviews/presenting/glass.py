"""Cases that somebody opened in an emergency, as lines."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from reviews.models import BrokenGlass
from reviews.presenting.times import span


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening: who, what, why, and what somebody else said of it; `left` while it can be read."""

    pk: int
    case_id: UUID
    reference: str
    pipeline: str
    who: str
    reason: str
    at: datetime
    ends_at: datetime
    left: str
    justified: bool | None
    reviewer: str
    reviewed_at: datetime | None


def opening(glass: BrokenGlass, reason: str, *, now: datetime) -> Opening:
    """An opening in words; its case, pipeline, person and reviewer must be loaded."""
    left = glass.ends_at - now
    return Opening(
        pk=glass.pk,
        case_id=glass.case_id,
        reference=glass.case.reference,
        pipeline=_(glass.case.pipeline.name),
        who=glass.person.shown_name,
        reason=reason,
        at=glass.broken_at,
        ends_at=glass.ends_at,
        left=_("%(span)s left") % {"span": span(left)} if left.total_seconds() > 0 else "",
        justified=glass.justified,
        reviewer=glass.reviewed_by.shown_name if glass.reviewed_by else "",
        reviewed_at=glass.reviewed_at,
    )
