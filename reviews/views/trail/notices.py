"""Notices: who is owed a letter and by when; the letter itself, and that it was sent."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline, PipelineVersion
from reviews.adverse.letters import Letter
from reviews.adverse.notices import (
    UNDECIDED,
    Channel,
    NothingOwed,
    database_time,
    letter_for,
    mark_sent,
    words_sent,
)
from reviews.masking import hidden_from
from reviews.models import AdverseNotice, Queue
from reviews.presenting.trail import notices as presenting
from reviews.printing.posted import posted as printed
from reviews.reading import note_case
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.trail.frame import pipelines_with, trail_page

SHOWN = 200
LATELY = 30
FORMS = ("pdf", "txt")
BY_HAND = (Channel.POST, Channel.IN_PERSON)
"""How people here send a letter; the upstream says so itself."""


@require_safe
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """The letters that are owed, the pressing ones first, and the cases that nobody has decided in time."""
    pipelines = pipelines_with(request, "audit", "supervise")
    now = database_time()
    rows = seen(request, pipelines)
    owed = rows.filter(sent_at=None, dropped_at=None).order_by("escalated_at", "due_at", "pk")
    sent = rows.filter(sent_at__isnull=False).order_by("-sent_at")[:LATELY]
    context = {
        "owed": [presenting.row(notice, now) for notice in owed[:SHOWN]],
        "more": max(0, owed.count() - SHOWN),
        "undecided": [presenting.undecided(case, now) for case in too_old(pipelines)],
        "sent": [presenting.row(notice, now) for notice in sent],
    }
    return trail_page(request, "reviews/trail/notices.html", "notices", context)


def seen(request: HttpRequest, pipelines: QuerySet[Pipeline]) -> QuerySet[AdverseNotice]:
    """The notices that the person may know of: not of a case that is with people, as a sample or again.

    Who works on its queues may have to judge it, and would learn that it was decided, and how.
    """
    veiled = Q(case__queue_entry__isnull=False, pipeline__in=rights(request).worked_on)
    rows = AdverseNotice.objects.filter(pipeline__in=pipelines).exclude(veiled)
    return rows.select_related("decision", "case__pipeline", "case__pipeline_version")


def too_old(pipelines: Collection[Pipeline] | QuerySet[Pipeline]) -> list[Case]:
    """The undecided cases for which supervisors are pressed, the oldest first."""
    found: list[Case] = []
    versions = PipelineVersion.objects.filter(pipeline__in=pipelines, content__has_key="adverse")
    for version in versions:
        spec = version.definition.adverse
        if spec is not None:
            cases = Case.objects.filter(
                pipeline_version=version,
                status__in=UNDECIDED,
                created_at__lte=ClockTimestamp() - timedelta(days=spec.escalate_days),
            ).exclude(adverse_notices__sent_at__isnull=False)
            related = cases.select_related("pipeline", "pipeline_version").defer("sealed_data")
            found += related.order_by("created_at")[:SHOWN]
    return sorted(found, key=lambda case: case.created_at)[:SHOWN]


def supervised(request: HttpRequest, pk: int) -> AdverseNotice:
    """A notice of a pipeline of which the person supervises a queue; raises Http404."""
    queues = rights(request).queues.get("supervise", frozenset())
    own = set(Queue.objects.filter(pk__in=queues).values_list("pipeline", flat=True))
    pipelines = pipelines_with(request, "supervise").filter(pk__in=own)
    return get_object_or_404(seen(request, pipelines), pk=pk)


def letter_shown(request: HttpRequest, notice: AdverseNotice) -> Letter | None:
    """The letter, for who may read all that is in it; None where something of it is masked or erased."""
    if notice.case.erased_at is not None or hidden_from(person(request), notice.case):
        return None
    with transaction.atomic():
        note_case(notice.case, reader=person(request))
    return letter_for(notice)


@require_safe
@login_required
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: its letter as it would be sent, or was."""
    found = supervised(request, pk)
    letter = letter_shown(request, found)
    context = {
        "notice": found,
        "row": presenting.row(found, database_time()),
        "letter": letter,
        "channels": [(each.value, each.label) for each in BY_HAND],
    }
    return trail_page(request, "reviews/trail/notice.html", "notices", context)


@require_safe
@login_required
def letter(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The letter to be printed or copied."""
    found = supervised(request, pk)
    shown = letter_shown(request, found) if form in FORMS else None
    if shown is None:
        raise Http404("the letter can't be read")
    name = f"notice-{found.decision_id}-{day_of(found):%Y-%m-%d}.{form}"
    if form == "txt":
        content, kind = (words_sent(found) or shown.text).encode(), "text/plain; charset=utf-8"
    else:
        content, kind = printed(shown, title=_("Notice of a decision")), "application/pdf"
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})


def day_of(notice: AdverseNotice) -> datetime:
    """Of when a letter is: of its sending, or of now."""
    return notice.sent_at or database_time()


@posted("trail_notice", "pk")
def sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps that a letter was sent by hand."""
    found, me = supervised(request, pk), person(request)
    channel = request.POST.get("channel", "")
    if channel not in BY_HAND:
        messages.warning(request, _("Say how the letter was sent."))
        return redirect("trail_notice", pk)
    if letter_shown(request, found) is None:
        raise Http404("the letter can't be read")
    try:
        mark_sent(pk, channel=Channel(channel), by=me.actor, sender=me)
    except NothingOwed:
        messages.warning(request, _("The decision was superseded: send no letter of it."))
    else:
        said = {"reference": found.case.reference}
        messages.success(request, _("%(reference)s: the letter is kept as it was sent.") % said)
    return redirect("trail_notices")
