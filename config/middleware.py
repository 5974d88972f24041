"""Middleware of our own."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from accounts.locales import language_of, zone_of
from accounts.models import User
from config.errors import is_api

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


def language_of_the_browser(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Pages are in the language that the browser asks for; programs get English, whatever they ask."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_api(request):
            with translation.override(settings.LANGUAGE_CODE), timezone.override(None):
                return get_response(request)
        language = translation.get_language_from_request(request)
        with translation.override(language), timezone.override(None):
            response = get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Accept-Language"])
            response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def locale_of_the_person(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Whoever is signed in reads in the language, the formats and the time zone of their choice."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_api(request) or not isinstance(person := request.user, User):
            return get_response(request)
        language = language_of(person) or translation.get_language()
        with translation.override(language), timezone.override(zone_of(person)):
            response = get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers["Content-Language"] = language
        return response

    return middleware


def signed_in_pages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Keeps what signed-in people see out of caches; tells a script whose session has ended: 401.

    What alone may be kept, page images, is forgotten when they sign out.

    htmx would follow the redirect and put the sign-in page into a corner of the one that asked; and
    to leave that page is for the person to choose, who has words on it that are not saved.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.accessed:
            response.headers.setdefault("Cache-Control", "private, no-store")
        if request.path == resolve_url("account_logout") and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache"'  # page images, kept for a while
        to_sign_in = response.headers.get("Location", "").startswith(
            resolve_url(settings.LOGIN_URL)
        )
        if to_sign_in and request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return response

    return middleware
