"""The case page: a workbench for the reviewer who holds the case, a record for everybody else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from audit.models import ClockTimestamp
from cases.models import Case, Decision
from reviews import claims
from reviews.casefile import CaseFile, live_claim, load, visible_case
from reviews.claims import ClaimLost, HoldsAnother, NotWaiting, claim_case, renew
from reviews.contested import contest_at_work, contests_of, may_contest
from reviews.drafts import load_draft
from reviews.independence import commitment_by, judges_blind, may_judge_later
from reviews.legalholds import holds_on
from reviews.models import Claim
from reviews.offering import offerable
from reviews.presenting.casepage import case_page
from reviews.presenting.fields import Refusal
from reviews.presenting.masks import masked_judgements
from reviews.presenting.papers import page_numbers
from reviews.presenting.record import judgements, ruling, superseded, words_on_fields
from reviews.presenting.replies import reply_panel
from reviews.presenting.workbench import Lease, workbench
from reviews.reading import record_opened
from reviews.recorded import names_in, reviews_of, sent_by_itself, superseded_in
from reviews.rights import Rights
from reviews.seen import papers_elsewhere
from reviews.talk import talk_beside
from reviews.trail.receipts import events_of
from reviews.veiling import told_since
from reviews.views.asides import aside_forms
from reviews.views.glass import banner
from reviews.views.in_place import in_place
from reviews.views.people import person, rights, see_notices
from reviews.views.posted import posted
from reviews.views.signing import signing_panel

NO_PROBLEMS: Mapping[str, str] = {}


@require_safe
@login_required
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The page of a case, by what the person has to do with it. Who holds it holds it anew."""
    found = visible_case(case_id, rights(request))
    see_notices(request, case_id)
    try:
        if (lease := lease_on(case_id, person(request))) is not None:
            return work(request, found, renewed(lease, person(request)))
    except ClaimLost:
        pass
    return read(request, found)


def renewed(lease: Lease, reviewer: User) -> Lease:
    """The hold with all of its time again; raises ClaimLost."""
    claim = renew(lease.fence, reviewer=reviewer)
    return replace(lease, seconds_left=lease.seconds_total, until=claim.expires_at)


def lease_on(case_id: UUID, reviewer: User) -> Lease | None:
    """The person's hold on a case, if they have it."""
    held = live_claim(case_id, reviewer=reviewer)
    if held is None:
        return None
    claim, left = held
    return Lease(
        fence=claim.pk,
        seconds_left=int(left.total_seconds()),
        seconds_total=settings.CLAIM_MINUTES * 60,
        until=claim.expires_at,
    )


def work(
    request: HttpRequest,
    found: Case,
    lease: Lease,
    *,
    entered: dict[str, Any] | None = None,
    problems: Mapping[str, str] = NO_PROBLEMS,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The workbench; `entered` is a verdict that was refused for its `problems`, `refusal` a field.

    Problems are told by what they concern: those of a field stand beside it as well.
    """
    shown = at_work(request, found, lease, entered=entered, problems=problems, refusal=refusal)
    return render(request, "reviews/case.html", shown, status=status)


def at_work(
    request: HttpRequest,
    found: Case,
    lease: Lease,
    *,
    entered: dict[str, Any] | None = None,
    problems: Mapping[str, str] = NO_PROBLEMS,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    """What the workbench shows of a case to the one person who holds it, or is to hold it next."""
    file = load(found, person(request))
    me = person(request)
    draft = load_draft(file.opened, reviewer=me) | (entered or {})
    independent = judges_blind(me, file)
    committed = commitment_by(me, file)
    return {
        "page": case_page(
            file,
            draft,
            names_in(file),
            independent=independent,
            refusal=refusal,
            elsewhere=papers_elsewhere(file, rights(request)),
            problems=problems,
        ),
        "bench": workbench(
            file,
            draft,
            lease,
            independent=independent,
            own_keys=me.keys,
            committed=committed,
            problems=list(problems.values()),
        ),
        "replies": reply_panel(file.definition, draft, offerable(file), committed),
        "talk": talk_beside(file, me, rights(request), independent=independent),
        **aside_forms(file),
        "signing": signing_panel(found, me),
        "contest": contest_at_work(file, independent=independent),
        "layout": "_in_place.html" if in_place(request) else "base.html",
    }


@transaction.atomic
def read(request: HttpRequest, found: Case) -> HttpResponse:
    """The record; that somebody read it is an event."""
    me = person(request)
    record_opened(found, reader=me)
    file = load(found, person(request))
    independent = may_judge_later(me, rights(request), file)
    reviews = [] if independent else reviews_of(found)
    numbers = page_numbers(file.documents)
    words = {"fields": words_on_fields(reviews, file.opened, numbers)}
    context = {
        "page": case_page(
            file,
            words,
            names_in(file),
            independent=independent,
            whom="a person",
            elsewhere=papers_elsewhere(file, rights(request)),
        ),
        "talk": talk_beside(file, me, rights(request), independent=independent),
        "claimable": claimable(file, me, rights(request)),
        "supervised": supervised(file, rights(request)),
        "holder": holder(file) if supervised(file, rights(request)) else None,
        "ruling": None,
        "replayable": rights(request).may_pipeline("audit", found.pipeline_id),
        "glass": banner(request, found),
        "legal_holds": holds_on(found, rights(request)),
        "judgements": masked_judgements(
            judgements(reviews, file.definition, file.opened, numbers), file.hidden
        ),
    }
    if not independent and told_since(found) is None:
        decision = Decision.objects.filter(case=found, superseded_at=None).first()
        context["ruling"] = ruling(decision, file.definition) if decision else None
        context["receipt"] = decision is not None and events_of(decision).exists()
        context["sent"] = sent_by_itself(decision, file) if decision else None
        context["superseded"] = superseded(*superseded_in(found), file.definition)
        context["contests"] = contests_of(file)
        context["may_contest"] = may_contest(found, rights(request))
    return render(request, "reviews/record.html", context)


def claimable(file: CaseFile, me: User, mine: Rights) -> bool:
    """Whether the person could take the case now."""
    return file.entry is not None and claims.may_take(file.case.pk, reviewer=me, rights=mine)


def supervised(file: CaseFile, mine: Rights) -> bool:
    """Whether the case waits, or is held, in a queue that the person supervises."""
    return file.entry is not None and mine.may("supervise", file.entry.queue_id)


def holder(file: CaseFile) -> Claim | None:
    """The claim under which somebody works on the case now, with its reviewer."""
    live = Claim.objects.filter(entry=file.case.pk, ended_at=None, expires_at__gt=ClockTimestamp())
    return live.select_related("reviewer").first()


@posted("case")
def claim(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Takes a chosen case."""
    me = person(request)
    visible_case(case_id, rights(request))
    try:
        claim_case(case_id, reviewer=me, rights=rights(request), by=me.actor)
    except HoldsAnother as other:
        messages.warning(request, _("You hold this case: decide it or give it back first."))
        return redirect("case", other.claim.case_id)
    except NotWaiting:
        messages.warning(request, why_not(case_id, me))
    return redirect("case", case_id)


def why_not(case_id: UUID, me: User) -> str:
    """Why a case could not be taken, in words."""
    mine = Claim.objects.filter(case=case_id, reviewer=me, ended=Claim.Ended.ESCALATED)
    if mine.filter(case__queue_entry__escalated=True).exists():
        return _("You escalated this case: somebody else who may give second reviews takes it.")
    return _("Somebody else was first, or the case no longer waits.")
