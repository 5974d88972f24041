"""In which language, by which formats and in whose time people read; programs get English and UTC."""

import re
from collections.abc import Callable
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.locales import day_order, language_of, zone_of
from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.models import Pipeline
from reviews.models import Claim, Export
from reviews.trail import decisions, figures
from reviews.trail.selecting import Selection
from tests.casefiles import DECLINE, reviewed_case, waiting_case
from tests.conftest import Upstream
from tests.reviews.exports import written

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
AMERICAN = {"Accept-Language": "en-US,en;q=0.9"}
LANG = re.compile(r'<html lang="([^"]+)"')
pytestmark = pytest.mark.django_db


def language(page: str) -> str:
    found = LANG.search(page)
    assert found
    return found[1]


@pytest.fixture
def auditor(client: Client, make_person: Callable[..., User]) -> User:
    """An auditor who is signed in."""
    person = make_person(Role.AUDITOR)
    client.force_login(person)
    return person


@pytest.fixture
def exported(loan: Pipeline, auditor: User) -> Export:
    """An export that waits."""
    made: Export = Export.objects.create(
        exported_by=auditor,
        pipeline=loan,
        kind=Export.Kind.DECISIONS,
        format=Export.Format.CSV,
        status=Export.Status.ASKED,
        filter={"pipeline": "loan", "since": "2026-03-01"},
    )
    return made


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        (GERMAN, "de"),
        (AMERICAN, "en-us"),
        ({"Accept-Language": "en"}, "en-gb"),
        ({"Accept-Language": "fi, *;q=0.1"}, "en-gb"),
        ({}, "en-gb"),
    ],
)
def test_before_signing_in_the_browser_says_in_which_language(
    client: Client, asked: dict[str, str], spoken: str
) -> None:
    for path in ("/account/login/", "/nowhere/"):
        answer = client.get(path, headers=asked)
        assert language(answer.content.decode()) == spoken
        assert answer.headers["Content-Language"] == spoken
        assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("chosen", "spoken"),
    [("de-DE", "de"), ("en-US", "en-us"), ("en-GB", "en-gb"), ("", "de"), ("tlh-001", "de")],
)
def test_who_is_signed_in_reads_as_they_chose(
    client: Client, loan: Pipeline, auditor: User, chosen: str, spoken: str
) -> None:
    User.objects.filter(pk=auditor.pk).update(locale=chosen)
    answer = client.get("/trail/exports/", headers=GERMAN)
    assert language(answer.content.decode()) == spoken
    assert answer.headers["Content-Language"] == spoken
    assert client.get("/nowhere/", headers=GERMAN).headers["Content-Language"] == spoken


@pytest.mark.parametrize(
    ("locale", "zone", "day", "time"),
    [
        ("en-GB", "", r"\d+ \w+ \d{4}", "UTC"),
        ("en-US", "America/New_York", r"\w+ \d+, \d{4}", "E[SD]T"),
        ("de-DE", "Europe/Berlin", r"\d+\. \w+\.? \d{4}", "CES?T"),
        ("de-DE", "Mars/Olympus", r"\d+\. \w+\.? \d{4}", "UTC"),
    ],
)
def test_times_are_the_persons_own_and_say_their_zone(
    client: Client, auditor: User, exported: Export, locale: str, zone: str, day: str, time: str
) -> None:
    User.objects.filter(pk=auditor.pk).update(locale=locale, time_zone=zone)
    page = client.get("/trail/exports/").content.decode()
    assert re.search(rf"<time[^>]*>{day}, \d+:\d\d\S*(\sPM|\sAM)? {time}</time>", page)


def test_a_person_of_no_known_locale_or_zone_is_served_all_the_same() -> None:
    nobody = User(locale="tlh", time_zone="../../etc/passwd")
    assert (language_of(nobody), zone_of(nobody)) == (None, None)
    assert (language_of(User()), zone_of(User())) == (None, None)


def test_the_order_of_a_days_figures_is_the_locales() -> None:
    orders = {}
    for spoken in ("en-gb", "en-us", "de"):
        with translation.override(spoken):
            orders[spoken] = day_order()
    assert orders == {"en-gb": "dmy", "en-us": "mdy", "de": "dmy"}


