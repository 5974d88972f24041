"""A person's message on the case page: what is marked in it, who wrote it, and from whom it is hidden."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.roles import Role
from cases.definition import MessageSpec, parse, read_toml
from cases.models import Case
from reviews.models import Stage
from reviews.presenting.masks import MASK
from reviews.presenting.message import Evidence, message, strength
from reviews.presenting.people import age
from reviews.presenting.spans import Span, stretches
from tests.casefiles import held
from tests.conftest import LOAN, Upstream
from tests.messages import BARE, TEXT, VITALS, Found, Message, message_case
from tests.reviews.test_case_page import text

MESSAGES = parse(read_toml((LOAN.parents[1] / "patient-message/pipeline.toml").read_text()))
POLICY = {"thresholds": {"self_care": 0.9}, "ceilings": {"emergency": 0.02}}
TAGS = re.compile("<[^>]*>")


@pytest.fixture
def clinician(client: Client, db: None, make_person: Callable[..., User]) -> User:
    user = make_person(Role.REVIEWER)
    client.force_login(user)
    return user


@pytest.fixture
def bring(db: None, make_upstream: Callable[[], Upstream]) -> Callable[..., Case]:
    """Brings a message in review."""
    return lambda *said, **options: message_case(make_upstream().client, *said, **options)


def read(client: Client, case: Case) -> str:
    return text(client.get(f"/cases/{case.pk}/"))


def words_in(page: str) -> str:
    """The message as it is read, its notes' signs left out."""
    shown = page.partition('<div class="message-text" dir="auto">')[2].partition("</div>")[0]
    return unescape(TAGS.sub("", re.sub(r'<a class="note-sign.*?</a>', "", shown)))


# ---------------------------------------------------------------- spans


SPANS = st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40), st.sampled_from("abc")))


@given(st.text(max_size=30), SPANS)
def test_stretches_are_the_text_and_know_what_lies_over_them(
    said: str, spans: list[tuple[int, int, str]]
) -> None:
    cut = stretches(said, [Span(*each) for each in spans])
    assert "".join(each.text for each in cut) == said
    for each in cut:
        for place in range(each.start, each.start + len(each.text)):
            over = {key for start, end, key in spans if start <= place < end}
            assert set(each.keys) == over


def test_a_flag_over_a_word_of_the_models_keeps_both() -> None:
    found = {"flags": [{"name": "x", "label": "X", "source": "Y", "spans": [[0, 10], [5, 14]]}]}
    evidence = Evidence("a", "A", ("a", "b"), ({"start": 3, "end": 7, "points": {"a": 1.0}},))
    data = {"message": {"text": "One two three four"}}
    shown = message(MESSAGES, data, found, evidence, arrived=date(2026, 11, 20))
    assert shown is not None
    pieces = [
        (each.kind, [(one.text, one.strength) for one in each.pieces]) for each in shown.passages
    ]
    assert pieces == [
        ("flag", [("One", 0), (" t", 3)]),
        ("flag", [("wo", 3), (" th", 0)]),
        ("flag", [("ree ", 0)]),
        ("", [("four", 0)]),
    ]
    assert [each.places for each in shown.passages] == [
        ("said-flag-1-1",),
        ("said-flag-1-2",),
        (),
        (),
    ]


@pytest.mark.parametrize(("share", "steps"), [(1, 3), (-0.7, 3), (0.4, 2), (-0.2, 1), (0.1, 0)])
def test_a_words_line_is_as_strong_as_the_word_counts(share: float, steps: int) -> None:
    assert strength(share) == steps


@pytest.mark.parametrize(
    ("born", "told"),
    [
        ("2026-11-20", "0 days"),
        ("2026-11-06", "14 days"),
        ("2026-11-05", "2 weeks"),
        ("2026-08-21", "13 weeks"),
        ("2026-08-20", "3 months"),
        ("2024-11-21", "23 months"),
        ("2024-11-19", "2 years"),
        ("1961-11-21", "64 years"),
        ("2027-01-01", ""),
        (MASK, ""),
    ],
)
def test_an_age_is_told_as_clinicians_tell_it(born: str, told: str) -> None:
    assert age(born, date(2026, 11, 20)) == told


# ---------------------------------------------------------------- the page


def test_a_message_stands_where_the_papers_would(
    client: Client, clinician: User, bring: Callable[..., Case]
) -> None:
    case = bring(policy=POLICY)
    held(case, clinician)
    page = read(client, case)
    assert words_in(page) == TEXT
    assert "data-viewer" not in page
    assert "data-fields" not in page
    assert "65 years" in page
    assert "Amlodipine 5 mg" in page
    assert "Not given: Pregnant" in page


def test_the_page_costs_the_same_whatever_the_message_holds(
    client: Client, bring: Callable[..., Case], make_person: Callable[..., User]
) -> None:
    asked = []
    for said in (BARE, BARE, Message()):
        me = make_person(Role.REVIEWER)
        client.force_login(me)
        case = bring(said)
        held(case, me)
        with CaptureQueriesContext(connection) as statements:
            read(client, case)
        asked.append(len(statements))
    assert asked[1] == asked[2] <= 21  # one asks for the second factor that a signature needs


