"""A decision's receipt, for people: a file to pass on to whom the decision is about."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cases.models import Decision
from reviews.casefile import load, visible_case
from reviews.rights import by_glass
from reviews.trail.receipts import NotInLog, NotSealedYet, take_receipt
from reviews.veiling import told_since
from reviews.views.beside import hidden_from
from reviews.views.people import person, rights
from reviews.views.working import number


@require_safe
@login_required
def receipt(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The receipt of a case's decision, or of the superseded one that is asked for; taking it is an event.

    404 for who may not know of the decision. Where no checkpoint is over it yet, a page says so.
    """
    me, found = person(request), visible_case(case_id, rights(request))
    if by_glass(rights(request), found):
        raise Http404("an emergency is for reading, and nothing is taken away")
    if told_since(found) is not None or hidden_from(request, load(found, me), holds=False):
        raise Http404("there is nothing to tell yet")
    decisions = Decision.objects.filter(case=found).select_related("case")
    named = number(request.GET.get("decision"))
    wanted = {"pk": named} if named else {"superseded_at": None}
    decision = get_object_or_404(decisions, **wanted)
    try:
        content = take_receipt(decision, by=me.actor)
    except NotSealedYet:
        context = {"case": found, "decision": named or ""}
        return render(request, "reviews/trail/receipt_waits.html", context, status=409)
    except NotInLog:
        return render(request, "reviews/trail/receipt_none.html", {"case": found}, status=404)
    return JsonResponse(
        content,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={
            "Content-Disposition": f'attachment; filename="receipt-{decision.pk}.json"',
            "Cache-Control": "no-store",
        },
    )
