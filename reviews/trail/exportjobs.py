"""Exports as they are asked for, approved, cancelled, taken and forgotten.

The row is the truth: a worker is rung for it, makes the file under a lease, and whatever a lost worker
left is rung for again. Each step is an event.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import User
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Case, Pipeline
from reviews.models import Export, QueueEntry
from reviews.rights import Rights, rights_of
from reviews.trail import exportfiles
from reviews.trail.decisions import purposes_asked
from reviews.trail.selecting import Selection

log = structlog.get_logger("countersign.exports")

TASK = "reviews.tasks.make_export"
PRIORITY = 9
Kind = Export.Kind
Format = Export.Format
Status = Export.Status
TABLES = (Format.CSV, Format.JSON_LINES, Format.PARQUET)
FORMATS: Mapping[str, tuple[Format, ...]] = {
    **dict.fromkeys(Kind, TABLES),
    Kind.TRAIL: (Format.JSON_LINES,),
    Kind.CASE: (Format.PDF,),
}
"""As what each kind can be had."""
DAYS = ("pipeline", "since", "until")
FILTERS: Mapping[str, tuple[str, ...]] = {
    Kind.DECISIONS: (
        *DAYS,
        "case",
        "reviewer",
        "outcome",
        "override",
        "policy_version",
        "model_version",
        "superseded",
        "events",
        "purpose",
    ),
    Kind.OVERRIDES: (
        *DAYS,
        "case",
        "reviewer",
        "outcome",
        "policy_version",
        "model_version",
        "purpose",
    ),
    Kind.SEGMENTS: (*DAYS, "policy_version", "model_version"),
    Kind.THRESHOLDS: DAYS,
    Kind.ACCESS: (*DAYS, "case", "reviewer"),
    Kind.MODELS: DAYS,
    Kind.TRAIL: (),
    Kind.CASE: ("pipeline", "case", "purpose"),
}
"""What each kind can be narrowed by."""
OPEN = (Status.ASKED, Status.QUEUED, Status.RUNNING)


class Refused(Exception):
    """What can't be done with an export; the message says why, for people."""


# ---------------------------------------------------------------- asking


@transaction.atomic
def ask_export(selection: Selection, *, kind: str, format: str, by: User) -> Export:
    """Asks for an export; it begins at once where nobody has to approve it. Raises Refused."""
    check_asked(selection, kind, format, by)
    waits = needs_approval(selection.pipeline)
    export = Export.objects.create(
        kind=kind,
        format=format,
        pipeline=selection.pipeline,
        case_id=selection.case if kind == Kind.CASE else None,
        filter=selection.as_filter(),
        purpose=selection.purpose or "",
        exported_by=by,
        status=Status.ASKED if waits else Status.QUEUED,
        due_at=None if waits else ClockTimestamp(),
    )
    record_export("export.asked", export, by=by.actor, approval=waits)
    if not waits:
        transaction.on_commit(lambda: ring(export.pk))
    return export


def check_asked(selection: Selection, kind: str, format: str, by: User) -> None:
    """Raises Refused where the person may not have this, or there is no such thing."""
    if format not in FORMATS.get(kind, ()):
        raise Refused(_("This can't be had in that format."))
    if set(selection.as_filter()) - set(FILTERS[kind]):
        raise Refused(_("This can't be narrowed in that way."))
    mine = rights_of(by)
    if not may_have(kind, selection.pipeline, mine):
        raise Refused(_("You may not take this: it asks for the right to audit."))
    if selection.purpose and selection.purpose not in purposes_asked(by, selection.pipeline):
        raise Refused(_("That is no purpose of the chosen pipeline."))
    if kind == Kind.CASE:
        check_case(selection, mine)


def may_have(kind: str, pipeline: Pipeline | None, mine: Rights) -> bool:
    """Whether somebody may take this away: of a pipeline who audits it, the whole trail who audits all.

    The trail says what was decided of samples too: who may have to judge any can't have it.
    """
    audited = mine.pipelines.get("audit", frozenset())
    if kind == Kind.TRAIL:
        all_of_them = frozenset(Pipeline.objects.values_list("pk", flat=True))
        return bool(audited) and all_of_them <= audited and not mine.worked_on
    return pipeline is not None and pipeline.pk in audited


def check_case(selection: Selection, mine: Rights) -> None:
    """Raises Refused where the case is none of the pipeline, or waits to be judged unseen by this person."""
    pipeline = selection.pipeline
    found = Case.objects.filter(pipeline=pipeline)
    if selection.case is None or not found.filter(pk=selection.case).exists():
        raise Refused(_("The pipeline has no such case."))
    sampled = QueueEntry.objects.filter(pk=selection.case, sample__isnull=False)
    if pipeline and pipeline.pk in mine.worked_on and sampled.exists():
        raise Refused(_("The case is still open."))


def needs_approval(pipeline: Pipeline | None) -> bool:
    """Whether a second person has to approve; of the whole trail where any pipeline asks that."""
    all_of_them = Pipeline.objects.filter(current__isnull=False).select_related("current")
    chosen = [pipeline] if pipeline else all_of_them
    return any(one.current.definition.exports.approval for one in chosen if one.current)


# ---------------------------------------------------------------- answering


