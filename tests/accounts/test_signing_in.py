"""Signing in: guesses shut out the guesser alone, codes are used once, and Redis is not asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import serializers
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit.acting import acting
from audit.models import Event
from cases.models import Pipeline
from tests.casefiles import waiting_case
from tests.conftest import PASSWORD, Upstream
from tests.journey.browsing import Visitor
from tests.processes import House

Person = Callable[..., User]
LOGIN = "/account/login/"
WRONG = {"login": "mina", "password": "wrong"}
RIGHT = {"login": "mina", "password": PASSWORD}


def from_address(address: str) -> Client:
    """A browser behind our proxy."""
    return Client(HTTP_X_FORWARDED_FOR=f"198.51.100.1, {address}", REMOTE_ADDR="127.0.0.1")


def code(secret: str) -> str:
    """What the phone shows now."""
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))


def second_factor(person: User) -> str:
    """Gives a person an authenticator; its secret."""
    secret = str(generate_totp_secret())
    with acting(person.actor), transaction.atomic():
        TOTP.activate(person, secret)
        RecoveryCodes.activate(person)
    return secret


@pytest.fixture
def counted(settings: Any, make_person: Person, db: None) -> User:
    """Somebody who can sign in, behind one proxy, with wrong passwords being counted."""
    settings.AXES_ENABLED, settings.PROXIES = True, 1
    return make_person(username="mina")


def test_guesses_shut_out_the_guesser_and_not_the_person(counted: User) -> None:
    guesser, other = from_address("203.0.113.7"), from_address("203.0.113.8")
    answers = [guesser.post(LOGIN, WRONG) for _ in range(9)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    page = answers[-1].content.decode()
    assert "Too many attempts" in page
    assert 'class="header"' in page
    assert guesser.post(LOGIN, RIGHT).status_code == 429
    assert other.post(LOGIN, RIGHT).status_code == 302


def test_many_who_sign_in_from_one_address_are_let_in(counted: User) -> None:
    for _ in range(40):
        assert from_address("203.0.113.7").post(LOGIN, RIGHT).status_code == 302


def test_a_code_is_used_once_and_wrong_ones_are_counted(make_person: Person, db: None) -> None:
    person = make_person(username="mina")
    secret = second_factor(person)
    shown = code(secret)

    def enter(typed: str) -> int:
        client = Client()
        assert client.post(LOGIN, RIGHT)["Location"].startswith("/account/2fa/")
        return client.post("/account/2fa/authenticate/", {"code": typed}).status_code

    assert enter(shown) == 302
    assert enter(shown) == 200
    for _ in range(8):
        enter("000000")
    other = Authenticator.objects.get(user=person, type="recovery_codes").wrap()
    assert enter(other.get_unused_codes()[0]) == 200


def test_secrets_of_second_factors_are_sealed(make_person: Person, db: None) -> None:
    person = make_person()
    secret = second_factor(person)
    recovery = Authenticator.objects.get(user=person, type="recovery_codes").wrap()
    kept = serializers.serialize("json", Authenticator.objects.all())
    assert secret not in kept
    assert len(recovery.get_unused_codes()) == 10
    assert not any(word in kept for word in recovery.get_unused_codes())
    assert Authenticator.objects.get(user=person, type="totp").wrap().validate_code(code(secret))


def test_second_factors_come_and_go_as_events(make_person: Person, db: None) -> None:
    person = make_person()
    second_factor(person)
    with acting(person.actor):
        for factor in Authenticator.objects.filter(user=person):
            factor.delete()
    events = Event.objects.filter(type__startswith="account.second_factor")
    assert [(event.type.rpartition("_")[2], event.data["kind"]) for event in events] == [
        ("added", "totp"), ("added", "recovery_codes"),
        ("removed", "totp"), ("removed", "recovery_codes"),
    ]  # fmt: skip
    assert {event.actor_id for event in events} == {str(person.pk)}
    assert {event.data["user"] for event in events} == {person.pk}


def test_a_new_password_of_ones_own_is_an_event(
    db: None, client: Client, make_person: Person
) -> None:
    person = make_person()
    client.force_login(person)
    new = "another horse battery"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/account/password/change/", form).status_code == 302
    person.refresh_from_db()
    assert person.check_password(new)
    (event,) = Event.objects.filter(type="account.password_changed")
    assert (event.actor_id, event.data) == (str(person.pk), {"user": person.pk})


def test_details_are_recorded_by_name_and_only_when_saved(make_person: Person, db: None) -> None:
    person = make_person(username="mina", email="mina@example.org")
    person.email, person.last_name = "m@example.org", "Quandt"
    person.save(update_fields=["last_name"])
    person.save()
    person.save()
    events = Event.objects.filter(type="account.details_changed")
    assert [event.data["fields"] for event in events] == [["last_name"], ["email"]]


def test_people_sign_in_and_start_a_case_while_redis_is_away(
    house: House, make_person: Person, make_upstream: Callable[..., Upstream], tmp_path: Path
) -> None:
    person = make_person(Role.SENIOR_REVIEWER, username="mina")
    secret = second_factor(person)
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    case = waiting_case(loan, make_upstream().client)
    house.start_web(REDIS_URL=f"unix://{tmp_path}/nothing.sock")
    visitor = Visitor(house.url, person.username)
    visitor.send("/account/2fa/authenticate/", code=code(secret))
    for path in ("/", "/cases/", "/account/2fa/", "/account/password/change/"):
        assert visitor.get(path).status_code == 200, path
    page = visitor.send("/start/")
    assert (page.status_code, str(case.pk) in page.url) == (200, True)
