"""Escalating: the reviewer who holds a case passes it on, with a word why."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reviews import escalating
from reviews.casefile import load, visible_case
from reviews.claims import ClaimLost
from reviews.commenting import LONGEST
from reviews.escalating import NobodyElse, NothingSaid
from reviews.locking import what_happened
from reviews.presenting.data import Item
from reviews.views.late import late_page
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.working import number


@posted("case")
def escalate(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Passes the case on to those who give second reviews; what was typed is never lost."""
    me, found = person(request), visible_case(case_id, rights(request))
    fence = number(request.POST.get("fence"))
    note = request.POST.get("note", "").replace("\0", "").replace("\r\n", "\n").strip()
    problem = ""
    if len(note) > LONGEST:
        problem = _("That is too long: %(most)d characters at most.") % {"most": LONGEST}
    else:
        try:
            escalating.escalate(fence, note=note, reviewer=me, by=me.actor)
        except NothingSaid:
            problem = _("Say in a word why.")
        except NobodyElse:
            problem = _("Nobody else may give second reviews in this queue.")
        except ClaimLost:
            changed = what_happened(fence, reviewer=me)
            sent = [Item(_("Why you escalate"), note)]
            return late_page(
                request, load(found, person(request)), fence=fence, changed=changed, sent=sent
            )
    if problem:
        shown = {"case": found, "fence": fence, "note": note, "problem": problem}
        return render(request, "reviews/escalate.html", shown, status=422)
    words = _("%(reference)s is escalated. Your draft stays with the case.")
    messages.success(request, words % {"reference": found.reference})
    return redirect("home")
