"""Notices and contests as upstreams see them: the letter, that it was sent, and a person's own words."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import ApiClient, Scope
from cases import finding, idempotency
from cases.api.base import ApiView, body_of
from cases.api.cases import NotDecided, Withdrawn, call_of, refused, rendered
from cases.api.openapi import KEY, answers, problems
from cases.erasing import refuse_erased
from cases.idempotency import Answer
from cases.models import Status
from cases.validation import Fault, InvalidInput, faults_of, validator_of
from reviews.adverse.contests import LONGEST, contest_decision
from reviews.adverse.notices import Channel, SentBefore, letter_for, mark_sent, words_sent
from reviews.models import AdverseNotice, Contest
from reviews.printing.posted import posted

SENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "channel": {"enum": list(Channel.values), "default": Channel.UPSTREAM.value},
        "sent_at": {
            "type": "string",
            "format": "date-time",
            "description": "When it went out; now where you leave it out.",
        },
    },
}
SENT_VALIDATOR = validator_of(SENT_SCHEMA)
CONTEST_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["words"],
    "additionalProperties": False,
    "properties": {
        "words": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST,
            "pattern": "\\S",
            "x-rule": "must say something",
            "description": "What the person says against the decision, in their own words.",
        }
    },
}
CONTEST_VALIDATOR = validator_of(CONTEST_SCHEMA)


class OtherForm(BaseRenderer):
    """A letter in another form than JSON; problems stay JSON."""

    charset: str | None = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """The letter's bytes as they are."""
        return data if isinstance(data, bytes) else JSONRenderer().render(data)


class TextRenderer(OtherForm):
    """The letter as plain text."""

    media_type, format = "text/plain", "text"
    charset = "utf-8"


class PdfRenderer(OtherForm):
    """The letter as it is printed."""

    media_type, format, render_style = "application/pdf", "pdf", "binary"


class NoticeShown(serializers.Serializer[Any]):
    """The notice that an adverse decision owes the person."""

    decision = serializers.IntegerField()
    due_at = serializers.DateTimeField(help_text="By when the person has to have been told.")
    sent_at = serializers.DateTimeField(allow_null=True)
    channel = serializers.ChoiceField(Channel.choices, allow_blank=True)
    letter = serializers.CharField(help_text="The letter as text: as it was sent, or would be now.")


class ContestShown(serializers.Serializer[Contest]):
    """That a decision is contested."""

    id = serializers.IntegerField()
    case = serializers.UUIDField(source="case_id")
    decision = serializers.IntegerField(
        source="decision_id", help_text="The decision that is superseded by it."
    )
    contested_at = serializers.DateTimeField()


def notice_of(client: ApiClient, case_id: UUID) -> AdverseNotice:
    """The notice that a client's case owes by its current decision; raises what is in the way of one."""
    case = finding.find(client, case_id)
    refuse_erased(case)
    if not case.current:
        raise Withdrawn if case.status == Status.WITHDRAWN else NotDecided
    rows = AdverseNotice.objects.select_related("decision")
    notice = rows.filter(decision=case.current[0]).first()
    if notice is None:
        raise Http404("the decision owes no notice")
    finding.tell_read(case, client, "notice")
    return notice


def shown(notice: AdverseNotice) -> dict[str, Any]:
    """A notice as the API shows it."""
    return {
        "decision": notice.decision_id,
        "due_at": notice.due_at,
        "sent_at": notice.sent_at,
        "channel": notice.channel,
        "letter": words_sent(notice) or letter_for(notice).text,
    }


class NoticeView(ApiView):
    """The letter that the person is owed."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}
    renderer_classes = (JSONRenderer, TextRenderer, PdfRenderer)

    @extend_schema(
        operation_id="read_notice",
        summary="Read the notice that an adverse decision owes: as JSON, as text or as a PDF",
        tags=["Cases"],
        responses={
            (200, "application/json"): NoticeShown,
            (200, "text/plain"): OpenApiTypes.STR,
            (200, "application/pdf"): OpenApiTypes.BINARY,
            **problems(404, 410),
        },
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """Shows the notice of a case of the client's own; 404 where its decision owes none."""
        notice = notice_of(client_of(request), case_id)
        form = request.accepted_renderer.format
        if form == "json":
            return Response(NoticeShown(shown(notice)).data)
        if form == "text":
            return Response(str(shown(notice)["letter"]).encode())
        return Response(pdf_of(notice))


def pdf_of(notice: AdverseNotice) -> bytes:
    """The letter as it is printed, of the day on which it was sent, or of today."""
    return posted(letter_for(notice), title=f"Notice {notice.case_id}")


class NoticeSentView(ApiView):
    """That the letter went out."""

    scopes: ClassVar = {"POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="notice_sent",
        summary="Say that the notice was sent; the first answer stands, however often you say so",
        tags=["Cases"],
        request={"application/json": SENT_SCHEMA},
        responses={200: NoticeShown, **problems(404, 409, 410, 415, 422)},
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Keeps when and how the notice of a case of the client's own was sent."""
        client = client_of(request)
        channel, at = read_sent(body_of(request))
        notice = notice_of(client, case_id)
        try:
            sent = mark_sent(notice.pk, channel=channel, by=client.actor, sender=None, at=at)
        except SentBefore:
            words = "must lie between the decision and now"
            raise InvalidInput(Fault("#/sent_at", "impossible", words)) from None
        return Response(NoticeShown(shown(sent)).data)


def read_sent(body: Any) -> tuple[AdverseNotice.Channel, datetime | None]:
    """How and when a notice was sent; raises InvalidInput."""
    if wrong := faults_of(SENT_VALIDATOR, body):
        raise InvalidInput(*wrong)
    text = body.get("sent_at")
    at = parse_datetime(text) if text else None
    if text and (at is None or at.tzinfo is None):
        raise InvalidInput(Fault("#/sent_at", "format", "is no moment with its time zone"))
    return Channel(body.get("channel", Channel.UPSTREAM)), at


class ContestView(ApiView):
    """What a person says against the decision on them."""

    scopes: ClassVar = {"POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="contest_decision",
        summary="Contest a case's decision, in the words of the person it is about",
        tags=["Cases"],
        parameters=[
            KEY,
            *answers(
                "Idempotency-Replayed", "`true` where the answer is the first one again.", 201
            ),
        ],
        request={"application/json": CONTEST_SCHEMA},
        responses={
            201: OpenApiResponse(ContestShown, "Taken; somebody new judges the case"),
            **problems(404, 409, 410, 415, 422),
        },
    )
    def post(self, request: Request, case_id: UUID) -> HttpResponse:
        """Takes a contest of a case of the client's own, once for each key."""
        call = call_of(request, f"POST contest {case_id}")
        answer = idempotency.once(call, lambda: self.answer(request, case_id))
        response = HttpResponse(answer.body, status=answer.status_code, headers=answer.headers)
        if answer.replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    def answer(self, request: Request, case_id: UUID) -> Answer:
        """What contesting is answered; a refusal is an answer like any other."""
        try:
            client, body = client_of(request), body_of(request)
            if wrong := faults_of(CONTEST_VALIDATOR, body):
                raise InvalidInput(*wrong)
            case = finding.find(client, case_id)
            contest = contest_decision(case.pk, body["words"], by=client.actor)
            contest.refresh_from_db()
        except Exception as error:
            return refused(self, error)
        body = rendered(ContestShown(contest).data)
        return Answer(201, body, {"Content-Type": "application/json"})
