"""What the OpenAPI document says of policies: what is sent, what is shown, the problems of each call."""

from typing import Any

from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from cases.api.openapi import KEY, answers, header, problems
from reviews.models import Proposal
from reviews.policychecks import POLICY_SCHEMA
from reviews.proposals import TITLE

TEXTS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {
            "type": "string",
            "minLength": 1,
            "maxLength": TITLE,
            "pattern": "\\S",
            "x-rule": "must say something",
        },
        "reason": {"type": "string", "maxLength": 500},
    },
}
"""What stands in the query beside TOML: an address has room for little."""
PROPOSAL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "policy"],
    "additionalProperties": False,
    "properties": {
        **TEXTS_SCHEMA["properties"],
        "reason": {"type": "string", "maxLength": 4000},
        "policy": POLICY_SCHEMA,
    },
}
TOML_BODY = {"type": "string", "description": "A policy by itself, as TOML."}
BODY = {"application/json": PROPOSAL_SCHEMA, "application/toml": TOML_BODY}
IF_MATCH = header("If-Match", 'The proposal\'s ETag as you read it, such as `"2"`.', required=True)
TEXTS = [
    OpenApiParameter(
        name, schema, description=f"The {name}, beside TOML; in JSON it is in the body."
    )
    for name, schema in TEXTS_SCHEMA["properties"].items()
]
TAGS = ["Policies"]
PLAIN = (
    "id",
    "status",
    "revision",
    "title",
    "reason",
    "drafted_at",
    "requested_at",
    "effective_at",
    "signed_at",
    "answer",
)


class DifferenceShown(serializers.Serializer[Any]):
    """One thing that differs from the policy in force."""

    part = serializers.CharField(help_text="What of the policy, such as `thresholds.approve`.")
    words = serializers.CharField()
    before = serializers.JSONField(allow_null=True, help_text="null: there was none.")
    after = serializers.JSONField(allow_null=True, help_text="null: there is none any more.")


class MistakeShown(serializers.Serializer[Any]):
    """What is wrong with a policy, or strange: a rule that asks for what no case has."""

    pointer = serializers.CharField(help_text="JSON pointer (RFC 6901) into what was sent.")
    line = serializers.IntegerField(required=False, help_text="The line of a TOML body, from 1.")
    detail = serializers.CharField()


class VersionListed(serializers.Serializer[Any]):
    """A version of a pipeline's policy."""

    number = serializers.IntegerField()
    active = serializers.BooleanField(help_text="Whether it is in force.")
    activated_at = serializers.DateTimeField()
    restores = serializers.IntegerField(
        allow_null=True, help_text="The earlier version whose content it has, where it went back."
    )
    title = serializers.CharField(help_text="Of the proposal that it came from.")
    reason = serializers.CharField()


class VersionShown(VersionListed):
    """A version of a pipeline's policy, with what it says."""

    policy = serializers.DictField()


class CheckShown(serializers.Serializer[Any]):
    """What a policy would change."""

    active = serializers.IntegerField(
        allow_null=True, help_text="The number of the version in force, with which it was compared."
    )
    differences = DifferenceShown(many=True)
    mistakes = MistakeShown(many=True)


class ProposalListed(serializers.Serializer[Any]):
    """A policy that you propose."""

    id = serializers.IntegerField()
    pipeline = serializers.CharField()
    status = serializers.ChoiceField(Proposal.Status.choices)
    revision = serializers.IntegerField()
    title = serializers.CharField()
    reason = serializers.CharField()
    base = serializers.IntegerField(
        allow_null=True, help_text="The version that was in force when it was drafted."
    )
    drafted_at = serializers.DateTimeField()
    requested_at = serializers.DateTimeField(allow_null=True)
    effective_at = serializers.DateTimeField(
        allow_null=True, help_text="From when on it is to be in force; null: once it is signed."
    )
    signed_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField(help_text="What the one who signed or refused it said.")
    version = serializers.IntegerField(allow_null=True, help_text="The version that it became.")


class ProposalShown(ProposalListed):
    """A policy that you propose, beside the one in force."""

    active = serializers.IntegerField(
        allow_null=True, help_text="The number of the version in force, with which it is compared."
    )
    differences = DifferenceShown(many=True)
    mistakes = MistakeShown(many=True)
    policy = serializers.DictField()


def formats(shown: Any) -> dict[Any, Any]:
    """An answer of JSON, or of TOML by Accept."""
    return {
        (200, "application/json"): shown,
        (200, "application/toml"): OpenApiResponse({"type": "string"}, "The policy by itself"),
    }


read_policy = extend_schema(
    operation_id="read_policy",
    summary="Read the policy that is in force",
    tags=TAGS,
    responses={**formats(VersionShown), **problems(404)},
)
list_versions = extend_schema(
    operation_id="list_policy_versions",
    summary="List the versions of a policy, the newest first",
    tags=TAGS,
    responses={
        200: inline_serializer("PolicyVersions", {"items": VersionListed(many=True)}),
        **problems(404),
    },
)
read_version = extend_schema(
    operation_id="read_policy_version",
    summary="Read a version of a policy",
    tags=TAGS,
    responses={**formats(VersionShown), **problems(404)},
)
check_policy = extend_schema(
    operation_id="check_policy",
    summary="Say what a policy would change; nothing is kept",
    tags=TAGS,
    request={"application/json": {"type": "object"}, "application/toml": TOML_BODY},
    responses={200: CheckShown, **problems(404, 415, 422)},
)
list_proposals = extend_schema(
    operation_id="list_proposals",
    summary="List what you proposed, the newest first",
    tags=TAGS,
    responses={
        200: inline_serializer("Proposals", {"items": ProposalListed(many=True)}),
        **problems(404),
    },
)
draft_proposal = extend_schema(
    operation_id="draft_proposal",
    summary="Draft a proposal; people ask for its signature, and sign it",
    tags=TAGS,
    parameters=[
        KEY,
        *TEXTS,
        *answers("Location", "Where the proposal is.", 201),
        *answers("ETag", "The proposal's revision.", 201),
        *answers("Idempotency-Replayed", "`true` where the answer is the first one again.", 201),
    ],
    request=BODY,
    responses={201: ProposalShown, **problems(404, 409, 415, 422)},
)
read_proposal = extend_schema(
    operation_id="read_proposal",
    summary="Read a proposal of yours",
    tags=TAGS,
    parameters=answers("ETag", "The proposal's revision.", 200),
    responses={**formats(ProposalShown), **problems(404)},
)
change_proposal = extend_schema(
    operation_id="change_proposal",
    summary="Change a draft of yours",
    tags=TAGS,
    parameters=[IF_MATCH, *TEXTS, *answers("ETag", "The proposal's revision.", 200)],
    request=BODY,
    responses={200: ProposalShown, **problems(404, 409, 412, 415, 422, 428)},
)
discard_proposal = extend_schema(
    operation_id="discard_proposal",
    summary="Discard a draft of yours",
    tags=TAGS,
    parameters=[IF_MATCH],
    responses={204: None, **problems(404, 409, 412, 428)},
)
