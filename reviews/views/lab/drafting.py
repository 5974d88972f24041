"""A proposal's page: the editor for its drafter, its words for all others; its checks while one types."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import ApiClient, User
from audit.models import Event
from cases.definition import Definition, Mistake
from cases.expressions import InvalidExpression
from cases.models import Pipeline
from inference.models import Calibration
from reviews import proposing
from reviews.calibrating import calibration_of
from reviews.models import Proposal
from reviews.policies import active_policy, definition_of, faults_for
from reviews.policychecks import remarks
from reviews.policydiff import Difference, differences
from reviews.policytoml import written
from reviews.presenting.lab.kept import summary_lines
from reviews.presenting.lab.mistakes import mistake_words
from reviews.presenting.lab.policyform import calibration_choice, dotted, form_of
from reviews.presenting.lab.policywords import measured, said, sized
from reviews.presenting.lab.record import WORDS, steps
from reviews.presenting.lab.versions import proposal_line
from reviews.presenting.lab.vocabulary import vocabulary
from reviews.proposals import Changed, NotYours, overtaken
from reviews.routing import InvalidPolicy
from reviews.trying import try_rule
from reviews.views.in_place import in_place
from reviews.views.lab.frame import LabPage, address_of, changeable, lab_page, pipeline_for
from reviews.views.lab.sent import content_of, one_line
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.working import number

Content = Mapping[str, Any]
PEOPLE = ("drafted_by", "drafted_by_client", "requested_by", "signed_by", "base", "version")


def proposal_of(pipeline: Pipeline, pk: int) -> Proposal:
    """A proposal of the pipeline; raises Http404."""
    found = Proposal.objects.filter(pipeline=pipeline, pk=pk).select_related(*PEOPLE).first()
    if found is None:
        raise Http404
    return found


def is_editor(page: LabPage, proposal: Proposal, me: User) -> bool:
    """Whether the person may change the proposal: a draft of their own."""
    own = proposal.drafted_by_id == me.pk and proposal.status == Proposal.Status.DRAFT
    return page.may_change and own


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def proposal(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A proposal; a POST saves what its drafter changed."""
    if request.method == "POST":
        return save(request, changeable(request, slug), pk)
    page = pipeline_for(request, slug)
    found = proposal_of(page.pipeline, pk)
    if is_editor(page, found, person(request)):
        return editor(request, page, found, found.content)
    return reading(request, page, found)


def save(request: HttpRequest, page: LabPage, pk: int) -> HttpResponse:
    """Saves a draft; where that can't be, the page says why and still has all that was typed."""
    found, content = proposal_of(page.pipeline, pk), content_of(request.POST)
    try:
        saved = proposing.change_proposal(
            pk,
            content,
            title=request.POST.get("title", ""),
            reason=request.POST.get("reason", ""),
            revision=number(request.POST.get("revision")),
            by=person(request),
        )
    except (InvalidPolicy, Changed, NotYours) as error:
        found = proposal_of(page.pipeline, pk)
        return editor(request, page, found, content, problem=problem_of(error, found), status=422)
    messages.success(request, _("Saved as revision %(number)s.") % {"number": saved.revision})
    return redirect("lab_proposal", slug=page.pipeline.slug, pk=pk)


def problem_of(error: Exception, found: Proposal) -> str:
    """Why a draft was not saved, in words."""
    if isinstance(error, InvalidPolicy):
        return _("Not saved yet: what is wrong is said at its place.")
    if isinstance(error, Changed) and found.status == Proposal.Status.DRAFT:
        return _(
            "Not saved: the draft was changed meanwhile, in another window. What you typed is still "
            "here. Saving it now puts it in place of what is there."
        )
    return _("%(why)s What you typed is still here; a new draft can take it up.") % {
        "why": str(error)
    }


# ---------------------------------------------------------------- pages


def editor(
    request: HttpRequest,
    page: LabPage,
    found: Proposal,
    content: Content,
    *,
    problem: str = "",
    status: int = 200,
    tried: Mapping[str, object] | None = None,
) -> HttpResponse:
    """The editor, with what was typed, what is wrong with it, and what a rule said when it was `tried`."""
    definition = definition_of(page.pipeline)
    mistakes = list(faults_for(page.pipeline, content))
    title = request.POST.get("title", found.title)
    context = {
        **about(page, found, content, mistakes),
        "form": form_of(content, definition, mistakes, calibrations_of(page.pipeline)),
        "warnings": [mistake_words(each) for each in warnings(content, definition, mistakes)],
        "vocabulary": [word.facts for word in vocabulary(definition)],
        "title": title,
        "untitled": request.method == "POST" and not title.strip(),
        "reason": request.POST.get("reason", found.reason),
        "problem": problem,
        "gone": found.status != Proposal.Status.DRAFT,
        **(tried or {}),
    }
    template = "reviews/lab/proposal_edit.html"
    return lab_page(request, template, page, "overview", context, status=status)


