"""The trail as programs check it: checkpoints, the keys that sign them, and proofs (RFC 6962)."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import Scope
from audit.checking import keys_of_the_log
from audit.models import Checkpoint, Event, Leaf
from audit.proving import NotSealed, consistency, inclusion, latest_checkpoint
from cases.api import trailopenapi as openapi
from cases.api.base import ApiView
from cases.api.headers import ENTITY_TAG
from cases.api.queries import InvalidQuery, read_parameters
from cases.models import Case
from cases.validation import Fault

LARGEST = 2**63 - 1
"""Of a size or an id."""


class NoteRenderer(BaseRenderer):
    """A signed note as it is, since its bytes are what is signed."""

    media_type = "text/plain"
    format = "text"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The note; a problem stays JSON, as its media type says."""
        if isinstance(data, str):
            return data.encode()
        return JSONRenderer().render(data, renderer_context=renderer_context)


class CheckpointView(ApiView):
    """The newest checkpoint."""

    scopes: ClassVar = {"GET": Scope.TRAIL}
    renderer_classes = (NoteRenderer,)

    @openapi.read_checkpoint
    def get(self, request: Request) -> Response:
        """Shows its note; 404 before the first."""
        return as_note(request, newest())


class CheckpointOfSizeView(ApiView):
    """The checkpoint of a size."""

    scopes: ClassVar = {"GET": Scope.TRAIL}
    renderer_classes = (NoteRenderer,)

    @openapi.read_checkpoint_of_size
    def get(self, request: Request, size: int) -> Response:
        """Shows its note; 404 where the log was not sealed at this very size."""
        return as_note(request, of_size(size))


class InclusionView(ApiView):
    """That an event is in the log."""

    scopes: ClassVar = {"GET": Scope.TRAIL}

    @openapi.prove_inclusion
    def get(self, request: Request) -> Response:
        """Proves it under the newest checkpoint; 404 as long as the event is in none."""
        asked = read(request, {"event": number, "case": case_id})
        if len(asked) != 1:
            raise InvalidQuery(Fault("event", "invalid", "name an event, or a case: one of both"))
        event_id = asked["event"] if "event" in asked else decision_of(request, asked["case"])
        checkpoint = newest()
        try:
            found = inclusion(event_id, checkpoint)
        except NotSealed:
            raise Http404("the event is in no checkpoint") from None
        leaf = Leaf.objects.get(position=found.position)
        data = {
            "event": event_id,
            "position": found.position,
            "leaf": bytes(leaf.hash).hex(),
            "path": [hash.hex() for hash in found.path],
            "checkpoint": checkpoint.note,
        }
        return Response(openapi.InclusionShown(data).data)


class ConsistencyView(ApiView):
    """That one checkpoint's log begins with another's."""

    scopes: ClassVar = {"GET": Scope.TRAIL}

    @openapi.prove_consistency
    def get(self, request: Request) -> Response:
        """Proves it; `to` is the newest checkpoint where it is not said."""
        asked = read(request, {"from": number, "to": number})
        if "from" not in asked:
            raise InvalidQuery(Fault("from", "missing", "say the size of the older checkpoint"))
        old, new = asked["from"], of_size(asked["to"]) if "to" in asked else newest()
        if old > new.size:
            raise InvalidQuery(
                Fault("from", "invalid", f"is larger than the {new.size} of the newer")
            )
        data = {
            "old_size": old,
            "new_size": new.size,
            "path": [hash.hex() for hash in consistency(old, new)],
            "checkpoint": new.note,
        }
        return Response(openapi.ConsistencyShown(data).data)


class KeysView(ApiView):
    """The keys that sign checkpoints."""

    scopes: ClassVar = {"GET": Scope.TRAIL}

    @openapi.list_keys
    def get(self, request: Request) -> Response:
        """Lists them, the newest first, with those that signed before."""
        return Response({"items": openapi.KeyShown(keys_of_the_log(), many=True).data})


def newest() -> Checkpoint:
    """The newest checkpoint; raises Http404 before the first."""
    found = latest_checkpoint()
    if found is None:
        raise Http404("nothing is sealed yet")
    return found


def of_size(size: int) -> Checkpoint:
    """The checkpoint of a size; raises Checkpoint.DoesNotExist."""
    return Checkpoint.objects.filter(size=size).latest("id")


def as_note(request: Request, checkpoint: Checkpoint) -> Response:
    """A checkpoint's note with its tag; 304 where the sender has it."""
    tag = f'"{checkpoint.pk}"'
    known = request.headers.get("If-None-Match", "")
    if known.strip() == "*" or tag in {f'"{each}"' for _, each in ENTITY_TAG.findall(known)}:
        return Response(status=304, headers={"ETag": tag})
    return Response(checkpoint.note, headers={"ETag": tag})


def decision_of(request: Request, case: UUID) -> int:
    """The event of a case's present decision; raises DoesNotExist where the case is not the client's."""
    owned = Case.objects.get(pk=case, client=client_of(request))
    return Event.objects.filter(case_id=owned.pk, type="case.decided").latest("id").pk


def read(request: Request, readers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """The query's parameters; raises InvalidQuery with all that is wrong."""
    values, wrong = read_parameters(request.query_params, readers)
    if wrong:
        raise InvalidQuery(*wrong)
    return values


def number(text: str) -> int:
    """A size or an id."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= LARGEST):
        raise ValueError("must be a whole number from 0")
    return int(text)


def case_id(text: str) -> UUID:
    """A case's id."""
    try:
        return UUID(text)
    except ValueError:
        raise ValueError("must be a case's id") from None
