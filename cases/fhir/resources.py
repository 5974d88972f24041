"""Cases as FHIR shows them: a Communication that came in, a Task that tells what becomes of it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cases.definition import Definition
from cases.fhir.outcomes import issue, outcome_of
from cases.models import Case, Decision, Priority, Status

JSON = dict[str, Any]
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
STATUS_SYSTEM = "urn:countersign:case-status"
OUTPUT_SYSTEM = "urn:countersign:task-output"
MADE_BY_SYSTEM = "urn:countersign:made-by"
TASK_STATUSES = {
    Status.RECEIVED: "received",
    Status.READ: "in-progress",
    Status.SCORED: "in-progress",
    Status.QUARANTINED: "in-progress",
    Status.IN_REVIEW: "in-progress",
    Status.DECIDED: "completed",
    Status.ANNOUNCED: "completed",
    Status.WITHDRAWN: "cancelled",
}
ON_HOLD = "on-hold"
PRIORITIES = {
    Priority.LOW: "routine",
    Priority.NORMAL: "routine",
    Priority.HIGH: "urgent",
    Priority.URGENT: "stat",
}


def instant(moment: datetime) -> str:
    """A moment as FHIR's instant."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def weak(version: str) -> str:
    """A version as an entity tag, in the form that FHIR gives it."""
    return f'W/"{version}"'


def identifier_of(case: Case) -> JSON:
    """The case's reference as the identifier it was."""
    system, bar, value = case.reference.rpartition("|")
    return {"system": system, "value": value} if bar else {"value": value}


def communication_of(case: Case) -> JSON:
    """What we still say of a message: what it said itself is sealed, and not sent back."""
    return {
        "resourceType": "Communication",
        "id": str(case.pk),
        "meta": {
            "versionId": "1",
            "lastUpdated": instant(case.created_at),
            "tag": [SUBSETTED],
        },
        "identifier": [identifier_of(case)],
        "status": "completed",
        "priority": PRIORITIES[Priority(case.priority)],
        "received": instant(case.created_at),
    }


def task_version(case: Case, *, on_hold: bool) -> str:
    """The version of a Task: a case on hold has the version it had before."""
    return f"{case.version}-{ON_HOLD}" if on_hold else str(case.version)


def task_of(
    case: Case, *, changed_at: datetime, on_hold: bool = False, outputs: Sequence[JSON] = ()
) -> JSON:
    """What becomes of a case, which was last `changed_at`; `outputs` come after its decision's own."""
    status = Status(case.status)
    definition = case.definition
    found: JSON = {
        "resourceType": "Task",
        "id": str(case.pk),
        "meta": {
            "versionId": task_version(case, on_hold=on_hold),
            "lastUpdated": instant(changed_at),
        },
        "identifier": [identifier_of(case)],
        "status": ON_HOLD if on_hold else TASK_STATUSES[status],
        "businessStatus": coded(STATUS_SYSTEM, status.value, str(status.label)),
        "intent": "order",
        "priority": PRIORITIES[Priority(case.priority)],
        "code": coded("urn:countersign:pipeline", definition.slug, definition.name),
        "focus": {"reference": f"Communication/{case.pk}"},
        "authoredOn": instant(case.created_at),
        "lastModified": instant(changed_at),
        "restriction": {"period": {"end": instant(case.due_at)}},
    }
    if on_hold:
        found["statusReason"] = {"text": "Set aside, or waiting for an answer to a question."}
    if case.current:
        found["output"] = [*decided(case.current[0], definition), *outputs]
    return found


def decided(decision: Decision, definition: Definition) -> Iterator[JSON]:
    """A decision as a Task's outputs: the outcome, its reasons, when, and whether a person made it."""
    system = f"urn:countersign:{definition.slug}"
    label = definition.outcome(decision.outcome).label
    yield output("outcome", "CodeableConcept", coded(f"{system}:outcome", decision.outcome, label))
    texts: Mapping[str, str] = {reason.code: reason.text for reason in definition.reasons}
    for code in decision.reason_codes:
        text = texts.get(code, code.replace("_", " ").capitalize())
        yield output("reason", "CodeableConcept", coded(f"{system}:reason", code, text))
    made_by = Decision.MadeBy(decision.made_by)
    yield output(
        "made-by", "CodeableConcept", coded(MADE_BY_SYSTEM, made_by.value, str(made_by.label))
    )
    yield output("decided-at", "DateTime", instant(decision.decided_at))


def output(kind: str, type_name: str, value: Any) -> JSON:
    """An output of a Task."""
    return {
        "type": {"coding": [{"system": OUTPUT_SYSTEM, "code": kind}]},
        f"value{type_name}": value,
    }


def coded(system: str, code: str, text: str) -> JSON:
    """A concept by its code and in words."""
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def searchset(tasks: Sequence[JSON], *, base: str, self_url: str, next_url: str | None) -> JSON:
    """A page of what a search found."""
    links = [{"relation": "self", "url": self_url}]
    if next_url:
        links.append({"relation": "next", "url": next_url})
    found: JSON = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if tasks:
        found["entry"] = [
            {
                "fullUrl": f"{base}/{task['resourceType']}/{task['id']}",
                "resource": task,
                "search": {"mode": "match"},
            }
            for task in tasks
        ]
    return found


def transaction_response(case: Case, types: Sequence[str], *, base: str, made: str) -> JSON:
    """What became of each entry of a transaction: all of them are the one message now."""
    entries = [
        message_entry(case, base, made) if kind == "Communication" else part_entry(case)
        for kind in types
    ]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def message_entry(case: Case, base: str, made: str) -> JSON:
    """The entry of the Communication itself."""
    words = f"Task/{case.pk} tells what becomes of it."
    return {
        "response": {
            "status": made,
            "location": f"{base}/Communication/{case.pk}",
            "etag": weak("1"),
            "lastModified": instant(case.created_at),
            "outcome": outcome_of([issue("informational", words, "information")]),
        }
    }


def part_entry(case: Case) -> JSON:
    """The entry of something that came along: it has no address of its own."""
    words = f"Came with Communication/{case.pk}; kept is what its pipeline has a place for."
    return {
        "response": {
            "status": "200 OK",
            "outcome": outcome_of([issue("informational", words, "information")]),
        }
    }