def reading(
    request: HttpRequest, page: LabPage, found: Proposal, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """A proposal as everybody but its drafter sees it, with what they may do about it."""
    me = person(request)
    mistakes = list(faults_for(page.pipeline, found.content))
    context = {
        **about(page, found, found.content, mistakes),
        "mistakes": [mistake_words(each) for each in mistakes],
        "said": None if mistakes else said(found.content, definition_of(page.pipeline)),
        "acts": acts(page, found, me),
        "problem": problem,
        "answer": request.POST.get("answer", ""),
        "overtaken": found.status in OPEN and overtaken(found),
        "steps": list(steps(events_of(found), names_of(found))),
    }
    template = "reviews/lab/proposal.html"
    return lab_page(request, template, page, "overview", context, status=status)


def events_of(found: Proposal) -> QuerySet[Event]:
    """All that the record says of a proposal, from its beginning on."""
    return Event.objects.filter(type__in=WORDS, data__proposal=found.pk).order_by("id")


def names_of(found: Proposal) -> dict[str, str]:
    """What those are called who had a part in a proposal, by kind and id."""
    acted = [(event.actor_kind, event.actor_id) for event in events_of(found)]
    users = User.objects.filter(pk__in=[key for kind, key in acted if kind == "user"])
    clients = ApiClient.objects.filter(pk__in=[key for kind, key in acted if kind == "client"])
    people = {f"user:{user.pk}": user.shown_name for user in users}
    return people | {f"client:{client.pk}": client.name for client in clients}


OPEN = ("draft", "requested", "approved")
"""Steps at which a proposal may still come into force."""


def acts(page: LabPage, found: Proposal, me: User) -> frozenset[str]:
    """What the person may do with the proposal now."""
    if not page.may_change:
        return frozenset()
    part = me.pk in (found.drafted_by_id, found.requested_by_id)
    of_program = found.drafted_by_id is None
    may = {
        "draft": {"request", "discard"} if of_program else set(),
        "requested": {"recall"} if part else {"sign"},
        "approved": {"discard"},
    }
    return frozenset(may.get(found.status, set()) | {"copy"})


def about(
    page: LabPage, found: Proposal, content: Content, mistakes: Sequence[Mistake]
) -> dict[str, Any]:
    """What every page of a proposal says of it."""
    active = page.standing.version
    return {
        "proposal": found,
        "line": proposal_line(found),
        "active": active,
        "differences": [] if mistakes else against(page.pipeline, content),
        "mistaken": bool(mistakes),
        "toml": "" if mistakes else written(content),
        "sized": "" if mistakes else sized(measured(content)),
        "replayed": summary_lines(found.replayed),
        "replay_href": replay_address(page, found),
    }


def replay_address(page: LabPage, found: Proposal) -> str:
    """Where a proposal that is still open can be replayed; empty where it is not."""
    if found.status not in OPEN:
        return ""
    return f"{address_of('lab_replay', page.pipeline)}?proposal={found.pk}"


def against(pipeline: Pipeline, content: Content) -> list[Difference]:
    """What differs from the policy in force now."""
    active = active_policy(pipeline)
    before = active.content if active else {}
    return [*differences(before, content, definition_of(pipeline))]


def warnings(
    content: Content, definition: Definition, mistakes: Sequence[Mistake]
) -> list[Mistake]:
    """What is no mistake and yet not meant, such as rules that ask for what no case has."""
    return [] if mistakes else [*remarks(content, definition)]


def calibrations_of(pipeline: Pipeline) -> dict[str, list[tuple[str, str]]]:
    """The calibrations that a policy can name, the newest first, by the part that names them."""
    found: QuerySet[Calibration] = Calibration.objects.filter(pipeline=pipeline)
    rows = list(found.select_related("model_version__model").order_by("-number"))
    return {
        "calibration": [
            calibration_choice(row) for row in rows if row.kind == Calibration.Kind.CONFIDENCE
        ],
        "field_calibration": [
            calibration_choice(row) for row in rows if row.kind == Calibration.Kind.FIELDS
        ],
    }


# ---------------------------------------------------------------- while one types


@posted("lab_proposal", "slug", "pk")
def check(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What is wrong with a policy that is not saved, and what it would change: for the page's script."""
    page = changeable(request, slug)
    found, content = proposal_of(page.pipeline, pk), content_of(request.POST)
    definition = definition_of(page.pipeline)
    mistakes = list(faults_for(page.pipeline, content))
    strange = warnings(content, definition, mistakes)
    context = about(page, found, content, mistakes)
    return JsonResponse(
        {
            "mistakes": [[dotted(each), mistake_words(each)] for each in mistakes],
            "warnings": [[dotted(each), mistake_words(each)] for each in strange],
            "differences": render_to_string("reviews/lab/_differences.html", context, request),
            "toml": context["toml"],
            "sized": context["sized"],
        }
    )


@posted("lab_proposal", "slug", "pk")
def try_on_cases(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What a rule that is not saved would have said of the last cases."""
    page = changeable(request, slug)
    found, content = proposal_of(page.pipeline, pk), content_of(request.POST)
    place = request.POST.get("try", "")
    context = {"tried_place": place, **trial(request, page, content, rule_at(content, place))}
    if in_place(request):
        return render(request, "reviews/lab/_tried.html", context)
    return editor(request, page, found, content, tried=context)


def rule_at(content: Content, place: str) -> str:
    """The expression at a place of the policy: `second`, or a rule by its number from 0."""
    if place == "second":
        return one_line(str(content.get("second_review", {}).get("rule", "")))
    rules = content.get("rules", ())
    return str(rules[int(place)]["when"]) if place.isdecimal() and int(place) < len(rules) else ""


def trial(
    request: HttpRequest, page: LabPage, content: Content, expression: str
) -> dict[str, object]:
    """What a rule says of the last cases; in words why not, where it can't be tried."""
    calibration = content.get("calibration")
    named = calibration if isinstance(calibration, int) else None
    try:
        trial = try_rule(
            expression, page.pipeline, rights(request), calibration_of(page.pipeline, named)
        )
    except InvalidExpression as error:
        return {"untried": mistake_words(Mistake((), f"no CEL expression: {error}"))}
    return {"trial": trial}
