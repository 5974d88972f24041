"""What this house speaks of FHIR: its CapabilityStatement. Pure.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from typing import Any

from cases.fhir.structure import BY_THEMSELVES, MODELS

PUBLISHED = "2026-11-20"
"""When this statement last changed."""

TASK_SEARCH = (
    ("_id", "token", "The case's id."),
    ("identifier", "token", "Communication.identifier as it was sent: system|value, or the value."),
    ("status", "token", "One or more of Task's statuses, with commas between them."),
    ("_lastUpdated", "date", "With eq, ge, gt, le, lt, sa or eb; twice for a range."),
)


def capability_statement(*, base: str) -> dict[str, Any]:
    """The statement of the house at `base`."""
    return {
        "resourceType": "CapabilityStatement",
        "id": "countersign",
        "url": f"{base}/metadata",
        "name": "Countersign",
        "title": "Countersign: messages in, and what becomes of them",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "implementation": {"description": "Countersign", "url": base},
        "software": {"name": "Countersign"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "A transaction holds one Communication and what belongs to it: "
                + ", ".join(sorted(set(MODELS) - {*BY_THEMSELVES, "Communication"}))
                + ". It becomes one case, whose Task has the same id as the Communication.",
                "security": {
                    "cors": False,
                    "description": "An API key in each request: Authorization: Bearer csk_…",
                },
                "resource": [communication(), slot(), task()],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


def communication() -> dict[str, Any]:
    """Messages that come in."""
    return {
        "type": "Communication",
        "documentation": "With contained resources. Attachments bring their data; no address is followed.",
        "interaction": [{"code": "create"}, {"code": "read"}],
        "versioning": "no-version",
        "conditionalCreate": True,
        "readHistory": False,
        "updateCreate": False,
    }


def slot() -> dict[str, Any]:
    """Appointments that the clinic offers."""
    return {
        "type": "Slot",
        "documentation": "Under the clinic's own id. Free ones are offered; any other status takes one "
        "back, unless it is promised to somebody (409).",
        "interaction": [{"code": "read"}, {"code": "update"}],
        "versioning": "no-version",
        "readHistory": False,
        "updateCreate": True,
    }


def task() -> dict[str, Any]:
    """What becomes of them."""
    return {
        "type": "Task",
        "documentation": "An update may cancel a Task and nothing else; it needs If-Match.",
        "interaction": [{"code": "read"}, {"code": "search-type"}, {"code": "update"}],
        "versioning": "versioned-update",
        "conditionalRead": "not-match",
        "readHistory": False,
        "updateCreate": False,
        "searchParam": [
            {"name": name, "type": kind, "documentation": words}
            for name, kind, words in TASK_SEARCH
        ],
    }
