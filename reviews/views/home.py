"""Home and Start."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from audit.models import ClockTimestamp
from reviews import notices
from reviews.claims import claim_next
from reviews.models import Claim, Correction, Hold, Queue, QueueEntry, Review
from reviews.presenting import home as presenting
from reviews.presenting.news import news, set_aside
from reviews.presenting.times import midnight, span
from reviews.queues import CAP, depths
from reviews.views.ahead import shown
from reviews.views.in_place import elsewhere, in_place
from reviews.views.lab.frame import seen_in_lab
from reviews.views.lab.overview import waits_for
from reviews.views.lab.shut import shut
from reviews.views.lab.stopped import holding
from reviews.views.people import links, person, rights, unseen
from reviews.views.posted import posted

TODAY_SHOWN = 8
ASIDE_SHOWN = 20
PLACES = {
    "cases": lazy("Find a case by its reference, and read its record."),
    "board": lazy("See the queues, the people and the deadlines, and share the work out."),
    "trail": lazy(
        "See that what happened stays as it was, who read what, and take it away as a file."
    ),
    "lab": lazy("See what a policy does before it counts, and propose another one."),
    "glass": lazy("Open one case that is not yours to see, in an emergency and with a reason."),
    "stops": lazy("Stop automatic decisions, and lift that."),
    "administration": lazy(
        "People and their roles, pipelines, policies, queues, clients and their keys."
    ),
}
"""What somebody who reviews no queue can do, by the names of the header's links."""


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What I should hear of, my queues, one big Start, what I set aside, and what I did today."""
    me = person(request)
    waiting = depths(rights(request), reviewer=me)
    configured = rights(request).pipelines.get("configure", frozenset())
    elsewhere = waiting_for_others(me)
    mine = in_hand(me)
    reviews, corrected, times = reviews_today(me)
    return render(
        request,
        "reviews/home.html",
        {
            "headline": presenting.headline(waiting, mine),
            "subline": presenting.subline(waiting),
            "elsewhere": presenting.elsewhere(elsewhere),
            "startable": any(depth.waiting for depth in waiting),
            "queues": presenting.queue_lines(waiting),
            "places": [
                {**link, "words": PLACES[link["name"]]}
                for link in links(request)
                if link["name"] in PLACES
            ],
            "mine": mine,
            "stops": holding(request, rights(request).worked_on | seen_in_lab(rights(request))),
            "shut": shut(request, configured),
            "to_sign": waits_for(me, configured),
            "news": news(notices.unseen(me)) if unseen(request) else (),
            "aside": set_aside(held_by(me)),
            "figures": presenting.figures(reviews, corrected, times),
            "done": presenting.done_today(reviews[:TODAY_SHOWN]),
        },
    )


def held_by(reviewer: User) -> list[Hold]:
    """The cases that the person has set aside, the one that comes back first first."""
    holds = Hold.objects.filter(held_by=reviewer, ended_at=None, entry__isnull=False)
    found = holds.select_related("case").defer("case__sealed_data").order_by("follow_up_at")
    return list(found[:ASIDE_SHOWN])


@posted("home")
def seen(request: HttpRequest) -> HttpResponse:
    """Takes all notices from the person's list."""
    notices.see_all(person=person(request))
    return redirect("home")


def in_hand(reviewer: User) -> list[presenting.InHand]:
    """The cases that the person holds; there is hardly ever more than one."""
    held = Claim.objects.filter(reviewer=reviewer, ended_at=None, expires_at__gt=ClockTimestamp())
    return [
        presenting.InHand(
            claim.case_id,
            claim.case.reference,
            _("%(span)s left") % {"span": span(claim.expires_at - claim.now)},
        )
        for claim in held.select_related("case").annotate(now=ClockTimestamp())
    ]


def waiting_for_others(reviewer: User) -> list[timedelta]:
    """How long each case has that the person reviewed and somebody else must judge, least first."""
    recent = Review.objects.filter(reviewer=reviewer, undone_at=None).order_by("-id")[:CAP]
    entries = (
        QueueEntry.objects.filter(case__reviews__in=recent, case__reviews__round=F("round"))
        .exclude(claim__reviewer=reviewer)
        .annotate(now=ClockTimestamp())
        .order_by("due_at")
    )
    return [due_at - now for due_at, now in entries.values_list("due_at", "now")]


def reviews_today(reviewer: User) -> tuple[list[Review], int, list[timedelta]]:
    """The person's reviews since their own midnight, newest first.

    With them how many fields they corrected, and how long each case took them.

    One that can still be undone is not among them: that it is an override would tell an independent
    judge what the model said, while they could give another verdict.
    """
    reviews = (
        Review.objects.filter(
            reviewer=reviewer, undone_at=None, reviewed_at__gte=midnight(localtime())
        )
        .exclude(claim__entry__isnull=False)
        .select_related("case__pipeline_version", "claim")
        .defer("case__pipeline_version__content", "case__sealed_data")
        .annotate(
            corrected=Count("corrections", filter=Q(corrections__kind=Correction.Kind.CORRECTED)),
            taken_back=Subquery(time_taken_back()),
        )
        .order_by("-id")
    )
    times = [
        review.reviewed_at - review.claim.claimed_at + (review.taken_back or timedelta())
        for review in reviews
    ]
    return [*reviews], sum(review.corrected for review in reviews), times


def time_taken_back() -> QuerySet[Review, Any]:
    """What a review's reviewer had spent on the case in that round for verdicts that they undid."""
    same = {name: OuterRef(name) for name in ("case", "round", "reviewer")}
    undone = Review.objects.filter(**same, undone_at__isnull=False).order_by().values("case")
    spent = Sum(F("reviewed_at") - F("claim__claimed_at"))
    return undone.annotate(spent=spent).values("spent")


@posted("home")
def start(request: HttpRequest) -> HttpResponse:
    """Claims the most urgent case that the person may take, of one queue or of all."""
    queue_id = None
    if slug := request.POST.get("queue", ""):
        queue_id = Queue.objects.filter(slug=slug).values_list("pk", flat=True).first()
    return next_case(request, queue_id=queue_id)


def next_case(request: HttpRequest, *, queue_id: int | None = None) -> HttpResponse:
    """On to the next case; home where there is none."""
    me = person(request)
    claim = claim_next(reviewer=me, rights=rights(request), by=me.actor, queue_id=queue_id)
    if claim is None:
        held = presenting.held(depths(rights(request), reviewer=me))
        messages.info(request, f"{held}." if held else _("Nothing waits for you at this moment."))
        return elsewhere(request, "home")
    return shown(request, claim) if in_place(request) else redirect("case", claim.case_id)
