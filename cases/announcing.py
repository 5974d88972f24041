"""Telling upstreams of their cases: a message for each webhook, sent until it is taken or given up."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from audit import outbound
from audit.actors import system
from audit.events import record
from audit.models import ClockTimestamp
from cases import lifecycle
from cases.lifecycle import Step
from cases.models import Case, Decision, Delivery, Status, Webhook
from cases.webhooks import disable_webhook, live_secrets

log = structlog.get_logger("countersign.webhooks")
BY = system("webhooks")

DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
"""How long after the attempt before it each attempt is due (Standard Webhooks' own schedule)."""

BATCH = 40
TOGETHER = 8
LEASE = timedelta(seconds=BATCH / TOGETHER * outbound.DEADLINE_SECONDS * 2)
"""How long a batch may take before its messages are due again: its sender was lost."""


def announce(case: Case, step: Step) -> None:
    """Does the step of announcing: a message for each of the client's live webhooks."""
    decision = Decision.objects.get(case=case, superseded_at=None)
    with transaction.atomic():
        told = tell(
            case,
            Told(
                "case.decided",
                about=f"decision:{decision.pk}",
                at=decision.decided_at,
                data={"decision": decision.pk, "outcome": decision.outcome},
            ),
        )
        data = {"decision": decision.pk, "webhooks": [str(hook.pk) for hook in told]}
        lifecycle.move(case, Status.ANNOUNCED, by=BY, step=step, data=data)


@dataclass(frozen=True, slots=True)
class Told:
    """What upstreams are told: the kind of message, which fact it is `about`, and its bare ids."""

    type: str
    about: str
    at: datetime
    data: Mapping[str, Any]


def tell(case: Case, told: Told) -> list[Webhook]:
    """Has each of the client's live webhooks told once; returns them. Must run in a transaction."""
    hooks = list(Webhook.objects.filter(client=case.client_id, disabled_at=None))
    if hooks:
        Delivery.objects.bulk_create(message(hook, case, told) for hook in hooks)
        transaction.on_commit(ring)
    return hooks


def message(webhook: Webhook, case: Case, told: Told) -> Delivery:
    """A message as a CloudEvent (1.0, structured), thin: who wants to know more asks the API."""
    delivery = Delivery(webhook=webhook, case=case, type=told.type, about=told.about)
    delivery.body = {
        "specversion": "1.0",
        "id": str(delivery.pk),
        "source": "/api/v1/cases",
        "type": delivery.type,
        "subject": str(case.pk),
        "time": told.at.isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "case": str(case.pk),
            "reference": case.reference,
            "pipeline": case.pipeline.slug,
            **told.data,
        },
    }
    return delivery


def ring() -> None:
    """Asks a worker to deliver at once; unheard, the beat's next round does."""
    try:
        current_app.send_task("cases.tasks.deliver_due_webhooks", retry=False)
    except OperationalError:
        log.warning("doorbell_unheard")


def deliver_due() -> int:
    """Sends what is due, once; returns how many messages that were."""
    due = take_due()
    with ThreadPoolExecutor(TOGETHER) as pool:
        for delivery, status in zip(due, pool.map(attempt, due), strict=True):
            note(delivery, status)
    return len(due)


@transaction.atomic
def take_due() -> list[Any]:
    """Takes due messages with a lease and counts the attempt, so that a lost sender counts too."""
    due = list(
        Delivery.objects.filter(due_at__lte=ClockTimestamp(), webhook__disabled_at=None)
        .select_related("webhook")
        .select_for_update(of=("self",), skip_locked=True)
        .annotate(now=ClockTimestamp())
        .order_by("due_at")[:BATCH]
    )
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in due]).update(
        attempts=F("attempts") + 1, due_at=ClockTimestamp() + LEASE
    )
    for delivery in due:
        delivery.attempts += 1
    return due


def letter(delivery: Delivery, now: datetime) -> tuple[bytes, dict[str, str]]:
    """A message's body and headers: the same id and body at every attempt, signed anew."""
    body = json.dumps(delivery.body, separators=(",", ":"), sort_keys=True).encode()
    headers = outbound.signed_headers(
        str(delivery.pk), int(now.timestamp()), body, live_secrets(delivery.webhook, now)
    )
    return body, {"Content-Type": "application/json", **headers}


def attempt(delivery: Any) -> int | None:
    """Sends a message and returns the answer's status, or None where none came.

    Runs in a thread that has no database. Whatever is wrong with one webhook, such as secrets that
    don't open, stops no other's messages.
    """
    where = {"webhook": str(delivery.webhook_id), "delivery": str(delivery.pk)}
    try:
        return outbound.post(delivery.webhook.url, *letter(delivery, delivery.now)).status
    except (outbound.RefusedAddress, outbound.Unreachable) as error:
        log.info("webhook_unreachable", **where, why=str(error))
    except Exception as error:  # its kind alone: the text may quote the message
        log.error("webhook_failed", **where, error=type(error).__name__)
    return None


@transaction.atomic
def note(delivery: Delivery, status: int | None) -> None:
    """Keeps how an attempt ended: taken, gone for good, to be tried again, or given up."""
    row = Delivery.objects.filter(pk=delivery.pk, delivered_at=None)
    data = {"webhook": str(delivery.webhook_id), "delivery": str(delivery.pk)}
    if status is not None and 200 <= status < 300:
        if row.update(delivered_at=ClockTimestamp(), due_at=None, last_status=status):
            taken = {**data, "attempt": delivery.attempts, "status": status}
            record("webhook.delivered", by=BY, case_id=delivery.case_id, data=taken)
    elif status == 410:
        row.update(due_at=None, last_status=status)
        disable_webhook(delivery.webhook, by=BY, reason="it answered 410 Gone")
    elif delivery.attempts < len(DELAYS):
        row.update(due_at=ClockTimestamp() + DELAYS[delivery.attempts], last_status=status)
    else:
        row.update(due_at=None, last_status=status)
        record("webhook.delivery_given_up", by=BY, case_id=delivery.case_id, data=data)
