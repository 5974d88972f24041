"""What is kept and for how long: schedules, legal holds, and what is asked for, approved and erased."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Case, Pipeline
from reviews import disposals
from reviews.disposals import CannotDispose
from reviews.erasing import why_kept
from reviews.legalholds import LONGEST_MATTER, CannotHold, lift_hold, live_holds, place_hold
from reviews.models import Disposal, LegalHold
from reviews.presenting.trail.keeping import (
    Row,
    Scheduled,
    counted_words,
    going_words,
    row_of,
    schedule_lines,
)
from reviews.retention import dry_run, schedule_of
from reviews.veiling import veil
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.trail.frame import pipelines_with, trail_page

LAST = 20
"""So many of the last disposals stand on the page."""
A_PAGE = 100


@require_safe
@login_required
def keeping(request: HttpRequest) -> HttpResponse:
    """The schedules, the holds and the last disposals."""
    return keeping_page(request)


def keeping_page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page; `problem` is what was wrong with what was just sent from it."""
    known = pipelines_with(request, "retain", "audit", "configure")
    context = {
        "problem": problem,
        "asked": request.POST,
        "schedules": [scheduled(request, pipeline) for pipeline in known],
        "holds": list(holds_seen(request)),
        "rows": [row(request, each) for each in disposals_seen(request)[:LAST]],
        "retained": list(retained(request)),
        "longest": LONGEST_MATTER,
    }
    return trail_page(request, "reviews/trail/keeping.html", "keeping", context, status=status)


def scheduled(request: HttpRequest, pipeline: Pipeline) -> Scheduled:
    """A pipeline's schedule, counted where the page is asked to."""
    schedule = schedule_of(pipeline)
    counted = dry_run(pipeline) if request.GET.get("count") == pipeline.slug else None
    return Scheduled(
        pipeline=pipeline,
        lines=schedule_lines(schedule),
        may_run=rights(request).may_pipeline("retain", pipeline.pk),
        has_cases=schedule.case_months is not None,
        has_events=bool(schedule.event_months),
        counted=None if counted is None else counted_words(asdict(counted)),
        cases=counted.cases if counted else 0,
        events=counted.all_events if counted else 0,
    )


def retained(request: HttpRequest) -> QuerySet[Pipeline]:
    """The pipelines whose records the person keeps; none where they keep none."""
    try:
        return pipelines_with(request, "retain")
    except Http404:
        return Pipeline.objects.none()


def pipeline_in(request: HttpRequest) -> Pipeline | None:
    """The pipeline that a form names, where the person keeps its records."""
    slug = request.POST.get("pipeline", "")
    return next((each for each in retained(request) if each.slug == slug), None)


def overseen(request: HttpRequest) -> QuerySet[Pipeline]:
    """The pipelines whose holds and disposals the person may see."""
    try:
        return pipelines_with(request, "retain", "audit")
    except Http404:
        return Pipeline.objects.none()


def holds_seen(request: HttpRequest) -> QuerySet[LegalHold]:
    """The holds that last, of those pipelines."""
    return (
        live_holds()
        .filter(pipeline__in=overseen(request))
        .select_related("pipeline", "case", "placed_by")
    )


def disposals_seen(request: HttpRequest) -> QuerySet[Disposal]:
    """The disposals of those pipelines, the last first."""
    found = Disposal.objects.filter(pipeline__in=overseen(request))
    return found.select_related("pipeline", "asked_by", "answered_by").order_by("-id")


def row(request: HttpRequest, disposal: Disposal) -> Row:
    """A disposal as the person sees it."""
    mine = rights(request).may_pipeline("retain", disposal.pipeline_id)
    progress = disposals.progress_of(disposal)
    may_answer = mine and disposal.asked_by_id != person(request).pk
    return row_of(disposal, progress.results, progress.total, may_answer=may_answer)


# ---------------------------------------------------------------- holds


@posted("trail_keeping")
def place(request: HttpRequest) -> HttpResponse:
    """Places a hold: on the case that the form names, or on all of the pipeline where it names none."""
    chosen = pipeline_in(request)
    if chosen is None:
        raise Http404
    named, matter = (request.POST.get(name, "").replace("\0", "") for name in ("case", "matter"))
    try:
        case_id = case_named(chosen, named.strip()).pk if named.strip() else None
        place_hold(chosen, case_id=case_id, matter=matter, by=person(request))
    except CannotHold as why:
        return keeping_page(request, problem=str(why), status=422)
    messages.success(request, _("The hold is placed: nothing under it is erased while it lasts."))
    return redirect("trail_keeping")


