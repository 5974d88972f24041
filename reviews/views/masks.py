"""Looking under a mask: for a purpose, and recorded."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from reviews import masking
from reviews.casefile import visible_case
from reviews.masking import NothingToUnmask
from reviews.views.people import person, rights
from reviews.views.posted import posted


@posted("case")
def unmask(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Shows what was masked, and the page again."""
    me, sent = person(request), request.POST
    found = visible_case(case_id, rights(request))
    try:
        masking.unmask(
            found,
            sent.get("what", ""),
            purpose=sent.get("purpose", ""),
            person=me,
            by=me.actor,
        )
    except NothingToUnmask:
        messages.warning(request, _("Choose what you need to see, and what for."))
    return redirect("case", case_id)
