"""What reviewers ask of upstreams and let people know, as upstreams read and answer it."""

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import Scope
from audit import vault
from cases import finding, idempotency
from cases.api.base import ApiView, body_of
from cases.api.cases import NotDecided, Withdrawn, call_of, refused, rendered
from cases.api.openapi import KEY, answers, problems
from cases.api.requests import DOCUMENT_SCHEMA, base64_faults, decoded, documents_of
from cases.erasing import refuse_erased
from cases.idempotency import Answer
from cases.intake import SentPaper
from cases.models import Case, Status
from cases.supplementing import kind_faults
from cases.validation import InvalidInput, faults_of, validator_of
from reviews import asking
from reviews.asking import question_of, request_to, requests_of
from reviews.models import Hold, Reply, Slot
from reviews.replying import reply_of, text_of

ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        "text": {
            "type": "string",
            "minLength": 1,
            "maxLength": 4000,
            "pattern": "\\S",
            "x-rule": "must say something",
            "description": "The answer in words.",
        },
        "documents": {
            "type": "array",
            "maxItems": settings.CASE_MAX_PAPERS,
            "items": DOCUMENT_SCHEMA,
            "description": "Papers that the case is to have beside those it has.",
        },
    },
}
ANSWER_VALIDATOR = validator_of(ANSWER_SCHEMA)
STATUSES = {
    "": "open",
    Hold.Ended.ANSWERED: "answered",
    Hold.Ended.WITHDRAWN: "withdrawn",
}
"""What a question's end is for the upstream; by any other one it is closed: nobody waits for it."""


class NamedPart(serializers.Serializer[Any]):
    """A kind of paper or a field, by its name in the pipeline and in words."""

    name = serializers.CharField()
    title = serializers.CharField()


class InformationRequestShown(serializers.Serializer[Any]):
    """What a reviewer wants to know of you."""

    id = serializers.UUIDField()
    case = serializers.UUIDField()
    status = serializers.ChoiceField(["open", "answered", "closed", "withdrawn"])
    question = serializers.CharField()
    documents = NamedPart(many=True, help_text="The kinds of paper that it concerns.")
    fields = NamedPart(  # type: ignore[assignment]  # a field like any other
        many=True, help_text="The fields that it concerns."
    )
    asked_at = serializers.DateTimeField()
    answer_until = serializers.DateTimeField(
        help_text="From then on the reviewers go on without an answer."
    )
    ended_at = serializers.DateTimeField(allow_null=True)


def shown(hold: Hold) -> dict[str, Any]:
    """A question as the API shows it."""
    definition = hold.case.definition
    question = question_of(hold, vault.of(hold.case_id))
    papers = {spec.kind: spec.name for spec in definition.documents}
    fields = {spec.name: spec.label for spec in definition.fields}
    return {
        "id": hold.pk,
        "case": hold.case_id,
        "status": STATUSES.get(hold.ended, "closed"),
        "question": question.text,
        "documents": [
            {"name": kind, "title": papers.get(kind, kind)} for kind in question.documents
        ],
        "fields": [{"name": name, "title": fields.get(name, name)} for name in question.fields],
        "asked_at": hold.held_at,
        "answer_until": hold.follow_up_at,
        "ended_at": hold.ended_at,
    }


class AppointmentShown(serializers.Serializer[Slot]):
    """An appointment that is kept for the person."""

    id = serializers.CharField(source="source_id", help_text="The clinic's own id of the slot.")
    service = serializers.CharField()
    place = serializers.CharField()
    start = serializers.DateTimeField(source="starts_at")
    end = serializers.DateTimeField(source="ends_at")


class ReplyShown(serializers.Serializer[Reply]):
    """What the person is told with the decision."""

    id = serializers.IntegerField()
    case = serializers.UUIDField(source="case_id")
    text = serializers.SerializerMethodField()
    contact = serializers.ChoiceField(
        Reply.Contact.choices,
        help_text="`automated`: yours to send. Anything else is for a person to do.",
    )
    consent = serializers.BooleanField(
        help_text="Whether automated contact was agreed to, by the data that the case came with."
    )
    appointment = AppointmentShown(source="slot", allow_null=True)
    written_at = serializers.DateTimeField()

    def get_text(self, reply: Reply) -> str:
        """The words, opened."""
        return text_of(reply, vault.of(reply.case_id))


