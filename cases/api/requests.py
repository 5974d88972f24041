"""What a posted case may look like: one JSON Schema, which checks it and documents it."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, TypedDict

from django.conf import settings

from cases.api.parsing import CaseForm
from cases.intake import SentPaper
from cases.models import Priority
from cases.validation import Fault, InvalidInput, faults_of, validator_of

PLAIN_TEXT = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]+(?![\\s\\S])"
"""No control characters, and none that turn the text around them."""

DOCUMENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["kind", "content"],
    "additionalProperties": False,
    "properties": {
        "kind": {"type": "string", "description": "One of the pipeline's kinds of document."},
        "filename": {"type": "string", "maxLength": 255},
        "content": {
            "type": "string",
            "contentEncoding": "base64",
            "description": "The file in base64: PDF, PNG, JPEG, TIFF or WebP.",
        },
    },
}
FORM_CASE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["pipeline", "reference", "data"],
    "additionalProperties": False,
    "properties": {
        "pipeline": {"type": "string", "description": "The pipeline's slug."},
        "reference": {
            "type": "string",
            "maxLength": 100,
            "pattern": PLAIN_TEXT,
            "description": "Your own id of the case; nothing personal. It may occur twice.",
        },
        "priority": {"enum": list(Priority.values), "default": "normal"},
        "data": {"type": "object", "description": "What the pipeline's own schema asks for."},
    },
}
CASE_SCHEMA: dict[str, Any] = {
    **FORM_CASE_SCHEMA,
    "properties": {
        **FORM_CASE_SCHEMA["properties"],
        "documents": {
            "type": "array",
            "maxItems": settings.CASE_MAX_PAPERS,
            "items": DOCUMENT_SCHEMA,
        },
    },
}
CASE_VALIDATOR = validator_of(CASE_SCHEMA)
WEBHOOK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["url"],
    "additionalProperties": False,
    "properties": {"url": {"type": "string", "maxLength": 500, "format": "uri"}},
}
WEBHOOK_VALIDATOR = validator_of(WEBHOOK_SCHEMA)


class SentCase(TypedDict):
    """A case as it was sent."""

    pipeline_slug: str
    reference: str
    data: Mapping[str, Any]
    papers: list[SentPaper]
    priority: Priority


def read_case(body: Any) -> SentCase:
    """The case that a body or a form describes; raises InvalidInput."""
    case = body.case if isinstance(body, CaseForm) else body
    wrong = faults_of(CASE_VALIDATOR, case)
    if wrong:
        raise InvalidInput(*wrong)
    papers = list(body.papers) if isinstance(body, CaseForm) else decoded(case.get("documents", ()))
    return SentCase(
        pipeline_slug=case["pipeline"],
        reference=case["reference"],
        data=case["data"],
        papers=papers,
        priority=Priority(case.get("priority", Priority.NORMAL)),
    )


def decoded(documents: list[dict[str, str]]) -> list[SentPaper]:
    """The papers of a JSON body; raises InvalidInput for content that is no base64."""
    papers, wrong = [], []
    for position, document in enumerate(documents):
        try:
            content = base64.b64decode(document["content"], validate=True)
        except (binascii.Error, ValueError):
            pointer = f"#/documents/{position}/content"
            wrong.append(Fault(pointer, "base64", "is no base64 (RFC 4648, 4)"))
        else:
            papers.append(SentPaper(document["kind"], document.get("filename", ""), content))
    if wrong:
        raise InvalidInput(*wrong)
    return papers


def read_webhook_url(body: Any) -> str:
    """The URL of a webhook to be made; raises InvalidInput."""
    wrong = faults_of(WEBHOOK_VALIDATOR, body)
    if wrong:
        raise InvalidInput(*wrong)
    return str(body["url"])
