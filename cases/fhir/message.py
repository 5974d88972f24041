"""What comes in: one Communication, the Patient it is about, and what was sent along. Pure.

Whether it came by itself, with contained resources, or in a transaction, it is read as one Bundle.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.fhir.structure import BY_THEMSELVES, MODELS, faults_of_shape
from cases.models import Priority
from cases.strictjson import fit_text
from cases.validation import Fault, InvalidInput

MOST_ENTRIES = 200
MOST_VALUES = 20_000
"""In a message, of all kinds: more than 200 resources with all that profiles ask for."""
ABOUT = {
    "Communication": "subject",
    "Observation": "subject",
    "DocumentReference": "subject",
    "Condition": "subject",
    "MedicationStatement": "subject",
    "Consent": "patient",
}
"""Which element says whom a resource is about."""

STATUSES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "Communication": (frozenset({"completed", "in-progress", "unknown"}), frozenset()),
    "Observation": (
        frozenset({"registered", "preliminary", "final", "amended", "corrected", "unknown"}),
        frozenset({"cancelled", "entered-in-error"}),
    ),
    "DocumentReference": (
        frozenset({"current"}),
        frozenset({"superseded", "entered-in-error"}),
    ),
}
"""The statuses with which a resource counts, and those with which it is left out."""

PRIORITIES = {
    "routine": Priority.NORMAL,
    "urgent": Priority.HIGH,
    "asap": Priority.URGENT,
    "stat": Priority.URGENT,
}
TOKEN = re.compile(r"[^\x00-\x20\x7f-\x9f|]+( [^\x00-\x20\x7f-\x9f|]+)*")
LONGEST_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource with the FHIRPath of where it stands, and the names by which others refer to it."""

    at: str
    resource: Mapping[str, Any]
    names: frozenset[str]

    @property
    def type(self) -> str:
        """Its resource type."""
        return str(self.resource["resourceType"])


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along, and where it stood."""

    at: str
    title: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the house takes it in.

    `bundle` is what the pipeline's FHIRPaths look at: the Communication, what it contained and what
    came with it, each as an entry; what was cancelled or entered in error is not in it. `condition` is
    the If-None-Exist of a transaction's entry.
    """

    bundle: Mapping[str, Any]
    reference: str
    identified_at: str
    priority: Priority
    attachments: tuple[Attachment, ...]
    types: tuple[str, ...]
    condition: str | None = None


def read_communication(body: Any) -> Message:
    """The message that a Communication is, with what it contains; raises InvalidInput."""
    refuse_excess(body, "Communication")
    return message_of([entry_of(body, "Communication", ())], types=("Communication",))


def read_transaction(body: Any) -> Message:
    """The message that a transaction is; raises InvalidInput with all that is wrong."""
    refuse_excess(body, "Bundle")
    faults = list(shell_faults(body))
    if faults:
        raise InvalidInput(*faults)
    entries, conditions = [], []
    for position, entry in enumerate(body["entry"]):
        names = [entry["fullUrl"]] if isinstance(entry.get("fullUrl"), str) else []
        entries.append(entry_of(entry["resource"], f"Bundle.entry[{position}].resource", names))
        condition = entry["request"].get("ifNoneExist")
        conditions += [condition] if entries[-1].type == "Communication" and condition else []
    types = tuple(entry.type for entry in entries)
    return message_of(entries, types=types, condition=conditions[0] if conditions else None)


