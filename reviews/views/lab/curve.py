"""The curve: risk against coverage of an outcome's threshold, and the threshold that keeps a promise."""

import math
from collections.abc import Sequence
from copy import deepcopy
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.definition import OutcomeSpec
from reviews.curves import Past, choices, field_of, past_of
from reviews.lab.curve import asked, curve_of
from reviews.lab.replay import CannotReplay
from reviews.policies import active_policy
from reviews.presenting.lab import curve as presenting
from reviews.presenting.words import spoken
from reviews.proposals import NotYours
from reviews.proposing import draft_proposal
from reviews.routing import InvalidPolicy
from reviews.views.lab.frame import LabPage, changeable, lab_page, pipeline_for
from reviews.views.people import person
from reviews.views.working import number

DAYS = (30, 90, 180, 365)
USUAL_DAYS = 90
AT_MOST, SURE = 2.0, 95.0
"""What is asked where nobody asked otherwise, in per cent."""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def curve(request: HttpRequest, slug: str) -> HttpResponse:
    """The curve; a POST makes a draft with the threshold that it names."""
    if request.method == "POST":
        return make_draft(request, changeable(request, slug))
    return curve_page(request, pipeline_for(request, slug))


def curve_page(
    request: HttpRequest, page: LabPage, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The page, with what was asked."""
    sent = request.POST or request.GET
    policy, version = page.standing.policy, page.standing.version
    at_most, sure = per_cent(sent.get("at_most"), AT_MOST), per_cent(sent.get("sure"), SURE)
    context: dict[str, Any] = {
        "problem": problem,
        "days": days_asked(sent.get("days")),
        "day_choices": DAYS,
        "at_most": presenting.typed(at_most),
        "sure": presenting.typed(sure),
    }
    outcomes = choices(policy, outcomes_of(page)) if policy else []
    if policy is None or version is None or not outcomes:
        return lab_page(request, TEMPLATE, page, "curve", context, status=status)
    chosen = next((each for each in outcomes if each.name == sent.get("outcome")), outcomes[0])
    context |= {"outcomes": outcomes, "outcome": chosen}
    until = now()
    try:
        past = past_of(page.pipeline, policy, until - timedelta(days=context["days"]), until)
    except CannotReplay as error:
        context["problem"] = str(error)
    else:
        wanted = fraction(sent.get("threshold"))
        context |= figures(past, version.number, chosen, wanted, at_most, sure)
    return lab_page(request, TEMPLATE, page, "curve", context, status=status)


TEMPLATE = "reviews/lab/curve.html"


def figures(
    past: Past, number: int, chosen: OutcomeSpec, wanted: float | None, at_most: float, sure: float
) -> dict[str, Any]:
    """The chart and the answer, for an outcome's past cases."""
    cases = field_of(past, chosen.name)
    active = past.policy.thresholds.get(chosen.name)
    delta = 1 - sure / 100
    marked = [each for each in (active, wanted) if each is not None]
    answer = asked(cases, at_most / 100, delta)
    handle = wanted if wanted is not None else answer.threshold
    found = curve_of(cases, delta, also=marked)
    return {
        "window": presenting.window_words(len(past.columns), int(cases.open.sum()), number),
        "chart": presenting.chart(
            found, active if handle is None else handle, active, at_most / 100
        ),
        "answer": presenting.told(answer, at_most / 100, sure / 100),
        "fitted": past.policy.calibration is not None,
        "unknown": int((~past.replayed.known).sum()),
    }


def outcomes_of(page: LabPage) -> Sequence[OutcomeSpec]:
    """The pipeline's outcomes, their names as they are read."""
    current = page.pipeline.current
    return spoken(current).outcomes if current else ()


def make_draft(request: HttpRequest, page: LabPage) -> HttpResponse:
    """Drafts the active policy with another threshold, for its drafter to go on with."""
    base = active_policy(page.pipeline)
    threshold, name = fraction(request.POST.get("threshold")), request.POST.get("outcome", "")
    if base is None or threshold is None:
        return curve_page(
            request, page, problem=_("A threshold is a number from 0 to 1."), status=422
        )
    content = deepcopy(base.content)
    content.setdefault("thresholds", {})[name] = threshold
    labels = {each.name: each.label for each in outcomes_of(page)}
    facts = {
        "outcome": labels.get(name, name),
        "threshold": presenting.threshold_words(threshold),
    }
    try:
        draft = draft_proposal(
            page.pipeline,
            content,
            title=_("%(outcome)s from %(threshold)s on") % facts,
            by=person(request),
        )
    except (InvalidPolicy, NotYours) as error:
        return curve_page(request, page, problem=str(error), status=422)
    messages.success(request, _("A draft with this threshold: nothing counts before it is signed."))
    return redirect("lab_proposal", slug=page.pipeline.slug, pk=draft.pk)


# ---------------------------------------------------------------- what was asked


def days_asked(text: str | None) -> int:
    """For how many days, one of DAYS."""
    return number(text) if number(text) in DAYS else USUAL_DAYS


def per_cent(text: str | None, usual: float) -> float:
    """A number of per cent between 0 and 100, or the usual one."""
    figure = decimal(text)
    return figure if 0 < figure < 100 else usual


def fraction(text: str | None) -> float | None:
    """A threshold, 0 to 1; None where it is none."""
    figure = decimal(text)
    return figure if 0 <= figure <= 1 else None


def decimal(text: str | None) -> float:
    """A number as typed, with a point or a comma; NaN where it is none."""
    try:
        return float((text or "").strip().replace(",", ".", 1))
    except ValueError:
        return math.nan
