"""What a reply says: offers, never orders; and what is still to be filled in."""

from dataclasses import replace

import pytest

from cases.definition import parse, read_toml
from cases.definition.parts import ReplySpec
from cases.definition.wording import faults_of, filled, orders_in, places_in
from config.settings import BASE_DIR

MESSAGES = parse(
    read_toml((BASE_DIR / "cases/pipelines/patient-message/pipeline.toml").read_text())
)
OFFER = ReplySpec("offer", "An offer", ("same_day",), "We could see you: {appointment}.")


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("You must come in today.", ["You must"]),
        ("I think you have to rest.", ["you have to"]),
        ("Do not take ibuprofen.", ["Do not take"]),
        ("Thank you. Please don't drive home.", ["don't drive"]),
        ("Stop taking the tablets.", ["Stop taking"]),
        ("It may help to take 2 tablets.", ["take 2 tablets"]),
        ("Go to the hospital.", ["Go to"]),
        ("If it gets worse, call 999.", ["call 999"]),
        ("Fluids help; rest, and take one tablet.", ["rest", "take one tablet"]),
        ("You should take paracetamol.", ["You should take"]),
        ("Rest well and do not drive.", ["Rest well", "do not drive"]),
    ],
)
def test_orders_are_named_as_they_stand(text: str, phrases: list[str]) -> None:
    assert orders_in(text) == phrases


@pytest.mark.parametrize(
    "text",
    [
        "We could see you on Monday at 9:30.",
        "You may want to take your temperature.",
        "If you do not feel better, we are here.",
        "If the symptoms do not improve you can call us.",
        "You could go to the pharmacy, and you can stop taking photos.",
        "We do not know your temperature.",
        "Emergency services answer on 112 or 999 at any time.",
        "You should hear from us tomorrow.",
        "Nothing in your message must be left unanswered: we will call you.",
        "",
    ],
)
def test_offers_and_reports_are_no_orders(text: str) -> None:
    assert orders_in(text) == []


@pytest.mark.parametrize("gap", ["\n", " ", "\n \t", "if it, "])
def test_orders_are_found_behind_any_gap_without_going_over_it_again_and_again(gap: str) -> None:
    assert orders_in(f"Thank you.{gap * 5000}\nDo not drive.") == ["Do not drive"]


def test_what_is_not_known_stays_a_place() -> None:
    text = "Dear {name}, we could see you: { appointment }. {ward}"
    assert places_in(text) == ["name", "appointment", "ward"]
    said = filled(text, {"name": "Ada", "appointment": ""})
    assert said == "Dear Ada, we could see you: { appointment }. {ward}"


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"text": "You must come."}, "text"),
        ({"text": "Dear {patient}, we could see you."}, "text"),
        ({"outcomes": ("self_care",)}, "text"),
        ({"automatic": True}, "automatic"),
        ({"automatic": True, "text": "We could help.", "outcomes": ("emergency",)}, "automatic"),
    ],
)
def test_templates_that_can_not_be_used_are_named(changed: dict[str, object], part: str) -> None:
    assert list(faults_of(OFFER, MESSAGES)) == []
    assert part in [name for name, _ in faults_of(replace(OFFER, **changed), MESSAGES)]  # type: ignore[arg-type]  # of several types


def test_nothing_goes_out_by_itself_where_nobody_asks_for_consent() -> None:
    reply = ReplySpec("advice", "Advice", ("self_care",), "You could rest.", automatic=True)
    known = replace(MESSAGES, replies=(reply,))
    assert list(faults_of(reply, known)) == []
    assert list(faults_of(reply, replace(known, consent=None)))
    assert list(faults_of(replace(reply, text="Dear {name}"), replace(known, person=None)))
