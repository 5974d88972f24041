"""The one place where errors become answers: of the API, problem documents (RFC 9457)."""

import json
import math
import sys
import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from django.core import exceptions as django
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults
from rest_framework import exceptions as drf
from rest_framework.response import Response

from cases.api.base import BodyTooLarge, LengthMissing
from cases.api.cases import NotDecided, Withdrawn
from cases.api.headers import PreconditionMalformed, PreconditionMissing
from cases.api.parsing import MalformedMultipart
from cases.api.queries import InvalidQuery
from cases.erasing import CaseErased
from cases.fhir import base as fhir
from cases.fhir.outcomes import outcome_of_problem
from cases.idempotency import AnswerErased, KeyInUse, KeyMalformed, KeyMissing, KeyReused
from cases.intake import HouseFull
from cases.strictjson import MalformedJson
from cases.validation import Fault, InvalidInput
from cases.withdrawing import NotWithdrawable, VersionChanged
from config import problems
from config.problems import Problem
from reviews.adverse.contests import NotContestable
from reviews.adverse.notices import NothingOwed
from reviews.asking import RequestClosed
from reviews.policytoml import MalformedToml
from reviews.proposals import Changed, NotYours, Outdated
from reviews.trail.receipts import NotSealedYet

log = structlog.get_logger("countersign.errors")
MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
EXAMPLE_INSTANCE = "urn:uuid:5115ebef-c31a-48e5-87df-4e6e83ffd85a"


PROBLEMS: Mapping[type[BaseException], Problem] = {
    MalformedJson: problems.MALFORMED,
    MalformedMultipart: problems.MALFORMED,
    UnreadablePostError: problems.MALFORMED,
    InvalidInput: problems.INVALID,
    InvalidQuery: problems.INVALID_QUERY,
    BodyTooLarge: problems.TOO_LARGE,
    django.RequestDataTooBig: problems.TOO_LARGE,
    LengthMissing: problems.LENGTH_MISSING,
    KeyMissing: problems.KEY_MISSING,
    KeyMalformed: problems.KEY_MALFORMED,
    KeyReused: problems.KEY_REUSED,
    KeyInUse: problems.IN_PROGRESS,
    PreconditionMissing: problems.IF_MATCH_MISSING,
    PreconditionMalformed: problems.IF_MATCH_MALFORMED,
    VersionChanged: problems.VERSION_CHANGED,
    NotWithdrawable: problems.NOT_WITHDRAWABLE,
    RequestClosed: problems.REQUEST_CLOSED,
    NotContestable: problems.NOT_CONTESTABLE,
    NothingOwed: problems.NOTHING_OWED,
    MalformedToml: problems.MALFORMED,
    Changed: problems.PROPOSAL_CLOSED,
    NotYours: problems.PROPOSAL_CLOSED,
    Outdated: problems.PROPOSAL_CHANGED,
    NotDecided: problems.NOT_DECIDED,
    Withdrawn: problems.WITHDRAWN,
    NotSealedYet: problems.NOT_SEALED,
    HouseFull: problems.HOUSE_FULL,
    drf.NotAuthenticated: problems.NOT_SIGNED_IN,
    drf.AuthenticationFailed: problems.NOT_SIGNED_IN,
    drf.PermissionDenied: problems.FORBIDDEN,
    django.PermissionDenied: problems.FORBIDDEN,
    drf.NotFound: problems.UNKNOWN,
    CaseErased: problems.ERASED,
    AnswerErased: problems.ERASED,
    Http404: problems.UNKNOWN,
    django.ObjectDoesNotExist: problems.UNKNOWN,
    drf.MethodNotAllowed: problems.NO_SUCH_METHOD,
    drf.NotAcceptable: problems.NOT_ACCEPTABLE,
    drf.UnsupportedMediaType: problems.UNSUPPORTED,
    drf.Throttled: problems.TOO_MANY,
    drf.ParseError: problems.MALFORMED,
    django.BadRequest: problems.BAD_REQUEST,
    django.SuspiciousOperation: problems.BAD_REQUEST,
    OperationalError: problems.AWAY,
    InterfaceError: problems.AWAY,
    Exception: problems.FAILED,
}
"""From each error to its problem; the nearest class of an error's own counts."""


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
    """The problem of this occurrence, which is logged under its instance."""
    instance = f"urn:uuid:{uuid.uuid4()}"
    if problem.status >= 500:
        log.error("request_failed", instance=instance, problem=problem.name, exc_info=error)
    else:
        log.info("request_refused", instance=instance, problem=problem.name)
    found = shown(problem, instance)
    found["detail"] = str(getattr(error, "explanation", "")) or problem.detail
    faults: tuple[Fault, ...] = getattr(error, "faults", ())
    if faults:
        place = "parameter" if isinstance(error, InvalidQuery) else "pointer"
        found["errors"] = [
            {
                place: fault.pointer,
                "code": fault.code,
                "detail": fault.detail,
                **({"line": fault.line} if fault.line else {}),
            }
            for fault in faults
        ]
    return found


def shown(problem: Problem, instance: str) -> dict[str, Any]:
    """The members that every problem has."""
    return {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
    }


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
    return f"{request.path}/".startswith(("/api/", "/health/"))


def answer(problem: Problem, request: HttpRequest) -> JsonResponse:
    """A problem as Django answers it; to a client of FHIR, in FHIR's own way."""
    found, media_type = document(problem), MEDIA_TYPE
    if f"{request.path}/".startswith("/api/v1/fhir/"):
        found, media_type = outcome_of_problem(found), fhir.MEDIA_TYPE
    return JsonResponse(found, status=problem.status, content_type=media_type)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if is_api(request):
        return answer(problem_of(exception), request)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return (
        answer(problems.FORBIDDEN, request)
        if is_api(request)
        else defaults.permission_denied(request, exception)
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404; what was erased is told apart from what never was."""
    if is_api(request):
        return answer(problem_of(exception), request)
    if isinstance(exception, CaseErased):
        return render(request, "reviews/erased.html", {"case": exception.case}, status=410)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; a page says so where it is the database that can't be reached."""
    if is_api(request):
        return answer(problems.FAILED, request)
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        page = render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    return defaults.server_error(request)


def explanation(request: HttpRequest, name: str) -> HttpResponse:
    """The page that a problem's `type` leads to."""
    problem = problems.CATALOGUE.get(name)
    if problem is None:
        raise Http404
    found = shown(problem, EXAMPLE_INSTANCE)
    if problem.errors:
        found["errors"] = problem.errors
    example = json.dumps(found, indent=2, ensure_ascii=False)
    return render(request, "problem.html", {"problem": problem, "example": example})
