"""The one place where errors become answers: of the API, problem documents (RFC 9457)."""

import math
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.core import exceptions as django
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.views import defaults
from rest_framework import exceptions as drf
from rest_framework.response import Response

from cases.api.base import BodyTooLarge, LengthMissing
from cases.api.cases import NotDecided
from cases.api.headers import PreconditionMissing
from cases.api.parsing import MalformedMultipart
from cases.api.queries import InvalidQuery
from cases.idempotency import KeyInUse, KeyMalformed, KeyMissing, KeyReused
from cases.intake import HouseFull
from cases.strictjson import MalformedJson
from cases.validation import Fault, InvalidInput
from cases.withdrawing import NotWithdrawable, VersionChanged

log = structlog.get_logger("countersign.errors")
MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem, under the stable name that its `type` ends in."""

    name: str
    status: int
    title: str
    detail: str
    """What it means and what to do about it, where the error itself says no more."""

    @property
    def type(self) -> str:
        """The URI that names the problem, and where it is explained."""
        return f"/problems/{self.name}"


MEGABYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20
MALFORMED = Problem("malformed-body", 400, "The body can't be read", "Send JSON in UTF-8.")
BAD_REQUEST = Problem("bad-request", 400, "The request can't be read", "Its form is wrong.")
BAD_QUERY = Problem("invalid-query", 400, "The query can't be used", "See errors.")
INVALID = Problem("invalid-input", 422, "The input can't be accepted", "See errors.")
UNKNOWN = Problem("not-found", 404, "There is no such thing", "It is not here, or not yours.")
NOT_SIGNED_IN = Problem(
    "no-valid-key", 401, "No valid API key", "Send a live key as “Authorization: Bearer csk_…”."
)
FORBIDDEN = Problem(
    "scope-missing", 403, "The key may not do this", "Use one with the scope for it."
)
TOO_LARGE = Problem(
    "body-too-large", 413, "The body is too large", f"A body may have {MEGABYTES} MiB at most."
)
FAILED = Problem(
    "internal-error", 500, "Something failed here", "Nothing was kept of it. Tell us the instance."
)
AWAY = Problem(
    "unavailable", 503, "Not available just now", "Nothing was kept of it. Try again shortly."
)
TOO_MANY = Problem(
    "too-many-requests", 429, "Too many requests", "Wait as long as Retry-After says."
)

PROBLEMS: Mapping[type[BaseException], Problem] = {
    MalformedJson: MALFORMED,
    MalformedMultipart: MALFORMED,
    UnreadablePostError: MALFORMED,
    InvalidInput: INVALID,
    InvalidQuery: BAD_QUERY,
    BodyTooLarge: TOO_LARGE,
    django.RequestDataTooBig: TOO_LARGE,
    LengthMissing: Problem(
        "length-required", 411, "The body's length is missing", "Send Content-Length; not chunks."
    ),
    KeyMissing: Problem(
        "idempotency-key-missing",
        400,
        "Idempotency-Key is missing",
        "Send one of your own for each new case, in double quotes; the same when you send it again.",
    ),
    KeyMalformed: Problem(
        "idempotency-key-malformed",
        400,
        "Idempotency-Key is malformed",
        'It is 1 to 255 ASCII characters in double quotes: “Idempotency-Key: "0b1c…"”.',
    ),
    KeyReused: Problem(
        "idempotency-key-reused",
        422,
        "Idempotency-Key was used before",
        "It came with another body. Use a new key for another request.",
    ),
    KeyInUse: Problem(
        "request-in-progress",
        409,
        "The first request is still running",
        "A request with the same Idempotency-Key is being answered. Send this one again shortly.",
    ),
    PreconditionMissing: Problem(
        "if-match-missing", 428, "If-Match is missing", "Send the ETag of the case as you read it."
    ),
    VersionChanged: Problem(
        "version-changed", 412, "The case has changed", "Read it again, and decide anew."
    ),
    NotWithdrawable: Problem(
        "not-withdrawable",
        409,
        "The case can't be withdrawn",
        "It is decided, or has been withdrawn already.",
    ),
    NotDecided: Problem(
        "not-decided", 404, "The case is not decided yet", "Ask later, or make a webhook."
    ),
    HouseFull: Problem(
        "house-full", 503, "Too many cases wait already", "Nothing was read of it. Try again later."
    ),
    drf.NotAuthenticated: NOT_SIGNED_IN,
    drf.AuthenticationFailed: NOT_SIGNED_IN,
    drf.PermissionDenied: FORBIDDEN,
    django.PermissionDenied: FORBIDDEN,
    drf.NotFound: UNKNOWN,
    Http404: UNKNOWN,
    django.ObjectDoesNotExist: UNKNOWN,
    drf.MethodNotAllowed: Problem(
        "method-not-allowed", 405, "The method is not for this", "See the header Allow."
    ),
    drf.NotAcceptable: Problem(
        "not-acceptable", 406, "Only JSON is spoken here", "Accept application/json."
    ),
    drf.UnsupportedMediaType: Problem(
        "unsupported-media-type",
        415,
        "The body's type is not read here",
        "Send application/json, or multipart/form-data to post a case.",
    ),
    drf.Throttled: TOO_MANY,
    drf.ParseError: MALFORMED,
    django.BadRequest: BAD_REQUEST,
    django.SuspiciousOperation: BAD_REQUEST,
    OperationalError: AWAY,
    InterfaceError: AWAY,
    Exception: FAILED,
}
"""From each error to its problem; the nearest class of an error's own counts."""

