"""What a posted case may look like: one JSON Schema, which checks it and documents it."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from django.conf import settings

from accounts.models import ApiClient
from cases.api.parsing import CaseForm
from cases.intake import SentPaper, faults_of_parts
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
            "x-rule": "must not be empty, nor hold control characters or ones that turn the text",
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


def read_case(body: Any, client: ApiClient) -> SentCase:
    """The case that a body or a form describes; raises InvalidInput with all that is wrong."""
    form = body.papers if isinstance(body, CaseForm) else None
    case = body.case if isinstance(body, CaseForm) else body
    documents = documents_of(case)
    contents = [decoded(document.get("content")) for document in documents]
    wrong = [*faults_of(CASE_VALIDATOR, case), *base64_faults(contents)]
    if wrong:
        sent = documents if form is None else [{"kind": paper.kind} for paper in form]
        wrong += faults_of_the_rest(case, [document.get("kind") for document in sent], client)
        raise InvalidInput(*dict.fromkeys(wrong))
    papers = [
        SentPaper(document["kind"], document.get("filename", ""), content or b"")
        for document, content in zip(documents, contents, strict=True)
    ]
    return SentCase(
        pipeline_slug=case["pipeline"],
        reference=case["reference"],
        data=case["data"],
        papers=papers if form is None else list(form),
        priority=Priority(case.get("priority", Priority.NORMAL)),
    )


def documents_of(case: Any) -> list[dict[str, Any]]:
    """The documents of a body; an empty one for what is none, so that each keeps its place."""
    sent = case.get("documents") if isinstance(case, dict) else None
    if not isinstance(sent, list):
        return []
    return [document if isinstance(document, dict) else {} for document in sent]


def decoded(content: Any) -> bytes | None:
    """What a text in base64 holds, None where it is no base64; nothing where it is no text."""
    try:
        return base64.b64decode(content, validate=True) if isinstance(content, str) else b""
    except (binascii.Error, ValueError):
        return None


def base64_faults(contents: Sequence[bytes | None]) -> list[Fault]:
    """A fault for each content that is no base64."""
    return [
        Fault(f"#/documents/{position}/content", "base64", "is no base64 (RFC 4648, 4)")
        for position, content in enumerate(contents)
        if content is None
    ]


def faults_of_the_rest(case: Any, kinds: Sequence[Any], client: ApiClient) -> Sequence[Fault]:
    """What the pipeline has against a case that is refused anyway, so that all is told at once."""
    if not isinstance(case, dict) or not isinstance(case.get("pipeline"), str):
        return ()
    data = case.get("data")
    return faults_of_parts(
        client,
        case["pipeline"],
        data if isinstance(data, dict) else None,
        [kind if isinstance(kind, str) else None for kind in kinds],
    )


def read_webhook_url(body: Any) -> str:
    """The URL of a webhook to be made; raises InvalidInput."""
    wrong = faults_of(WEBHOOK_VALIDATOR, body)
    if wrong:
        raise InvalidInput(*wrong)
    return str(body["url"])
