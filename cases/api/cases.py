"""Cases as upstreams post, list, read and withdraw them."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import Scope
from audit.vault import house_digest
from cases import finding, idempotency, intake, waiting, withdrawing
from cases.api import openapi
from cases.api.base import ApiView, body_of
from cases.api.headers import etag, is_known, seconds_to_wait, versions_to_match
from cases.api.parsing import CaseFormParser, StrictJsonParser
from cases.api.presenting import CASE, CasePage, CaseShown, DecisionShown
from cases.api.queries import USUAL, filters_of, read_query
from cases.api.requests import read_case
from cases.finding import cursor_of
from cases.idempotency import Answer, Call
from cases.models import Case, Status

ROUTE = "POST /cases"


class NotDecided(Exception):
    """The case has no decision yet."""


class Withdrawn(Exception):
    """The case was taken back: there will be no decision."""


class CasesView(ApiView):
    """All of a client's cases."""

    scopes: ClassVar = {"GET": Scope.CASES_READ, "POST": Scope.CASES_WRITE}
    parser_classes = (StrictJsonParser, CaseFormParser)

    def check_room(self, request: Request) -> None:
        """Takes nothing new in that would only wait behind too many; what is done is answered again."""
        if request.method != "POST":
            return
        try:
            intake.check_room()
        except intake.HouseFull:
            key = idempotency.read_key(request.headers.get("Idempotency-Key"))
            if not idempotency.is_answered(client_of(request), ROUTE, key):
                raise

    @openapi.post_case
    def post(self, request: Request) -> HttpResponse:
        """Opens a case, once for each Idempotency-Key."""
        call = call_of(request, ROUTE)
        answer = idempotency.once(call, lambda: self.answer(request))
        seconds = seconds_to_wait(request.headers.get("Prefer"))
        applied = False
        if seconds and answer.status_code == 202 and not answer.replayed:
            answer, applied = waited_for(call, answer, seconds)
        response = HttpResponse(answer.body, status=answer.status_code, headers=answer.headers)
        if applied:
            response["Preference-Applied"] = f"wait={min(seconds, waiting.MOST_SECONDS)}"
        if answer.replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    def answer(self, request: Request) -> Answer:
        """What posting the case is answered; a refusal is an answer like any other."""
        try:
            client = client_of(request)
            sent = read_case(body_of(request), client)
            case = intake.open_case(client=client, by=client.actor, **sent)
        except Exception as error:
            return refused(self, error)
        return accepted(case, 202)

    @openapi.list_cases
    def get(self, request: Request) -> Response:
        """Lists the client's cases, newest first."""
        client = client_of(request)
        values = read_query(request.query_params, pipelines=client.pipelines)
        rows, after = finding.page(
            client,
            filters_of(values),
            after=values.get("cursor"),
            limit=values.get("limit", USUAL),
        )
        following = None
        if after is not None:
            query = request.query_params.copy()
            query["cursor"] = cursor_of(after)
            following = f"{reverse('api:cases')}?{query.urlencode()}"
        response = Response(CasePage({"items": rows, "next": following}).data)
        if following:
            response["Link"] = f'<{following}>; rel="next"'
        return response


class CaseView(ApiView):
    """One case."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @openapi.read_case
    def get(self, request: Request, case_id: UUID) -> Response:
        """Shows a case of the client's own."""
        case = finding.find(client_of(request), case_id)
        if is_known(request.headers.get("If-None-Match"), case):
            return Response(status=304, headers={"ETag": etag(case)})
        finding.tell_read(case, client_of(request), "case")
        return Response(CaseShown(case).data, headers={"ETag": etag(case)})


class WithdrawalView(ApiView):
    """Taking a case back."""

    scopes: ClassVar = {"POST": Scope.CASES_WRITE}

    @openapi.withdraw_case
    def post(self, request: Request, case_id: UUID) -> Response:
        """Withdraws a case of the client's own, if it is still as the client saw it."""
        client = client_of(request)
        versions = versions_to_match(request.headers.get("If-Match"))
        withdrawing.withdraw(finding.find(client, case_id), versions=versions, by=client.actor)
        case = finding.find(client, case_id)
        return Response(CaseShown(case).data, headers={"ETag": etag(case)})


class DecisionView(ApiView):
    """A case's decision."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @openapi.read_decision
    def get(self, request: Request, case_id: UUID) -> Response:
        """Shows the current decision; raises NotDecided where there is none yet, or Withdrawn."""
        case = finding.find(client_of(request), case_id)
        if not case.current:
            raise Withdrawn if case.status == Status.WITHDRAWN else NotDecided
        finding.tell_read(case, client_of(request), "decision")
        return Response(DecisionShown(case.current[0]).data, headers={"ETag": etag(case)})


def refused(view: ApiView, error: Exception) -> Answer:
    """The problem that an error is, as an answer that can be kept."""
    problem = view.handle_exception(error)
    headers = {"Content-Type": str(problem.content_type)}
    return Answer(problem.status_code, rendered(problem.data), headers)


def call_of(request: Request, route: str) -> Call:
    """The request as idempotency sees it; the boundary of a form is made anew at each sending."""
    key = idempotency.read_key(request.headers.get("Idempotency-Key"))
    media_type, _, options = (request.content_type or "").partition(";")
    boundary = options.partition("boundary=")[2].partition(";")[0].strip('" ').encode()
    body = request.body.replace(boundary, b"") if boundary else request.body
    fingerprint = house_digest("request", media_type.strip().lower().encode() + b"\n" + body)
    return Call(client_of(request), route, key, fingerprint)


def rendered(data: Any) -> str:
    """JSON as the API writes it."""
    return JSONRenderer().render(data).decode()


def accepted(case: Case, status_code: int) -> Answer:
    """The answer that shows a case and says where it is."""
    location = reverse("api:case", args=[case.pk])
    headers = {"Content-Type": "application/json", "Location": location, "ETag": etag(case)}
    return Answer(status_code, rendered(CASE.to_representation(case)), headers)


def waited_for(call: Call, answer: Answer, seconds: int) -> tuple[Answer, bool]:
    """The answer with the case as it is after waiting, and whether there was room to wait."""
    case_id = UUID(answer.headers["Location"].rpartition("/")[2])
    if not waiting.wait(case_id, seconds):
        return answer, False
    case = finding.find(call.client, case_id)
    answer = accepted(case, 201 if case.current else 202)
    idempotency.keep_instead(call, answer)
    return answer, True
