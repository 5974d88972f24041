"""Messages as clients of FHIR send them; what they may send; and addresses that lead nowhere."""

from typing import ClassVar
from urllib.parse import parse_qs

from django.db import connection
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import ApiClient, Scope
from audit.vault import house_digest
from cases import finding, idempotency, intake
from cases.api.base import body_of
from cases.api.cases import rendered
from cases.fhir.base import FhirView, Refusal, base_of, read_id
from cases.fhir.capability import capability_statement
from cases.fhir.mapping import expressions_for, mapped
from cases.fhir.message import Message, read_communication, read_transaction
from cases.fhir.resources import communication_of, transaction_response, weak
from cases.idempotency import Answer, Call, KeyReused
from cases.intake import SentPaper
from cases.models import Case, Pipeline, PipelineVersion
from cases.validation import Fault, InvalidInput

BY_KEY, BY_IDENTIFIER = "POST /fhir", "POST /fhir by identifier"


class IntakeView(FhirView):
    """Taking a message in, once: by its Idempotency-Key, else by its identifier."""

    scopes: ClassVar = {"POST": Scope.CASES_WRITE}

    def post(self, request: Request) -> HttpResponse:
        """Opens the case that the message is."""
        header = request.headers.get("Idempotency-Key")
        if header is not None:
            call = call_of(request, BY_KEY, idempotency.read_key(header))
            answer = idempotency.once(call, lambda: self.answer(request))
        else:
            message = self.read(request)
            call = call_of(request, BY_IDENTIFIER, message.reference)
            try:
                answer = idempotency.once(call, lambda: self.taken_in(request, message))
            except KeyReused:
                detail = (
                    "came before with another content: another message needs another identifier"
                )
                fault = Fault(message.identified_at, "duplicate", detail)
                raise InvalidInput(fault) from None
        minimal = "return=minimal" in request.headers.get("Prefer", "").replace(" ", "")
        body = "" if minimal and answer.status_code < 300 else answer.body
        media_type = request.accepted_media_type or "application/fhir+json"
        headers = {**answer.headers, "Content-Type": media_type}
        response = HttpResponse(body, status=answer.status_code, headers=headers)
        if answer.replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    def answer(self, request: Request) -> Answer:
        """What the request is answered; a refusal is an answer like any other, and is kept."""
        try:
            return self.taken_in(request, self.read(request))
        except Exception as error:
            refusal = self.handle_exception(error)
            return Answer(refusal.status_code, rendered(refusal.data))

    def taken_in(self, request: Request, message: Message) -> Answer:
        """The answer that tells of the new case, or of the one that If-None-Exist found."""
        intake.check_room()
        client = client_of(request)
        existing = existing_case(client, message, request.headers.get("If-None-Exist"))
        if existing is not None:
            return self.shown(request, message, existing, 200)
        case = open_message(message, client=client, wanted=request.query_params.get("pipeline"))
        return self.shown(request, message, case, 201)

    def read(self, request: Request) -> Message:
        """The message in the body; raises InvalidInput."""
        raise NotImplementedError

    def shown(self, request: Request, message: Message, case: Case, status: int) -> Answer:
        """The answer that shows a case, which was opened or was there."""
        raise NotImplementedError


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


def call_of(request: Request, route: str, key: str) -> Call:
    """The request as idempotency sees it."""
    wanted = request.query_params.get("pipeline", "").encode()
    fingerprint = house_digest("request", b"fhir\n" + wanted + b"\n" + request.body)
    return Call(client_of(request), route, key, fingerprint)


def existing_case(client: ApiClient, message: Message, header: str | None) -> Case | None:
    """The case that If-None-Exist finds under the message's own identifier, None where it asks for none.

    Locks the identifier until the transaction ends, so that two who ask at once open one case.
    """
    condition = header or message.condition
    if condition is None:
        return None
    try:
        parameters = parse_qs(condition.lstrip("?"), strict_parsing=True)
    except ValueError:
        parameters = {}
    if parameters != {"identifier": [message.reference]}:
        words = "If-None-Exist must be identifier=, with the message's own system|value."
        raise Refusal(412, "invalid", words)
    with connection.cursor() as cursor:
        lock = Call(client, "If-None-Exist", message.reference, "").lock
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
    found = list(finding.cases_of(client).filter(reference=message.reference)[:2])
    if len(found) > 1:
        raise Refusal(412, "multiple-matches", "More than one message came under this identifier.")
    return found[0] if found else None


def open_message(message: Message, *, client: ApiClient, wanted: str | None) -> Case:
    """Opens the case that a message is; raises InvalidInput, its faults placed in the message."""
    version = pipeline_for(client, wanted)
    definition = version.definition
    spec = definition.fhir
    if spec is None:
        raise Refusal(404, "not-supported", "The pipeline takes no messages in FHIR.")
    data, wrong = mapped(message.bundle, spec, definition.schema)
    if message.attachments and spec.attachments is None:
        detail = "can't be taken in: the pipeline has no attachments"
        wrong.append(Fault(message.attachments[0].at, "not-supported", detail))
    if wrong:
        raise InvalidInput(*wrong)
    papers = [
        SentPaper(str(spec.attachments), attachment.title, attachment.content)
        for attachment in message.attachments
    ]
    try:
        return intake.open_case(
            client=client,
            pipeline_slug=definition.slug,
            reference=message.reference,
            data=data,
            papers=papers,
            priority=message.priority,
            by=client.actor,
        )
    except InvalidInput as refusal:
        raise InvalidInput(*(placed(fault, message, version) for fault in refusal.faults)) from None


def pipeline_for(client: ApiClient, wanted: str | None) -> PipelineVersion:
    """The pipeline that a message goes to: the one `wanted`, or the client's only one with FHIR."""
    found = Pipeline.objects.filter(slug__in=client.pipelines).select_related("current")
    versions = [
        pipeline.current
        for pipeline in found
        if pipeline.current is not None and pipeline.current.definition.fhir is not None
    ]
    slugs = ", ".join(version.definition.slug for version in versions) or "none"
    fitting = [each for each in versions if wanted in (None, each.definition.slug)]
    if len(fitting) != 1:
        words = f"The parameter pipeline must name one that takes messages in FHIR: {slugs}."
        raise Refusal(400, "not-supported", words)
    return fitting[0]


def placed(fault: Fault, message: Message, version: PipelineVersion) -> Fault:
    """A fault of the case's parts as one of the message: where in it that part comes from."""
    spec = version.definition.fhir
    head, _, rest = fault.pointer.removeprefix("#/").partition("/")
    if head == "data" and spec is not None:
        expressions = list(dict.fromkeys(expressions_for(f"/{rest}", spec)))
        return Fault(" | ".join(expressions), fault.code, f"/{rest} {fault.detail}")
    position = rest.partition("/")[0]
    if head == "documents" and position.isdecimal() and int(position) < len(message.attachments):
        return Fault(message.attachments[int(position)].at, fault.code, fault.detail)
    return Fault("", fault.code, fault.detail)
