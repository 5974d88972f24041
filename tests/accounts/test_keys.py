"""API keys: seen once, recognised while they live, rotated with an overlap."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.keys import digest, make_client, make_key, recognise, revoke_key, rotate_keys
from accounts.models import ApiClient, ApiKey, Scope
from audit.models import ClockTimestamp, Event
from tests.conftest import TESTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def upstream() -> ApiClient:
    """A client without a key."""
    return make_client("upstream", pipelines=["loan"], by=TESTER)


def test_a_key_is_recognised_and_only_its_digest_kept(upstream: ApiClient) -> None:
    key = make_key(upstream, by=TESTER, scopes=[Scope.CASES_READ])
    found = recognise(key)
    assert found is not None
    assert found.client == upstream
    assert found.scopes == ["cases:read"]
    secret = key.split("_", 2)[2]
    assert secret not in str(ApiKey.objects.values())
    assert found.digest == digest(secret)
    assert secret not in str(list(Event.objects.values()))


@settings(deadline=None)
@given(st.integers(0, 200), st.characters())
def test_no_altered_key_is_recognised(place: int, other: str) -> None:
    client, _ = ApiClient.objects.get_or_create(name="altered", defaults={"pipelines": []})
    key = make_key(client, by=TESTER)
    place %= len(key)
    altered = key[:place] + other + key[place + 1 :]
    assert altered == key or recognise(altered) is None


@pytest.mark.parametrize("key", ["", "csk", "csk__", "csk_\0_x", "csk_é_x", "x" * 100_000])
def test_nonsense_is_no_key(key: str) -> None:
    assert recognise(key) is None


def test_an_expired_a_revoked_and_a_sleeping_clients_key_are_none(upstream: ApiClient) -> None:
    expired, revoked, asleep = (make_key(upstream, by=TESTER) for _ in range(3))
    rows = list(ApiKey.objects.order_by("pk"))
    past = ClockTimestamp() - timedelta(days=1)
    ApiKey.objects.filter(pk=rows[0].pk).update(created_at=past, expires_at=ClockTimestamp())
    revoke_key(rows[1], by=TESTER)
    assert recognise(expired) is recognise(revoked) is None
    assert recognise(asleep)
    ApiClient.objects.update(active=False)
    assert recognise(asleep) is None


def test_a_key_tells_when_it_was_used_to_the_minute(upstream: ApiClient) -> None:
    key = make_key(upstream, by=TESTER)
    recognise(f"{key}x")
    assert ApiKey.objects.get().last_used_at is None
    recognise(key)
    used = ApiKey.objects.get().last_used_at
    assert used is not None
    recognise(key)
    assert ApiKey.objects.get().last_used_at == used
    ApiKey.objects.update(last_used_at=used - timedelta(seconds=61))
    recognise(key)
    assert ApiKey.objects.get().last_used_at >= used  # type: ignore[operator]  # not None by now


def test_rotation_lets_the_old_key_live_on_for_a_while(upstream: ApiClient) -> None:
    old = make_key(upstream, by=TESTER, scopes=[Scope.CASES_READ])
    new = rotate_keys(upstream, by=TESTER, overlap=timedelta(hours=1))
    before, after = recognise(old), recognise(new)
    assert before and after
    assert after.scopes == ["cases:read"]
    assert before.expires_at - before.created_at < timedelta(hours=2)


def test_rotation_never_lengthens_a_life(upstream: ApiClient) -> None:
    old = make_key(upstream, by=TESTER, lifetime=timedelta(hours=1))
    rotate_keys(upstream, by=TESTER, overlap=timedelta(days=30))
    found = recognise(old)
    assert found
    assert found.expires_at - found.created_at < timedelta(hours=2)


def test_each_change_of_a_key_is_an_event(
    upstream: ApiClient, django_assert_num_queries: Any
) -> None:
    key = make_key(upstream, by=TESTER)
    rotate_keys(upstream, by=TESTER)
    found = recognise(key)
    assert found
    revoke_key(found, by=TESTER)
    types = Event.objects.filter(type__startswith="client.").values_list("type", flat=True)
    assert list(types) == [
        "client.made",
        "client.key_made",
        "client.keys_rotated",
        "client.key_made",
        "client.key_revoked",
    ]
    with django_assert_num_queries(1):
        recognise(key)


def run(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """What `manage.py client …` prints."""
    call_command("client", *command)
    return capsys.readouterr().out.strip()


def test_clients_are_managed_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    first = run(capsys, "make", "Portal", "--pipeline", "loan", "--scope", "cases:read")
    found = recognise(first)
    assert found
    assert (found.client.pipelines, found.scopes) == (["loan"], ["cases:read"])
    second = run(capsys, "rotate", "Portal")
    assert recognise(second)
    run(capsys, "revoke", first)
    assert recognise(first) is None
    for wrong in (("make", "Portal"), ("rotate", "Nobody"), ("revoke", "csk_1234567890")):
        with pytest.raises(CommandError):
            run(capsys, *wrong)
