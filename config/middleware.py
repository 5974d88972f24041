"""Middleware of our own."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

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
    """Keeps what signed-in people see out of caches; tells a script whose session has ended: 401.

    htmx would follow the redirect and put the sign-in page into a corner of the one that asked; and
    to leave that page is for the person to choose, who has words on it that are not saved.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.accessed:
            response.headers.setdefault("Cache-Control", "private, no-store")
        to_sign_in = response.headers.get("Location", "").startswith(
            resolve_url(settings.LOGIN_URL)
        )
        if to_sign_in and request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return response

    return middleware
