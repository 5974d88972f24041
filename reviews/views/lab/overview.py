"""The lab's first pages: all pipelines of a person, and one of them."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from cases.models import Pipeline
from reviews.automation import DAYS, Automation, automation_of
from reviews.models import PolicyVersion, Proposal
from reviews.policies import definition_of
from reviews.presenting.lab import homes
from reviews.presenting.lab.policywords import said
from reviews.presenting.lab.versions import ProposalLine, history, proposal_line
from reviews.rights import Rights
from reviews.sampled import disagreements
from reviews.standing import standing_of
from reviews.views.lab.frame import LabPage, lab_page, pipeline_for, seen_in_lab
from reviews.views.lab.stopped import stop_control
from reviews.views.people import person, rights

PEOPLE = ("drafted_by", "drafted_by_client", "requested_by", "signed_by", "version")
VERSIONS = 12
"""So many versions of a policy stand on its page, and as many proposals that are over."""


@require_safe
@login_required
def lab(request: HttpRequest) -> HttpResponse:
    """All pipelines whose lab the person may see."""
    mine = rights(request)
    seen = seen_in_lab(mine)
    if not seen:
        raise Http404
    cards = cards_for(person(request), mine, seen)
    context = {
        "cards": cards,
        "to_sign": [(card, line) for card in cards for line in card.to_sign],
        "period": homes.period(),
        **stop_control(request, seen),
    }
    return render(request, "reviews/lab/home.html", context)


def cards_for(me: User, mine: Rights, seen: Collection[int]) -> list[homes.PipelineCard]:
    """Each pipeline at a glance."""
    measured = automation_of(seen)
    waiting = list(proposals().filter(pipeline__in=seen, status__in=("draft", "requested")))
    cards = []
    for pipeline in Pipeline.objects.filter(pk__in=seen).select_related("current").order_by("name"):
        own = [each for each in waiting if each.pipeline_id == pipeline.pk]
        asked = [each for each in own if each.status == Proposal.Status.REQUESTED]
        may_change = mine.may_pipeline("configure", pipeline.pk)
        cards.append(
            homes.card(
                pipeline,
                standing_of(pipeline),
                measured.get(pipeline.pk, Automation()),
                may_change=may_change,
                to_sign=mine_to_sign(asked, me) if may_change else (),
                drafts=len(own) - len(asked),
                asked=len(asked),
                wrong=disagreements(pipeline, DAYS).count(),
            )
        )
    return cards


def proposals() -> QuerySet[Proposal]:
    """Proposals with all who had a part in them, the last first."""
    return Proposal.objects.select_related(*PEOPLE).defer("content", "replayed").order_by("-pk")


def mine_to_sign(asked: Collection[Proposal], me: User) -> list[ProposalLine]:
    """Those that wait for a signature which the person may give."""
    return [
        proposal_line(each)
        for each in asked
        if me.pk not in (each.drafted_by_id, each.requested_by_id)
    ]


def waits_for(me: User, pipelines: Collection[int]) -> list[Proposal]:
    """The proposals that wait for the person's signature, of the pipelines that they configure."""
    asked = proposals().filter(pipeline__in=pipelines, status=Proposal.Status.REQUESTED)
    others = asked.select_related(*PEOPLE, "pipeline")
    return [each for each in others if me.pk not in (each.drafted_by_id, each.requested_by_id)]


@require_safe
@login_required
def pipeline(request: HttpRequest, slug: str) -> HttpResponse:
    """A pipeline's policy, its history and its proposals."""
    page = pipeline_for(request, slug)
    context = policy_of(page) | proposals_of(page, person(request))
    return lab_page(request, "reviews/lab/overview.html", page, "overview", context)


def policy_of(page: LabPage) -> dict[str, Any]:
    """The active policy in words, what it did lately, and the versions before it."""
    definition = definition_of(page.pipeline)
    rows = PolicyVersion.objects.filter(pipeline=page.pipeline).order_by("-number")
    versions = rows.select_related(
        "restores", "restored_by", "proposal__drafted_by", "proposal__drafted_by_client",
        "proposal__signed_by",
    )[: VERSIONS + 1]  # fmt: skip
    active, readable = page.standing.version, page.standing.policy
    measured = automation_of([page.pipeline.pk]).get(page.pipeline.pk, Automation())
    lines = history(list(versions), definition)
    return {
        "active": active,
        "line": next((line for line in lines if line.active), None),
        "said": said(active.content, definition) if active and readable else None,
        "card": homes.card(
            page.pipeline,
            page.standing,
            measured,
            may_change=page.may_change,
            to_sign=(),
            drafts=0,
            asked=0,
            wrong=disagreements(page.pipeline, DAYS).count(),
        ),
        "period": homes.period(),
        "versions": lines[:VERSIONS],
        "more_versions": len(lines) > VERSIONS,
    }


def proposals_of(page: LabPage, me: User) -> dict[str, Any]:
    """The pipeline's proposals: those that wait for the person, those under way, and those that are over."""
    own = proposals().filter(pipeline=page.pipeline)
    asked = list(own.filter(status=Proposal.Status.REQUESTED))
    to_sign = mine_to_sign(asked, me) if page.may_change else []
    waiting = {line.pk for line in to_sign}
    under_way = own.filter(status__in=("draft", "requested", "approved"))
    over = own.filter(status__in=("refused", "discarded", "active"))
    return {
        "to_sign": to_sign,
        "under_way": [proposal_line(each) for each in under_way if each.pk not in waiting],
        "over": [proposal_line(each) for each in over[:VERSIONS]],
    }
