"""Calibration: how far stated confidence can be believed, maps that mend it, and what the gate says."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.models import Pipeline
from inference.models import Calibration, ModelVersion
from reviews.calibrating import CannotFit, calibration_of, fit_calibration
from reviews.gatechecks import Measured, last_check
from reviews.models import GateCheck, Queue
from reviews.policies import active_policy
from reviews.presenting.formats import short_moment
from reviews.presenting.lab import calibration as presenting
from reviews.presenting.words import name, spoken
from reviews.proposals import NotYours
from reviews.proposing import draft_proposal
from reviews.routing import InvalidPolicy, Policy
from reviews.standing import Standing
from reviews.views.lab.frame import LabPage, changeable, lab_page, pipeline_for
from reviews.views.people import person

TEMPLATE = "reviews/lab/calibration.html"
CHECKS = 60
"""So many of the last checks are shown over time."""
NAMED = {
    Calibration.Kind.CONFIDENCE: "calibration",
    Calibration.Kind.FIELDS: "field_calibration",
}
"""What a policy calls the calibration of each kind."""


@require_safe
@login_required
def calibration(request: HttpRequest, slug: str) -> HttpResponse:
    """What is stated against what is right: live or, where one is asked for, as a calibration was judged."""
    return calibration_page(request, pipeline_for(request, slug))


def calibration_page(
    request: HttpRequest, page: LabPage, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The page, with what went wrong."""
    made = list(
        page.pipeline.calibrations.select_related("model_version__model").order_by("-number")
    )
    chosen = chosen_of(made, request.GET.get("calibration", ""))
    context = {
        "problem": problem,
        "gate": gate_of(page.pipeline, page.standing),
        "believed": judged(page, chosen) if chosen else live(page),
        "chosen": chosen,
        "calibrations": [told(each, page.standing.policy) for each in made],
        "fields": fields_of(made, page.standing.policy),
        "versions": versions(page.pipeline),
    }
    return lab_page(request, TEMPLATE, page, "calibration", context, status=status)


@require_POST
@login_required
def fit(request: HttpRequest, slug: str) -> HttpResponse:
    """Fits a calibration of what was asked for."""
    page = changeable(request, slug)
    kind = request.POST.get("kind", "")
    if kind not in Calibration.Kind.values:
        raise Http404
    try:
        made = fit_calibration(page.pipeline, kind=Calibration.Kind(kind), by=person(request))
    except CannotFit as error:
        return calibration_page(request, page, problem=str(error), status=422)
    words = _("Calibration %(number)s is fitted. It counts once a policy that is signed names it.")
    messages.success(request, words % {"number": made.number})
    return redirect(f"{request.path.removesuffix('fit/')}?calibration={made.number}")


