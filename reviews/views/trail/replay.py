"""A past decision on screen as it was, and run again; for who audits the pipeline."""

import contextlib
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import User
from cases.models import Decision
from reviews.casefile import CaseFile, visible_case
from reviews.presenting.trail.replay import Outcome, against, bars, before, outcome
from reviews.reading import record_opened
from reviews.trail.past import Past, past_of
from reviews.trail.rerunning import rerun_decision
from reviews.trail.wholefile import Erased, MayHaveToJudge, remains, whole_case
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.working import number


@require_safe
@login_required
def replay(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """A decision of the case as it was made: the last one, or the one that is named."""
    return shown(request, case_id, number(request.GET.get("decision")) or None)


@posted("trail_replay", "case_id")
def rerun(request: HttpRequest, case_id: UUID, pk: int) -> HttpResponse:
    """Runs a decision again and shows what came of it; nothing for who may have to judge the case."""
    audited(request, case_id)
    with contextlib.suppress(Erased):
        known(request, case_id)
    found = get_object_or_404(
        Decision.objects.select_related("case__pipeline", "case__pipeline_version"),
        pk=pk,
        case=case_id,
    )
    ran = rerun_decision(found, by=person(request).actor)
    return shown(request, case_id, pk, outcome(ran, found.case.definition))


@transaction.atomic
def shown(
    request: HttpRequest, case_id: UUID, decision: int | None, ran: Outcome | None = None
) -> HttpResponse:
    """The page; that somebody read it is an event."""
    audited(request, case_id)
    me = person(request)
    try:
        past = past_of(known(request, case_id), decision)
    except Erased:
        left = remains(case_id, reader=me)
        gone = {"left": left, "page": {"case": left.case}, "ruling": left.ruling}
        return render(request, "reviews/trail/replay_erased.html", gone)
    record_opened(past.file.case, reader=me)
    return render(request, "reviews/trail/replay.html", {**context(past), "ran": ran})


def known(request: HttpRequest, case_id: UUID) -> CaseFile:
    """The case for who audits it; raises Http404 where they may have to judge it, and Erased."""
    try:
        return whole_case(case_id, reader=person(request))
    except MayHaveToJudge:
        raise Http404 from None


def audited(request: HttpRequest, case_id: UUID) -> None:
    """Raises Http404 for whoever may not audit the case's pipeline."""
    mine = rights(request)
    if not mine.may_pipeline("audit", visible_case(case_id, mine).pipeline_id):
        raise Http404


def context(past: Past) -> dict[str, Any]:
    """What the page shows of a decision."""
    file = past.file
    people = {event.actor_id for event in past.reruns if event.actor_kind == "user"}
    named = {str(each.pk): each.shown_name for each in User.objects.filter(pk__in=people)}
    return {
        "past": past,
        "page": past.page,
        "ruling": past.ruling,
        "judgements": past.judgements,
        "against": against(file.prediction, file.policy, file.definition),
        "looked": [(look, bars(look)) for look in past.looked],
        "before": before(past.reruns, named),
    }
