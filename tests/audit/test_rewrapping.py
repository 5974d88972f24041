"""A new master key: everything is wrapped anew under it, and opens without the old one."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings as house
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from audit import rewrapping, vault
from audit.models import CaseKey, Event
from cases.models import Webhook
from cases.webhooks import new_secret, sealed, secrets_of
from reviews.models import Export
from tests.conftest import TESTER
from tests.keys import destroy_key

pytestmark = pytest.mark.django_db
CASES = [UUID(int=number) for number in range(1, 6)]


def rotated(settings: Any) -> dict[str, bytes]:
    """The configuration after a new master key came; returns that without the old ones."""
    new = {"2027": bytes(range(32))}
    settings.MASTER_KEYS = new | settings.MASTER_KEYS
    return new


def rewrap() -> str:
    """What the command says."""
    said = StringIO()
    call_command("vault", "rewrap", stdout=said)
    return said.getvalue()


def test_all_that_was_sealed_opens_without_the_old_key(
    settings: Any, make_person: Callable[..., User], make_upstream: Any
) -> None:
    words = {case: vault.create(case).seal("words", b"as before") for case in CASES}
    destroy_key(CASES[4])
    secret = new_secret()
    kept = sealed([{"secret": secret, "until": None}])
    hook = Webhook.objects.create(
        client=make_upstream().client, url="https://example.org/", sealed_secrets=kept
    )
    seed = get_adapter().encrypt("seed")
    codes = {"seed": seed, "used_mask": 3, "migrated_codes": [get_adapter().encrypt("code")]}
    factor = Authenticator.objects.create(user=make_person(), type="recovery_codes", data=codes)
    now, words_of_file = timezone.now(), {"blob": "x", "sha256": "0" * 64, "row_count": 0}
    export = Export.objects.create(
        kind="trail", exported_by=factor.user, format="jsonl", status="done", sealed_key=b"",
        finished_at=now, kept_until=now, **words_of_file,
    )  # fmt: skip
    under_old = vault.seal_for_house(f"export:{export.pk}", b"key")
    Export.objects.filter(pk=export.pk).update(sealed_key=under_old)

    new = rotated(settings)
    assert (
        f"{CaseKey.objects.filter(wrapped__isnull=False).count()} keys of cases and 3 secrets"
        in rewrap()
    )
    settings.MASTER_KEYS = new
    assert set(CaseKey.objects.values_list("master_key", flat=True)) == {"2027"}
    for case in CASES[:4]:
        assert vault.of(case).open("words", words[case]) == b"as before"
    with pytest.raises(vault.CannotOpen):
        vault.of(CASES[4])
    assert secrets_of(Webhook.objects.get(pk=hook.pk))[0]["secret"] == secret
    data = Authenticator.objects.get(pk=factor.pk).data
    assert get_adapter().decrypt(data["seed"]) == "seed"
    assert get_adapter().decrypt(data["migrated_codes"][0]) == "code"
    assert data["used_mask"] == 3
    key = bytes(Export.objects.get(pk=export.pk).sealed_key or b"")
    assert vault.open_for_house(f"export:{export.pk}", key) == b"key"
    event = Event.objects.get(type="vault.rewrapped")
    assert event.data["master_key"] == "2027"
    assert event.data["secrets"] == 3

    assert "0 keys of cases and 0 secrets" in rewrap()
    assert Event.objects.filter(type="vault.rewrapped").count() == 1, "nothing was done"


def test_ended_half_way_it_goes_on_where_it_was(settings: Any) -> None:
    for case in CASES:
        vault.create(case)
    rotated(settings)
    assert rewrapping.rewrap_keys(2) == 2, "and then its process is lost"
    left = CaseKey.objects.exclude(master_key="2027").count()
    assert rewrapping.rewrap((), by=TESTER, batch=2).cases == left


def test_without_the_old_key_it_says_which_one_it_needs(settings: Any) -> None:
    vault.create(CASES[0])
    (old, *_) = house.MASTER_KEYS
    settings.MASTER_KEYS = rotated(settings)
    with pytest.raises(CommandError, match=f"needs master key {old}: add that key"):
        call_command("vault", "rewrap")


def test_whoever_seals_for_the_house_seals_anew_too() -> None:
    root = Path(house.BASE_DIR)
    apps = ("audit", "accounts", "cases", "inference", "reviews", "config")
    files = [file for app in apps for file in (root / app).rglob("*.py")]
    sealing = {
        str(file.relative_to(root)) for file in files if "seal_for_house(" in file.read_text()
    }
    assert sealing == {
        "audit/vault.py", "audit/rewrapping.py", "cases/webhooks.py",
        "accounts/secondfactor.py", "reviews/trail/exportfiles.py",
    }, "add what is new to SECRETS of config/management/commands/vault.py"  # fmt: skip