def test_nothing_of_a_readers_locale_outlasts_their_request(
    client: Client, auditor: User, loan: Pipeline
) -> None:
    User.objects.filter(pk=auditor.pk).update(locale="de-DE", time_zone="Asia/Tokyo")
    client.get("/trail/exports/", headers=GERMAN)
    assert translation.get_language() == "en-gb"
    assert timezone.get_current_timezone_name() == "UTC"


def test_programs_get_english_and_utc_whatever_they_ask(
    client: Client,
    loan: Pipeline,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Upstream],
) -> None:
    upstream = make_upstream()
    case = reviewed_case(loan, upstream.client, make_person(Role.REVIEWER), verdict=DECLINE)
    for path in (
        f"/api/v1/cases/{case.pk}",
        f"/api/v1/cases/{case.pk}/decision",
        "/api/v1/cases?limit=x",
        "/api/v1/nothing",
        "/api/v1/pipelines/loan",
        "/health/live",
    ):
        plain = client.get(path, headers=upstream.headers)
        german = client.get(path, headers={**upstream.headers, **GERMAN})
        assert without_instance(german.content) == without_instance(plain.content)
        assert "Content-Language" not in german.headers
        assert "Accept-Language" not in german.headers.get("Vary", "")


def without_instance(content: bytes) -> str:
    return re.sub(r"urn:uuid:[0-9a-f-]+", "", content.decode())


def test_an_export_is_the_same_whoever_takes_it(
    loan: Pipeline,
    auditor: User,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Upstream],
) -> None:
    reviewed_case(loan, make_upstream().client, make_person(Role.REVIEWER), verdict=DECLINE)
    reports = (decisions.decisions, figures.thresholds)
    for report, format in product(reports, ("csv", "jsonl")):
        files = []
        for spoken, zone in (("en-gb", "UTC"), ("de", "Asia/Tokyo")):
            with translation.override(spoken), timezone.override(zone):
                files.append(written(report(Selection(loan), reader=auditor), format))
        assert files[0] == files[1]


def test_events_are_the_same_whoever_acts(
    client: Client,
    loan: Pipeline,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Upstream],
) -> None:
    told = []
    for locale in ("en-GB", "de-DE"):
        case = waiting_case(loan, make_upstream().client)
        person = make_person(Role.REVIEWER, locale=locale, time_zone="Asia/Tokyo")
        client.force_login(person)
        client.get(f"/cases/{case.pk}/")
        client.post(f"/cases/{case.pk}/claim/")
        client.post(f"/cases/{case.pk}/give-back/", {"fence": Claim.objects.latest("pk").pk})
        told.append([event_words(event) for event in Event.objects.filter(case_id=case.pk)])
    assert told[0] == told[1]
    assert "claim.released" in [words[0] for words in told[0]]


def event_words(event: Event) -> tuple[str, tuple[str, ...]]:
    """What an event says in words: its type, and its texts that are no ids."""
    texts = (value for value in event.data.values() if isinstance(value, str))
    return event.type, tuple(text for text in texts if not re.search(r"\d", text))


def test_an_explanation_of_a_problem_says_that_it_is_english(client: Client) -> None:
    page = client.get("/problems/invalid-input", headers=GERMAN).content.decode()
    assert language(page) == "de"
    assert '<div class="page page-narrow problem" lang="en">' in page


def test_scripts_speak_the_language_of_their_page(client: Client) -> None:
    page = client.get("/account/login/", headers=GERMAN).content.decode()
    assert page.index("/static/js/words/de.js") < page.index("/static/js/gettext.js")
    assert page.index("/static/js/gettext.js") < page.index("/static/js/app.js")
    english = client.get("/account/login/", headers=AMERICAN).content.decode()
    assert "js/words/" not in english
    assert "/static/js/gettext.js" in english


def test_coordinates_have_points_whatever_the_language(
    client: Client,
    loan: Pipeline,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Upstream],
) -> None:
    case = waiting_case(loan, make_upstream().client, predicted="approve", confidence=0.6)
    client.force_login(make_person(Role.REVIEWER, locale="de-DE"))
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert language(page) == "de"
    numbers = r'\s(?:x|y|x1|x2|y1|y2|cx|cy|r|width|height|value|max)="[\d−-]+,\d'
    assert re.findall(numbers, page) == []
