"""The vault: what is personal is sealed under its case's own key.

AES-256-GCM with a fresh 96-bit nonce (NIST SP 800-38D); the case and the purpose are associated
data, so that a sealed value can be opened neither in another case nor in another place of its own.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction

from audit.models import CaseKey, ClockTimestamp, Tombstone

NONCE = 12
INSERT = "INSERT INTO audit_casekey (case_id, master_key, wrapped) VALUES (%s, %s, %s)"


class CannotOpen(Exception):
    """A sealed value does not belong here, was altered, or its key is gone."""


def canonical(value: Any) -> bytes:
    """JSON in one spelling only: keys sorted, no spaces, UTF-8; ValueError for NaN and infinity."""
    spelled = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return spelled.encode()


@dataclass(frozen=True, slots=True)
class Vault:
    """The open key of one case."""

    case_id: UUID
    key: bytes = field(repr=False)

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """`plain` sealed for `purpose`."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.derived("seal")).encrypt(nonce, plain, self.place(purpose))

    def open(self, purpose: str, sealed: bytes | memoryview) -> bytes:
        """What was sealed for `purpose`; raises CannotOpen."""
        sealed = bytes(sealed)
        try:
            return AESGCM(self.derived("seal")).decrypt(
                sealed[:NONCE], sealed[NONCE:], self.place(purpose)
            )
        except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
            raise CannotOpen(f"{purpose} of case {self.case_id}") from error

    def seal_json(self, purpose: str, value: Any) -> bytes:
        """A JSON value sealed for `purpose`."""
        return self.seal(purpose, canonical(value))

    def open_json(self, purpose: str, sealed: bytes | memoryview) -> Any:
        """The JSON value sealed for `purpose`; raises CannotOpen."""
        return json.loads(self.open(purpose, sealed))

    def commitment(self, purpose: str, value: Any) -> str:
        """A keyed fingerprint of a JSON value (HMAC-SHA256): provable, yet not to be guessed."""
        message = self.place(purpose) + b"\0" + canonical(value)
        return hmac.new(self.proof_key(purpose), message, hashlib.sha256).hexdigest()

    def proof_key(self, purpose: str) -> bytes:
        """By which somebody outside can check the commitment for `purpose`, and no other one."""
        return self.derived(f"commit:{purpose}")

    def derived(self, use: str) -> bytes:
        """The key for one use, so that sealing and committing never share theirs."""
        return hmac.new(self.key, use.encode(), hashlib.sha256).digest()

    def place(self, purpose: str) -> bytes:
        """What the sealed value is bound to."""
        return self.case_id.bytes + purpose.encode()


def create(case_id: UUID) -> Vault:
    """Makes the key of a new case."""
    vault = Vault(case_id, os.urandom(32))
    key = wrap(vault)
    with connection.cursor() as cursor:  # by hand: the ORM would cost more than the database
        cursor.execute(INSERT, [key.case_id, key.master_key, bytes(key.wrapped or b"")])
    return vault


def wrap(vault: Vault) -> CaseKey:
    """A case's key, wrapped by the current master key, as the row to be kept."""
    master_id, master = next(iter(settings.MASTER_KEYS.items()))
    nonce = os.urandom(NONCE)
    wrapped = nonce + AESGCM(master).encrypt(nonce, vault.key, vault.case_id.bytes)
    return CaseKey(case_id=vault.case_id, master_key=master_id, wrapped=wrapped)


def of(case_id: UUID) -> Vault:
    """The vault of a case; raises CannotOpen where its key was destroyed or can't be unwrapped."""
    found = of_many([case_id])
    if case_id not in found:
        raise CannotOpen(f"case {case_id} has no key")
    return found[case_id]


def of_many(case_ids: Iterable[UUID]) -> dict[UUID, Vault]:
    """The vaults of several cases in one query; a case whose key was destroyed is left out."""
    keys = CaseKey.objects.filter(case_id__in=list(case_ids), wrapped__isnull=False)
    return {key.case_id: unwrap(key) for key in keys}


def unwrap(key: CaseKey) -> Vault:
    """Opens a wrapped key; raises CannotOpen where its master key is not configured or is wrong."""
    master = settings.MASTER_KEYS.get(key.master_key)
    if master is None or key.wrapped is None:
        raise CannotOpen(f"case {key.case_id} needs master key {key.master_key}")
    wrapped = bytes(key.wrapped)
    try:
        return Vault(
            key.case_id,
            AESGCM(master).decrypt(wrapped[:NONCE], wrapped[NONCE:], key.case_id.bytes),
        )
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(f"key of case {key.case_id}") from error


@transaction.atomic
def destroy(case_id: UUID) -> None:
    """Destroys the key of a case, under a tombstone: nothing it sealed can be opened again, for good."""
    Tombstone.objects.bulk_create([Tombstone(case_id=case_id)], ignore_conflicts=True)
    living = CaseKey.objects.filter(case_id=case_id, destroyed_at=None)
    living.update(wrapped=None, destroyed_at=ClockTimestamp())


def seal_for_house(purpose: str, plain: bytes) -> bytes:
    """`plain` sealed by the current master key itself, for secrets that belong to no case."""
    master_id, master = next(iter(settings.MASTER_KEYS.items()))
    nonce = os.urandom(NONCE)
    key = AESGCM(house_key(master, purpose))
    return master_id.encode() + b":" + nonce + key.encrypt(nonce, plain, purpose.encode())


def open_for_house(purpose: str, sealed: bytes) -> bytes:
    """What was sealed for `purpose`, by whichever master key that was; raises CannotOpen."""
    master_id, _, rest = bytes(sealed).partition(b":")
    master = settings.MASTER_KEYS.get(master_id.decode("utf-8", "replace"))
    if master is None:
        raise CannotOpen(f"{purpose} needs a master key that is not configured")
    try:
        return AESGCM(house_key(master, purpose)).decrypt(
            rest[:NONCE], rest[NONCE:], purpose.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(purpose) from error


def house_key(master: bytes, purpose: str) -> bytes:
    """The key for one purpose of the house, so that it never shares the one that wraps keys."""
    return hmac.new(master, b"house:" + purpose.encode(), hashlib.sha256).digest()


def house_digest(purpose: str, content: bytes) -> str:
    """A fingerprint keyed for this installation, to recognise content without telling it."""
    master = next(reversed(settings.MASTER_KEYS.values()))  # the oldest: it outlives rotation
    key = hmac.new(master, b"digest:" + purpose.encode(), hashlib.sha256).digest()
    return hmac.new(key, content, hashlib.sha256).hexdigest()
