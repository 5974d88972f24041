"""Undoing a verdict: offered on every page that follows it, for as long as that can be done."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from reviews.undoing import Offer, TooLateToUndo, offer_to, undo_review
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.working import number


@posted("home")
def undo(request: HttpRequest) -> HttpResponse:
    """Takes the last verdict back, and leads to its case."""
    me = person(request)
    fence = number(request.POST.get("fence"))
    try:
        claim = undo_review(fence, reviewer=me, rights=rights(request), by=me.actor)
    except TooLateToUndo as late:
        messages.warning(request, str(late))
        return redirect("home")
    messages.success(request, _("Undone: the case is yours again, as you had entered it."))
    return redirect(f"{reverse('case', args=[claim.case_id])}#outcome")  # focus goes there


def offer(request: HttpRequest) -> dict[str, Callable[[], Offer | None]]:
    """Context processor: the verdict that can be undone, asked for only where a page shows it."""

    def asked() -> Offer | None:
        return offer_to(person(request)) if request.user.is_authenticated else None

    return {"undo_offer": asked}