CATALOGUE = {problem.name: problem for problem in PROBLEMS.values()}


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: every error of the API as a problem."""
    problem = problem_of(error)
    response = Response(document(problem, error), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in headers_of(problem, error).items():
        response[name] = value
    return response


def problem_of(error: BaseException) -> Problem:
    """The problem that an error is."""
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def document(problem: Problem, error: BaseException | None = None) -> dict[str, Any]:
    """The problem of this occurrence; what failed in the house is logged under its instance."""
    instance = f"urn:uuid:{uuid.uuid4()}"
    if problem.status >= 500:
        log.error("request_failed", instance=instance, problem=problem.name, exc_info=error)
    found = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": str(getattr(error, "explanation", "")) or problem.detail,
        "instance": instance,
    }
    faults: tuple[Fault, ...] = getattr(error, "faults", ())
    if faults:
        place = "parameter" if isinstance(error, InvalidQuery) else "pointer"
        found["errors"] = [
            {place: fault.pointer, "code": fault.code, "detail": fault.detail} for fault in faults
        ]
    return found


def headers_of(problem: Problem, error: BaseException) -> dict[str, str]:
    """What the answer's headers say of the problem."""
    headers = {}
    challenge = getattr(error, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    seconds = getattr(error, "wait", None)
    if seconds is not None:
        headers["Retry-After"] = str(math.ceil(seconds))
    elif problem.status == 503 or problem.name == "request-in-progress":
        headers["Retry-After"] = str(RETRY_SECONDS)
    return headers


# ---------------------------------------------------------------- errors that reach no view of the API


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, and not a person."""
    return request.path.startswith(("/api/v1/", "/health/"))


def answer(problem: Problem) -> JsonResponse:
    """A problem as Django answers it."""
    return JsonResponse(document(problem), status=problem.status, content_type=MEDIA_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if is_api(request):
        return answer(problem_of(exception))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return answer(FORBIDDEN) if is_api(request) else defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return answer(UNKNOWN) if is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; a page says so where it is the database that can't be reached."""
    if is_api(request):
        return answer(FAILED)
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        page = render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    return defaults.server_error(request)


def explanation(request: HttpRequest, name: str) -> HttpResponse:
    """The page that a problem's `type` leads to: plain text, for it has little to say."""
    problem = CATALOGUE.get(name)
    if problem is None:
        raise Http404
    text = f"{problem.status} {problem.title}\n\n{problem.detail}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
