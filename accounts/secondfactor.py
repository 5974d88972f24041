"""The second factor: its secrets sealed, its coming and going recorded."""

from base64 import b64decode, b64encode
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from audit.acting import present_actor
from audit.events import record
from audit.vault import open_for_house, seal_for_house

PURPOSE = "second factor"


class SealedSecondFactor(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets of authenticators and seeds of recovery codes are kept sealed by the master key."""

    def encrypt(self, text: str) -> str:
        """`text` sealed, in letters."""
        return b64encode(seal_for_house(PURPOSE, text.encode())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was sealed; raises CannotOpen."""
        return open_for_house(PURPOSE, b64decode(encrypted_text)).decode()


def record_added(
    sender: type[Authenticator], instance: Authenticator, created: bool, **_: Any
) -> None:
    """Receives Django's `post_save`, since allauth's own signal comes after the transaction."""
    if created:
        record("account.second_factor_added", by=present_actor(), data=facts(instance))


def record_removed(sender: type[Authenticator], instance: Authenticator, **_: Any) -> None:
    """Receives Django's `post_delete`."""
    record("account.second_factor_removed", by=present_actor(), data=facts(instance))


def facts(authenticator: Authenticator) -> dict[str, object]:
    """Whose it is and of which kind."""
    return {"user": authenticator.user_id, "kind": authenticator.type}
