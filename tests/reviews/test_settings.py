"""A person's own settings: kept with an event that tells no more than which, and used on every page."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import override

from accounts.models import ApiClient, User
from accounts.roles import Role
from accounts.settings import change_settings
from audit.models import Event
from cases.models import Pipeline
from reviews.views.home import reviews_today
from tests.casefiles import DECLINE, held, submit, waiting_case

SETTINGS = {"theme": "dark", "density": "compact", "locale": "de-DE", "single_keys": "on"}


@pytest.fixture
def ada(client: Client, loan: Pipeline, make_person: Callable[..., User]) -> User:
    user = make_person(Role.REVIEWER)
    client.force_login(user)
    return user


def save(client: Client, **changes: str) -> Any:
    return client.post("/settings/", {**SETTINGS, "time_zone": "", **changes})


def told() -> list[dict[str, Any]]:
    return [event.data for event in Event.objects.filter(type="account.settings_changed")]


def keys_on(client: Client) -> dict[str, str]:
    page = client.get("/settings/").content.decode()
    found = re.search(r'<script id="keymap" type="application/json">(.*?)</script>', page)
    assert found
    return {entry["name"]: entry["key"] for entry in json.loads(found[1])}


def test_what_is_saved_is_used_and_told_by_name_only(client: Client, ada: User) -> None:
    assert save(client, time_zone="Europe/Berlin", blur_papers="on").status_code == 302
    ada.refresh_from_db()
    assert (ada.theme, ada.density, ada.locale) == ("dark", "compact", "de-DE")
    assert (ada.time_zone, ada.blur_papers, ada.single_keys) == ("Europe/Berlin", True, True)
    names = ["blur_papers", "density", "locale", "theme", "time_zone"]
    assert told() == [{"user": ada.pk, "settings": names}]
    page = client.get("/settings/").content.decode()
    assert 'data-theme="dark" data-density="compact"' in page


def test_what_is_as_before_is_no_event(client: Client, ada: User) -> None:
    change_settings(ada, by=ada.actor, theme="system", keys={})
    assert told() == []
    with pytest.raises(TypeError, match="is_staff"):
        change_settings(ada, by=ada.actor, is_staff=True)


@pytest.mark.parametrize("zone", ["europe/amsterdam", "Amsterdam", " amsterdam "])
def test_a_city_is_enough_for_a_time_zone(client: Client, ada: User, zone: str) -> None:
    save(client, time_zone=zone)
    ada.refresh_from_db()
    assert ada.time_zone == "Europe/Amsterdam"


@pytest.mark.parametrize("wrong", [{"time_zone": "Atlantis"}, {"theme": "pink"}, {"locale": "xx"}])
def test_what_makes_no_sense_changes_nothing(
    client: Client, ada: User, wrong: dict[str, str]
) -> None:
    answer = save(client, **wrong)
    assert answer.status_code == 422
    assert "Nothing is saved yet" in answer.content.decode()
    assert told() == []


def test_keys_are_the_persons_own_on_every_page(client: Client, ada: User) -> None:
    assert save(client, **{"key:next_field": "F", "key:palette": "Ctrl+E"}).status_code == 302
    ada.refresh_from_db()
    assert ada.keys == {"next_field": "f", "palette": "Mod+e"}
    keys = keys_on(client)
    assert (keys["next_field"], keys["palette"], keys["previous_field"]) == ("f", "Mod+e", "k")
    assert client.post("/settings/", {"act": "reset_keys"}).status_code == 302
    assert keys_on(client)["next_field"] == "j"


def test_a_key_that_is_taken_is_said_beside_it(client: Client, ada: User) -> None:
    answer = save(client, **{"key:comment": "a", "key:search": "Tab"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A is already the key of “Approve”." in page
    assert "Browsers and screen readers need that key." in page
    ada.refresh_from_db()
    assert ada.keys == {}


def test_keys_of_pipelines_that_are_not_shown_stay(client: Client, ada: User) -> None:
    change_settings(ada, by=ada.actor, keys={"claims.pay": "y"})
    save(client, **{"key:comment": "f"})
    ada.refresh_from_db()
    assert ada.keys == {"claims.pay": "y", "comment": "f"}


@pytest.mark.parametrize(
    ("sent", "name", "value"),
    [
        ({"theme": "light"}, "theme", "light"),
        ({"density": "compact"}, "density", "compact"),
        ({"single_keys": "off"}, "single_keys", False),
    ],
)
def test_a_menu_sets_one_thing_at_once(
    client: Client, ada: User, sent: dict[str, str], name: str, value: object
) -> None:
    answer = client.post("/settings/choice/", {**sent, "next": "/cases/"})
    assert answer.headers["Location"] == "/cases/"
    ada.refresh_from_db()
    assert getattr(ada, name) == value
    assert told() == [{"user": ada.pk, "settings": [name]}]


def test_a_menu_leads_nowhere_else(client: Client, ada: User) -> None:
    answer = client.post("/settings/choice/", {"theme": "pink", "next": "//evil.example/"})
    assert answer.headers["Location"] == "/"
    assert told() == []


def test_single_keys_rest_where_they_are_switched_off(client: Client, ada: User) -> None:
    assert "keys-off" not in client.get("/settings/").content.decode()
    change_settings(ada, by=ada.actor, single_keys=False)
    assert 'class="keys-off"' in client.get("/settings/").content.decode()


def test_the_palette_leads_where_the_person_may_go(
    client: Client, ada: User, make_person: Callable[..., User]
) -> None:
    found = client.get("/palette/").json()
    assert {"slug": "loan-review", "name": "Loans to review"} in found["queues"]
    assert {"Home", "Cases", "Settings"} <= {place["label"] for place in found["places"]}
    client.force_login(make_person(Role.AUDITOR))
    found = client.get("/palette/").json()
    assert found["queues"] == []
    assert "Trail" in {place["label"] for place in found["places"]}


def test_a_day_begins_at_the_persons_own_midnight(
    ada: User, loan: Pipeline, bank: ApiClient
) -> None:
    submit(held(waiting_case(loan, bank), ada), DECLINE)
    now = datetime.now(UTC)
    since_midnight = now - now.replace(hour=0, minute=0, second=0, microsecond=0)
    just_past_it, just_before = timedelta(minutes=20), timedelta(hours=24, minutes=-20)
    for local in (just_past_it, just_before):
        away = local - since_midnight
        with override(timezone(away)):
            assert len(reviews_today(ada)[0]) == 1, away
