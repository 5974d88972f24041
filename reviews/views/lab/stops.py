"""Stopping automatic decisions, and lifting that: one plain form on the lab's pages and the board."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.roles import has_role
from audit.models import ClockTimestamp
from cases.models import Decision, Pipeline
from reviews import stopping
from reviews.models import Stop
from reviews.presenting.lab import stops as presenting
from reviews.stopping import Changed, MayNot, NothingSaid, Scope
from reviews.views.lab.frame import seen_in_lab
from reviews.views.lab.stopped import stop_control
from reviews.views.people import person, rights
from reviews.views.posted import posted

SHOWN = 50
"""So many stops that are over stand on the page."""


def seen(request: HttpRequest) -> frozenset[int]:
    """The pipelines whose stops a person may see in full: of their labs, or as who keeps the house, all."""
    if has_role(person(request), *stopping.KEEPERS):
        return frozenset(Pipeline.objects.values_list("pk", flat=True))
    return seen_in_lab(rights(request))


@require_safe
@login_required
def stops(request: HttpRequest) -> HttpResponse:
    """What is stopped, what can be, and what was."""
    return stops_page(request)


def stops_page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of stops; raises Http404 for whom none concerns."""
    pipelines = seen(request)
    if not pipelines:
        raise Http404
    over = Stop.objects.exclude(lifted_at=None).select_related(
        "pipeline", "model", "stopped_by", "lifted_by"
    )
    context = {
        **stop_control(request, pipelines),
        "past": presenting.past(stopping.stops_of(pipelines, over[:SHOWN])),
        "problem": problem,
        "asked": request.POST,
        "longest": stopping.LONGEST,
    }
    return render(request, "reviews/lab/stops.html", context, status=status)


@posted("lab_stops")
def stop(request: HttpRequest) -> HttpResponse:
    """Stops what the form says, once that is confirmed."""
    scope, reason = scope_asked(request), request.POST.get("reason", "")
    try:
        stopping.checked(reason)
        if request.POST.get("confirmed") != "yes":
            return confirm(request, scope, reason)
        made = stopping.stop(
            pipeline=scope.pipeline, model=scope.model, reason=reason, by=person(request)
        )
    except NothingSaid:
        return stops_page(request, problem=unsaid(), status=422)
    except Changed:
        messages.warning(request, _("Somebody was first: that is stopped already."))
    else:
        messages.success(request, f"{presenting.stopped(made, now()).words}.")
    return redirect("lab_stops")


def scope_asked(request: HttpRequest) -> Scope:
    """The scope that a form names; raises Http404 where the person may not stop that."""
    try:
        scope = stopping.read_scope(request.POST.get("scope", ""))
    except LookupError:
        raise Http404 from None
    if not stopping.may_stop(person(request), rights(request), scope):
        raise Http404
    return scope


def confirm(request: HttpRequest, scope: Scope, reason: str) -> HttpResponse:
    """Asks once more, with what follows from it."""
    context = {
        "question": presenting.asked(scope),
        "scope": scope.key,
        "reason": reason.strip(),
        "lately": decided_lately(scope).count(),
    }
    return render(request, "reviews/lab/stop.html", context)


def decided_lately(scope: Scope) -> QuerySet[Decision]:
    """What of a scope's pipelines was decided automatically in the last 24 hours."""
    recent = ClockTimestamp() - timedelta(hours=24)
    decisions = Decision.objects.filter(made_by=Decision.MadeBy.POLICY, decided_at__gt=recent)
    if scope.pipeline:
        return decisions.filter(case__pipeline=scope.pipeline)
    if scope.model:
        return decisions.filter(case__pipeline__in=stopping.users_of(scope.model))
    return decisions


def unsaid() -> str:
    """What is wrong with a reason."""
    return _("Say in a few words why, in %(most)d characters at most.") % {"most": stopping.LONGEST}


@posted("lab_stops")
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets automatic decisions be made again."""
    if not seen(request):
        raise Http404
    try:
        stopping.lift_stop(pk, reason=request.POST.get("reason", ""), by=person(request))
    except NothingSaid:
        return stops_page(request, problem=unsaid(), status=422)
    except (MayNot, Stop.DoesNotExist):
        raise Http404 from None
    except Changed:
        messages.warning(request, _("Somebody was first: the stop is lifted already."))
    else:
        messages.success(request, _("The stop is lifted: what arrives now may be automatic again."))
    return redirect("lab_stops")
