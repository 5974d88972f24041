"""Disposals: what is to go is asked for by one person, approved by another, and then worked off.

A request names a person's cases; the schedule's run takes what has been kept long enough; one of events
takes classes of them, which `audit.disposing` deletes. Cases are erased one a transaction by a task, and
whatever a lost worker leaves is found by the sweep: the row is the truth.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import User
from audit.actors import Actor, system
from audit.disposing import dispose_events
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Case, Pipeline
from reviews.erasing import erase_case
from reviews.models import Disposal, DisposalCase
from reviews.retention import (
    CLOSED_BEFORE,
    Counted,
    count_cases,
    count_events,
    cut_of,
    due_before,
)
from reviews.rights import rights_of

log = structlog.get_logger("countersign.disposals")
TASK = "reviews.tasks.carry_on_disposal"
AT_ONCE = 100
"""How many cases a task takes before it lets others have the worker."""
MOST = 500
"""Cases of one request: a person has few."""
QUIET = timedelta(minutes=1)
"""How long nothing came of a disposal whose worker is taken for lost: another bell is rung then."""
BY = system("disposal")
Kind, Status, Result = Disposal.Kind, Disposal.Status, DisposalCase.Result

DUE_CASES = f"""
    INSERT INTO reviews_disposalcase (disposal_id, case_id, result)
    SELECT %(disposal)s, due.id, '' FROM ({CLOSED_BEFORE}) due ORDER BY due.id
"""  # noqa: S608  # made of constants


class CannotDispose(ValueError):
    """What nobody can have disposed of, or approve, or this person may not; the message says why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a disposal is: how many cases it has, and what became of those that were taken."""

    total: int
    results: Mapping[str, int]

    @property
    def done(self) -> int:
        """How many were taken."""
        return sum(self.results.values())


# ---------------------------------------------------------------- asking


def ask_for_cases(pipeline: Pipeline, case_ids: Sequence[UUID], *, by: User) -> Disposal:
    """Asks for a person's cases to be erased, on their request. Raises CannotDispose."""
    chosen = list(dict.fromkeys(case_ids))
    if not 0 < len(chosen) <= MOST:
        raise CannotDispose(_("Choose one case at least, and at most 500."))
    if Case.objects.filter(pk__in=chosen, pipeline=pipeline).count() != len(chosen):
        raise CannotDispose(_("Choose cases of one pipeline."))

    def keep(disposal: Disposal) -> Counted:
        rows = [DisposalCase(disposal=disposal, case_id=case_id) for case_id in chosen]
        DisposalCase.objects.bulk_create(rows)
        return count_cases(disposal.pk, pipeline)

    return ask(pipeline, Kind.REQUEST, {}, keep, by=by)


def ask_for_due_cases(pipeline: Pipeline, *, by: User) -> Disposal:
    """Asks for what the schedule no longer has kept to be erased. Raises CannotDispose."""
    before = cut_of(pipeline).cases
    if before is None:
        raise CannotDispose(_("The pipeline's cases are kept for good."))

    def keep(disposal: Disposal) -> Counted:
        with connection.cursor() as cursor:
            asked = {**due_before(pipeline, before), "disposal": disposal.pk}
            cursor.execute(DUE_CASES, asked)
        return count_cases(disposal.pk, pipeline)

    return ask(pipeline, Kind.SCHEDULE, {"before": before.isoformat()}, keep, by=by)


def ask_for_due_events(pipeline: Pipeline, *, by: User) -> Disposal:
    """Asks for the events past their time to be deleted. Raises CannotDispose."""
    before = cut_of(pipeline).events
    if not before:
        raise CannotDispose(_("The pipeline's events are kept for good."))
    spelled = {name: at.isoformat() for name, at in before.items()}

    def keep(disposal: Disposal) -> Counted:
        return Counted(events=count_events(pipeline, before))

    return ask(pipeline, Kind.EVENTS, {"before": spelled}, keep, by=by)


@transaction.atomic
def ask(
    pipeline: Pipeline,
    kind: Disposal.Kind,
    filter: Mapping[str, Any],
    keep: Callable[[Disposal], Counted],
    *,
    by: User,
) -> Disposal:
    """Keeps what is asked for, counted, for somebody else to approve; nothing goes before that."""
    check_right(pipeline, by)
    disposal = Disposal.objects.create(
        pipeline=pipeline, kind=kind, filter=dict(filter), asked_by=by
    )
    counted = keep(disposal)
    if not any((counted.cases, counted.held, counted.open, counted.all_events)):
        raise CannotDispose(_("There is nothing that would go."))
    disposal.counted = asdict(counted)
    disposal.save(update_fields=["counted"])
    record_of("disposal.asked", disposal, {"counted": disposal.counted, **filter}, by=by.actor)
    return disposal


# ---------------------------------------------------------------- answering


@transaction.atomic
def approve(disposal_id: int, *, by: User) -> Disposal:
    """Approves a disposal, which then is carried out. Raises CannotDispose, also for who asked."""
    disposal = answered(disposal_id, Status.APPROVED, by=by)
    record_of("disposal.approved", disposal, {"asked_by": disposal.asked_by_id}, by=by.actor)
    if disposal.kind != Kind.EVENTS:
        transaction.on_commit(lambda: ring(disposal.pk))
    return disposal