def refuse_excess(body: Any, at: str) -> None:
    """Raises InvalidInput where a body holds more values than a message has: each costs time here."""
    waiting = [body]
    for _ in range(MOST_VALUES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
    raise InvalidInput(Fault(at, "maxItems", f"must hold at most {MOST_VALUES} values"))


def shell_faults(body: Any) -> Iterator[Fault]:
    """What is wrong with a Bundle around its resources."""
    if not isinstance(body, dict) or body.get("resourceType") != "Bundle":
        yield Fault("Bundle", "structure", "must be a Bundle")
    elif body.get("type") != "transaction":
        detail = "must be “transaction”: what belongs together is taken in as a whole or not at all"
        yield Fault("Bundle.type", "not-supported", detail)
    elif not isinstance(body.get("entry"), list) or not 1 <= len(body["entry"]) <= MOST_ENTRIES:
        yield Fault("Bundle.entry", "structure", f"must have 1 to {MOST_ENTRIES} entries")
    else:
        shell = [
            {key: value for key, value in entry.items() if key != "resource"}
            if isinstance(entry, dict)
            else entry
            for entry in body["entry"]
        ]
        yield from faults_of_shape({**body, "entry": shell}, "Bundle")
        for position, entry in enumerate(body["entry"]):
            yield from entry_faults(entry, f"Bundle.entry[{position}]")


def entry_faults(entry: Any, at: str) -> Iterator[Fault]:
    """What is wrong with an entry of a transaction: each makes one resource that is known here."""
    kind = kind_of(entry.get("resource")) if isinstance(entry, dict) else ""
    if not kind:
        yield Fault(f"{at}.resource", "required", "is required")
    elif kind not in MODELS or kind in BY_THEMSELVES:
        yield Fault(f"{at}.resource", "not-supported", "is of a type that is not taken in here")
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        yield Fault(f"{at}.request", "required", "is required")
    elif (request.get("method"), request.get("url")) != ("POST", kind):
        detail = "must be POST, with the resource's type as url: a message is made of what comes in"
        yield Fault(f"{at}.request", "not-supported", detail)


def entry_of(resource: Any, at: str, names: Sequence[str]) -> Entry:
    """A resource as an entry; raises InvalidInput where it is none of a known type."""
    kind = kind_of(resource)
    if kind not in MODELS or (at in MODELS and kind != at):
        raise InvalidInput(Fault(at, "structure", f"must be a resource of the type {at}"))
    faults = tuple(faults_of_shape(resource, at))
    own = {f"{kind}/{resource['id']}"} if isinstance(resource.get("id"), str) else set()
    if faults:
        raise InvalidInput(*faults)
    return Entry(at, resource, frozenset({*names, *own}))


def kind_of(resource: Any) -> str:
    """The type that a resource says it is of, empty where it says none."""
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return kind if isinstance(kind, str) else ""


def message_of(
    entries: Sequence[Entry], *, types: tuple[str, ...], condition: str | None = None
) -> Message:
    """The message that the entries are; raises InvalidInput with all that is wrong."""
    communications = [entry for entry in entries if entry.type == "Communication"]
    if len(communications) != 1:
        raise InvalidInput(Fault("Bundle.entry", "invariant", "must hold one Communication"))
    main = communications[0]
    entries = [*entries, *contained_in(main)]
    wrong = [*patient_faults(entries), *status_faults(entries)]
    alive = [entry for entry in entries if counts(entry)]
    attachments = list(attachments_of(alive, wrong))
    reference = reference_of(main, wrong)
    priority = main.resource.get("priority", "routine")
    if priority not in PRIORITIES:
        detail = f"must be one of: {', '.join(PRIORITIES)}"
        wrong.append(Fault(f"{main.at}.priority", "code-invalid", detail))
    if wrong:
        raise InvalidInput(*wrong)
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": entry.resource} for entry in alive],
    }
    return Message(
        bundle,
        reference,
        f"{main.at}.identifier",
        PRIORITIES[priority],
        tuple(attachments),
        types,
        condition,
    )


def reference_of(main: Entry, wrong: list[Fault]) -> str:
    """The case's reference: the message's one identifier; what is amiss with it adds to `wrong`."""
    identifiers = main.resource.get("identifier") or [{}]
    if len(identifiers) > 1:
        detail = "must be one: it is the case's reference"
        wrong.append(Fault(f"{main.at}.identifier", "invariant", detail))
    reference = token(identifiers[0])
    if reference is None:
        detail = (
            "must be there with a value: your own id of the message, nothing personal; with its "
            f"system at most {LONGEST_REFERENCE - 1} printable characters, no “|” among them"
        )
        wrong.append(Fault(f"{main.at}.identifier", "required", detail))
    return reference or ""


