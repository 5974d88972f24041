"""A proposal's way: begun, asked to be signed, signed or refused; and earlier policies put back."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.models import Pipeline
from reviews import proposing
from reviews.models import PolicyVersion, Proposal
from reviews.policies import active_policy, definition_of
from reviews.policydiff import differences
from reviews.policytoml import written
from reviews.presenting.lab.policywords import said
from reviews.presenting.lab.versions import version_line
from reviews.proposals import TITLE, Changed, NotYours
from reviews.replays import summary_for
from reviews.routing import InvalidPolicy
from reviews.views.lab.drafting import Content, proposal_of, reading
from reviews.views.lab.frame import LabPage, changeable, lab_page, pipeline_for
from reviews.views.lab.sent import content_of
from reviews.views.people import person
from reviews.views.posted import posted
from reviews.views.working import number

REFUSALS = (InvalidPolicy, Changed, NotYours)


# ---------------------------------------------------------------- begun


@posted("lab_pipeline", "slug")
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Begins a draft from a version, from another proposal, or from what a form has."""
    page = changeable(request, slug)
    base, content, title = origin(request, page.pipeline)
    try:
        made = proposing.draft_proposal(
            page.pipeline, content, title=title[:TITLE], base=base, by=person(request)
        )
    except REFUSALS as error:
        words = _("No draft could be made of that: %(why)s")
        messages.error(request, words % {"why": str(error)})
        return redirect("lab_pipeline", slug=slug)
    return redirect("lab_proposal", slug=slug, pk=made.pk)


def origin(request: HttpRequest, pipeline: Pipeline) -> tuple[PolicyVersion | None, Content, str]:
    """What a draft begins with: its base, its content and its title."""
    sent = request.POST
    if pk := number(sent.get("copy")):
        copied = proposal_of(pipeline, pk)
        typed = content_of(sent) if "typed" in sent else copied.content
        title = sent.get("title", "").strip() or copied.title
        return copied.base, typed, title
    version = version_of(pipeline, number(sent.get("version")))
    return version, version.content, _("Draft from version %(number)s") % {"number": version.number}


def version_of(pipeline: Pipeline, number: int) -> PolicyVersion:
    """A version of the pipeline's policy by its number; raises Http404."""
    rows = PolicyVersion.objects.filter(pipeline=pipeline, number=number)
    found = rows.select_related("proposal__signed_by", "restores", "restored_by").first()
    if found is None:
        raise Http404
    return found


# ---------------------------------------------------------------- asked and answered


@posted("lab_proposal", "slug", "pk")
def ask(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Asks for a signature."""

    def act(revision: int) -> None:
        proposing.request_signature(
            pk,
            revision=revision,
            effective_at=effective_at(request),
            replayed=summary_for(pk),
            by=person(request),
        )

    return step(request, slug, pk, act, _("A signature is asked for: it is frozen until then."))


@posted("lab_proposal", "slug", "pk")
def recall(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Takes back what was asked for."""

    def act(_revision: int) -> None:
        proposing.recall_request(pk, by=person(request))

    return step(request, slug, pk, act, _("It is a draft again."))


@posted("lab_proposal", "slug", "pk")
def sign(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Signs what somebody else proposes, beside the active version that the page showed."""

    def act(revision: int) -> None:
        proposing.sign_proposal(
            pk,
            revision=revision,
            answer=request.POST.get("answer", ""),
            against=number(request.POST.get("against")),
            by=person(request),
        )

    return step(request, slug, pk, act, _("Signed."))


@posted("lab_proposal", "slug", "pk")
def refuse(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Refuses what somebody else proposes, and says why."""

    def act(revision: int) -> None:
        answer = request.POST.get("answer", "")
        proposing.refuse_proposal(pk, revision=revision, answer=answer, by=person(request))

    return step(request, slug, pk, act, _("Refused; its drafter reads why."))


@posted("lab_proposal", "slug", "pk")
def discard(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Discards a draft, or what was signed and is not in force yet."""

    def act(_revision: int) -> None:
        proposing.discard_proposal(pk, by=person(request))

    return step(request, slug, pk, act, _("Discarded."))


def step(
    request: HttpRequest, slug: str, pk: int, act: Callable[[int], None], done: str
) -> HttpResponse:
    """Takes a proposal a step on; what stands against it is said on its page."""
    page = changeable(request, slug)
    proposal_of(page.pipeline, pk)
    try:
        act(number(request.POST.get("revision")))
    except REFUSALS as error:
        return refused(request, page, pk, str(error))
    messages.success(request, done)
    return redirect("lab_proposal", slug=slug, pk=pk)


def effective_at(request: HttpRequest) -> datetime | None:
    """From when on a policy is to be in force, in the person's time zone; None for at once."""
    text = request.POST.get("effective_at", "").strip()
    if not text:
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        raise InvalidPolicy(_("the time can’t be read"))
    return make_aware(at) if is_naive(at) else at


def refused(request: HttpRequest, page: LabPage, pk: int, why: str) -> HttpResponse:
    """The proposal as it is now, and why it was not taken a step on."""
    found = proposal_of(page.pipeline, pk)
    problem = _("That did not work: %(why)s") % {"why": why}
    if found.status == Proposal.Status.DRAFT:
        messages.error(request, problem)
        return redirect("lab_proposal", slug=page.pipeline.slug, pk=pk)
    return reading(request, page, found, problem=problem, status=422)


# ---------------------------------------------------------------- earlier versions


@require_safe
@login_required
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version of the policy in words, and what putting it back would change."""
    page = pipeline_for(request, slug)
    return version_page(request, page, version_of(page.pipeline, number))


def version_page(
    request: HttpRequest,
    page: LabPage,
    found: PolicyVersion,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """A version's page; `problem` says why it was not put back."""
    active, definition = active_policy(page.pipeline), definition_of(page.pipeline)
    changes = differences(active.content if active else {}, found.content, definition)
    context = {
        "version": found,
        "line": version_line(found),
        "active": active,
        "said": said(found.content, definition),
        "differences": changes,
        "toml": written(found.content),
        "may_restore": page.may_change and bool(changes),
        "problem": problem,
        "reason": request.POST.get("reason", ""),
    }
    template = "reviews/lab/version.html"
    return lab_page(request, template, page, "overview", context, status=status)


@posted("lab_version", "slug", "number")
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Puts an earlier version in force again, at once, with a reason."""
    page = changeable(request, slug)
    found = version_of(page.pipeline, number)
    try:
        made = proposing.roll_back(found, reason=request.POST.get("reason", ""), by=person(request))
    except REFUSALS as error:
        problem = _("Not put back: %(why)s") % {"why": str(error)}
        return version_page(request, page, found, problem=problem, status=422)
    words = _("Version %(number)s is in force: it has the content of version %(earlier)s.")
    messages.success(request, words % {"number": made.number, "earlier": found.number})
    return redirect("lab_pipeline", slug=slug)
