"""Opening a case in an emergency, and looking afterwards at whether it was one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.models import ClockTimestamp
from audit.vault import CannotOpen
from cases.models import Case
from reviews import breakglass
from reviews.breakglass import GLASS, LONGEST, LookedAt, NoReason, NotTheirs
from reviews.models import BrokenGlass
from reviews.presenting.glass import Opening, opening
from reviews.rights import GLASS_RIGHT, by_glass, visible_to
from reviews.views.people import person, rights
from reviews.views.posted import posted

SHOWN = 50


@require_safe
@login_required
def glass(request: HttpRequest) -> HttpResponse:
    """What can be opened in an emergency, what I opened, and what I am to look at of others."""
    return glass_page(request, {})


def may_come(request: HttpRequest) -> bool:
    """Whether the person can open cases in an emergency, or looks at who did."""
    return rights(request).has_any(GLASS_RIGHT, "audit", "supervise")


def glass_page(request: HttpRequest, entered: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page, with what was entered; raises Http404 for whoever has nothing to do here."""
    if not may_come(request):
        raise Http404
    me, mine = person(request), rights(request)
    own = BrokenGlass.objects.filter(person=me).select_related("case__pipeline", "reviewed_by")
    others = breakglass.looked_at_by(mine).exclude(person=me)
    context = {
        "may_break": bool(mine.pipelines.get(GLASS_RIGHT)),
        "own": lines(own[:SHOWN]),
        "to_review": lines(others.filter(reviewed_by=None)[:SHOWN]),
        "reviewed": lines(others.filter(reviewed_by__isnull=False)[:SHOWN]),
        "reviews": mine.has_any("audit", "supervise"),
        "minutes": int(GLASS.total_seconds() / 60),
        "longest": LONGEST,
        **entered,
    }
    return render(request, "reviews/glass.html", context, status=status)


def lines(rows: Any) -> list[Opening]:
    """Openings in words, their reasons opened, as of the database's clock."""
    return [
        opening(row, breakglass.reason_of(row), now=row.now)
        for row in rows.annotate(now=ClockTimestamp())
    ]


@posted("glass")
def break_glass(request: HttpRequest) -> HttpResponse:
    """Opens a case; one that the person may see anyway is shown without more ado."""
    me, mine = person(request), rights(request)
    if not mine.pipelines.get(GLASS_RIGHT):
        raise Http404
    text, reason = (request.POST.get(name, "").replace("\0", "") for name in ("case", "reason"))
    chosen = request.POST.get("chosen") or text
    cases = breakglass.found(chosen, mine)
    problems = problems_with(cases, reason)
    if not problems:
        case = cases[0]
        if visible_to(mine, Case.objects.filter(pk=case.pk)).exists():
            return redirect("case", case.pk)
        try:
            breakglass.break_glass(case, reason, person=me, rights=mine, by=me.actor)
            return redirect("case", case.pk)
        except NoReason:
            problems["reason"] = _("Say in a sentence why you need to see it now.")
        except CannotOpen:
            problems["case"] = _("This case was erased: nothing of it is left to see.")
    entered = {"entered": text, "reason": reason, "problems": problems}
    choices = cases if len(cases) > 1 else []
    return glass_page(request, {**entered, "choices": choices}, status=422)


def problems_with(cases: list[Case], reason: str) -> dict[str, str]:
    """What is wrong with what was entered, by the control's name."""
    problems = {}
    if not cases:
        problems["case"] = _("You can open no case of this reference or id here.")
    if len(cases) > 1:
        problems["case"] = _("Several cases have this reference: choose one.")
    if not reason.strip():
        problems["reason"] = _("Say in a sentence why you need to see it now.")
    return problems


@posted("glass")
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Says whether an emergency was one."""
    answer = {"yes": True, "no": False}.get(request.POST.get("justified", ""))
    me = person(request)
    if answer is None:
        messages.warning(request, _("Choose whether it was justified."))
        return redirect("glass")
    try:
        breakglass.review_glass(
            pk, justified=answer, reviewer=me, rights=rights(request), by=me.actor
        )
    except NotTheirs:
        raise Http404 from None
    except LookedAt:
        messages.warning(request, _("Somebody has looked at it before you."))
    else:
        messages.success(request, _("Kept, with your name."))
    return redirect("glass")


def banner(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """Until when the person reads a case by an emergency; None where they may see it anyway."""
    if not by_glass(rights(request), case):
        return None
    rows = breakglass.still_open(person(request)).filter(case=case)
    row = rows.annotate(now=ClockTimestamp()).order_by("-ends_at").first()
    if row is None:
        return None
    return {"until": row.ends_at, "seconds": int((row.ends_at - row.now).total_seconds())}
