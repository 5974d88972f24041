"""Escalating: a reviewer passes the case they hold to those who may give second reviews."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from reviews.claims import ClaimLost, end, live_claims
from reviews.colleagues import holders
from reviews.commenting import comment_on
from reviews.models import Claim, Notice, QueueEntry
from reviews.notices import tell


class NothingSaid(ValueError):
    """A case is not passed on without a word why."""


class NobodyElse(Exception):
    """Nobody but the reviewer may give second reviews in the case's queue."""


@transaction.atomic
def escalate(fence: int, *, note: str, reviewer: User, by: Actor) -> UUID:
    """Lets the reviewer's case wait for a senior colleague; returns the case's id.

    The note becomes a comment on the case, the draft is kept, and those who supervise the queue are
    told. Raises ClaimLost, NothingSaid and NobodyElse.
    """
    if not note.strip():
        raise NothingSaid
    claim = live_claims().filter(pk=fence, reviewer=reviewer).first()
    entry = QueueEntry.objects.select_for_update(no_key=True).filter(claim=fence).first()
    live = Claim.objects.filter(pk=fence, expires_at__gt=ClockTimestamp()).exists()
    if claim is None or entry is None or not live:
        raise ClaimLost(str(fence))
    able = holders([entry.queue_id])
    if not able.get((entry.queue_id, "second_review"), frozenset()) - {reviewer.pk}:
        raise NobodyElse(str(entry.queue_id))
    if not end(claim, Claim.Ended.ESCALATED):
        raise ClaimLost(str(fence))
    QueueEntry.objects.filter(pk=entry.pk).update(escalated=True)
    record(
        "case.escalated",
        by=by,
        case_id=claim.case_id,
        pipeline=claim.case.pipeline.slug,
        data={"claim": fence, "queue": entry.queue_id},
    )
    comment_on(claim.case, note.strip(), author=reviewer, by=by)
    supervisors = able.get((entry.queue_id, "supervise"), frozenset()) - {reviewer.pk}
    told = User.objects.filter(pk__in=supervisors)
    tell(told, Notice.Kind.ESCALATED, claim.case_id, about=reviewer)
    return claim.case_id
