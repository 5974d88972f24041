"""Middleware of our own."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import urlencode

log = structlog.get_logger("countersign.request")


def request_log(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Logs each request's route, status and time; neither its query nor who the case is about."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        response = get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            method=request.method,
            route=match.route if match else None,
            status=response.status_code,
            milliseconds=round((time.monotonic() - started) * 1000, 1),
        )
        return response

    return middleware


def signed_in_pages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Keeps what signed-in people see out of caches; sends a script whose session has ended to sign in.

    htmx would follow the redirect and put the sign-in page into a corner of the one that asked.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.accessed:
            response.headers.setdefault("Cache-Control", "private, no-store")
        sign_in = resolve_url(settings.LOGIN_URL)
        asked_by_script: Any = getattr(request, "htmx", None)
        if asked_by_script and response.headers.get("Location", "").startswith(sign_in):
            page = asked_by_script.current_url_abs_path or "/"
            to = f"{sign_in}?{urlencode({'next': page})}"
            return HttpResponse(status=401, headers={"HX-Redirect": to})
        return response

    return middleware
