"""Who looked at what: a pipeline's access in a period, one person's reads, and an auditor's signature."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from cases.models import Case, Pipeline
from reviews import accessreviews
from reviews.accessreviews import PAGE, NotAuditor, Period
from reviews.breakglass import looked_at_by
from reviews.presenting.trail import access as presenting
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.trail.frame import pipelines_with, trail_page

USUAL = timedelta(days=29)
FIRST_DAY = date(2000, 1, 1)
"""No log is older; before the calendar's own first days nothing can be counted."""
SIGNED_SHOWN = 12


def chosen(request: HttpRequest, asked: QueryDict) -> tuple[Pipeline, Period]:
    """The pipeline and the period that an address or a form asks for; raises Http404."""
    own = pipelines_with(request, "audit", "supervise")
    slug = asked.get("pipeline")
    pipeline = next((each for each in own if slug in (None, "", each.slug)), None)
    if pipeline is None:
        raise Http404
    today = localdate()
    until = max(FIRST_DAY, min(day(asked.get("until")) or today, today))
    since = max(FIRST_DAY, min(day(asked.get("since")) or until - USUAL, until))
    return pipeline, Period(since, until)


def day(text: str | None) -> date | None:
    """A day as ISO 8601 writes it; None where the text is none."""
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def query(pipeline: Pipeline, period: Period, **further: object) -> str:
    """The address's query that asks for this again."""
    return urlencode(
        {"pipeline": pipeline.slug, "since": period.since, "until": period.until, **further}
    )


@require_safe
@login_required
def access(request: HttpRequest) -> HttpResponse:
    """A pipeline's access in a period, person by person."""
    pipeline, period = chosen(request, request.GET)
    rows = accessreviews.access_to(pipeline, period)
    waiting = looked_at_by(rights(request)).filter(case__pipeline=pipeline, reviewed_by=None)
    context: dict[str, Any] = {
        "pipelines": pipelines_with(request, "audit", "supervise"),
        "pipeline": pipeline,
        "period": period,
        "today": localdate(),
        "query": query(pipeline, period),
        "rows": [presenting.line(row) for row in rows if row.events],
        "unused": [presenting.line(row) for row in rows if row.unused],
        "figures": presenting.figures(accessreviews.figures_of(rows)),
        "glass_waits": waiting.count(),
        "may_sign": rights(request).may_pipeline("audit", pipeline.pk),
        "signed": accessreviews.signed_before(pipeline)[:SIGNED_SHOWN],
    }
    return trail_page(request, "reviews/trail/access.html", "access", context)


@require_safe
@login_required
def reads(request: HttpRequest, pk: int) -> HttpResponse:
    """What one person read, the last first, a page at a time."""
    pipeline, period = chosen(request, request.GET)
    whom = User.objects.filter(pk=pk).first()
    if whom is None:
        raise Http404
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
    events = accessreviews.reads_by(pk, pipeline, period, before=before)
    shown = events[:PAGE]
    references = dict(
        Case.objects.filter(pk__in={event.case_id for event in shown}).values_list(
            "pk", "reference"
        )
    )
    further = query(pipeline, period, before=shown[-1].pk) if len(events) > PAGE else ""
    context = {
        "whom": whom,
        "pipeline": pipeline,
        "period": period,
        "query": query(pipeline, period),
        "lines": [presenting.read(event, references) for event in shown],
        "further": further,
        "first": query(pipeline, period) if before else "",
    }
    return trail_page(request, "reviews/trail/reads.html", "access", context)


@posted("trail_access")
def sign(request: HttpRequest) -> HttpResponse:
    """Keeps that an auditor has looked a period through."""
    pipeline, period = chosen(request, request.POST)
    if request.POST.get("looked") != "yes":
        messages.warning(request, _("Tick that you have looked it through, and sign then."))
    else:
        try:
            accessreviews.sign_access(pipeline, period, rights=rights(request), by=person(request))
        except NotAuditor:
            raise Http404 from None
        messages.success(request, _("Signed. It stands in the log with its figures."))
    return redirect(f"{reverse('trail_access')}?{query(pipeline, period)}")
