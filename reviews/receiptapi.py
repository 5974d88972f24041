"""A decision's receipt, as the upstream fetches it for whom the decision is about."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import Scope
from cases import finding
from cases.api.base import ApiView
from cases.api.cases import NotDecided, Withdrawn
from cases.api.openapi import answers, problems
from cases.models import Status
from reviews.trail.receipts import take_receipt


class ReceiptShown(serializers.Serializer[Any]):
    """A receipt: pass it on as it is. `verify.py` checks it, and needs nothing of ours but the key."""

    format = serializers.CharField()
    case = serializers.UUIDField()
    reference = serializers.CharField(help_text="Your own id of the case.")
    decision = serializers.DictField(help_text="The facts, as they stand in the log.")
    words = serializers.CharField(help_text="The same in words, on a page.")
    position = serializers.IntegerField(help_text="Where the decision's event stands in the log.")
    event = serializers.CharField(help_text="The event, byte for byte as it was hashed.")
    path = serializers.ListField(
        child=serializers.CharField(), help_text="From the event to the root (RFC 6962)."
    )
    checkpoint = serializers.CharField(help_text="The signed root (C2SP tlog-checkpoint).")
    keys = serializers.ListField(
        child=serializers.CharField(), help_text="Who signed: compare with the key you know."
    )
    reference_proof = serializers.DictField(
        allow_null=True, help_text="The proof that the case arrived under this reference."
    )


class ReceiptView(ApiView):
    """The receipt of a case's decision."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="read_receipt",
        summary="Read the receipt of a case's decision, which proves itself",
        tags=["Cases"],
        parameters=answers("Retry-After", "Seconds until the log is sealed over it.", 409),
        responses={200: ReceiptShown, **problems(404, 409, 410)},
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """The receipt of a case of the client's own; raises NotDecided, Withdrawn, NotSealedYet, NotInLog."""
        client = client_of(request)
        case = finding.find(client, case_id)
        if not case.current:
            raise Withdrawn if case.status == Status.WITHDRAWN else NotDecided
        return Response(take_receipt(case.current[0], by=client.actor))