def contained_in(main: Entry) -> Iterator[Entry]:
    """What the Communication contains; raises InvalidInput."""
    contained = main.resource.get("contained") or ()
    if len(contained) > MOST_ENTRIES:
        detail = f"must have at most {MOST_ENTRIES} items"
        raise InvalidInput(Fault(f"{main.at}.contained", "maxItems", detail))
    for position, resource in enumerate(contained):
        at = f"{main.at}.contained[{position}]"
        if (kind := kind_of(resource)) not in MODELS or kind in (
            *BY_THEMSELVES,
            "Communication",
        ):
            detail = "is of a type that is not taken in here"
            raise InvalidInput(Fault(at, "not-supported", detail))
        name = f"#{resource['id']}" if isinstance(resource.get("id"), str) else ""
        found = entry_of(resource, at, ())
        yield Entry(at, resource, frozenset({name} - {""}) or found.names)


def patient_faults(entries: Sequence[Entry]) -> Iterator[Fault]:
    """Whatever is not about the one Patient who came along: nobody's values become another's."""
    patients = [entry for entry in entries if entry.type == "Patient"]
    if len(patients) > 1:
        yield Fault(patients[1].at, "invariant", "is a second Patient: a message is about one")
    names = patients[0].names if patients else frozenset()
    for entry in entries:
        element = ABOUT.get(entry.type)
        about = entry.resource.get(element) if element else None
        if about is not None and about.get("reference") not in names:
            detail = "must refer to the Patient who comes along"
            yield Fault(f"{entry.at}.{element}", "not-found", detail)


def status_faults(entries: Sequence[Entry]) -> Iterator[Fault]:
    """Statuses that R4 does not have, or with which a message is none."""
    for entry in entries:
        if entry.type in STATUSES:
            good, ended = STATUSES[entry.type]
            if entry.resource["status"] not in good | ended:
                known = ", ".join(sorted(good | ended))
                yield Fault(f"{entry.at}.status", "code-invalid", f"must be one of: {known}")


def counts(entry: Entry) -> bool:
    """Whether a resource says anything: not where it was cancelled, replaced, or entered in error."""
    return entry.type not in STATUSES or entry.resource["status"] not in STATUSES[entry.type][1]


def token(identifier: Mapping[str, Any]) -> str | None:
    """An identifier as FHIR's searches write it, `system|value`; None where it can't be kept."""
    system, value = identifier.get("system"), identifier.get("value")
    parts = [part for part in (system, value) if part is not None]
    if value is None or not all(TOKEN.fullmatch(part) and fit_text(part) for part in parts):
        return None
    found = "|".join(parts)
    return found if len(found) <= LONGEST_REFERENCE else None


def attachments_of(entries: Sequence[Entry], wrong: list[Fault]) -> Iterator[Attachment]:
    """The files that came along, in their order; what can't be one adds to `wrong`."""
    for entry in entries:
        for at, attachment in attached(entry, wrong):
            try:
                yield Attachment(at, str(attachment.get("title") or ""), content_of(attachment))
            except (ValueError, binascii.Error) as error:
                broken = isinstance(error, binascii.Error)
                code, detail = (
                    ("invalid", "is no base64") if broken else ("not-supported", str(error))
                )
                wrong.append(Fault(at, code, detail))


def attached(entry: Entry, wrong: list[Fault]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where in a resource files stand."""
    if entry.type == "DocumentReference":
        for position, content in enumerate(entry.resource["content"]):
            yield f"{entry.at}.content[{position}].attachment", content["attachment"]
    if entry.type == "Communication":
        for position, payload in enumerate(entry.resource.get("payload") or ()):
            at = f"{entry.at}.payload[{position}].content"
            if "contentAttachment" in payload:
                yield at, payload["contentAttachment"]
            if "contentReference" in payload:
                detail = "can't be followed: send the file in the message, as contentAttachment"
                wrong.append(Fault(at, "not-supported", detail))


def content_of(attachment: Mapping[str, Any]) -> bytes:
    """An attachment's file; raises ValueError, or its kind binascii.Error, saying why there is none."""
    if "data" not in attachment:
        raise ValueError("must bring its file in `data`, in base64: no address is followed here")
    return base64.b64decode("".join(attachment["data"].split()), validate=True)
