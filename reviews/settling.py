"""Settling: what a review leads to, once it can no longer be undone and before that to nothing.

The row is the truth here too: an entry whose claim ended in a review waits to be settled. A task is
rung for when that is due, and the sweep finds what nobody heard.
"""

from datetime import timedelta
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from audit.actors import Actor, system
from audit.events import record
from cases.decisions import decide
from cases.models import Decision
from reviews.adverse.contested import answer_contest
from reviews.adverse.notices import owe_notice
from reviews.bases import label_reviewed
from reviews.free import is_open
from reviews.hastening import hasten
from reviews.locking import locked_review
from reviews.models import Queue, QueueEntry, Review, Sample, Stage
from reviews.reopening import reopen_urgent
from reviews.sampling import judge_held, settle_sample
from reviews.slots import free_other
from reviews.trail.grounds import grounds_of

log = structlog.get_logger("countersign.settling")

TASK = "reviews.tasks.settle_review"
PRIORITY = 3  # before the steps of cases: somebody has finished with this one
DUE = f"""
SELECT entry.claim_id
FROM reviews_queueentry entry
JOIN reviews_review review ON review.claim_id = entry.claim_id AND review.undone_at IS NULL
JOIN cases_case held ON held.id = entry.case_id AND {is_open("held")}
WHERE entry.claim_id IS NOT NULL AND review.reviewed_at + %s <= statement_timestamp()
ORDER BY review.id LIMIT %s
"""  # noqa: S608  # made of constants
"""Reviews that have had no effect although they are due. Entries with a claim are as few as people."""


@transaction.atomic
def settle_review(fence: int) -> Decision | None:
    """Does what the review given under a claim leads to; returns the decision where it ends the case.

    A second review follows where the route asks for one, an adjudication where the outcomes of first
    and second differ, else the decision; an urgent outcome waits for neither, unless it goes against
    somebody. Nothing is done before the review is due, and nothing where it was settled already,
    undone, or its case withdrawn. That of a sample decides nothing, but where it is urgent its case
    goes back to people.
    """
    given = locked_review(fence)
    if given is None or not given.due:
        return None
    entry, review = given.entry, given.review
    by = Actor("user", str(review.reviewer_id))
    if entry.sample_id is not None:
        sample = settle_sample(entry, review, by=by)
        if is_missed_urgent(entry, review, sample):
            reopen_urgent(sample, review, by=system("sampling"))
        return None
    if entry.route.blind and review.stage == Stage.FIRST:
        judge_held(entry, review, by=by)
    spec = entry.case.definition.outcome(review.outcome)
    presses = spec.urgent and not spec.adverse
    if not presses and judged_again(entry, review, by=by):
        return None
    QueueEntry.objects.filter(pk=entry.pk).delete()
    free_other(entry.case, review.pk, by=by)
    label_reviewed(entry.case, review)
    decision = decide(
        entry.case,
        review.outcome,
        by=by,
        made_by=Decision.MadeBy.REVIEW,
        route_id=review.route_id,
        override=review.override,
        reason_codes=review.reason_codes,
        grounds=grounds_of(review.route_id),
    )
    owe_notice(decision, entry.case, by=by)
    if entry.round > 1:
        answer_contest(decision, entry.case, by=by)
    return decision


def is_missed_urgent(entry: QueueEntry, review: Review, sample: Sample) -> bool:
    """Whether a sampled automatic decision was said to be urgent, unseen or in the end.

    A known answer was given by people beyond doubt: there it is the reviewer who is measured.
    """
    if sample.kind != Sample.Kind.AUTOMATIC:
        return False
    said = {sample.verdict, review.outcome} - {sample.outcome}
    return any(entry.case.definition.outcome(outcome).urgent for outcome in said)


def judged_again(entry: QueueEntry, review: Review, *, by: Actor) -> bool:
    """Lets the case wait for the judgement that has to follow a review; False where none has to."""
    second_queue = entry.route.second_review_queue_id
    if review.stage == Stage.FIRST and second_queue is not None:
        ask_again(entry, Stage.SECOND, second_queue, by=by)
        return True
    if review.stage == Stage.SECOND and differs_from_first(review):
        ask_again(entry, Stage.ADJUDICATION, entry.queue_id, by=by)
        return True
    return False


def differs_from_first(review: Review) -> bool:
    """Whether a second review ends otherwise than the first one of its round."""
    first = Review.objects.only("outcome").get(
        case=review.case_id, round=review.round, stage=Stage.FIRST, undone_at=None
    )
    return first.outcome != review.outcome


def ask_again(entry: QueueEntry, stage: Stage, queue_id: int, *, by: Actor) -> None:
    """Lets the case wait for somebody else's judgement. Must run in a transaction."""
    queue = Queue.objects.get(pk=queue_id)
    sooner = hasten(entry.case, queue)
    QueueEntry.objects.filter(pk=entry.pk).update(
        stage=stage,
        queue=queue,
        claim=None,
        reserved_for=None,
        reserved_until=None,
        escalated=False,
        fresh=stage is Stage.SECOND and entry.fresh,
        **{"due_at": entry.case.due_at} if sooner else {},
    )
    event = "case.sent_to_second_review" if stage is Stage.SECOND else "case.sent_to_adjudication"
    record(
        event,
        by=by,
        case_id=entry.case_id,
        pipeline=entry.case.definition.slug,
        data={"queue": queue_id, **sooner},
    )


def settle_due(limit: int = 500) -> int:
    """Settles the reviews that are due and were not heard of; returns how many it tried.

    One that fails stays as it is, to be tried again, and keeps no other one waiting.
    """
    given: list[Any] = [timedelta(seconds=settings.UNDO_SECONDS), limit]
    with connection.cursor() as cursor:
        cursor.execute(DUE, given)
        due = [fence for (fence,) in cursor.fetchall()]
    for fence in due:
        try:
            settle_review(fence)
        except Exception as error:
            log.error("settling_failed", claim=fence, exc_info=error)
    return len(due)


def ring_when_due(fence: int) -> None:
    """Rings for a review once it is kept and can no longer be undone. A broker away costs time only."""
    transaction.on_commit(lambda: ring(fence))


def ring(fence: int) -> None:
    """Lets a worker settle a review when it is due."""
    wait = settings.UNDO_SECONDS or None
    try:
        current_app.send_task(TASK, args=[fence], countdown=wait, priority=PRIORITY, retry=False)
    except OperationalError:
        log.warning("doorbell_unheard", claim=fence)
