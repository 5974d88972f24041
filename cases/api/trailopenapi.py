"""What the OpenAPI document says of the trail."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from cases.api.openapi import IF_NONE_MATCH, answers, problems

F = TypeVar("F", bound=Callable[..., Any])
TAGS = ["Trail"]
HEX = "^[0-9a-f]{64}$"
COUNT = {"type": "integer", "format": "int64", "minimum": 0}
NOTE = "A signed note (C2SP tlog-checkpoint): the log's name, size and root, and its signatures."


def path() -> serializers.ListField:
    """A proof's hashes."""
    return serializers.ListField(
        child=serializers.RegexField(HEX), help_text="Hashes, as hexadecimal digits."
    )


class InclusionShown(serializers.Serializer[Any]):
    """That an event is in the log (RFC 6962, 2.1.1)."""

    event = serializers.IntegerField()
    position = serializers.IntegerField(help_text="From 0.")
    leaf = serializers.RegexField(HEX, help_text="SHA-256 of a zero byte and the event's line.")
    path = path()
    checkpoint = serializers.CharField(help_text=f"{NOTE} The proof is under its root.")


class ConsistencyShown(serializers.Serializer[Any]):
    """That one log begins with another (RFC 6962, 2.1.2); `verify.py --consistency` takes it as it is."""

    old_size = serializers.IntegerField()
    new_size = serializers.IntegerField()
    path = path()
    checkpoint = serializers.CharField(help_text=f"{NOTE} It is the newer one.")


class KeyShown(serializers.Serializer[Any]):
    """A key that signs checkpoints, or signed them."""

    key = serializers.CharField(help_text="As a verifier takes it: name, id and key.")
    name = serializers.CharField()
    since = serializers.DateTimeField()
    signs = serializers.BooleanField(help_text="Whether it signed the newest checkpoint.")
    signed_by_before = serializers.BooleanField(
        help_text="Whether a key that was there before has signed that this is one; false for the first."
    )


def number(name: str, description: str, **options: Any) -> OpenApiParameter:
    """A parameter of the query that is a whole number."""
    return OpenApiParameter(name, COUNT, description=description, **options)


def note_shown(operation: str, summary: str) -> Callable[[F], F]:
    """A call that answers with a note."""
    shown: Callable[[F], F] = extend_schema(
        operation_id=operation,
        summary=summary,
        tags=TAGS,
        parameters=[IF_NONE_MATCH, *answers("ETag", "The checkpoint's own tag.", 200, 304)],
        responses={
            (200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, NOTE),
            304: OpenApiResponse(description="It is still as you have it"),
            **problems(404),
        },
    )
    return shown


read_checkpoint = note_shown("read_checkpoint", "Read the newest checkpoint of the log")
read_checkpoint_of_size = note_shown(
    "read_checkpoint_of_size", "Read the checkpoint of a size that the log was sealed at"
)
prove_inclusion = extend_schema(
    operation_id="prove_inclusion",
    summary="Prove that an event, or a case's decision, is in the log",
    tags=TAGS,
    parameters=[
        number("event", "The event's id."),
        OpenApiParameter(
            "case",
            {"type": "string", "format": "uuid"},
            description="A case of yours, instead of an event: its present decision is meant.",
        ),
    ],
    responses={200: InclusionShown, **problems(404)},
)
prove_consistency = extend_schema(
    operation_id="prove_consistency",
    summary="Prove that one checkpoint's log begins with an older one's",
    tags=TAGS,
    parameters=[
        number("from", "The size of the older one, which you have.", required=True),
        number("to", "The size of the newer one; without it the newest."),
    ],
    responses={200: ConsistencyShown, **problems(404)},
)
list_keys = extend_schema(
    operation_id="list_trail_keys",
    summary="List the keys that sign checkpoints",
    tags=TAGS,
    responses={200: inline_serializer("TrailKeys", {"items": KeyShown(many=True)}), **problems()},
)
