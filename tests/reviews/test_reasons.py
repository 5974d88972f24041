"""Why a case came where it is, in the language of whoever reads it."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.utils import translation

from reviews.presenting.reasons import reason_words, said_once
from reviews.reasons import SAYS, Reason, because
from reviews.routing import Bound, Facts, Policy, route


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with translation.override("de"):
        yield


def stored(reason: Reason) -> dict[str, Any]:
    """The reason as it comes back from its route's row."""
    read: dict[str, Any] = json.loads(json.dumps(asdict(reason), allow_nan=False))
    return read


def test_what_is_stored_is_english_whoever_asks() -> None:
    reason = because("not_confident", outcome="Approve", confidence=0.6, threshold=0.85)
    assert reason.text == "Approve at 0.60, below 0.85"


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    reason = because("not_confident", outcome="Approve", confidence=0.6, threshold=0.85)
    said = reason_words(stored(reason))
    assert "0,60" in said
    assert "0,85" in said


@pytest.mark.parametrize("code", SAYS)
def test_every_reason_of_ours_can_be_said_again(code: str) -> None:
    values: dict[str, Any] = {
        "outcome": "Decline", "label": "IBAN", "paper": "Payslip", "rule": "r", "error": "e",
        "confidence": 0.7, "threshold": 0.8, "minimum": 0.9, "probability": 0.03, "ceiling": 0.02,
        "figure": "Missed-urgent rate", "upper": 0.034, "at_most": 0.02,
        "scope": "Small-business loan", "labels": "12", "needed": "149", "auroc": 0.66, "at_least": 0.7,
    }  # fmt: skip
    named = {name: value for name, value in values.items() if f"%({name})s" in SAYS[code]}
    reason = because(code, **named)
    with translation.override("en-gb"):
        assert reason_words(stored(reason)) == reason.text


def test_a_number_that_is_none_is_kept_in_words() -> None:
    reason = because("field_doubtful", "iban", label="IBAN", confidence=math.nan, minimum=0.8)
    assert "nan" in reason_words(stored(reason))


def test_a_reason_without_values_is_read_as_it_was_written() -> None:
    assert reason_words({"code": "step_failed", "text": "Long ago"}) == "Long ago"
    assert reason_words({"code": "a_rule", "text": "More than allowed", "values": []})


def test_several_flags_are_one_sentence() -> None:
    flags = [
        stored(because("flag", label=label)) for label in ("Chest pain", "Stroke signs", "Fever")
    ]
    other = stored(because("no_consent"))
    with translation.override("en-gb"):
        told = said_once([flags[0], other, *flags[1:]])
        assert [reason_words(reason) for reason in told] == [
            "These flags are raised: Chest pain, Stroke signs and Fever",
            "There is no consent to automated contact",
        ]
        assert reason_words(said_once(flags[:1])[0]) == "The flag “Chest pain” is raised"


def test_a_figure_that_the_card_lacks_is_said_to_be_unknown() -> None:
    bound = Policy("q", "f", bounds=(Bound("missed_urgent", 0.02, "Missed-urgent rate"),))
    routed = route(Facts("approve", 0.5, (), {}), bound, ())
    assert routed.reasons[-1].text == (
        "A bound on the model is not met: missed-urgent rate up to an unknown value, "
        "at most 0.020 allowed"
    )


def test_a_route_keeps_its_values() -> None:
    routed = route(Facts("approve", 0.5, (), {}), Policy("q", "f"), ())
    assert all(reason_words(stored(reason)) for reason in routed.reasons)
