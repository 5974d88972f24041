"""What stands beside a case: the model asked again, guidance, and what was known at each event."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from inference.rescoring import NoScore
from reviews.casefile import visible_case
from reviews.locking import LateWrite, what_happened
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
        problem = _("Correct a field first, or confirm one that differs from the application.")
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


def too_late(request: HttpRequest, case_id: UUID, changed: str) -> HttpResponse:
    """The claim has ended: the page's own dialog says so, or without scripts the page itself."""
    if request.headers.get("HX-Request"):
        return told(changed, HttpResponse(status=409, headers={"HX-Reswap": "none"}))
    messages.warning(request, changed)
    return redirect("case", case_id)
