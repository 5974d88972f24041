"""API keys: made, rotated, revoked and recognised.

A key is `csk_<prefix>_<secret>`: the secret has 256 bits, so a plain SHA-256 of it is enough to
keep it (there is nothing to guess), and looking it up by its prefix leaks nothing by timing.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Least

from accounts.models import ApiClient, ApiKey, Scope
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp

LIFETIME = timedelta(days=365)
OF_UPSTREAMS = (Scope.CASES_WRITE, Scope.CASES_READ, Scope.WEBHOOKS)
"""What a key may do that nothing else is said of: who posts cases needs no part in how they are decided."""
FIND = """
    SELECT k.id, k.client_id, k.digest, k.scopes, c.id, c.name, c.pipelines,
           coalesce(k.last_used_at < clock_timestamp() - interval '1 minute', true)
    FROM accounts_apikey k JOIN accounts_apiclient c ON c.id = k.client_id
    WHERE k.prefix = %s AND k.revoked_at IS NULL AND k.expires_at > clock_timestamp() AND c.active
"""
USED = """
    UPDATE accounts_apikey SET last_used_at = clock_timestamp()
    WHERE id = %s AND coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)
"""
"""By hand: every request of the API asks this, and the ORM would cost more than the database."""


@transaction.atomic
def make_client(name: str, *, pipelines: Sequence[str], by: Actor) -> ApiClient:
    """Registers an upstream system for the pipelines it may post to."""
    client = ApiClient.objects.create(name=name, pipelines=list(pipelines))
    record("client.made", by=by, data={"client": client.pk, "pipelines": list(pipelines)})
    return client


@transaction.atomic
def make_key(
    client: ApiClient,
    *,
    by: Actor,
    scopes: Sequence[Scope] = OF_UPSTREAMS,
    lifetime: timedelta = LIFETIME,
) -> str:
    """Makes a key and returns it, the only time that it can be seen."""
    prefix, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        client=client,
        prefix=prefix,
        digest=digest(secret),
        scopes=[scope.value for scope in scopes],
        expires_at=ClockTimestamp() + lifetime,
    )
    record("client.key_made", by=by, data={"client": client.pk, "key": key.pk})
    return f"csk_{prefix}_{secret}"


@transaction.atomic
def rotate_keys(client: ApiClient, *, by: Actor, overlap: timedelta = timedelta(days=7)) -> str:
    """Makes a new key with the scopes of the newest; the old ones end after `overlap`."""
    live = ApiKey.objects.filter(client=client, revoked_at=None).order_by("-created_at", "-pk")
    newest = live.first()
    scopes = [Scope(scope) for scope in newest.scopes] if newest else OF_UPSTREAMS
    live.update(expires_at=Least(F("expires_at"), ClockTimestamp() + overlap))
    record("client.keys_rotated", by=by, data={"client": client.pk})
    return make_key(client, by=by, scopes=scopes)


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Actor) -> None:
    """Ends a key at once."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=ClockTimestamp())
    record("client.key_revoked", by=by, data={"client": key.client_id, "key": key.pk})


def recognise(key: str) -> ApiKey | None:
    """The live key of an active client, or None; notes once a minute that it is in use."""
    kind, _, rest = key.partition("_")
    prefix, _, secret = rest.partition("_")
    if kind != "csk" or not prefix.isalnum() or not prefix.isascii():
        return None
    with connection.cursor() as cursor:
        cursor.execute(FIND, [prefix])
        row = cursor.fetchone()
        if row is None or not hmac.compare_digest(row[2], digest(secret)):
            return None
        if row[7]:
            cursor.execute(USED, [row[0]])
    found = ApiKey.from_db(connection.alias, ("id", "client_id", "digest", "scopes"), row[:4])
    found.client = ApiClient.from_db(connection.alias, ("id", "name", "pipelines"), row[4:7])
    return found


def digest(secret: str) -> str:
    """What is kept of a key's secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
