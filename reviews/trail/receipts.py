"""Receipts: the facts of one decision, in words too, with the proof that they stand in the log.

Whom a decision is about can check its receipt without asking anybody: `audit.verify` reads it. It says
nothing that they may not know: no names, nothing of the model but which one it was.
"""

import json
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.db.models import QuerySet

from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import Checkpoint, Event
from audit.proving import NotSealed, inclusion, latest_checkpoint
from audit.sealing import introduced_keys
from audit.verify import decision_facts, words_of
from cases.erasing import refuse_erased
from cases.models import Case, Decision

FORMAT = "countersign-receipt/1"
LINE = "SELECT event_line(event) FROM audit_event event WHERE id = %s"


class NotSealedYet(Exception):
    """The decision stands in the log, but no checkpoint is signed over it yet."""

    wait = 5
    """Seconds within which one is."""


class NotInLog(ObjectDoesNotExist):
    """The decision was made without an event, and so nothing can prove it."""

    explanation = "The decision does not stand in the log: there is no receipt of it."


def events_of(decision: Decision) -> QuerySet[Event]:
    """The event of a decision; nothing where it was made without one."""
    return Event.objects.filter(
        case_id=decision.case_id, type="case.decided", data__decision=decision.pk
    )


@transaction.atomic
def take_receipt(decision: Decision, *, by: Actor) -> dict[str, Any]:
    """The receipt of a decision for somebody who takes it away, which is an event; raises as `receipt_of`."""
    receipt = receipt_of(decision)
    record(
        "receipt.taken",
        by=by,
        case_id=decision.case_id,
        pipeline=receipt["decision"]["pipeline"],
        data={"decision": decision.pk},
    )
    return receipt


def receipt_of(decision: Decision) -> dict[str, Any]:
    """The receipt of a decision, superseded or not, as JSON.

    Raises NotSealedYet, CaseErased and NotInLog.
    """
    case = decision.case
    refuse_erased(case)
    checkpoint = latest_checkpoint()
    decided = events_of(decision).first()
    if decided is None:
        raise NotInLog
    if checkpoint is None:
        raise NotSealedYet
    try:
        proof = in_log(decided, checkpoint)
        receipt = {
            "format": FORMAT,
            "case": str(case.pk),
            "reference": case.reference,
            "decision": decision_facts(json.loads(proof["event"])),
            **proof,
            "checkpoint": checkpoint.note,
            "keys": sorted(introduced_keys()),
            "reference_proof": reference_proof(case, checkpoint),
        }
    except NotSealed:
        raise NotSealedYet from None
    proven = receipt["reference_proof"] is not None
    return {**receipt, "words": words_of(receipt, proven)}


def in_log(event: Event, checkpoint: Checkpoint) -> dict[str, Any]:
    """An event's line as it was hashed, and the path from there to the root; raises NotSealed."""
    found = inclusion(event.pk, checkpoint)
    with connection.cursor() as cursor:
        cursor.execute(LINE, [event.pk])
        (line,) = cursor.fetchone()
    return {
        "position": found.position,
        "event": line,
        "path": [hash.hex() for hash in found.path],
    }


def reference_proof(case: Case, checkpoint: Checkpoint) -> dict[str, Any] | None:
    """The event of the case's arrival, and the key to its commitment to the reference and to no other.

    None where it has no such commitment. Raises NotSealed.
    """
    received = Event.objects.filter(
        case_id=case.pk, type="case.received", commitments__has_key="reference"
    ).first()
    if received is None:
        return None
    key = vault.of(case.pk).proof_key("reference")
    return {**in_log(received, checkpoint), "key": key.hex()}
