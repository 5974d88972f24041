"""The supervisor's board, and what a supervisor does: give cases to people, share them out, take over."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from cases.models import Case
from reviews import reserving
from reviews.board import (
    breaching,
    in_hands,
    queue_states,
    reserved_counts,
    shown,
    work_since,
)
from reviews.casefile import visible_case
from reviews.claims import ClaimLost
from reviews.claims import take_over as take_over_claim
from reviews.colleagues import people_with
from reviews.models import Queue, QueueEntry, Review
from reviews.presenting import board as presenting
from reviews.presenting.times import midnight
from reviews.reserving import MOST_SHARED, MayNotJudge, Moved
from reviews.views.lab.shut import shut
from reviews.views.lab.stopped import holding, stoppable
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.working import number

LISTED = 8
"""So many cases stand in each of the board's lists."""
PERIODS = {1: lazy("Today"), 7: lazy("7 days"), 30: lazy("30 days")}
FIRST = lazy("Somebody was first: the case is no longer as you saw it.")


def supervised(request: HttpRequest) -> frozenset[int]:
    """The queues that the person supervises; raises PermissionDenied where there is none."""
    queues = rights(request).queues.get("supervise", frozenset())
    if not queues:
        raise PermissionDenied
    return queues


@require_safe
@login_required
def board(request: HttpRequest) -> HttpResponse:
    """The board."""
    queues = supervised(request)
    context = now_on(request, queues) | work_on(queues, request.GET.get("period"))
    context["stoppable"] = stoppable(request, rights(request).worked_on)
    return render(request, "reviews/board.html", context)


@require_safe
@login_required
def board_now(request: HttpRequest) -> HttpResponse:
    """The board's part that changes from minute to minute, for the page to fetch again."""
    return render(request, "reviews/_board_now.html", now_on(request, supervised(request)))


def now_on(request: HttpRequest, queues: Collection[int]) -> dict[str, object]:
    """What is stopped, what waits and who works on what."""
    states = queue_states(queues)
    entries = QueueEntry.objects.filter(queue__in=queues)
    late = [presenting.case_at(entry) for entry in breaching(entries)[: LISTED + 1]]
    passed_on = [
        presenting.case_at(entry) for entry in shown(entries.filter(escalated=True))[: LISTED + 1]
    ]
    kept = reserved_counts(queues)
    names = {user.pk: user.shown_name for user in User.objects.filter(pk__in=kept)}
    return {
        "stops": holding(request, rights(request).worked_on),
        "shut": shut(request, rights(request).worked_on),
        "headline": presenting.headline(states),
        "queues": [presenting.queue_line(state) for state in states],
        "breaching": late[:LISTED],
        "more_breaching": len(late) > LISTED,
        "escalated": passed_on[:LISTED],
        "more_escalated": len(passed_on) > LISTED,
        "at_work": presenting.at_work(in_hands(queues), kept, names),
    }


def work_on(queues: Collection[int], asked: str | None) -> dict[str, object]:
    """What people did in the period asked for; today where none is."""
    days = number(asked) if number(asked) in PERIODS else 1
    work = work_since(beginning(days), queues)
    people = User.objects.filter(pk__in={each.reviewer_id for each in work})
    names = {user.pk: user.shown_name for user in people}
    queue_names = {queue.pk: _(queue.name) for queue in Queue.objects.filter(pk__in=queues)}
    return {
        "periods": [
            {"days": key, "label": label, "chosen": key == days} for key, label in PERIODS.items()
        ],
        "done": presenting.done(work, names),
        "signs": presenting.signs(work, names, queue_names),
        "too_few": presenting.too_few(work),
    }


def beginning(days: int) -> datetime:
    """When a period began: today's midnight in the reader's time zone, or so many days ago."""
    now = localtime()
    if days == 1:
        return midnight(now)
    return now - timedelta(days=days)


# ---------------------------------------------------------------- one case


