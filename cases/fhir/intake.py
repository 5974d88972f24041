"""A message becomes a case: which pipeline it goes to, and where in it something is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from django.db import connection

from accounts.models import ApiClient
from cases import finding, intake
from cases.fhir.base import Refusal
from cases.fhir.mapping import expressions_for, mapped
from cases.fhir.message import Message
from cases.idempotency import Call
from cases.intake import SentPaper
from cases.models import Case, Pipeline, PipelineVersion
from cases.validation import Fault, InvalidInput


def existing_case(message: Message, *, client: ApiClient, condition: str | None) -> Case | None:
    """The case that If-None-Exist finds under the message's own identifier, None where it asks for none.

    Locks the identifier until the transaction ends, so that two who come at once open one case.
    Raises Refusal for another condition, and where the identifier came several times.
    """
    with connection.cursor() as cursor:
        lock = Call(client, "Communication.identifier", message.reference, "").lock
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
    if condition is None:
        return None
    try:
        parameters = parse_qs(condition.lstrip("?"), strict_parsing=True)
    except ValueError:
        parameters = {}
    if parameters != {"identifier": [message.reference]}:
        words = "If-None-Exist must be identifier=, with the message's own system|value."
        raise Refusal(412, "invalid", words)
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
        raise InvalidInput(*wrong, *further_faults(data, wrong, message, version))
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


def further_faults(
    data: Mapping[str, Any], wrong: Sequence[Fault], message: Message, version: PipelineVersion
) -> Iterator[Fault]:
    """What the schema has against the rest of a message of which something can't be taken anyway."""
    told = {fault.pointer for fault in wrong}
    for fault in intake.data_faults(data, version):
        found = placed(fault, message, version)
        if told.isdisjoint(found.pointer.split(" | ")):
            yield found


def pipeline_for(client: ApiClient, wanted: str | None) -> PipelineVersion:
    """The pipeline that a message goes to: the one `wanted`, or the client's only one with FHIR."""
    found = Pipeline.objects.filter(slug__in=client.pipelines, current__content__has_key="fhir")
    versions = [each.current for each in found.select_related("current") if each.current]
    if not versions:
        raise Refusal(400, "not-supported", "No pipeline of this client takes messages in FHIR.")
    slugs = ", ".join(version.definition.slug for version in versions)
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
    return Fault("", fault.code, f"{head}: {fault.detail}")
