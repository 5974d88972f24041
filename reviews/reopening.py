"""Reopening: settled cases go back to people, and what was decided is superseded.

A selection may be thousands. It is kept first, a row a case; a task takes one after the other, each in
a transaction of its own, and whatever is left by a lost worker is found by the sweep: the row is the
truth. What can't be reopened is left as it is, and its row says why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import User
from audit.actors import Actor
from audit.events import record
from audit.models import CaseKey, ClockTimestamp
from cases import lifecycle
from cases.announcing import Told, tell
from cases.deadlines import begin_anew
from cases.models import Case, Decision, Pipeline, Status
from reviews.adverse.notices import drop_notice
from reviews.colleagues import able_of, holders
from reviews.hastening import hasten
from reviews.models import (
    Claim,
    Notice,
    Queue,
    QueueEntry,
    Reopening,
    ReopeningCase,
    Review,
    Route,
    Sample,
)
from reviews.notices import tell as notify
from reviews.reasons import because
from reviews.rights import rights_of
from reviews.routes import queue_of_last_resort

log = structlog.get_logger("countersign.reopening")

TASK = "reviews.tasks.carry_on_reopening"
AT_ONCE = 200
"""How many cases a task takes before it lets others have the worker."""
MOST = 10_000
"""Cases of one selection: who reopens more should look at them in parts."""
QUIET = timedelta(minutes=1)
"""How long nothing came of a selection whose worker is taken for lost: another bell is rung then."""
SETTLED = (Status.DECIDED, Status.ANNOUNCED)
Result = ReopeningCase.Result
USUAL, PRESSING = ("queue",), ("flag_queue", "queue")
"""Where a policy has a case wait that it decided by itself, by the names of its parts."""
URGENT = "Decided without a person, judged unseen as a sample, and said to be urgent."


class CannotReopen(ValueError):
    """A selection that nobody can reopen, or this person may not; the message says why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a selection is: how many cases it has, and what became of those that were taken."""

    total: int
    results: Mapping[str, int]

    @property
    def done(self) -> int:
        """How many were taken."""
        return sum(self.results.values())

    @property
    def reopened(self) -> int:
        """How many are with people again."""
        return self.results.get(Result.REOPENED, 0)


@transaction.atomic
def reopen_cases(
    case_ids: Iterable[UUID], *, reason: str, because_of: Sample | None, by: User
) -> Reopening:
    """Has settled cases of one pipeline judged anew; returns the selection, which is worked off later.

    Raises CannotReopen without a reason or a case, with too many of them, where they are of several
    pipelines, or where the person may not configure theirs.
    """
    chosen = list(dict.fromkeys(islice(case_ids, MOST + 1)))
    if len(chosen) > MOST:
        raise CannotReopen(_("At most 10,000 cases are reopened at once: narrow the selection."))
    pipeline = pipeline_of(chosen, by)
    if not reason.strip():
        raise CannotReopen(_("Say why the cases are reopened: it stands in their record."))
    reopening = Reopening.objects.create(
        pipeline=pipeline, reason=reason.strip(), because_of=because_of, opened_by=by
    )
    for some in batched_ids(chosen):
        rows = [ReopeningCase(reopening=reopening, case_id=case_id) for case_id in some]
        ReopeningCase.objects.bulk_create(rows)
    data = {"reopening": reopening.pk, "cases": len(chosen)}
    data |= {"sample": because_of.pk} if because_of else {}
    record("reopening.begun", by=by.actor, pipeline=pipeline.slug, data=data)
    transaction.on_commit(lambda: ring(reopening.pk))
    return reopening


def pipeline_of(chosen: list[UUID], by: User) -> Pipeline:
    """The one pipeline of all the cases, which the person may configure; raises CannotReopen."""
    found: set[int] = set()
    counted = 0
    for some in batched_ids(chosen):
        rows = (
            Case.objects.filter(pk__in=some)
            .order_by()
            .values_list("pipeline")
            .annotate(Count("pk"))
        )
        for pipeline_id, count in rows:
            found.add(pipeline_id)
            counted += count
    mine = rights_of(by)
    if not chosen or counted != len(chosen) or len(found) != 1:
        raise CannotReopen(_("Choose cases of one pipeline."))
    if not mine.may_pipeline("configure", *found):
        raise CannotReopen(_("Who configures the pipeline reopens its cases."))
    return Pipeline.objects.get(pk__in=found)


def batched_ids(case_ids: list[UUID]) -> Iterable[list[UUID]]:
    """The ids in lists that a statement can hold."""
    return (case_ids[start : start + 5000] for start in range(0, len(case_ids), 5000))


def progress_of(reopening: Reopening) -> Progress:
    """How far a selection is."""
    rows = reopening.cases.order_by().values_list("result").annotate(Count("pk"))
    counts = dict(rows)
    total = sum(counts.values())
    counts.pop("", None)
    return Progress(total, counts)


# ---------------------------------------------------------------- working it off


def carry_on(reopening_id: int, limit: int = AT_ONCE) -> bool:
    """Reopens the next cases of a selection; whether any are left. Several may do so at once."""
    reopening = Reopening.objects.select_related("opened_by").get(pk=reopening_id)
    taken = 0
    for _number in range(limit):
        found = reopen_next(reopening, taken)
        if found is None:
            finish(reopening, by=reopening.opened_by.actor)
            return False
        taken = found
    return True


def carry_on_or_ring(reopening_id: int) -> None:
    """Reopens some cases of a selection, and rings for the rest."""
    if carry_on(reopening_id):
        ring(reopening_id)


def carry_on_unfinished() -> int:
    """Rings for the selections that are not finished, whose worker may be lost; how many there are."""
    lately = ClockTimestamp() - QUIET
    worked_on = ReopeningCase.objects.filter(reopening=OuterRef("pk"), done_at__gt=lately)
    quiet = Reopening.objects.filter(~Exists(worked_on), finished_at=None, opened_at__lte=lately)
    unfinished = list(quiet.values_list("pk", flat=True))
    for reopening_id in unfinished:
        ring(reopening_id)
    return len(unfinished)


@transaction.atomic
def reopen_next(reopening: Reopening, taken: int = 0) -> int | None:
    """Takes the next case after the row `taken` that nobody else takes just now; None at the end.

    One that fails stays to be tried again, by the sweep's next bell, and keeps no other one waiting.
    """
    rows = ReopeningCase.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    row = rows.filter(reopening=reopening, done_at=None, pk__gt=taken).order_by("id").first()
    if row is None:
        return None
    try:
        with transaction.atomic():
            result = reopen_case(row.case_id, reopening=reopening, by=reopening.opened_by.actor)
            ReopeningCase.objects.filter(pk=row.pk).update(result=result, done_at=ClockTimestamp())
    except Exception as error:
        log.error("reopening_failed", case=str(row.case_id), exc_info=error)
    return row.pk


@transaction.atomic
def finish(reopening: Reopening, *, by: Actor) -> None:
    """Says that a selection is worked off, once none of its cases is left, nor in another's hands."""
    held = Reopening.objects.select_for_update(no_key=True).get(pk=reopening.pk)
    if held.finished_at is not None or held.cases.filter(done_at=None).exists():
        return
    Reopening.objects.filter(pk=held.pk).update(finished_at=ClockTimestamp())
    data = {"reopening": held.pk, **progress_of(held).results}
    record("reopening.finished", by=by, pipeline=held.pipeline.slug, data=data)


