"""Capacity: what the queues come to this week under the active policy and a draft. Advice alone."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reviews import forecasting
from reviews.forecasting import ENOUGH, Past, asked_for, outlook_of
from reviews.lab.replay import CannotReplay
from reviews.models import Proposal, Queue
from reviews.policies import definition_of, read_policy
from reviews.presenting.lab import capacity as presenting
from reviews.presenting.words import name
from reviews.routing import InvalidPolicy, Policy
from reviews.views.lab.frame import LabPage, lab_page, pipeline_for
from reviews.views.working import number

OPEN = (Proposal.Status.DRAFT, Proposal.Status.REQUESTED, Proposal.Status.APPROVED)
"""Proposals that may yet come into force."""


@require_safe
@login_required
def capacity(request: HttpRequest, slug: str) -> HttpResponse:
    """The coming week under the active policy and, where one is chosen, a draft."""
    page = pipeline_for(request, slug)
    proposals = Proposal.objects.filter(pipeline=page.pipeline, status__in=OPEN)
    queues = Queue.objects.filter(pipeline=page.pipeline).order_by("name")
    chosen = proposals.filter(pk=number(request.GET.get("proposal"))).first()
    queue = queues.filter(slug=request.GET.get("queue", "")).first()
    stopped = bool(page.standing.stopped or page.standing.gate)
    held = stopped and request.GET.get("automatic") != "yes"
    context: dict[str, Any] = {
        "proposals": proposals,
        "chosen": chosen,
        "queues": queues,
        "queue": queue,
        "stopped": stopped,
        "held": held,
        "enough": ENOUGH,
    }
    policies, context["problem"] = compared(page, chosen)
    if policies:
        past = forecasting.past_of(
            page.pipeline, [*policies.values()], now=now(), queue=queue.slug if queue else ""
        )
        context |= figures(page, past, policies, held=held)
    return lab_page(request, "reviews/lab/capacity.html", page, "capacity", context)


def compared(page: LabPage, chosen: Proposal | None) -> tuple[dict[str, Policy], str]:
    """The policies by their names, the active one first, and what is wrong with the draft."""
    found: dict[str, Policy] = {}
    if page.standing.policy and page.standing.version:
        named = _("Version %(number)s, in force") % {"number": page.standing.version.number}
        found[named] = page.standing.policy
    if chosen is None:
        return found, ""
    try:
        named = _("Draft: %(title)s") % {"title": chosen.title}
        found[named] = read_policy(chosen.content, definition_of(page.pipeline))
    except InvalidPolicy as error:
        return found, str(error)
    return found, ""


def figures(
    page: LabPage, past: Past, policies: dict[str, Policy], *, held: bool
) -> dict[str, Any]:
    """What the page shows of the past, and of the coming week where there is past enough."""
    context: dict[str, Any] = {
        "cases": len(past.columns),
        "reviews": past.worked.total,
        "weeks": past.weeks,
        "since": presenting.since_words(past.start, past.weeks),
    }
    try:
        demand, _found = asked_for(past, next(iter(policies.values())), held=held)
        if past.weeks:
            context["heats"] = presenting.heats(demand, past.worked, past.weeks)
        if not past.enough:
            return context
        outlooks = {
            named: outlook_of(past, policy, held=held) for named, policy in policies.items()
        }
    except CannotReplay as error:
        return context | {"problem": str(error)}
    labels = {each.name: name(each.label) for each in past.definition.outcomes}
    told = [
        presenting.told(named, css, outlook, past.start, labels, policies[named].thresholds)
        for css, (named, outlook) in zip(presenting.COLOURS, outlooks.items(), strict=False)
    ]
    return context | {"told": told, "chart": presenting.chart(outlooks, past.start)}
