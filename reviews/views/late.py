"""The page for a write that came too late."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reviews.casefile import CaseFile
from reviews.independence import may_judge_later
from reviews.presenting.data import Item
from reviews.presenting.histories import history
from reviews.presenting.late import LatePage
from reviews.views.case import claimable, names_in
from reviews.views.people import person, rights


def late_page(
    request: HttpRequest, file: CaseFile, *, fence: int, changed: str, sent: Sequence[Item]
) -> HttpResponse:
    """What changed since the claim `fence`, what was sent, and where to go from here."""
    mine = rights(request)
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
    )
    return render(request, "reviews/late.html", {"page": page}, status=409)
