"""Taking down a contest that a person brought by letter, at a counter or over the telephone."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from reviews.adverse.contests import NotContestable, NothingSaid, contest_decision
from reviews.casefile import visible_case
from reviews.contested import may_contest
from reviews.views.people import person, rights
from reviews.views.posted import posted


@posted("case")
def contest(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Takes what a person says against the decision on them."""
    found, me = visible_case(case_id, rights(request)), person(request)
    if not may_contest(found, rights(request)):
        raise Http404("not theirs to take down")
    try:
        contest_decision(case_id, request.POST.get("words", ""), by=me.actor, taken_by=me)
    except NothingSaid:
        messages.warning(request, _("Write down what the person says; 10,000 letters at most."))
    except NotContestable:
        messages.warning(request, _("There is no decision to contest now."))
    else:
        said = {"reference": found.reference}
        words = _("%(reference)s: contested. Somebody who has not judged it takes it anew.")
        messages.success(request, words % said)
    return redirect("case", case_id)
