"""Red flags in what people write and in what was measured."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.definition import FlagSpec, parse, read_toml
from inference.flags import check_phrases, flags
from inference.phrases import InvalidPhrase, Text, compiled, finds

ROOT = Path(__file__).parents[2]
PATIENT_MESSAGE = parse(
    read_toml((ROOT / "cases/pipelines/patient-message/pipeline.toml").read_text(encoding="utf-8"))
)
SPECS = PATIENT_MESSAGE.flags
SENTENCES = tomllib.loads(Path(__file__).with_name("flag_sentences.toml").read_text("utf-8"))
RAISED = [sentence for by_status in SENTENCES.values() for sentence in by_status.get("raised", ())]
TODAY = date(2026, 11, 20)


def known(*, years: float = 40.0, days: float = 14600.0, **data: Any) -> dict[str, Any]:
    return {"data": {"patient": {}, **data}, "age": {"years": years, "days": days}, "tables": {}}


def shown(text: str, specs: tuple[FlagSpec, ...] = SPECS, **changes: Any) -> dict[str, Any]:
    return flags(specs, text, known(**changes), on=TODAY)


def statuses(text: str, flag: str) -> set[str]:
    found = shown(text)
    raised = {"raised" for each in found["flags"] if flag in (each["name"], "any")}
    return raised | {each["status"] for each in found["mentions"] if each["name"] == flag}


@pytest.mark.parametrize(("flag", "by_status"), SENTENCES.items(), ids=list(SENTENCES))
def test_sentences_are_taken_as_they_are_meant(flag: str, by_status: dict[str, list[str]]) -> None:
    """One test a flag: the sentences are hundreds, and each takes a millisecond."""
    wrong = [
        (status, sentence, found)
        for status, sentences in by_status.items()
        for sentence in sentences
        if not fits(status, found := statuses(sentence, flag))
    ]
    assert wrong == []


def fits(status: str, found: set[str]) -> bool:
    if status == "silent":
        return found == set()
    return status in found and (status == "raised" or "raised" not in found)


def test_there_is_a_sentence_for_every_flag_with_phrases_and_each_names_its_source() -> None:
    untried = {"known_pregnancy_bleeding"}  # needs what is known of the person, below
    assert {spec.name for spec in SPECS if spec.phrases} - untried == set(SENTENCES) - {"any"}
    assert all(len(spec.source) > 10 for spec in SPECS)


def test_spans_are_places_in_the_message_as_it_was_sent() -> None:
    text = "Good morning 👋\u00a0— it’s my CHEST: it really  hurts. Chest pain since Monday!"
    (flag,) = shown(text)["flags"]
    assert [text[start:end] for start, end in flag["spans"]] == [
        "CHEST: it really  hurts",
        "Chest pain",
    ]


def test_what_is_not_raised_is_kept_as_a_mention_beside_what_is() -> None:
    text = "I had a heart attack in 2015. No chest pain then. My chest hurts today."
    found = shown(text)
    (flag,) = found["flags"]
    assert [text[start:end] for start, end in flag["spans"]] == ["chest hurts"]
    assert [
        (each["name"], each["status"], [text[start:end] for start, end in each["spans"]])
        for each in found["mentions"]
    ] == [
        ("cardiac_chest_pain", "negated", ["chest pain"]),
        ("cardiac_chest_pain", "past", ["heart attack"]),
    ]


AFTERS = [
    "No fever, rash or cough.",
    "My father had a stroke.",
    "What should I do?",
    "I am not sure.",
    "Thank you and sorry to trouble you",
    "Never had this before.",
    "In 2012 I had my appendix out.",
]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RAISED), st.sampled_from(AFTERS), st.sampled_from([". ", "\n\n", "! "]))
def test_a_sentence_more_takes_no_flag_away(sentence: str, after: str, end: str) -> None:
    raised = {each["name"] for each in shown(sentence)["flags"]}
    assert raised <= {each["name"] for each in shown(sentence + end + after)["flags"]}
    assert raised <= {each["name"] for each in shown(after + end + sentence)["flags"]}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RAISED), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_and_apostrophes_make_no_difference(sentence: str, written: Any) -> None:
    raised = {each["name"] for each in shown(sentence)["flags"]}
    changed = written(sentence.replace("'", "’"))
    assert raised == {each["name"] for each in shown(changed)["flags"]}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    found = shown(text)
    for each in found["flags"] + found["mentions"]:
        assert all(0 <= start < end <= len(text) for start, end in each["spans"])


def test_the_longest_message_of_the_same_words_is_read_in_its_time() -> None:
    words = ("baby chest pain no not left arm " * 300)[:8000]
    assert shown(words)["flags"]


# ---------------------------------------------------------------- conditions
MEASURED = FlagSpec("hot", "Hot", "A source", when="data.vitals.temperature >= 39.0")
SAID_AND_MEASURED = FlagSpec(
    "both", "Both", "A source", ("rash",), "data.vitals.temperature >= 39.0"
)
SCORED = FlagSpec("score", "Score", "A source", when="tables.news2.points >= 5.0")


def names_of(found: dict[str, Any]) -> tuple[list[str], list[tuple[str, list[str]]]]:
    return (
        [each["name"] for each in found["flags"]],
        [(each["name"], each["absent"]) for each in found["unknown"]],
    )


@pytest.mark.parametrize(
    ("vitals", "raised", "absent"),
    [
        ({"temperature": 39.0}, ["hot"], []),
        ({"temperature": 38.9}, [], []),
        ({}, [], [("hot", ["data.vitals.temperature"])]),
        ({"temperature": "hot"}, ["hot"], []),  # fails: to the safe side
    ],
)
def test_a_condition_that_cannot_be_told_is_said_and_one_that_fails_raises(
    vitals: dict[str, Any], raised: list[str], absent: list[tuple[str, list[str]]]
) -> None:
    assert names_of(shown("", (MEASURED,), vitals=vitals)) == (raised, absent)


def test_words_under_a_condition_that_cannot_be_told_raise_their_flag() -> None:
    assert names_of(shown("a rash", (SAID_AND_MEASURED,), vitals={}))[0] == ["both"]
    cool = shown("a rash", (SAID_AND_MEASURED,), vitals={"temperature": 37.0})
    assert names_of(cool) == ([], [])
    assert names_of(shown("no words", (SAID_AND_MEASURED,), vitals={})) == ([], [])


def test_a_condition_whose_absent_input_has_no_plain_name_is_not_taken_for_unmet() -> None:
    when = "data['vitals']['pulse'] > 130.0"
    measured = FlagSpec("fast", "Fast", "A source", when=when)
    assert names_of(shown("", (measured,), vitals={})) == ([], [("fast", [when])])
    said = FlagSpec("both", "Both", "A source", ("rash",), when)
    assert names_of(shown("a rash", (said,), vitals={}))[0] == ["both"]


def test_a_sum_that_misses_measurements_is_never_taken_for_low() -> None:
    table = {"points": 2.0, "highest": 2.0, "missing": ["pulse"]}
    found = flags((SCORED,), "", known() | {"tables": {"news2": table}}, on=TODAY)
    assert names_of(found) == ([], [("score", ["pulse"])])
    found = flags((SCORED,), "", known() | {"tables": {"news2": table | {"points": 5.0}}}, on=TODAY)
    assert names_of(found) == (["score"], [])


@pytest.mark.parametrize(
    ("days", "temperature", "raised"),
    [
        (89.0, 38.0, True),
        (89.0, 37.9, False),
        (120.0, 38.9, False),
        (120.0, 39.0, True),
        (200.0, 40.0, False),
    ],
)
def test_a_babys_measured_fever_is_judged_by_its_age(
    days: float, temperature: float, raised: bool
) -> None:
    found = shown("", years=0.0, days=days, vitals={"temperature": temperature})
    assert ("infant_fever_measured" in names_of(found)[0]) is raised


def test_bleeding_is_a_flag_where_a_pregnancy_is_known() -> None:
    for patient, raised in (({"pregnant": True}, True), ({"pregnant": False}, False), ({}, False)):
        found = shown("some spotting this morning", patient=patient)
        assert ("known_pregnancy_bleeding" in names_of(found)[0]) is raised


# ---------------------------------------------------------------- the grammar
@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("chest .. pain", "chest, neck and arm pain", "chest, neck and arm pain"),
        ("chest .. pain", "chest with neck and arm pain", None),
        ("chest ..5 pain", "chest with neck and arm pain", "chest with neck and arm pain"),
        ("chest pain", "chest. Pain", None),
        ("worst [ever] headache", "worst headache", "worst headache"),
        ("worst ..2 [ever] headache", "worst bad headache", "worst bad headache"),
        ("(head|neck and back) ache", "neck and back aches", "neck and back aches"),
        ("bleed", "it bleeds", "bleeds"),
        ("collapse", "he collapsed", "collapsed"),
        ("fit!", "I was fitted", None),
        ("suicid*", "suicidality", "suicidality"),
        ("breathing", "my brething is", "brething"),
        ("breathing", "my braethnig is", None),
        ("slurred", "blurred", None),
        ("cant breathe", "CAN‘T BREATHE", "CAN‘T BREATHE"),
        ("cafe", "Café", "Café"),
        ("no", "nooooo", "nooooo"),
        ("temp {38-39.5}", "temp 39,5", "temp 39,5"),
        ("temp {38-39.5}", "temp 39.6", None),
        ("{2-4} week", "three weeks", "three weeks"),
        ("fever + neck", "neck. Then fever", "fever"),
        ("fever + neck", "fever alone", None),
    ],
)
def test_the_grammar_finds(phrase: str, text: str, found: str | None) -> None:
    words = Text(text)
    rows = finds(compiled(phrase), words)
    spans = [words.span(place) for place in rows[0]] if all(rows) else []
    assert [text[start:end] for start, end in spans] == ([found] if found else [])


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("(chest|arm pain", "is not closed"),
        ("chest) pain", "closes nothing"),
        (".. pain", "begins with a gap"),
        ("pain ..", "ends with a gap"),
        ("[bad] pain", "may be left out"),
        ("chest |", "closes nothing"),
        ("(chest|)", "says nothing"),
        ("fever + ", "says nothing"),
        ("chest, pain", "can't be read"),
        ("{38} fever", "can't be read"),
        ("", "says nothing"),
    ],
)
def test_a_slip_in_a_phrase_is_told(phrase: str, why: str) -> None:
    with pytest.raises(InvalidPhrase, match=re.escape(why)) as told:
        check_phrases(FlagSpec("a_flag", "A flag", "A source", (phrase,)))
    assert "a_flag" in str(told.value)
