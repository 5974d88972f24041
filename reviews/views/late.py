"""The page for a write that came too late."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reviews.casefile import CaseFile, visible_case
from reviews.claims import NotWaiting, claim_case
from reviews.drafts import load_draft
from reviews.entering import merge_draft
from reviews.independence import may_judge_later
from reviews.presenting.data import Item
from reviews.presenting.histories import history
from reviews.presenting.late import LatePage, clashes
from reviews.reading import note_case
from reviews.recorded import names_in
from reviews.views.case import claimable
from reviews.views.people import person, rights
from reviews.views.posted import posted


def late_page(
    request: HttpRequest, file: CaseFile, *, fence: int, changed: str, sent: Sequence[Item]
) -> HttpResponse:
    """What changed since the claim `fence`, what was sent, and where to go from here."""
    mine = rights(request)
    note_case(file.case, reader=person(request))
    claimed = [event.pk for event in file.events if event.data.get("claim") == fence]
    since = [event for event in file.events if claimed and event.pk > claimed[0]]
    page = LatePage(
        case_id=file.case.pk,
        reference=file.case.reference,
        changed=changed,
        timeline=history(
            since, names_in(file), independent=may_judge_later(person(request), mine, file)
        ),
        sent=[item for item in sent if item.value],
        claimable=claimable(file, person(request), mine),
        clashes=clashes(load_draft(file.opened, reviewer=person(request)), file.definition),
    )
    return render(request, "reviews/late.html", {"page": page}, status=409)


@posted("case")
def merge(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Merges what came late into the reviewer's draft as they chose, and takes the case again."""
    me = person(request)
    visible_case(case_id, rights(request))
    chosen = {name.removeprefix("take:") for name, side in request.POST.items() if side == "sent"}
    merge_draft(case_id, take=chosen, reviewer=me)
    try:
        claim_case(case_id, reviewer=me, rights=rights(request), by=me.actor)
    except NotWaiting:
        messages.info(request, _("Merged, and kept with the case. Somebody else has it now."))
    return redirect("case", case_id)
