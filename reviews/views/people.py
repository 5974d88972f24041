"""Who asks: the signed-in person of a request, their rights asked for once, and where they can go."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import has_role
from reviews.notices import see, unseen_count
from reviews.rights import GLASS_RIGHT, Rights, rights_of
from reviews.stopping import KEEPERS

Link = dict[str, Any]
SEE_TRAIL = ("audit", "retain", "configure", "supervise")
"""Whoever has one of these rights anywhere sees the trail: each tab asks for its own again."""


def person(request: HttpRequest) -> User:
    """The signed-in person; only for views that require one."""
    return cast(User, request.user)


def rights(request: HttpRequest) -> Rights:
    """The person's rights, asked of the database once a request."""
    known: Rights | None = getattr(request, "known_rights", None)
    if known is None:
        known = rights_of(person(request))
        request.known_rights = known  # type: ignore[attr-defined]  # a request carries what is ours
    return known


def unseen(request: HttpRequest) -> int:
    """How many notices the person has not seen, asked of the database once a request."""
    known: int | None = getattr(request, "known_unseen", None)
    if known is None:
        known = unseen_count(person(request))
        request.known_unseen = known  # type: ignore[attr-defined]  # as above
    return known


def see_notices(request: HttpRequest, case_id: UUID) -> None:
    """The person has opened a case: what they were told of it is seen."""
    if unseen(request):
        see(case_id, person=person(request))
        del request.known_unseen  # type: ignore[attr-defined]  # counted anew where a page asks


def navigation(request: HttpRequest) -> dict[str, Callable[[], list[Link] | int]]:
    """Context processor: the header's links and its count, found only where a page shows them."""
    return {"navigation": lambda: links(request), "unseen": lambda: unseen(request)}


def links(request: HttpRequest) -> list[Link]:
    """The places a person can go to."""
    places = [("home", _("Home"), reverse("home")), ("cases", _("Cases"), reverse("cases"))]
    if rights(request).queues.get("supervise"):
        places.append(("board", _("Board"), reverse("board")))
    if rights(request).pipelines.get("configure") or rights(request).pipelines.get("audit"):
        places.append(("lab", _("Lab"), reverse("lab")))
    elif person(request).is_staff and has_role(person(request), *KEEPERS):
        places.append(("stops", _("Stops"), reverse("lab_stops")))
    if rights(request).has_any(*SEE_TRAIL):
        places.append(("trail", _("Trail"), reverse("trail")))
    if rights(request).has_any(GLASS_RIGHT):
        places.append(("glass", _("Emergency"), reverse("glass")))
    if person(request).is_staff:
        places.append(("administration", _("Administration"), reverse("admin:index")))
    return [
        {"name": name, "label": label, "href": href, "current": is_here(request.path, name, href)}
        for name, label, href in places
    ]


def is_here(path: str, name: str, href: str) -> bool:
    """Whether the page is the place; all pages of the lab are the lab, and so with the trail."""
    return path == href or (name in ("lab", "trail") and path.startswith(href))
