"""The second factor: its secrets sealed, its coming and going recorded."""

from base64 import b64decode, b64encode
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from audit.acting import present_actor
from audit.events import record
from audit.rewrapping import resealed
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


def rewrap_second_factors() -> int:
    """Seals the secrets anew that an older master key seals; returns of how many authenticators."""
    changed = 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            data = {name: fresh(value) for name, value in row.data.items()} if row else {}
            if row is not None and data != row.data:
                changed += Authenticator.objects.filter(pk=pk).update(data=data)
    return changed


def fresh(value: Any) -> Any:
    """A value of an authenticator's, its secrets under the current master key; others as they are."""
    if isinstance(value, list):
        return [fresh(each) for each in value]
    try:
        sealed = resealed(PURPOSE, b64decode(value, validate=True))
    except (TypeError, ValueError):  # a count, or a mask of used codes: no secret
        return value
    return value if sealed is None else b64encode(sealed).decode()


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