def test_a_flag_is_told_with_its_source_and_its_words(
    client: Client, clinician: User, bring: Callable[..., Case]
) -> None:
    case = bring()
    held(case, clinician)
    page = read(client, case)
    assert '<mark class="said said-flag" id="said-flag-1-1"' in page
    assert '<a href="#said-flag-1-1">“tight feeling across my chest”</a>' in page
    assert "Source: NICE CG95" in page
    assert "negated: the message says that it is not so" in page
    assert "said of somebody else" in page


def test_what_people_write_is_text_and_nothing_else(
    client: Client, clinician: User, bring: Callable[..., Case]
) -> None:
    said = "<script>alert('x')</script>\n\n  مرحبا 😀 & <b>\"pain\"</b> " + "é😀 " * 1500
    found = Found({"chest_pain": ["<script>alert('x')</script>"]}, (), {"pain": {"emergency": 1.0}})
    earlier = [{"text": "<i>before</i>", "sent_at": "no time", "from": "patient"}]
    case = bring(replace(BARE, text=said, found=found, data={"earlier": earlier}))
    held(case, clinician)
    page = read(client, case)
    assert words_in(page) == said
    assert "<script>alert" not in page
    assert "<i>before" not in page


def test_earlier_messages_are_folded_after_two_newest_first(
    client: Client, clinician: User, bring: Callable[..., Case]
) -> None:
    case = bring()
    held(case, clinician)
    page = read(client, case)
    newest, second, older = "Please take one tablet", "Thank you, the new", "Could I have a repeat"
    assert page.index(newest) < page.index(second) < page.index("1 more before") < page.index(older)


def test_a_language_that_is_not_read_is_named(
    client: Client, clinician: User, bring: Callable[..., Case]
) -> None:
    case = bring(replace(BARE, language="de"))
    held(case, clinician)
    assert "Written in German, which neither rules nor model read" in read(client, case)


@pytest.mark.parametrize(
    ("language", "read"),
    [("en", True), ("en-GB", True), ("EN", True), (None, True), ("de-AT", False), ("", False)],
)
def test_a_language_is_read_whichever_its_region(language: str | None, read: bool) -> None:
    assert MessageSpec("/text", "/language", ("en",)).reads(language) is read


def test_photos_stand_beside_the_message(
    client: Client, clinician: User, bring: Callable[..., Case]
) -> None:
    case = bring(replace(BARE, photos=1))
    held(case, clinician)
    page = read(client, case)
    assert page.index('class="message-text"') < page.index("data-viewer")
    assert "Read a field from a region" not in page


# ---------------------------------------------------------------- measurements and probabilities


def test_what_was_not_measured_is_said(
    client: Client, clinician: User, bring: Callable[..., Case]
) -> None:
    case = bring(Message())
    held(case, clinician)
    page = read(client, case)
    assert '<b class="figure">5</b> points or more: medium risk' in page
    assert "Not given: oxygen saturation. With it the total can only be higher." in page
    assert '22 <span class="faint">/min</span>' in page


def test_each_outcome_has_its_probability_and_the_policys_bound(
    client: Client, clinician: User, bring: Callable[..., Case]
) -> None:
    unlikely = {"emergency": 0.05, "same_day": 0.2, "routine": 0.05, "self_care": 0.7}
    case = bring(Message(probabilities=unlikely, missing=("pulse",)), policy=POLICY)
    held(case, clinician)
    page = " ".join(TAGS.sub(" ", read(client, case)).split())
    assert "0.70 for self-care. From 0.90 no person would be needed." in page
    assert "Emergency 0.05 a person judges from 0.02" in page
    assert "Self-care 0.70 automatic from 0.90" in page
    assert "Emergency is possible at 0.05: from 0.02 on a person judges." in page
    assert "The model was not given: pulse." in page


@pytest.mark.parametrize("stage", [Stage.SECOND, Stage.FIRST])
def test_an_independent_judge_finds_nothing_that_the_model_said(
    client: Client, bring: Callable[..., Case], make_person: Callable[..., User], stage: Stage
) -> None:
    me = make_person(Role.SENIOR_REVIEWER)
    client.force_login(me)
    case = bring(policy=POLICY, stage=stage, blind=stage == Stage.FIRST)
    held(case, me)
    page = read(client, case)
    assert '<mark class="said said-flag"' in page  # what rules found is a fact
    assert "points or more" in page
    telling = ["0.58", "0.31", "a person judges from", "word-for", "word-against", "data-words"]
    assert [words for words in telling if words in page] == []
    assert "Hidden" in page


# ---------------------------------------------------------------- masks


def test_a_masked_message_is_quoted_nowhere(
    client: Client, db: None, make_person: Callable[..., User], bring: Callable[..., Case]
) -> None:
    client.force_login(make_person(Role.AUDITOR))
    case = bring(policy=POLICY)
    page = read(client, case)
    said: list[Any] = ["chest”", "tight", "fever", "Achterberg", "1961", "65 years", "Amlodipine"]
    said += ["new tablets", "Monday", "P-20417"]
    assert [words for words in said if words in page] == []
    assert "The message and the earlier ones are masked." in page
    assert "Chest pain that may come from the heart" in page
    assert str(VITALS["pulse"]) in page
    client.post(f"/cases/{case.pk}/unmask/", {"what": "data", "purpose": "Audit sample"})
    assert words_in(read(client, case)) == TEXT
