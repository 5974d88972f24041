"""What the OpenAPI document says beyond the code: headers, bodies, and the problems of each call."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from cases.api import presenting
from cases.api.queries import MOST, USUAL
from cases.api.requests import CASE_SCHEMA, FORM_CASE_SCHEMA, WEBHOOK_SCHEMA
from cases.models import Status


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped
    """How a key is shown."""

    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "csk_…"}


class FaultShown(serializers.Serializer[Any]):
    """One thing wrong with a request: in its body (`pointer`) or in its query (`parameter`)."""

    pointer = serializers.CharField(required=False, help_text="JSON pointer (RFC 6901), “#/…”.")
    parameter = serializers.CharField(required=False)
    code = serializers.CharField()
    detail = serializers.CharField()
    line = serializers.IntegerField(required=False, help_text="The line of a TOML body, from 1.")


class ProblemShown(serializers.Serializer[Any]):
    """A problem (RFC 9457)."""

    type = serializers.CharField(help_text="Which problem; the address explains it.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="This very occurrence; our log has it.")
    errors = FaultShown(  # type: ignore[assignment]  # a field, not what validating found
        many=True, required=False
    )


def header(name: str, description: str, **options: Any) -> OpenApiParameter:
    """A request header."""
    return OpenApiParameter(
        name, location=OpenApiParameter.HEADER, description=description, **options
    )


def answers(name: str, description: str, *statuses: int) -> list[OpenApiParameter]:
    """A header of the answers with these statuses."""
    return [
        OpenApiParameter(
            name, location=OpenApiParameter.HEADER, response=list(statuses), description=description
        )
    ]


def problems(*statuses: int) -> dict[tuple[int, str], Any]:
    """The problems that a call can answer with; some every call can."""
    every = {400, 401, 403, 406, 413, 429, 500, 503}
    return {
        (status, "application/problem+json"): OpenApiResponse(ProblemShown, PROBLEMS[status])
        for status in sorted(every | set(statuses))
    }


PROBLEMS = {
    400: "The request can't be read",
    401: "No key, or none that lives",
    403: "The key lacks the scope",
    404: "There is no such thing of yours",
    406: "It is not to be had in a form that you accept",
    409: "It can't be done as things stand",
    410: "The case was withdrawn, so that there will be no decision; or what you ask for was erased",
    412: "It has changed since you read it",
    413: "The body is too large",
    415: "The body is of a type that is not read here",
    422: "The request can be read but not accepted; `errors` says why",
    428: "If-Match is missing",
    429: "The client's allowance is used up",
    500: "Something failed here",
    503: "A part of the house is away, or the house is full; try again later",
}
KEY = header(
    "Idempotency-Key",
    'A string of your own in double quotes, such as `"0b1c…"`. The same key with the same body gets '
    "the first answer again, for at least 48 hours.",
    required=True,
    pattern=r'^"([\x20-\x21\x23-\x5b\x5d-\x7e]){1,255}"$',
)
PREFER = header(
    "Prefer",
    "`wait=N`: wait up to N seconds (at most 20) for the decision; ends early once a person has the "
    "case.",
)
IF_MATCH = header("If-Match", 'The case\'s ETag as you read it, such as `"3"`.', required=True)
IF_NONE_MATCH = header("If-None-Match", "The ETag you have; 304 if it is still so.")
CASE_FORM = {
    "type": "object",
    "required": ["case"],
    "properties": {"case": FORM_CASE_SCHEMA},
    "additionalProperties": {
        "description": "A file; the part's name is the document's kind.",
        "anyOf": [
            {"type": "string", "contentMediaType": "application/octet-stream"},
            {
                "type": "array",
                "items": {"type": "string", "contentMediaType": "application/octet-stream"},
            },
        ],
    },
}

post_case = extend_schema(
    operation_id="post_case",
    summary="Post a case",
    tags=["Cases"],
    parameters=[
        KEY,
        PREFER,
        *answers("Location", "Where the case is.", 201, 202),
        *answers("ETag", "The case's version.", 201, 202),
        *answers("Preference-Applied", "That we waited.", 201, 202),
        *answers(
            "Idempotency-Replayed", "`true` where the answer is the first one again.", 201, 202
        ),
    ],
    request={"application/json": CASE_SCHEMA, "multipart/form-data": CASE_FORM},
    responses={
        201: OpenApiResponse(presenting.CaseShown, "Taken in, and decided while you waited"),
        202: OpenApiResponse(
            presenting.CaseShown, "Taken in, and shown as it is now; the decision is still to come"
        ),
        **problems(409, 415, 422),
    },
)
list_cases = extend_schema(
    operation_id="list_cases",
    summary="List your cases, newest first",
    tags=["Cases"],
    parameters=[
        OpenApiParameter("status", enum=Status.values),
        OpenApiParameter("pipeline", description="The slug of a pipeline that you may post to."),
        OpenApiParameter("reference", description="Your own id."),
        OpenApiParameter("created_after", {"type": "string", "format": "date-time"}),
        OpenApiParameter("cursor", description="As `next` of the page before has it."),
        OpenApiParameter(
            "limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
        ),
        *answers("Link", "The next page, as `rel=next`.", 200),
    ],
    responses={200: presenting.CasePage, **problems()},
)
read_case = extend_schema(
    operation_id="read_case",
    summary="Read a case",
    tags=["Cases"],
    parameters=[IF_NONE_MATCH, *answers("ETag", "The case's version.", 200, 304)],
    responses={
        200: presenting.CaseShown,
        304: OpenApiResponse(description="It is still as you have it"),
        **problems(404),
    },
)
withdraw_case = extend_schema(
    operation_id="withdraw_case",
    summary="Withdraw a case",
    tags=["Cases"],
    parameters=[IF_MATCH, *answers("ETag", "The case's version.", 200)],
    request=None,
    responses={200: presenting.CaseShown, **problems(404, 409, 412, 428)},
)
read_decision = extend_schema(
    operation_id="read_decision",
    summary="Read a case's decision",
    tags=["Cases"],
    parameters=answers("ETag", "The case's version.", 200),
    responses={200: presenting.DecisionShown, **problems(404, 410)},
)
list_pipelines = extend_schema(
    operation_id="list_pipelines",
    summary="List the pipelines you may post to",
    tags=["Pipelines"],
    responses={
        200: inline_serializer("Pipelines", {"items": presenting.PipelineListed(many=True)}),
        **problems(),
    },
)
read_pipeline = extend_schema(
    operation_id="read_pipeline",
    summary="Read a pipeline: its schema, documents, outcomes and reasons",
    tags=["Pipelines"],
    responses={200: presenting.PipelineShown, **problems(404)},
)
list_webhooks = extend_schema(
    operation_id="list_webhooks",
    summary="List your webhooks",
    tags=["Webhooks"],
    responses={
        200: inline_serializer("Webhooks", {"items": presenting.WebhookShown(many=True)}),
        **problems(),
    },
)
post_webhook = extend_schema(
    operation_id="post_webhook",
    summary="Make a webhook",
    tags=["Webhooks"],
    request={"application/json": WEBHOOK_SCHEMA},
    examples=[
        OpenApiExample("A webhook", {"url": "https://example.com/countersign"}, request_only=True)
    ],
    responses={201: presenting.WebhookMade, **problems(415, 422)},
)
delete_webhook = extend_schema(
    operation_id="delete_webhook",
    summary="End a webhook",
    tags=["Webhooks"],
    responses={204: None, **problems(404)},
)
rotate_webhook = extend_schema(
    operation_id="rotate_webhook_secret",
    summary="Give a webhook a new secret; the old one signs on for a day",
    tags=["Webhooks"],
    request=None,
    responses={200: presenting.WebhookMade, **problems(404)},
)