class ReplyView(ApiView):
    """What the person is told."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="read_reply",
        summary="Read what the person is told with a case's decision",
        tags=["Cases"],
        responses={200: ReplyShown, **problems(404, 410)},
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """Shows the reply of a case of the client's own, once it is decided; 404 where it has none."""
        case = finding.find(client_of(request), case_id)
        if not case.current:
            raise Withdrawn if case.status == Status.WITHDRAWN else NotDecided
        reply = reply_of(case.current[0])
        if reply is None:
            raise Http404("the decision has no reply")
        refuse_erased(case)
        finding.tell_read(case, client_of(request), "reply")
        return Response(ReplyShown(reply).data)


class InformationRequestsView(ApiView):
    """What the reviewers of a case want to know."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_information_requests",
        summary="List what the reviewers of a case ask of you, the first question first",
        tags=["Information requests"],
        responses={
            200: inline_serializer(
                "InformationRequests", {"items": InformationRequestShown(many=True)}
            ),
            **problems(404, 410),
        },
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """Lists the questions about a case of the client's own."""
        case = finding.find(client_of(request), case_id)
        refuse_erased(case)
        rows = [shown(hold) for hold in requests_of(case)]
        finding.tell_read(case, client_of(request), "questions")
        return Response({"items": InformationRequestShown(rows, many=True).data})


class AnswerView(ApiView):
    """The answer to a question."""

    scopes: ClassVar = {"POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="answer_information_request",
        summary="Answer what a reviewer asks, with papers or without",
        tags=["Information requests"],
        parameters=[
            KEY,
            *answers(
                "Idempotency-Replayed", "`true` where the answer is the first one again.", 200
            ),
        ],
        request={"application/json": ANSWER_SCHEMA},
        responses={
            200: OpenApiResponse(InformationRequestShown, "Taken; the case goes on"),
            **problems(404, 409, 415, 422),
        },
    )
    def post(self, request: Request, case_id: UUID, request_id: UUID) -> HttpResponse:
        """Takes the answer to a question about a case of the client's own, once for each key."""
        call = call_of(request, f"POST answer {request_id}")
        answer = idempotency.once(call, lambda: self.answer(request, case_id, request_id))
        response = HttpResponse(answer.body, status=answer.status_code, headers=answer.headers)
        if answer.replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    def answer(self, request: Request, case_id: UUID, request_id: UUID) -> Answer:
        """What answering is answered; a refusal is an answer like any other."""
        try:
            client = client_of(request)
            hold = request_to(client, case_id, request_id)
            text, papers = read_answer(body_of(request), hold.case)
            asking.answer(hold, text, papers, by=client.actor)
            hold.refresh_from_db()
        except Exception as error:
            return refused(self, error)
        body = rendered(InformationRequestShown(shown(hold)).data)
        return Answer(200, body, {"Content-Type": "application/json"})


def read_answer(body: Any, case: Case) -> tuple[str, list[SentPaper]]:
    """The text and the papers of an answer; raises InvalidInput with all that is wrong."""
    documents = documents_of(body)
    contents = [decoded(document.get("content")) for document in documents]
    wrong = [*faults_of(ANSWER_VALIDATOR, body), *base64_faults(contents)]
    if wrong:
        kinds = [document.get("kind") for document in documents]
        sent = [kind if isinstance(kind, str) else None for kind in kinds]
        raise InvalidInput(*dict.fromkeys([*wrong, *kind_faults(case, sent)]))
    papers = [
        SentPaper(document["kind"], document.get("filename", ""), content or b"")
        for document, content in zip(documents, contents, strict=True)
    ]
    return body["text"], papers
