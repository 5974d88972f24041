"""Messages as clients of FHIR send them; what they may send; and addresses that lead nowhere."""

from abc import ABC, abstractmethod
from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import Scope
from audit.vault import house_digest
from cases import blobs, finding, idempotency
from cases.api.base import body_of
from cases.api.cases import rendered
from cases.fhir.base import MEDIA_TYPE, FhirView, Refusal, base_of, read_id
from cases.fhir.capability import capability_statement
from cases.fhir.intake import existing_case, open_message
from cases.fhir.message import Message, read_communication, read_transaction
from cases.fhir.resources import communication_of, transaction_response, weak
from cases.idempotency import Answer, Call, KeyReused
from cases.intake import check_room
from cases.models import Case
from cases.validation import Fault, InvalidInput

BY_KEY, BY_IDENTIFIER = "POST /fhir", "POST /fhir by identifier"


class IntakeView(FhirView, ABC):
    """Taking a message in, once: by its Idempotency-Key, else by its identifier.

    In which of its two forms a message comes, and is shown, each view says for itself.
    """

    scopes: ClassVar = {"POST": Scope.CASES_WRITE}

    def post(self, request: Request) -> HttpResponse:
        """Opens the case that the message is."""
        answer = self.once(request, fingerprint_of(request), request.headers.get("Idempotency-Key"))
        minimal = "return=minimal" in request.headers.get("Prefer", "").replace(" ", "")
        body = "" if minimal and answer.status_code < 300 else answer.body
        headers = {**answer.headers, "Content-Type": request.accepted_media_type or MEDIA_TYPE}
        response = HttpResponse(body, status=answer.status_code, headers=headers)
        if answer.replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    def once(self, request: Request, fingerprint: str, header: str | None) -> Answer:
        """The answer, or the one that was given before: to this key, else to this identifier.

        Under an identifier only what was opened is kept: a message that was refused can be mended.
        """
        client = client_of(request)
        if header is not None:
            call = Call(client, BY_KEY, idempotency.read_key(header), fingerprint)
            return idempotency.once(call, lambda: self.answer(request))
        message = self.read(request)
        if self.condition(request, message) is not None:
            with blobs.atomic():
                return self.taken_in(request, message)
        call = Call(client, BY_IDENTIFIER, message.reference, fingerprint)
        try:
            return idempotency.once(call, lambda: self.taken_in(request, message))
        except KeyReused:
            detail = "came before with another content: another message needs another identifier"
            raise InvalidInput(Fault(message.identified_at, "duplicate", detail)) from None

    def answer(self, request: Request) -> Answer:
        """What the request is answered; a refusal is an answer like any other, and is kept."""
        try:
            return self.taken_in(request, self.read(request))
        except Exception as error:
            refusal = self.handle_exception(error)
            return Answer(refusal.status_code, rendered(refusal.data))

    def taken_in(self, request: Request, message: Message) -> Answer:
        """The answer that tells of the new case, or of the one that If-None-Exist found."""
        client = client_of(request)
        existing = existing_case(message, client=client, condition=self.condition(request, message))
        if existing is not None:
            return self.shown(request, message, existing, 200)
        check_room()
        case = open_message(message, client=client, wanted=request.query_params.get("pipeline"))
        return self.shown(request, message, case, 201)

    def condition(self, request: Request, message: Message) -> str | None:
        """If-None-Exist, as the header or as a transaction's entry has it."""
        return request.headers.get("If-None-Exist") or message.condition

    @abstractmethod
    def read(self, request: Request) -> Message:
        """The message in the body; raises InvalidInput."""

    @abstractmethod
    def shown(self, request: Request, message: Message, case: Case, status: int) -> Answer:
        """The answer that shows a case, which was opened or was there."""


class CommunicationsView(IntakeView):
    """A message as a Communication by itself, with what it contains."""

    def read(self, request: Request) -> Message:
        """The message in the body; raises InvalidInput."""
        return read_communication(body_of(request))

    def shown(self, request: Request, message: Message, case: Case, status: int) -> Answer:
        """The Communication as it is kept."""
        headers = {
            "Location": f"{base_of(request)}/Communication/{case.pk}",
            "ETag": weak("1"),
        }
        return Answer(status, rendered(communication_of(case)), headers)


class TransactionView(IntakeView):
    """A message as a transaction: a Communication, and what belongs to it."""

    def read(self, request: Request) -> Message:
        """The message in the body; raises InvalidInput."""
        return read_transaction(body_of(request))

    def shown(self, request: Request, message: Message, case: Case, status: int) -> Answer:
        """What became of each entry; the transaction itself is always 200."""
        made = "201 Created" if status == 201 else "200 OK"
        bundle = transaction_response(case, message.types, base=base_of(request), made=made)
        return Answer(200, rendered(bundle))


class CommunicationView(FhirView):
    """A message that came in."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    def get(self, request: Request, case_id: str) -> Response:
        """Shows what is still said of a message: not what it said itself."""
        case = finding.find(client_of(request), read_id(case_id))
        if case.definition.fhir is None:
            raise Case.DoesNotExist
        finding.tell_read(case, client_of(request), "message")
        return Response(communication_of(case), headers={"ETag": weak("1")})


class MetadataView(FhirView):
    """What is spoken here, for anybody."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> Response:
        """Shows the CapabilityStatement."""
        statement = capability_statement(base=base_of(request))
        return Response(statement, headers={"Cache-Control": "public, max-age=300"})


class UnknownView(FhirView):
    """Every other address below: a type of resource, or an operation, that is not spoken of here."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    http_method_names = ("get", "head", "post", "put", "patch", "delete")

    def get(self, request: Request, rest: str = "") -> Response:
        """Says so."""
        words = "There is no such type, operation or address here: /metadata tells what there is."
        raise Refusal(404, "not-supported", words)

    post = put = patch = delete = get


def fingerprint_of(request: Request) -> str:
    """What tells the request from another one under the same key."""
    wanted = request.query_params.get("pipeline", "").encode()
    return house_digest("request", b"fhir\n" + wanted + b"\n" + request.body)
