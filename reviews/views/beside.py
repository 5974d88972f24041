"""What stands beside a case: the model asked again, guidance, and what was known at each event."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from inference.rescoring import NoScore
from reviews.casefile import CaseFile, load, visible_case
from reviews.drafts import load_draft
from reviews.hindsight import load_past
from reviews.independence import judges_blind, may_judge_later
from reviews.locking import LateWrite, what_happened
from reviews.presenting.casepage import guidance_here
from reviews.presenting.known import known
from reviews.reading import note_case, record_opened
from reviews.recorded import names_in
from reviews.rescoring import HiddenFromYou, NothingToRescore, rescore_case
from reviews.views.case import at_work, lease_on
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.working import number, told


@posted("case")
def rescore(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Asks the model what it would say with the reviewer's corrections; 403 where it is hidden."""
    me = person(request)
    visible_case(case_id, rights(request))
    fence, problem = number(request.POST.get("fence")), ""
    try:
        rescore_case(
            fence=fence,
            case_version=number(request.POST.get("version")),
            reviewer=me,
            rights=rights(request),
            by=me.actor,
        )
    except HiddenFromYou:
        raise PermissionDenied from None
    except LateWrite as late:
        return too_late(request, case_id, late.changed)
    except NothingToRescore:
        problem = _("Correct a field first, or confirm one that differs from what was declared.")
    except NoScore:
        problem = _("The model gave no usable answer. Nothing has changed; the prediction stays.")
    if not request.headers.get("HX-Request"):
        if problem:
            messages.warning(request, problem)
        return redirect(f"{reverse('case', args=[case_id])}#then")
    lease = lease_on(case_id, me)
    if lease is None:
        return too_late(request, case_id, what_happened(fence, reviewer=me))
    context = at_work(request, visible_case(case_id, rights(request)), lease)
    return render(
        request,
        "reviews/_then.html",
        {**context, "then_problem": problem, "then_asked": not problem},
        status=422 if problem else 200,
    )


@require_safe
@login_required
def guidance(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The guidance for a case as a page of its own, for who has no scripts."""
    me, found = person(request), visible_case(case_id, rights(request))
    lease = lease_on(case_id, me)
    file = load(found, me)
    note_case(found, reader=me)
    draft = load_draft(file.opened, reviewer=me) if lease else {}
    independent = hidden_from(request, file, holds=lease is not None)
    page = {"case": found, "guidance": guidance_here(file, draft, independent=independent)}
    return render(request, "reviews/guidance.html", {"page": page})


@require_safe
@login_required
@transaction.atomic
def entry(request: HttpRequest, case_id: UUID, place: int) -> HttpResponse:
    """An entry of the history, opened; that somebody read there who does not hold the case is an event."""
    me, found = person(request), visible_case(case_id, rights(request))
    lease = lease_on(case_id, me)
    if lease is None:
        record_opened(found, reader=me)
    file = load(found, me)
    independent = hidden_from(request, file, holds=lease is not None)
    past = load_past(file, independent=independent)
    opened = known(file, past, names_in(file), place, independent=independent)
    if opened is None:
        raise Http404("no such entry")
    context = {"case": found, "known": opened}
    fragment = bool(request.headers.get("HX-Request"))
    return render(request, "reviews/_known.html" if fragment else "reviews/known.html", context)


def hidden_from(request: HttpRequest, file: CaseFile, *, holds: bool) -> bool:
    """Whether the model's view and earlier verdicts are hidden from the person, as on the case page."""
    me = person(request)
    return judges_blind(me, file) if holds else may_judge_later(me, rights(request), file)


def too_late(request: HttpRequest, case_id: UUID, changed: str) -> HttpResponse:
    """The claim has ended: the page's own dialog says so, or without scripts the page itself."""
    if request.headers.get("HX-Request"):
        return told(changed, HttpResponse(status=409, headers={"HX-Reswap": "none"}))
    messages.warning(request, changed)
    return redirect("case", case_id)
