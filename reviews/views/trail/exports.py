"""The exports' page: ask for one, answer for another's, and take away what is ready."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from reviews.models import Export
from reviews.presenting.trail.exports import LEADS, TONES, Progress, filter_words
from reviews.presenting.trail.faults import fault_words
from reviews.trail import exportjobs
from reviews.trail.exportjobs import OPEN, Refused, Status, may_have
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.trail.exportform import ExportForm
from reviews.views.trail.frame import pipelines_with, trail_page

SHOWN = 30
TEMPLATE = "reviews/trail/exports.html"


@require_safe
@login_required
def exports(request: HttpRequest) -> HttpResponse:
    """The form for a kind of export, and the last exports."""
    form = ExportForm(
        kind=request.GET.get("kind", ""),
        pipelines=pipelines_with(request, "audit"),
        person=person(request),
        initial=request.GET.dict(),
    )
    return shown(request, form)


@posted("trail_exports")
def ask(request: HttpRequest) -> HttpResponse:
    """Asks for an export."""
    form = ExportForm(
        request.POST,
        kind=request.POST.get("kind", ""),
        pipelines=pipelines_with(request, "audit"),
        person=person(request),
    )
    if form.is_valid():
        try:
            exportjobs.ask_export(
                form.selection,
                kind=form.kind,
                format=form.cleaned_data["format"],
                by=person(request),
            )
            return redirect_to(form.kind)
        except Refused as error:
            form.add_error(None, str(error))
    return shown(request, form, status=422)


@posted("trail_exports")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approves another's export."""
    return answered(request, exportjobs.approve_export, pk)


@posted("trail_exports")
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuses another's export."""
    return answered(request, exportjobs.refuse_export, pk)


@posted("trail_exports")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancels an own export."""
    return answered(request, exportjobs.cancel_export, pk)


@require_safe
@login_required
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, to who asked for it and still may have it; that it was taken is an event."""
    export = one_of(request, pk)
    if request.method == "HEAD":
        return HttpResponse()
    try:
        chunks = exportjobs.take_away(export.pk, by=person(request))
    except Refused as error:
        return failed(request, error)
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    name = f"{export.pipeline.slug if export.pipeline else 'trail'}-{export.kind}-{export.pk}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(export.size)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# ---------------------------------------------------------------- shared


def answered(request: HttpRequest, act: Any, pk: int) -> HttpResponse:
    """Does what somebody wants of an export, and leads back to the page, with words where it can't be."""
    export = one_of(request, pk)
    try:
        act(export.pk, by=person(request))
    except Refused as error:
        return failed(request, error)
    return redirect_to(request.POST.get("kind", ""))


def failed(request: HttpRequest, error: Refused) -> HttpResponse:
    """The page, saying why something can't be done."""
    form = ExportForm(
        kind=request.POST.get("kind", ""),
        pipelines=pipelines_with(request, "audit"),
        person=person(request),
    )
    return shown(request, form, status=409, refused=str(error))


def redirect_to(kind: str) -> HttpResponseRedirect:
    """Back to the page, at its list."""
    answer = redirect("trail_exports")
    answer["Location"] += f"?kind={kind}#exports" if kind in Export.Kind.values else "#exports"
    return answer


def one_of(request: HttpRequest, pk: int) -> Export:
    """An export that the person may know of; raises Http404."""
    found = known_to(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def known_to(request: HttpRequest) -> QuerySet[Export]:
    """The exports of pipelines that the person audits; of the whole trail where they may have that."""
    pipelines = pipelines_with(request, "audit")
    known = Q(pipeline__in=pipelines)
    if may_have(Export.Kind.TRAIL, None, rights(request)):
        known |= Q(pipeline=None)
    found = Export.objects.filter(known)
    return found.select_related("exported_by", "answered_by", "pipeline", "case")


def shown(
    request: HttpRequest, form: ExportForm, status: int = 200, refused: str = ""
) -> HttpResponse:
    """The page with a form; what waits or is being made stands first, however much came later."""
    known = known_to(request)
    listed = (*known.filter(status__in=OPEN), *known.exclude(status__in=OPEN)[:SHOWN])
    rows = [row_of(export, request) for export in listed]
    context = {
        "form": form,
        "kind": form.kind,
        "lead": LEADS[form.kind],
        "kinds": [(kind.value, kind.label, kind.value == form.kind) for kind in form.kinds],
        "exports": rows,
        "waits": any(row["moves"] for row in rows),
        "refused": refused,
    }
    return trail_page(request, TEMPLATE, "exports", context, status=status)


def row_of(export: Export, request: HttpRequest) -> dict[str, Any]:
    """An export as the list shows it, and what this person can do with it."""
    mine = export.exported_by_id == person(request).pk
    return {
        "export": export,
        "filter": filter_words(export.filter),
        "error": fault_words(export.error),
        "tone": TONES.get(export.status, ""),
        "progress": Progress(export.rows_made, export.rows_expected),
        "moves": export.status in OPEN,
        "running": export.status == Status.RUNNING,
        "may_answer": export.status == Status.ASKED and not mine,
        "may_cancel": export.status in OPEN and mine,
        "may_take": export.status == Status.DONE and mine and is_kept(export),
    }


def is_kept(export: Export) -> bool:
    """Whether the file is still there to be taken."""
    return export.kept_until is not None and export.kept_until > now()
