"""The replay: a draft, or an earlier version, against the active policy over a past window."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.definition import Definition
from cases.models import Case
from reviews.findingrules import ring_for_rules, unknown_between
from reviews.lab.replay import CannotReplay
from reviews.models import PolicyVersion, Proposal
from reviews.policies import definition_of, read_policy
from reviews.presenting.formats import decimals
from reviews.presenting.lab import moves as moving
from reviews.presenting.lab import replay as presenting
from reviews.presenting.words import spoken
from reviews.replays import DAYS, Comparison, compare
from reviews.rights import visible_to
from reviews.routing import InvalidPolicy
from reviews.views.lab.frame import LabPage, lab_page, pipeline_for
from reviews.views.working import number

TEMPLATE = "reviews/lab/replay.html"
DAY_CHOICES = (30, 90, 180, 365)
LISTED = 15
"""So many moved cases stand on a page."""
OPEN = (Proposal.Status.DRAFT, Proposal.Status.REQUESTED, Proposal.Status.APPROVED)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is replayed: its key in an address, what it is called, and where it stands."""

    key: str
    label: str
    source: Proposal | PolicyVersion


@require_safe
@login_required
def replay(request: HttpRequest, slug: str) -> HttpResponse:
    """The page."""
    page = pipeline_for(request, slug)
    options = options_of(page)
    days = number(request.GET.get("days"))
    days = days if days in DAY_CHOICES else DAYS
    context: dict[str, Any] = {"options": options, "days": days, "day_choices": DAY_CHOICES}
    active = page.standing.policy
    if active is None or not options:
        return lab_page(request, TEMPLATE, page, "replay", context)
    chosen = chosen_of(request, options)
    context |= {"chosen": chosen, "number": page.standing.version and page.standing.version.number}
    until = until_asked(request.GET.get("until"))
    if request.headers.get("HX-Request"):
        return still_unknown(request, page, chosen, until - timedelta(days=days), until)
    try:
        draft = read_policy(chosen.source.content, definition_of(page.pipeline))
        found = compare(page.pipeline, active, draft, until - timedelta(days=days), until)
    except (InvalidPolicy, CannotReplay) as error:
        context["problem"] = str(error)
        return lab_page(request, TEMPLATE, page, "replay", context, status=422)
    if not len(found.columns):
        return lab_page(request, TEMPLATE, page, "replay", context | {"nothing": True})
    if found.unknown and "until" not in request.GET:
        ring_for_rules(chosen.source)
    return lab_page(request, TEMPLATE, page, "replay", context | shown(request, page, found, days))


def still_unknown(
    request: HttpRequest, page: LabPage, chosen: Chosen, since: datetime, until: datetime
) -> HttpResponse:
    """The line of how many cases are not known yet: counted, without another replay."""
    count = unknown_between(page.pipeline, chosen.source.content, since, until)
    context = {"unknown": presenting.unknown_words(count), "query": request.GET.urlencode()}
    return render(request, "reviews/lab/_replay_unknown.html", context)


def options_of(page: LabPage) -> list[Chosen]:
    """What can be replayed: the proposals that are open, then the versions, the newest first."""
    proposals = Proposal.objects.filter(pipeline=page.pipeline, status__in=OPEN)
    versions = PolicyVersion.objects.filter(pipeline=page.pipeline).order_by("-number")
    return [
        *(Chosen(f"proposal={each.pk}", each.title, each) for each in proposals),
        *(Chosen(f"version={each.number}", version_words(each), each) for each in versions),
    ]


def version_words(version: PolicyVersion) -> str:
    """What a version is called in the list."""
    words = _("Version %(number)s (active)") if version.active else _("Version %(number)s")
    return words % {"number": version.number}


def chosen_of(request: HttpRequest, options: list[Chosen]) -> Chosen:
    """What is asked for, the first where nothing is; raises Http404 where there is no such."""
    for name in ("proposal", "version"):
        if name in request.GET:
            keys = {f"{name}={number(request.GET[name])}"}
            break
    else:
        keys = {request.GET.get("policy", options[0].key)}
    found = next((each for each in options if each.key in keys), None)
    if found is None:
        raise Http404
    return found


def until_asked(text: str | None) -> datetime:
    """Until when cases are replayed: until now, unless a moment is asked for."""
    try:
        asked = parse_datetime(text or "")
    except ValueError:
        asked = None
    return asked if asked is not None and is_aware(asked) else now()


def shown(request: HttpRequest, page: LabPage, found: Comparison, days: int) -> dict[str, Any]:
    """All that the page says of a comparison."""
    current = page.pipeline.current
    definition = spoken(current) if current else definition_of(page.pipeline)
    names = names_of(definition)
    segments = {each.name: _(each.label) for each in definition.segments}
    adverse = [
        each.name
        for each in definition.outcomes
        if each.adverse and any(row.said == each.name for row in found.draft.mistakes)
    ]
    return {
        "rows": list(presenting.rows(found, days / 7, names)),
        "unknowns": list(presenting.unknowns(found.draft, names, adverse)),
        "matrix": moving.matrix(found.moves, names),
        "moved": moving.moved_words(found.moves, len(found.columns)),
        "segments": list(presenting.segments(found.active, found.draft, segments)),
        "unknown": presenting.unknown_words(found.unknown),
        "held": presenting.held_words(found.held),
        "window": presenting.window_words(found.since, found.until),
        "proof": presenting.proof_words(len(found.columns), found.took),
        "digest": found.columns.digest,
        **listed(request, page, found, names=names),
    }


def names_of(definition: Definition) -> dict[str, str]:
    """What outcomes and queues are called."""
    outcomes = {each.name: each.label for each in definition.outcomes}
    return {each.slug: each.name for each in definition.queues} | outcomes


def listed(
    request: HttpRequest, page: LabPage, found: Comparison, names: dict[str, str]
) -> dict[str, Any]:
    """A page of the cases that move, all of them or those of one kind."""
    kind = {name: request.GET.get(name, "") for name in ("from", "to")}
    places = found.moves.those(kind["from"], kind["to"])
    paged = Paginator(places, LISTED).get_page(request.GET.get("page"))
    shown_places = list(paged.object_list)
    ids = found.columns.cases(shown_places)
    cases = Case.objects.in_bulk(ids)
    visible = set(
        visible_to(page.rights, Case.objects.filter(pk__in=ids)).values_list("pk", flat=True)
    )
    rows = [
        {
            "case": cases[pk],
            "open": pk in visible,
            "before": moving.place_words(found.moves.places[found.moves.before[at]], names),
            "after": moving.place_words(found.moves.places[found.moves.after[at]], names),
            "confidence": decimals(float(found.confidence[at]), 3),
        }
        for pk, at in zip(ids, shown_places, strict=True)
        if pk in cases
    ]
    asked = ("policy", "proposal", "version", "days")
    kept = {name: request.GET[name] for name in asked if name in request.GET}
    kept["until"] = found.until.isoformat()
    return {
        "listed": rows,
        "paged": paged,
        "query": urlencode(kept),
        "page_query": urlencode({**kept, **{name: text for name, text in kind.items() if text}}),
        "filtered": bool(kind["from"] or kind["to"]),
    }
