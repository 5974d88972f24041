"""The trail's frame: who may see it, and what stands around each of its pages."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as lazy

from cases.models import Pipeline
from reviews.rights import Rights
from reviews.views.people import SEE_TRAIL, rights

TABS = (
    ("home", "trail", lazy("Seals"), SEE_TRAIL),
    ("exports", "trail_exports", lazy("Exports"), ("audit",)),
    ("access", "trail_access", lazy("Access"), ("audit", "supervise")),
    ("notices", "trail_notices", lazy("Notices"), ("audit", "supervise")),
    ("keeping", "trail_keeping", lazy("Keeping"), ("retain", "audit", "configure")),
)
"""The pages of the trail: place, name of the address, label, and the rights that show it."""


def pipelines_with(request: HttpRequest, *names: str) -> QuerySet[Pipeline]:
    """The pipelines on which, or on a queue of which, the person has one of these rights.

    Raises Http404 where there is none.
    """
    mine = rights(request)
    if not mine.has_any(*names):
        raise Http404
    own = frozenset[int]().union(*(mine.pipelines.get(name, frozenset()) for name in names))
    queues = frozenset[int]().union(*(mine.queues.get(name, frozenset()) for name in names))
    chosen = Q(pk__in=own) | Q(queues__in=queues) if queues else Q(pk__in=own)
    return Pipeline.objects.filter(chosen).select_related("current").order_by("name").distinct()


def trail_page(
    request: HttpRequest,
    template: str,
    place: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """A page of the trail in its frame; `place` is the name of its tab.

    Raises Http404 for whoever may see none of the trail.
    """
    mine = rights(request)
    if not mine.has_any(*SEE_TRAIL):
        raise Http404
    return render(request, template, {"tabs": tabs(mine, place), **context}, status=status)


def tabs(mine: Rights, place: str) -> list[dict[str, object]]:
    """The pages of the trail that there are for the person."""
    links = (
        (name, address_of(view), label)
        for name, view, label, needed in TABS
        if mine.has_any(*needed)
    )
    return [
        {"href": href, "label": label, "current": name == place}
        for name, href, label in links
        if href
    ]


def address_of(view: str) -> str:
    """The address of a page of the trail; empty where there is none of that name."""
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