@require_POST
@login_required
def draft(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Drafts the active policy with a calibration named, for its drafter to go on with."""
    page = changeable(request, slug)
    made, base = calibration_of(page.pipeline, number), active_policy(page.pipeline)
    if made is None or base is None:
        raise Http404
    content = deepcopy(base.content)
    content[NAMED[Calibration.Kind(made.kind)]] = made.number
    title = _("Confidence by calibration %(number)s")
    if made.kind == Calibration.Kind.FIELDS:
        title = _("Confidence in fields by calibration %(number)s")
    try:
        proposal = draft_proposal(
            page.pipeline, content, title=title % {"number": number}, base=base, by=person(request)
        )
    except (InvalidPolicy, NotYours) as error:
        return calibration_page(request, page, problem=str(error), status=422)
    return redirect("lab_proposal", slug=slug, pk=proposal.pk)


# ---------------------------------------------------------------- what is shown


def chosen_of(made: list[Calibration], asked: str) -> Calibration | None:
    """The calibration of confidence that is asked for."""
    number = int(asked) if asked.isdecimal() and len(asked) < 9 else 0
    kind = Calibration.Kind.CONFIDENCE
    return next((each for each in made if each.number == number and each.kind == kind), None)


def check_of(page: Pipeline, standing: Standing, number: int | None) -> GateCheck | None:
    """The last check of the model version that scores, under a calibration."""
    if standing.model_version is None or standing.policy is None:
        return None
    under = calibration_of(page, number)
    days = standing.policy.gate.days
    last = last_check(Measured(page, standing.model_version, under, days))
    return last.check if last else None


def live(page: LabPage) -> dict[str, Any]:
    """What live labels show, under the active policy's calibration and without it."""
    policy = page.standing.policy
    check = check_of(page.pipeline, page.standing, policy.calibration if policy else None)
    if check is None or "bands" not in check.figures:
        return {}
    plain = check_of(page.pipeline, page.standing, None) if check.calibration_id else None
    return {
        **believed(page, check.figures, plain.figures if plain else None),
        "at": check.checked_at,
        "days": check.days,
    }


def judged(page: LabPage, chosen: Calibration) -> dict[str, Any]:
    """How a calibration did on the half that it was not fitted on."""
    return believed(page, chosen.figures, chosen.figures.get("before"))


def believed(
    page: LabPage, figures: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Figures and diagrams, each against what it was before."""
    current = page.pipeline.current
    labels = {each.name: each.label for each in spoken(current).outcomes} if current else {}
    return {
        "labels": figures["labels"],
        "figures": list(presenting.shown(figures, before)),
        "chance": presenting.by_chance(figures),
        "diagrams": presenting.diagrams(figures, labels, before),
        "compared": before is not None,
    }


def gate_of(pipeline: Pipeline, standing: Standing) -> dict[str, Any]:
    """The gate's state, requirement by requirement, by queue and over time; nothing where there is none."""
    policy, figures = standing.policy, standing.live
    if policy is None or figures is None or standing.model_version is None:
        return {}
    check = check_of(pipeline, standing, policy.calibration)
    found = check.figures if check else {}
    queues = {queue.slug: name(queue.name) for queue in Queue.objects.filter(pipeline=pipeline)}
    under = calibration_of(pipeline, policy.calibration)
    checks = Measured(pipeline, standing.model_version, under, policy.gate.days).checks
    past = list(checks.order_by("-id")[:CHECKS])[::-1]
    return {
        "open": not standing.gate,
        "requirements": presenting.requirements(figures, policy.gate, policy.samples),
        "needed": presenting.still_needed(figures, policy.gate, policy.samples, found),
        "queues": presenting.queue_rows(found, queues),
        "days": policy.gate.days,
        "check": check,
        "calibration": policy.calibration,
        "over_time": presenting.over_time(
            [(each.checked_at, each.figures) for each in past],
            policy.gate,
            [short_moment(each.checked_at) for each in past],
        ),
    }


def told(made: Calibration, policy: Policy | None) -> dict[str, Any]:
    """A calibration as a row."""
    named = policy and getattr(policy, NAMED[Calibration.Kind(made.kind)])
    return {
        "number": made.number,
        "fields": made.kind == Calibration.Kind.FIELDS,
        "version": str(made.model_version) if made.model_version else "",
        "method": presenting.METHODS[made.method],
        "labels": made.labels,
        "fitted_at": made.fitted_at,
        "row": presenting.row("", made.figures),
        "in_force": named == made.number,
    }


def fields_of(made: list[Calibration], policy: Policy | None) -> dict[str, Any]:
    """The calibration of fields that the policy names or, where it names none, the last one."""
    own = [each for each in made if each.kind == Calibration.Kind.FIELDS]
    number = policy.field_calibration if policy else None
    found = next((each for each in own if each.number == number), own[0] if own else None)
    return {"number": found.number, "rows": presenting.field_rows(found.figures)} if found else {}


def versions(pipeline: Pipeline) -> list[presenting.Line]:
    """What was measured last of each model version, as its confidence is stated."""
    rows = GateCheck.objects.filter(pipeline=pipeline, calibration=None)
    last = rows.order_by("model_version_id", "-id").distinct("model_version_id")
    names = ModelVersion.objects.select_related("model").in_bulk(
        [each.model_version_id for each in last]
    )
    return [
        presenting.row(str(names[each.model_version_id]), each.figures, each.checked_at)
        for each in last
    ]
