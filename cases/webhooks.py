"""Webhooks as clients manage them, signed as Standard Webhooks 1.0 says."""

import base64
import json
import secrets
from datetime import datetime, timedelta
from typing import TypedDict

from django.conf import settings
from django.db import transaction

from accounts.models import ApiClient
from audit import outbound, vault
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from audit.rewrapping import resealed
from cases.models import Webhook
from cases.validation import Fault, InvalidInput

PURPOSE = "webhook_secrets"
OVERLAP = timedelta(hours=24)
"""How long a secret goes on signing beside the one that replaced it."""


class Secret(TypedDict):
    """A secret and the moment it ends, as ISO 8601, if it has been replaced."""

    secret: str
    until: str | None


def new_secret() -> str:
    """A secret of 256 bits."""
    return outbound.WHSEC + base64.b64encode(secrets.token_bytes(32)).decode()


@transaction.atomic
def make_webhook(client: ApiClient, url: str, *, by: Actor) -> tuple[Webhook, str]:
    """Registers where a client wants to hear of decisions; its secret can be seen this once.

    Raises InvalidInput where the URL may not be called, or the client has too many.
    """
    try:
        outbound.resolve(url)
    except outbound.RefusedAddress as refusal:
        raise InvalidInput(Fault("#/url", "refused_address", str(refusal))) from None
    except outbound.Unreachable as error:
        raise InvalidInput(Fault("#/url", "unreachable", f"can't be reached: {error}")) from None
    ApiClient.objects.select_for_update().get(pk=client.pk)  # so that two at once count each other
    if Webhook.objects.filter(client=client).count() >= settings.WEBHOOKS_A_CLIENT:
        detail = f"would be one more than the {settings.WEBHOOKS_A_CLIENT} that a client may have"
        raise InvalidInput(Fault("#", "too_many", detail))
    secret = new_secret()
    webhook = Webhook.objects.create(
        client=client, url=url, sealed_secrets=sealed([{"secret": secret, "until": None}])
    )
    record("webhook.made", by=by, data={"webhook": str(webhook.pk), "client": client.pk})
    return webhook, secret


@transaction.atomic
def rotate_secret(webhook: Webhook, *, by: Actor) -> str:
    """Gives a webhook a new secret and wakes it if it was disabled; the old one signs on a day."""
    kept = Webhook.objects.select_for_update().annotate(now=ClockTimestamp()).get(pk=webhook.pk)
    newest = secrets_of(kept)[0]["secret"]
    secret = new_secret()
    ends = (kept.now + OVERLAP).isoformat()
    kept.sealed_secrets = sealed(
        [{"secret": secret, "until": None}, {"secret": newest, "until": ends}]
    )
    kept.disabled_at = None
    kept.save(update_fields=["sealed_secrets", "disabled_at"])
    record("webhook.secret_rotated", by=by, data={"webhook": str(webhook.pk)})
    return secret


@transaction.atomic
def delete_webhook(webhook: Webhook, *, by: Actor) -> None:
    """Ends a webhook, and what was still to be sent to it."""
    record("webhook.deleted", by=by, data={"webhook": str(webhook.pk)})
    webhook.delete()


def disable_webhook(webhook: Webhook, *, by: Actor, reason: str) -> None:
    """Sends nothing more to a webhook until its secret is rotated. Must run in a transaction."""
    if Webhook.objects.filter(pk=webhook.pk, disabled_at=None).update(disabled_at=ClockTimestamp()):
        data = {"webhook": str(webhook.pk), "reason": reason}
        record("webhook.disabled", by=by, data=data)


def sealed(kept: list[Secret]) -> bytes:
    """Secrets, sealed by the house."""
    return vault.seal_for_house(PURPOSE, json.dumps(kept).encode())


def rewrap_webhooks() -> int:
    """Seals the secrets anew that an older master key seals; returns of how many webhooks."""
    changed = 0
    for pk in Webhook.objects.values_list("pk", flat=True):
        with transaction.atomic():
            hook = Webhook.objects.select_for_update().filter(pk=pk).first()
            fresh = resealed(PURPOSE, bytes(hook.sealed_secrets)) if hook else None
            if fresh is not None:
                changed += Webhook.objects.filter(pk=pk).update(sealed_secrets=fresh)
    return changed


def secrets_of(webhook: Webhook) -> list[Secret]:
    """A webhook's secrets, the newest first."""
    kept: list[Secret] = json.loads(vault.open_for_house(PURPOSE, bytes(webhook.sealed_secrets)))
    return kept


def live_secrets(webhook: Webhook, now: datetime) -> list[str]:
    """The secrets that sign at this moment."""
    return [
        kept["secret"]
        for kept in secrets_of(webhook)
        if kept["until"] is None or datetime.fromisoformat(kept["until"]) > now
    ]