@transaction.atomic
def approve_export(export_id: int, *, by: User) -> None:
    """Lets an export begin that waits for a second person. Raises Refused."""
    export = answered(export_id, Status.QUEUED, by=by)
    Export.objects.filter(pk=export.pk).update(due_at=ClockTimestamp())
    record_export("export.approved", export, by=by.actor)
    transaction.on_commit(lambda: ring(export.pk))


@transaction.atomic
def refuse_export(export_id: int, *, by: User) -> None:
    """Refuses an export that waits for a second person. Raises Refused."""
    record_export("export.refused", answered(export_id, Status.REFUSED, by=by), by=by.actor)


def answered(export_id: int, status: Status, *, by: User) -> Export:
    """An export that waited, with its answer; raises Refused for who asked for it or may not audit it."""
    export = locked(export_id)
    if export.exported_by_id == by.pk:
        raise Refused(_("Somebody else has to answer: you asked for it."))
    if not may_have(export.kind, export.pipeline, rights_of(by)):
        raise Refused(_("You may not answer this: it asks for the right to audit."))
    if export.status != Status.ASKED:
        raise Refused(_("This was answered already, or taken back."))
    export.status = status
    Export.objects.filter(pk=export.pk).update(
        status=status, answered_by=by, answered_at=ClockTimestamp()
    )
    return export


@transaction.atomic
def cancel_export(export_id: int, *, by: User) -> None:
    """Ends an export that is not finished; its worker notices within a second or two. Raises Refused."""
    export = locked(export_id)
    if export.exported_by_id != by.pk:
        raise Refused(_("Only who asked for it can cancel it."))
    if export.status not in OPEN:
        raise Refused(_("It is over already."))
    Export.objects.filter(pk=export.pk).update(status=Status.CANCELLED, token=None, due_at=None)
    record_export("export.cancelled", export, by=by.actor, rows=export.rows_made)


@transaction.atomic
def take_away(export_id: int, *, by: User) -> Iterator[bytes]:
    """An export's file, for who asked for it and still may have it; it is an event. Raises Refused."""
    export = locked(export_id)
    mine = export.exported_by_id == by.pk
    if not mine or not may_have(export.kind, export.pipeline, rights_of(by)):
        raise Refused(_("Only who asked for it can take it away."))
    kept = Export.objects.filter(pk=export_id, kept_until__gt=ClockTimestamp())
    if not kept.exists() or not exportfiles.is_there(export):
        raise Refused(_("The file is not kept any more. Ask for it again."))
    record_export("export.downloaded", export, by=by.actor, sha256=export.sha256)
    return exportfiles.opened(export)


def locked(export_id: int) -> Export:
    """An export that nobody else changes meanwhile."""
    exports = Export.objects.select_for_update(of=("self",), no_key=True)
    return exports.select_related("pipeline__current", "exported_by").get(pk=export_id)


# ---------------------------------------------------------------- keeping


def forget_exports_with(case: Case) -> int:
    """Has every kept file go that may hold something of a case; returns how many. In a transaction.

    Both now and once it is committed: until then workers can read what is about to be erased.
    """
    transaction.on_commit(lambda: let_go(case))
    return let_go(case)


@transaction.atomic
def let_go(case: Case) -> int:
    """Lets kept files go that may hold something of a case; what is being made begins anew."""
    may_hold(case).filter(status=Status.RUNNING).update(
        status=Status.QUEUED, token=None, due_at=ClockTimestamp(), attempts=0
    )
    return forget(may_hold(case))


def may_hold(case: Case) -> Any:
    """The exports that may hold something of a case: those of its pipeline, and of the whole trail."""
    return Export.objects.filter(Q(pipeline=case.pipeline_id) | Q(pipeline=None))


@transaction.atomic
def forget(exports: Any) -> int:
    """Lets kept files go; the rows say that they are gone."""
    kept = exports.select_for_update(no_key=True).filter(status=Status.DONE)
    blobs = dict(kept.values_list("pk", "blob"))
    Export.objects.filter(pk__in=blobs).update(
        status=Status.GONE, sealed_key=None, blob="", kept_until=None
    )
    transaction.on_commit(lambda: exportfiles.discard(blobs.values()))
    return len(blobs)


def look_after_exports() -> None:
    """Rings for exports that nobody makes, and lets files go whose time is over, or that belong to none."""
    forget(Export.objects.filter(kept_until__lt=ClockTimestamp()))
    exportfiles.forget_orphans()
    due = Export.objects.filter(status__in=(Status.QUEUED, Status.RUNNING))
    for export_id in due.filter(due_at__lt=ClockTimestamp()).values_list("pk", flat=True):
        ring(export_id)


def ring(export_id: int) -> None:
    """Lets a worker make an export; unheard, the sweep's next round does."""
    try:
        current_app.send_task(TASK, args=[export_id], priority=PRIORITY, retry=False)
    except OperationalError:
        log.warning("doorbell_unheard", export=export_id)


def record_export(type: str, export: Export, *, by: Actor, **facts: object) -> Any:
    """An export's event; returns it."""
    asked = {"export": export.pk, "kind": export.kind, "format": export.format}
    return record(
        type,
        by=by,
        case_id=export.case_id,
        pipeline=export.pipeline.slug if export.pipeline else "",
        data={**asked, "filter": export.filter, **facts},
    )