def ring(reopening_id: int) -> None:
    """Lets a worker carry on; unheard, the sweep's next round does."""
    try:
        current_app.send_task(TASK, args=[reopening_id], priority=9, retry=False)
    except OperationalError:
        log.warning("doorbell_unheard", reopening=reopening_id)


# ---------------------------------------------------------------- one case


def reopen_urgent(sample: Sample, review: Review, *, by: Actor) -> Result:
    """Gives a case back to people at once of which the verdict on its sample says that it is urgent.

    Nobody has to choose it from a list first: it waits where the policy has the pressing ones wait,
    and who supervises that queue is told. Must run in a transaction.
    """
    case, slug = sample.case, sample.case.pipeline.slug
    reopening = Reopening.objects.create(
        pipeline=case.pipeline, reason=URGENT, because_of=sample, opened_by_id=review.reviewer_id
    )
    data = {"reopening": reopening.pk, "cases": 1, "sample": sample.pk}
    record("reopening.begun", by=by, pipeline=slug, data=data)
    result = reopen_case(case.pk, reopening=reopening, by=by, to=PRESSING)
    ReopeningCase.objects.create(
        reopening=reopening, case=case, result=result, done_at=ClockTimestamp()
    )
    finish(reopening, by=by)
    if result == Result.REOPENED:
        queue_id = QueueEntry.objects.values_list("queue", flat=True).get(pk=case.pk)
        supervisors = able_of(holders([queue_id]), queue_id, "supervise") - {review.reviewer_id}
        notify(User.objects.filter(pk__in=supervisors), Notice.Kind.ESCALATED, case.pk)
    return result