@transaction.atomic
def refuse(disposal_id: int, *, by: User) -> Disposal:
    """Refuses a disposal: nothing of it goes. Raises CannotDispose, also for who asked."""
    disposal = answered(disposal_id, Status.REFUSED, by=by)
    record_of("disposal.refused", disposal, {"asked_by": disposal.asked_by_id}, by=by.actor)
    return disposal


def answered(disposal_id: int, status: Disposal.Status, *, by: User) -> Disposal:
    """The disposal with its answer."""
    disposal = (
        Disposal.objects.select_for_update(of=("self",))
        .select_related("pipeline")
        .get(pk=disposal_id)
    )
    check_right(disposal.pipeline, by)
    if disposal.status != Status.ASKED:
        raise CannotDispose(_("Somebody has answered it already."))
    if disposal.asked_by_id == by.pk:
        raise CannotDispose(_("Somebody other than who asked has to answer."))
    disposal.status, disposal.answered_by = status, by
    Disposal.objects.filter(pk=disposal.pk).update(
        status=status, answered_by=by, answered_at=ClockTimestamp()
    )
    return disposal


def check_right(pipeline: Pipeline, by: User) -> None:
    """Raises CannotDispose for whoever may not say what of the pipeline goes."""
    if not rights_of(by).may_pipeline("retain", pipeline.pk):
        raise CannotDispose(_("Who keeps the pipeline's records asks for that, and answers."))


# ---------------------------------------------------------------- carrying it out


def carry_on(disposal_id: int, limit: int = AT_ONCE) -> bool:
    """Erases the next cases of a disposal; whether any are left. Several may do so at once."""
    taken = 0
    for _number in range(limit):
        found = erase_next(disposal_id, taken)
        if found is None:
            finish(disposal_id, by=BY)
            return False
        taken = found
    return True


def carry_on_or_ring(disposal_id: int) -> None:
    """Erases some cases of a disposal, and rings for the rest."""
    if carry_on(disposal_id):
        ring(disposal_id)


def carry_on_unfinished() -> int:
    """Rings for the disposals at work whose worker may be lost; how many there are."""
    lately = ClockTimestamp() - QUIET
    worked_on = DisposalCase.objects.filter(disposal=OuterRef("pk"), done_at__gt=lately)
    quiet = Disposal.objects.filter(~Exists(worked_on), status=Status.APPROVED)
    unfinished = list(
        quiet.filter(answered_at__lte=lately).exclude(kind=Kind.EVENTS).values_list("pk", flat=True)
    )
    for disposal_id in unfinished:
        ring(disposal_id)
    return len(unfinished)


@transaction.atomic
def erase_next(disposal_id: int, taken: int = 0) -> int | None:
    """Takes the next case after the row `taken` that nobody else takes just now; None at the end.

    One that fails stays to be tried again, by the sweep's next bell, and keeps no other one waiting.
    """
    rows = DisposalCase.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    at_work = rows.filter(disposal=disposal_id, disposal__status=Status.APPROVED, result="")
    row = at_work.filter(pk__gt=taken).order_by("id").first()
    if row is None:
        return None
    try:
        with transaction.atomic():
            result = erase_case(row.case_id, by=BY, disposal=disposal_id)
            DisposalCase.objects.filter(pk=row.pk).update(result=result, done_at=ClockTimestamp())
    except Exception as error:  # its kind alone: the text may quote the case
        log.error("erasure_failed", case=str(row.case_id), error=type(error).__name__)
    return row.pk


def dispose_due_events(*, by: Actor) -> dict[int, int]:
    """Deletes the events of all disposals of such that are approved; how many, by disposal.

    Asks for the connection of the tables' owner.
    """
    approved = Disposal.objects.filter(kind=Kind.EVENTS, status=Status.APPROVED)
    gone = {}
    for disposal in approved.select_related("pipeline").order_by("pk"):
        gone[disposal.pk] = dispose_events(
            disposal.pk, pipeline=disposal.pipeline.slug, before=disposal.filter["before"], by=by
        )
        finish(disposal.pk, by=by, data={"events": gone[disposal.pk]})
    return gone


@transaction.atomic
def finish(disposal_id: int, *, by: Actor, data: Mapping[str, int] | None = None) -> None:
    """Says that a disposal is carried out, once none of its cases is left, nor in another's hands."""
    held = Disposal.objects.select_for_update(no_key=True, of=("self",)).get(pk=disposal_id)
    if held.status != Status.APPROVED or held.cases.filter(result="").exists():
        return
    Disposal.objects.filter(pk=held.pk).update(status=Status.DONE, done_at=ClockTimestamp())
    record_of("disposal.done", held, {**progress_of(held).results, **(data or {})}, by=by)


def progress_of(disposal: Disposal) -> Progress:
    """How far a disposal is."""
    rows = disposal.cases.order_by().values_list("result").annotate(Count("pk"))
    counts = dict(rows)
    total = sum(counts.values())
    counts.pop("", None)
    return Progress(total, counts)


def ring(disposal_id: int) -> None:
    """Lets a worker carry on; unheard, the sweep's next round does."""
    try:
        current_app.send_task(TASK, args=[disposal_id], priority=9, retry=False)
    except OperationalError:
        log.warning("doorbell_unheard", disposal=disposal_id)


def record_of(type: str, disposal: Disposal, data: Mapping[str, Any], *, by: Actor) -> None:
    """An event of a disposal."""
    about = {"disposal": disposal.pk, "kind": str(disposal.kind), **data}
    record(type, by=by, pipeline=disposal.pipeline.slug, data=about)
