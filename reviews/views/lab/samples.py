"""Samples: how many it takes, how many there are, and what they say of all automatic decisions."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.models import Pipeline
from reviews import sampled
from reviews.gate import Samples
from reviews.lab.strata import Counted, error_rate, merged
from reviews.models import Sample
from reviews.presenting.lab import samples as presenting
from reviews.views.lab.errors import may_open
from reviews.views.lab.frame import lab_page, pipeline_for

PACE = 30
PERIODS = (30, 90, 180)
LISTED = 50


@require_safe
@login_required
def samples(request: HttpRequest, slug: str) -> HttpResponse:
    """What samples say, over a period."""
    page = pipeline_for(request, slug)
    days = period(request)
    labels = labels_of(page.pipeline)
    weeks: dict[datetime, list[Counted]] = {}
    for week, stratum in sampled.counted_by_week(page.pipeline, days):
        weeks.setdefault(week, []).append(stratum)
    strata = [each for those in weeks.values() for each in those]
    target = page.standing.policy.samples if page.standing.policy else Samples()
    wrong = sampled.disagreements(page.pipeline, days)
    held = sampled.samples_of(page.pipeline, days).filter(kind=Sample.Kind.HELD)
    context = {
        "size": presenting.size(
            target,
            labels=sampled.labels_since(page.pipeline, PACE),
            decisions=sampled.automatic_decisions(page.pipeline, PACE),
        ),
        "curve": presenting.curve(target),
        "rate": (rate := error_rate(merged(strata))),
        "rate_shown": presenting.percent(rate.estimate),
        "interval": presenting.interval(rate),
        "missing": presenting.percent(rate.missing) if rate.missing else "",
        "strata": presenting.stratum_rows(strata, labels),
        "weeks": presenting.week_rows(weeks),
        "chart": presenting.over_time(weeks),
        "ended": sum(each.ended for each in strata),
        "held": held.count(),
        "held_judged": held.exclude(judged_at=None).count(),
        "wrong": presenting.wrong_rows(list(wrong[:LISTED]), labels),
        "all_wrong": wrong.count(),
        "periods": PERIODS,
        "days": days,
        "openable": may_open(page),
    }
    return lab_page(request, "reviews/lab/samples.html", page, "samples", context)


def period(request: HttpRequest) -> int:
    """The days that are asked for; 90 where none are."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else 90


def labels_of(pipeline: Pipeline) -> dict[str, str]:
    """What the pipeline's outcomes are called."""
    definition = pipeline.current.definition if pipeline.current else None
    return {spec.name: _(spec.label) for spec in definition.outcomes} if definition else {}