@require_safe
@login_required
def giving(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The page on which a supervisor gives a case to somebody."""
    return giving_page(request, supervised_case(request, case_id))


def supervised_case(request: HttpRequest, case_id: UUID) -> Case:
    """A case in a queue that the person supervises; raises Http404 and PermissionDenied."""
    found = visible_case(case_id, rights(request))
    entry = getattr(found, "queue_entry", None)
    if entry is None or not rights(request).may("supervise", entry.queue_id):
        raise PermissionDenied
    return found


def giving_page(
    request: HttpRequest, found: Case, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """Whom the case can be given to, with what they have already."""
    entry = shown(QueueEntry.objects.filter(pk=found.pk)).get()
    queues = supervised(request)
    busy = {claim.reviewer_id: claim.case.reference for claim in in_hands(queues)}
    kept = reserved_counts(queues)
    context = {
        "case": found,
        "at": presenting.case_at(entry),
        "on_hold": entry.hold_id is not None,
        "people": [
            presenting.candidate(user, busy.get(user.pk, ""), kept.get(user.pk, 0))
            for user in able(entry)
        ],
        "problem": problem,
    }
    return render(request, "reviews/giving.html", context, status=status)


def able(entry: QueueEntry) -> list[User]:
    """Those who may judge what waits there and have not yet, but for whoever holds it."""
    right = "second_review" if entry.escalated or entry.stage != "first" else "review"
    judged = Review.objects.filter(case=entry.pk, round=entry.round, undone_at=None)
    out = {*judged.values_list("reviewer", flat=True)}
    if entry.claim and not entry.claim.ended:
        out.add(entry.claim.reviewer_id)
    return [user for user in people_with(right, entry.queue_id) if user.pk not in out]


@posted("board")
def give(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Gives a case to somebody, as the supervisor saw it."""
    me, found = person(request), supervised_case(request, case_id)
    chosen = User.objects.filter(pk=number(request.POST.get("person"))).first()
    if chosen is None:
        return giving_page(request, found, problem=_("Choose somebody."), status=422)
    seen, kept = (number(request.POST.get(name)) or None for name in ("seen", "kept"))
    try:
        reserving.reserve(
            case_id, person=chosen, seen=seen, kept_for=kept, supervisor=me, by=me.actor
        )
    except Moved:
        messages.warning(request, str(FIRST))
    except MayNotJudge:
        problem = _("%(name)s may not judge this case.") % {"name": chosen.shown_name}
        return giving_page(request, found, problem=problem, status=422)
    else:
        facts = {"reference": found.reference, "name": chosen.shown_name}
        messages.success(request, _("%(reference)s is reserved for %(name)s.") % facts)
    return redirect("board")


@posted("board")
def lift(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Lets anybody take a reserved case again."""
    found = supervised_case(request, case_id)
    try:
        reserving.lift(case_id, by=person(request).actor)
    except Moved:
        messages.warning(request, str(FIRST))
    else:
        messages.success(
            request, _("Anybody may take %(reference)s again.") % {"reference": found.reference}
        )
    return redirect("board")


@posted("case")
def take_over(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Lets a case wait again that somebody holds; both are told, and the draft stays theirs."""
    me, found = person(request), supervised_case(request, case_id)
    try:
        seen = number(request.POST.get("seen"))
        claim = take_over_claim(seen, case_id=case_id, supervisor=me, by=me.actor)
    except ClaimLost:
        messages.warning(request, _("Nobody holds the case any more."))
    else:
        words = _("%(reference)s waits again; %(name)s is told, and keeps the draft.")
        facts = {"reference": found.reference, "name": claim.reviewer.shown_name}
        messages.success(request, words % facts)
    return redirect("board")


# ---------------------------------------------------------------- many cases


@require_safe
@login_required
def sharing(request: HttpRequest, slug: str) -> HttpResponse:
    """The page on which a supervisor shares a queue's most urgent cases out."""
    return sharing_page(request, supervised_queue(request, slug))


def supervised_queue(request: HttpRequest, slug: str) -> Queue:
    """A queue that the person supervises; raises Http404."""
    return get_object_or_404(Queue, slug=slug, pk__in=supervised(request))


def sharing_page(
    request: HttpRequest, queue: Queue, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """Who can have a share, with what they have already."""
    queues = supervised(request)
    busy = {claim.reviewer_id: claim.case.reference for claim in in_hands(queues)}
    kept = reserved_counts(queues)
    (state,) = queue_states([queue.pk])
    either = {
        user.pk: user
        for right in ("review", "second_review")
        for user in people_with(right, queue.pk)
    }
    context = {
        "queue": queue,
        "line": presenting.queue_line(state),
        "most": MOST_SHARED,
        "count": request.POST.get("count", min(20, max(1, state.waiting))),
        "chosen": {number(each) for each in request.POST.getlist("person")},
        "people": [
            presenting.candidate(user, busy.get(user.pk, ""), kept.get(user.pk, 0))
            for user in either.values()
        ],
        "problem": problem,
    }
    return render(request, "reviews/sharing.html", context, status=status)


@posted("board")
def share(request: HttpRequest, slug: str) -> HttpResponse:
    """Shares the most urgent cases of a queue evenly among the people chosen."""
    me, queue = person(request), supervised_queue(request, slug)
    among = User.objects.filter(pk__in={number(each) for each in request.POST.getlist("person")})
    count = number(request.POST.get("count"))
    if not among or not 1 <= count <= MOST_SHARED:
        problem = _("Choose people, and how many cases: 1 to %(most)d.") % {"most": MOST_SHARED}
        return sharing_page(request, queue, problem=problem, status=422)
    shared = reserving.share_out(queue.pk, count, among=among, supervisor=me, by=me.actor)
    messages.success(request, presenting.shared(shared.given, shared.left))
    return redirect("board")
