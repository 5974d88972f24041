"""The alarm of pinned queues: on every page of those who may take its cases, and taking one."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reviews import alarms
from reviews.claims import HoldsAnother, NotWaiting, live_claim_of
from reviews.models import Claim
from reviews.presenting.alarms import Alarm
from reviews.presenting.alarms import alarm as in_words
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.working import number


def sounding(request: HttpRequest) -> dict[str, Callable[[], Alarm | None]]:
    """Context processor: the alarm, for who may review a queue that has one; asked where it is shown."""
    return {"alarm": lambda: alarm_for(request)}


def alarm_for(request: HttpRequest) -> Alarm | None:
    """The alarm as it is now; None for who reviews no queue that has one, at no cost."""
    if not request.user.is_authenticated:
        return None
    mine = rights(request)
    judged = mine.queues.get("review", frozenset()) | mine.queues.get("second_review", frozenset())
    if not judged & mine.alarms.keys():
        return None
    return in_words(alarms.ringing(mine, reviewer=person(request)))


@require_safe
@login_required
def alarm(request: HttpRequest) -> HttpResponse:
    """The alarm again, for the page that asks every few seconds; 204 where that shows it already."""
    now = alarm_for(request)
    if now is None or request.GET.get("known", "") == now.state:
        return HttpResponse(status=204)
    return render(request, "reviews/_alarm_now.html", {"alarm": now})


@posted("home")
def take_urgent(request: HttpRequest) -> HttpResponse:
    """Takes the most urgent case of a queue that sounds alarm; who holds another one is asked first."""
    me = person(request)
    queue, shown = request.POST.get("queue", ""), request.POST.get("case", "")
    giving_back = number(request.POST.get("fence")) or None
    try:
        claim = alarms.take_urgent(
            queue, reviewer=me, rights=rights(request), by=me.actor, giving_back=giving_back
        )
    except HoldsAnother as other:
        if str(other.claim.case_id) == shown:  # pressed twice
            return redirect("case", other.claim.case_id)
        return ask(request, queue, other.claim)
    except NotWaiting:
        messages.info(request, _("Somebody else was first: nothing urgent waits there now."))
        held = live_claim_of(me)
        return redirect("case", held.case_id) if held else redirect("home")
    return redirect("case", claim.case_id)


def ask(request: HttpRequest, queue: str, held: Claim) -> HttpResponse:
    """Asks what is to become of the case in hand: it is given back, its draft kept, or gone on with."""
    now = alarm_for(request)
    line = next((each for each in (now.lines if now else ()) if each.slug == queue), None)
    if line is None:
        return redirect("case", held.case_id)
    return render(request, "reviews/alarm.html", {"line": line, "held": held})
