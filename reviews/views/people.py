"""Who asks: the signed-in person of a request, their rights asked for once, and where they can go."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from reviews.rights import Rights, rights_of

Link = dict[str, Any]


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


def navigation(request: HttpRequest) -> dict[str, Callable[[], list[Link]]]:
    """Context processor: the header's links, found only where a page shows them."""
    return {"navigation": lambda: links(request)}


def links(request: HttpRequest) -> list[Link]:
    """The places a person can go to."""
    places = [("Home", reverse("home")), ("Cases", reverse("cases"))]
    if rights(request).pipelines.get("audit"):
        places.append(("Exports", reverse("exports")))
    if person(request).is_staff:
        places.append(("Administration", reverse("admin:index")))
    return [
        {"label": label, "href": href, "current": request.path == href} for label, href in places
    ]