def case_named(pipeline: Pipeline, named: str) -> Case:
    """The one case of a reference or an id; raises CannotHold where that is none, or several."""
    found = list(Case.objects.filter(by_name([named]), pipeline=pipeline)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise CannotHold(_("Several cases have this reference: give the case's id."))
    raise CannotHold(_("There is no such case in this pipeline."))


@posted("trail_keeping")
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Lifts a hold."""
    if not LegalHold.objects.filter(pk=pk, pipeline__in=retained(request)).exists():
        raise Http404
    try:
        lift_hold(pk, by=person(request))
    except CannotHold as why:
        messages.warning(request, str(why))
    else:
        messages.success(request, _("The hold is lifted."))
    return redirect("trail_keeping")


# ---------------------------------------------------------------- asking


@posted("trail_keeping")
def run(request: HttpRequest) -> HttpResponse:
    """Asks for what a schedule no longer has kept to go: cases, or events."""
    chosen = pipeline_in(request)
    acts = {"cases": disposals.ask_for_due_cases, "events": disposals.ask_for_due_events}
    ask = acts.get(request.POST.get("what", ""))
    if chosen is None or ask is None:
        raise Http404
    try:
        disposal = ask(chosen, by=person(request))
    except CannotDispose as why:
        return keeping_page(request, problem=str(why), status=422)
    messages.success(request, waits())
    return redirect("trail_disposal", disposal.pk)


def waits() -> str:
    """What is said once something was asked for."""
    return _("Asked for. Nothing goes before somebody else who keeps the records approves it.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def request_erasure(request: HttpRequest) -> HttpResponse:
    """A person's request: their cases are looked up, chosen, and asked to be erased.

    References may name people, and so they are posted: they stand in no address.
    """
    own = retained(request)
    if not own:
        raise Http404
    lines = names_in(request.POST.get("names", ""))
    if request.method == "POST" and "ask" in request.POST:
        return asked_for(request, own, lines)
    return request_page(request, own, lines)


def request_page(
    request: HttpRequest,
    own: QuerySet[Pipeline],
    lines: Sequence[str],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """What was found, and what was not."""
    cases = Case.objects.filter(by_name(lines), pipeline__in=own)
    cases = cases.select_related("pipeline", "queue_entry__sample")
    found = [veil(case, rights(request)) for case in cases.order_by("-id")[: disposals.MOST]]
    there = {case.reference for case in found} | {case.pk for case in found}
    asked = "ask" in request.POST
    context = {
        "names": "\n".join(lines),
        "found": [(case, stays(case)) for case in found],
        "chosen": request.POST.getlist("case") if asked else [str(case.pk) for case in found],
        "missing": [name for name in lines if there.isdisjoint({name, *ids_in(name)})],
        "problem": problem,
    }
    return trail_page(request, "reviews/trail/request.html", "keeping", context, status=status)


def stays(case: Case) -> str:
    """Why a case would not be erased today, in words; empty where it would."""
    kept = why_kept(case)
    return str(kept.label) if kept and case.erased_at is None else ""


def asked_for(request: HttpRequest, own: QuerySet[Pipeline], lines: Sequence[str]) -> HttpResponse:
    """Asks for the chosen cases to be erased, for each of their pipelines by itself."""
    ids = [found for text in request.POST.getlist("case") for found in ids_in(text)]
    cases = list(Case.objects.filter(pk__in=ids, pipeline__in=own).select_related("pipeline"))
    pipelines = {case.pipeline_id: case.pipeline for case in cases}
    try:
        with transaction.atomic():
            if not cases:
                raise CannotDispose(_("Choose at least one case."))
            made = [
                disposals.ask_for_cases(
                    pipeline,
                    [case.pk for case in cases if case.pipeline_id == pipeline.pk],
                    by=person(request),
                )
                for pipeline in pipelines.values()
            ]
    except CannotDispose as why:
        return request_page(request, own, lines, problem=str(why), status=422)
    messages.success(request, waits())
    return redirect("trail_disposal", made[0].pk) if len(made) == 1 else redirect("trail_keeping")


def names_in(text: str) -> list[str]:
    """References and ids, one a line."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in dict.fromkeys(lines) if line and "\0" not in line][: disposals.MOST]


def by_name(names: Sequence[str]) -> Q:
    """The cases that have one of these references or ids."""
    ids = [found for name in names for found in ids_in(name)]
    return Q(reference__in=names) | Q(pk__in=ids)


def ids_in(text: str) -> list[UUID]:
    """The id that a text is, if it is one."""
    try:
        return [UUID(text)]
    except ValueError:
        return []


# ---------------------------------------------------------------- one disposal


@require_safe
@login_required
def disposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One disposal: what was asked for, who answered, how far it is, and what became of each case."""
    return disposal_page(request, pk)


def disposal_page(
    request: HttpRequest, pk: int, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The page of one; raises Http404 for whoever may not see it."""
    found = disposals_seen(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    rows = found.cases.select_related("case").order_by("id")
    context: dict[str, Any] = {
        "row": row(request, found),
        "disposal": found,
        "going": going_words(found),
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "mine": found.asked_by_id == person(request).pk,
        "problem": problem,
    }
    return trail_page(request, "reviews/trail/disposal.html", "keeping", context, status=status)


@posted("trail_disposal", "pk")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approves a disposal, once that is confirmed."""
    if request.POST.get("confirmed") != "yes":
        return disposal_page(
            request,
            pk,
            problem=_("Tick that you have checked what goes: it can't be undone."),
            status=422,
        )
    return answer(request, pk, disposals.approve, _("Approved. It is being carried out."))


@posted("trail_disposal", "pk")
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuses a disposal."""
    return answer(request, pk, disposals.refuse, _("Refused: nothing of it goes."))


def answer(request: HttpRequest, pk: int, act: Any, words: str) -> HttpResponse:
    """Answers a disposal that the person may see."""
    if not disposals_seen(request).filter(pk=pk).exists():
        raise Http404
    try:
        act(pk, by=person(request))
    except CannotDispose as why:
        return disposal_page(request, pk, problem=str(why), status=422)
    messages.success(request, words)
    return redirect("trail_disposal", pk)
