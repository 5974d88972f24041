"""Answers for the case page's own script, which puts the next case into the page that is there."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url


def in_place(request: HttpRequest) -> bool:
    """Whether the script asks, and wants what goes into the page and no page around it."""
    return "In-Place" in request.headers


def elsewhere(request: HttpRequest, to: str, *args: Any) -> HttpResponse:
    """Leads on to another page; a script is told, since it would follow a redirect unseen."""
    if in_place(request):
        return JsonResponse({"go": resolve_url(to, *args)})
    return redirect(to, *args)
