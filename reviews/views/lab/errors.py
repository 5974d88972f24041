"""An error's blast radius: what shares its traits, and reopening a selection of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from audit.models import ClockTimestamp
from cases.models import Case
from reviews import blastradius
from reviews.blastradius import Fault, Window, count_radius, find_fault, ids_of_radius, list_radius
from reviews.lab.radius import estimated_wrong
from reviews.models import Reopening, ReopeningCase
from reviews.presenting.lab import errors as presenting
from reviews.presenting.words import spoken
from reviews.reopening import CannotReopen, progress_of, reopen_cases
from reviews.views.lab.frame import LabPage, changeable, lab_page, pipeline_for
from reviews.views.people import person
from reviews.views.posted import posted

LONGEST = 1000
SKIPPED = 200
"""So many of the cases that could not be reopened are named."""


@dataclass(frozen=True, slots=True)
class Radius:
    """What is looked at: the error, the window around it, and the traits that are chosen together."""

    fault: Fault
    days: int | None
    window: Window
    chosen: tuple[str, ...]

    def query(self, **further: object) -> str:
        """The address's query that shows this again; as of the moment it was first looked at."""
        pairs = [("days", self.days or "all"), ("until", self.window.until.isoformat())]
        pairs += [("share", name) for name in self.chosen]
        return urlencode([*pairs, *further.items()])


def read_radius(page: LabPage, sample: int, asked: QueryDict) -> Radius:
    """What an address or a form asks to look at; raises Http404 where the sample showed no error."""
    fault = find_fault(page.pipeline, sample)
    if fault is None:
        raise Http404
    now = Case.objects.annotate(now=ClockTimestamp()).values_list("now", flat=True)
    moment: datetime = now.get(pk=fault.sample.case_id)
    until = parse_moment(asked.get("until", ""))
    periods = {str(days or "all"): days for days, _label in presenting.PERIODS}
    days = periods.get(asked.get("days", "30"), 30)
    has = blastradius.traits_of(fault)
    usual = ("reviewer",) if fault.by_person else ("model", "band")
    wanted = asked.getlist("share") if "days" in asked else usual
    chosen = tuple(name for name in has if name in wanted)
    window = blastradius.window_of(fault, days, min(until, moment) if until else moment)
    return Radius(fault, days, window, chosen)


def parse_moment(text: str) -> datetime | None:
    """A moment with its offset; None where the text is none."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


@require_safe
@login_required
def errors(request: HttpRequest, slug: str, sample: int) -> HttpResponse:
    """An error, and the cases that share its traits."""
    page = pipeline_for(request, slug)
    return errors_page(request, page, read_radius(page, sample, request.GET))


def errors_page(
    request: HttpRequest, page: LabPage, radius: Radius, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The page of an error."""
    fault, window, chosen = radius.fault, radius.window, radius.chosen
    definition = spoken(fault.sample.case.pipeline_version)
    before = request.GET.get("before", "")
    place = int(before) if before.isdecimal() and len(before) < 18 else None
    counted, selected = count_radius(fault, window, chosen)
    rows = list_radius(fault, window, chosen, before=place)
    context = {
        "fault": fault,
        "sample": fault.sample,
        "expected": presenting.expected(fault, definition),
        "verdict": presenting.label_of(fault.sample.verdict, definition),
        "traits": presenting.traits(fault, counted, chosen, definition),
        "selected": selected,
        "selected_wrong": presenting.wrong_words(estimated_wrong(selected)),
        "periods": presenting.PERIODS,
        "radius": radius,
        "until": window.until.isoformat(),
        "lines": presenting.lines(rows[: blastradius.PAGE], fault, definition),
        "further": radius.query(before=rows[blastradius.PAGE - 1].route)
        if len(rows) > blastradius.PAGE
        else "",
        "first": radius.query() if place is not None else "",
        "openable": may_open(page),
        "reopenings": reopenings_of(fault),
        "problem": problem,
    }
    return lab_page(request, "reviews/lab/errors.html", page, "samples", context, status=status)


def may_open(page: LabPage) -> bool:
    """Whether the person may see the pipeline's cases themselves."""
    own = page.rights.pipelines.get("audit", frozenset()) | page.rights.worked_on
    return page.pipeline.pk in own


def reopenings_of(fault: Fault) -> list[Reopening]:
    """The selections that were reopened because of an error, the last first."""
    return list(Reopening.objects.filter(because_of=fault.sample).select_related("opened_by"))


@posted("lab_errors", "slug", "sample")
def reopen(request: HttpRequest, slug: str, sample: int) -> HttpResponse:
    """Reopens a selection, once that is confirmed with a reason."""
    page = changeable(request, slug)
    radius = read_radius(page, sample, request.POST)
    everything = request.POST.get("all") == "yes"
    chosen = chosen_ids(request.POST.getlist("case"))
    number = selected_in(radius) if everything else len(chosen)
    if not number:
        return errors_page(request, page, radius, problem=presenting.nothing_chosen(), status=422)
    asked = {"radius": radius, "number": number, "everything": everything, "chosen": chosen}
    if request.POST.get("confirmed") != "yes":
        return confirm(request, page, asked)
    fault, window, shared = radius.fault, radius.window, radius.chosen
    ids = ids_of_radius(fault, window, shared) if everything else chosen
    reason = request.POST.get("reason", "")[:LONGEST]
    try:
        made = reopen_cases(ids, reason=reason, because_of=fault.sample, by=person(request))
    except CannotReopen as refusal:
        return confirm(request, page, asked, problem=str(refusal), status=422)
    return redirect("lab_reopening", slug, made.pk)


def selected_in(radius: Radius) -> int:
    """How many cases share all chosen traits."""
    return count_radius(radius.fault, radius.window, radius.chosen)[1].cases


def chosen_ids(texts: Sequence[str]) -> list[UUID]:
    """The ids of the cases that were ticked; what is no id is left out."""
    found = []
    for text in texts[: blastradius.PAGE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def confirm(
    request: HttpRequest,
    page: LabPage,
    asked: dict[str, Any],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Asks once more, with what follows from it, and for the reason."""
    radius: Radius = asked["radius"]
    context = {
        **asked,
        "sample": radius.fault.sample,
        "until": radius.window.until.isoformat(),
        "question": presenting.asked_to_reopen(asked["number"]),
        "back": radius.query(),
        "longest": LONGEST,
        "problem": problem,
    }
    return lab_page(request, "reviews/lab/reopen.html", page, "samples", context, status=status)


@require_safe
@login_required
def reopening(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How far a selection is, and what could not be reopened."""
    page = pipeline_for(request, slug)
    found = Reopening.objects.select_related("opened_by", "because_of")
    row = found.filter(pk=pk, pipeline=page.pipeline).first()
    if row is None:
        raise Http404
    progress = progress_of(row)
    left = ReopeningCase.objects.filter(reopening=row, done_at__isnull=False)
    left = left.exclude(result=ReopeningCase.Result.REOPENED).annotate(
        reference=F("case__reference")
    )
    context = {
        "reopening": row,
        "progress": progress,
        "results": presenting.results(progress),
        "left": left[:SKIPPED],
        "openable": may_open(page),
    }
    return lab_page(request, "reviews/lab/reopening.html", page, "samples", context)
