"""The next case: fetched ahead while the reviewer works on this one, and shown once it is claimed."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse

from cases.models import Case
from reviews import ahead
from reviews.casefile import visible_case
from reviews.independence import may_give_second
from reviews.models import Claim, QueueEntry, Stage
from reviews.presenting import times
from reviews.presenting.workbench import Lease
from reviews.views.case import at_work
from reviews.views.people import person, rights, see_notices
from reviews.views.posted import posted

STATE = "Case-State"
"""The header that names what a page was made of."""


@posted("home")
def fetch(request: HttpRequest) -> HttpResponse:
    """The page of the case that would be served next, not claimed; 204 where the browser has it.

    Nor is it given to who may be asked for its second review: somebody else may be first to claim it,
    and its first reviewer alone is to know what the model said. That a person was given a case's data
    is an event, though nobody looked at it yet.
    """
    me = person(request)
    case_id = ahead.next_waiting(reviewer=me, rights=rights(request))
    state = ahead.state_of(case_id, reviewer=me) if case_id else ""
    if case_id is None or state == request.POST.get("known"):
        return HttpResponse(status=204, headers={STATE: state})
    found = visible_case(case_id, rights(request))
    if waits_for_first(found) and may_give_second(rights(request), found.queue_entry.route):
        return HttpResponse(status=204)
    total = timedelta(minutes=settings.CLAIM_MINUTES)
    nobodys = Lease(
        0, int(total.total_seconds()), int(total.total_seconds()), now_of(found) + total
    )
    said_later = {"messages": (), "undo_offer": None}
    shows = at_work(request, found, nobodys) | said_later
    page = render_to_string("reviews/case.html", shows, request)
    ahead.note_fetched(found, by=me.actor)
    return HttpResponse(page, headers={STATE: state})


def waits_for_first(found: Case) -> bool:
    """Whether nobody has judged the case in this round."""
    entry: QueueEntry | None = getattr(found, "queue_entry", None)
    return entry is not None and entry.stage == Stage.FIRST


def shown(request: HttpRequest, claim: Claim) -> HttpResponse:
    """The claimed case, for the page that is open: its page, or what that lacks of one fetched ahead."""
    me = person(request)
    found = visible_case(claim.case_id, rights(request))
    see_notices(request, claim.case_id)
    total = settings.CLAIM_MINUTES * 60
    left = int((claim.expires_at - now_of(found)).total_seconds())
    lease = Lease(claim.pk, left, total, claim.expires_at)
    address = reverse("case", args=[claim.case_id])
    due = times.due(found.due_at, now_of(found))
    state = request.POST.get("ahead")
    if state and state == ahead.state_of(claim.case_id, reviewer=me, fence=claim.pk):
        return JsonResponse(
            {
                "address": address,
                "fence": claim.pk,
                "seconds": left,
                "due": render_to_string("reviews/_due.html", {"due": due}),
                "messages": render_to_string("_messages.html", request=request),
            }
        )
    page = render_to_string("reviews/case.html", at_work(request, found, lease), request)
    return HttpResponse(page, headers={"Content-Location": address})


def now_of(found: Case) -> datetime:
    """The database's clock, when it gave the case."""
    now: datetime = found.now  # type: ignore[attr-defined]  # annotated by visible_case
    return now