def reopen_case(
    case_id: UUID, *, reopening: Reopening, by: Actor, to: Sequence[str] = USUAL
) -> Result:
    """Gives a settled case back to people; says why where it can't be. Must run in a transaction.

    Its decision is superseded and the upstream told; it has all of its time again. `to` are the
    policy's names of the queue for one that has waited in none, the first that it knows.
    """
    entry = QueueEntry.objects.select_for_update(no_key=True).filter(pk=case_id).first()
    case = (
        Case.objects.select_for_update(no_key=True, of=("self",))
        .select_related("pipeline", "pipeline_version")
        .get(pk=case_id)
    )
    left = why_left(case, entry)
    if left is not None:
        return left
    decision = supersede(case)
    route = route_again(case, decision, to)
    wait_again(case, route, decision, reopening=reopening, by=by)
    return Result.REOPENED


def supersede(case: Case) -> Decision:
    """Ends a settled case's decision; the upstream is told, a notice not sent yet is owed no more.

    Must run in a transaction, with the move that gives the case back to people.
    """
    decision = Decision.objects.get(case=case, superseded_at=None)
    Decision.objects.filter(pk=decision.pk).update(superseded_at=ClockTimestamp())
    decision.refresh_from_db(fields=["superseded_at"])
    drop_notice(decision)
    told_at = decision.superseded_at or decision.decided_at
    about = f"decision:{decision.pk}"
    tell(case, Told("decision.superseded", about, told_at, {"decision": decision.pk}))
    return decision


def why_left(case: Case, entry: QueueEntry | None) -> Result | None:
    """Why a case is left as it is; None where it can be reopened."""
    if case.status == Status.WITHDRAWN:
        return Result.WITHDRAWN
    if case.status not in SETTLED:
        return Result.OPEN
    if not CaseKey.objects.filter(case_id=case.pk, wrapped__isnull=False).exists():
        return Result.ERASED
    return Result.SAMPLED if entry is not None else None


def route_again(case: Case, decision: Decision, to: Sequence[str]) -> Route:
    """The way back to people: as the case came to its decision, but blind where there is a model's view."""
    before, queue = queue_again(case, decision, to)
    return Route.objects.create(
        case=case,
        policy_version_id=before.policy_version_id if before else None,
        prediction_id=before.prediction_id if before else None,
        kind=Route.Kind.REVIEW,
        confidence=before.confidence if before else None,
        queue=queue,
        second_review_queue_id=before.second_review_queue_id if before else None,
        blind=bool(before and before.prediction_id),
        reasons=[asdict(because("reopened"))],
        flags=before.flags if before else [],
    )


def queue_again(
    case: Case, decision: Decision, to: Sequence[str] = USUAL
) -> tuple[Route | None, Queue]:
    """The route that a case was decided by, and the queue in which people have it again."""
    routes = Route.objects.filter(case=case).select_related("policy_version", "queue")
    before = routes.filter(pk=decision.route_id or 0).first()
    content = before.policy_version.content if before and before.policy_version else {}
    wanted = queue_of_last_resort(case, [content.get(name) for name in to])
    queue = before.queue if before and before.queue else Queue.objects.get(slug=wanted)
    return before, queue


def wait_again(
    case: Case, route: Route, decision: Decision, *, reopening: Reopening, by: Actor
) -> None:
    """Lets a case wait by its new route, with a deadline anew, for fresh eyes where there are any."""
    if route.queue is None:
        raise ValueError(f"route {route.pk} names no queue")
    begin_anew(case)
    sooner = hasten(case, route.queue)
    QueueEntry.objects.create(
        case=case,
        queue=route.queue,
        route=route,
        round=Route.objects.filter(case=case, kind=Route.Kind.REVIEW).count(),
        due_at=case.due_at,
        escalated=Claim.objects.filter(case=case, ended=Claim.Ended.ESCALATED).exists(),
        fresh=has_fresh_eyes(case, route),
    )
    data: dict[str, Any] = {
        "decision": decision.pk,
        "reopening": reopening.pk,
        "route": route.pk,
        "queue": route.queue.slug,
        "blind": route.blind,
        "due_at": case.due_at.isoformat(),
        **sooner,
    }
    lifecycle.move(case, Status.IN_REVIEW, by=by, data=data)


def has_fresh_eyes(case: Case, route: Route) -> bool:
    """Whether enough people have never judged the case: one, or another one for the second review."""
    judged = frozenset(
        Review.objects.filter(case=case, undone_at=None).values_list("reviewer", flat=True)
    )
    queues = {route.queue_id, route.second_review_queue_id} - {None}
    able = holders([queue for queue in queues if queue is not None])
    first = able_of(able, route.queue_id, "review") - judged
    if route.second_review_queue_id is None:
        return bool(first)
    second = able_of(able, route.second_review_queue_id, "second_review") - judged
    return bool(first and second and len(first | second) > 1)
