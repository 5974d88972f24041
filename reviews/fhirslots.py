"""A clinic's appointments as FHIR's Slots: put under the clinic's own id, and read back."""

import re
from typing import Any, ClassVar

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import ApiClient, Scope
from cases.api.base import body_of
from cases.fhir.base import FhirView, Refusal
from cases.fhir.intake import pipeline_for
from cases.fhir.resources import instant
from cases.fhir.structure import faults_of_shape
from cases.models import Pipeline
from cases.validation import Fault, InvalidInput
from reviews.models import Slot
from reviews.slotfiles import SlotRow, item_of, row_of
from reviews.slots import add_slots, close_slot

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
OFFERED, WITHDRAWN = ("free",), ("busy", "busy-unavailable", "busy-tentative", "entered-in-error")


class SlotView(FhirView):
    """One appointment, by the id that the clinic gives it."""

    scopes: ClassVar = {"GET": Scope.CASES_READ, "PUT": Scope.CASES_WRITE}

    def get(self, request: Request, slot_id: str) -> Response:
        """Shows whether it is free."""
        return Response(slot_resource(slot_of(pipeline_of(request), slot_id)))

    def put(self, request: Request, slot_id: str) -> Response:
        """Offers it, changes it, or takes it back; sending the same again changes nothing."""
        pipeline, client = pipeline_of(request), client_of(request)
        body = body_of(request)
        check_slot(body, slot_id)
        if body["status"] in OFFERED:
            made = offer(pipeline, body, client)
        else:
            made = False
            take_back(pipeline, slot_id, client)
        shown = slot_resource(slot_of(pipeline, slot_id))
        return Response(shown, status=201 if made else 200)


def pipeline_of(request: Request) -> Pipeline:
    """The pipeline that the appointments are of; raises Refusal."""
    version = pipeline_for(client_of(request), request.query_params.get("pipeline"))
    return version.pipeline


def check_slot(body: Any, slot_id: str) -> None:
    """Raises InvalidInput where the body is no Slot of that id."""
    if not isinstance(body, dict) or body.get("resourceType") != "Slot":
        raise InvalidInput(Fault("Slot", "structure", "must be a Slot"))
    faults = list(faults_of_shape(body, "Slot"))
    if body.get("id") != slot_id or not ID.fullmatch(slot_id):
        detail = "must be the id in the address: 64 letters, digits, hyphens and dots at most"
        faults.append(Fault("Slot.id", "invalid", detail))
    if not faults and body["status"] not in OFFERED + WITHDRAWN:
        known = ", ".join(OFFERED + WITHDRAWN)
        faults.append(Fault("Slot.status", "code-invalid", f"must be one of: {known}"))
    if faults:
        raise InvalidInput(*faults)


def offer(pipeline: Pipeline, body: dict[str, Any], client: ApiClient) -> bool:
    """Offers an appointment; whether it is new. Raises InvalidInput, and Refusal where it is booked."""
    row = row_in(body)
    loaded = add_slots(pipeline, [row], by=client.actor)
    if loaded.past:
        raise InvalidInput(Fault("Slot.start", "business-rule", "lies in the past"))
    if loaded.kept:
        raise Refusal(
            409, "conflict", "The appointment is promised to somebody: it stays as it is."
        )
    return bool(loaded.new)


def row_in(body: dict[str, Any]) -> SlotRow:
    """What the clinic says of an appointment; raises InvalidInput."""
    try:
        return row_of(0, item_of(body))
    except ValueError:
        detail = (
            "must have a serviceType in words, and start and end in this order, with their offsets"
        )
        raise InvalidInput(Fault("Slot", "invariant", detail)) from None


def take_back(pipeline: Pipeline, slot_id: str, client: ApiClient) -> None:
    """Closes an appointment; raises Refusal where it is promised to somebody."""
    slot = slot_of(pipeline, slot_id)
    if slot.closed_at is None and not close_slot(pipeline, slot_id, by=client.actor):
        raise Refusal(
            409, "conflict", "The appointment is promised to somebody: it stays as it is."
        )


def slot_of(pipeline: Pipeline, slot_id: str) -> Slot:
    """The appointment of that id; raises Http404."""
    slot = Slot.objects.filter(pipeline=pipeline, source_id=slot_id).first()
    if slot is None:
        raise Http404
    return slot


def slot_resource(slot: Slot) -> dict[str, Any]:
    """An appointment as FHIR shows it: not whose it is."""
    status = "busy" if slot.booked_by_id else "busy-unavailable" if slot.closed_at else "free"
    return {
        "resourceType": "Slot",
        "id": slot.source_id,
        "serviceType": [{"text": slot.service}],
        "schedule": {"display": slot.place or slot.service},
        "status": status,
        "start": instant(slot.starts_at),
        "end": instant(slot.ends_at),
    }
