"""Known answers: how many reviewers get, what they made of them, and giving some by hand."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.models import User
from audit.models import ClockTimestamp
from cases.models import Pipeline
from reviews import knownanswers
from reviews.knownanswers import CannotSeed, seed_by_hand
from reviews.lab.catches import Answered
from reviews.models import Review, Sample
from reviews.presenting.lab import known as presenting
from reviews.presenting.words import spoken
from reviews.views.lab.errors import may_open
from reviews.views.lab.frame import changeable, lab_page, pipeline_for
from reviews.views.people import person
from reviews.views.posted import posted

PERIODS = (30, 90, 365)
SHOWN = 50
"""So many of the last judged ones are listed."""


@require_safe
@login_required
def known(request: HttpRequest, slug: str) -> HttpResponse:
    """What reviewers made of cases whose right answer was known."""
    page = pipeline_for(request, slug)
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in PERIODS else 90
    samples = judged_known(page.pipeline, days)
    answers = [answered(sample) for sample in samples]
    names = {sample.reviewer_id: sample.reviewer.shown_name for sample in samples}
    current = page.pipeline.current
    context = {
        "rows": presenting.rows(answers, names),
        "few": any(row.overall.few for row in presenting.rows(answers, names)),
        "judged": presenting.judged(samples[:SHOWN], spoken(current)) if current else [],
        "share": presenting.share_words(knownanswers.share_of(page.pipeline)),
        "standing": knownanswers.standing(page.pipeline),
        "most": knownanswers.MOST_BY_HAND,
        "periods": PERIODS,
        "days": days,
        "openable": may_open(page),
    }
    return lab_page(request, "reviews/lab/known.html", page, "known", context)


def judged_known(pipeline: Pipeline, days: int) -> list[Any]:
    """The known cases that were judged in the last days, the last first, with what was said of each."""
    samples: QuerySet[Sample, Any] = Sample.objects.filter(
        kind=Sample.Kind.KNOWN,
        case__pipeline=pipeline,
        judged_at__gt=ClockTimestamp() - timedelta(days=days),
    )
    review = Review.objects.filter(
        case=OuterRef("case"),
        reviewer=OuterRef("reviewer"),
        reviewed_at__gte=OuterRef("drawn_at"),
        undone_at=None,
    ).order_by("id")
    return list(
        samples.select_related("case", "reviewer")
        .annotate(
            predicted=F("route__prediction__outcome"),
            final=Subquery(review.values("outcome")[:1]),
        )
        .order_by("-judged_at")
    )


def answered(sample: Any) -> Answered:
    """A judged known case as it counts."""
    return Answered(
        reviewer=sample.reviewer_id,
        known=sample.outcome,
        predicted=sample.predicted or "",
        verdict=sample.verdict,
        final=sample.final or sample.verdict,
    )


@posted("lab_known", "slug")
def seed(request: HttpRequest, slug: str) -> HttpResponse:
    """Lets some known answers wait, by hand."""
    page = changeable(request, slug)
    me: User = person(request)
    text = request.POST.get("count", "")
    asked = int(text) if text.isdecimal() and len(text) < 4 else 0
    try:
        seeded = len(seed_by_hand(page.pipeline, asked, by=me))
    except CannotSeed as refusal:
        messages.error(request, str(refusal))
    else:
        tell = messages.success if seeded else messages.warning
        tell(request, presenting.seeded_words(asked, seeded))
    return redirect("lab_known", slug)
