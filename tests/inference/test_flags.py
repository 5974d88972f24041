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
EXPECTED = [
    (flag, status, sentence)
    for flag, by_status in SENTENCES.items()
    for status, sentences in by_status.items()
    for sentence in sentences
]
RAISED = [sentence for _, status, sentence in EXPECTED if status == "raised"]
TODAY = date(2026, 11, 20)


def known(*, years: float = 40.0, days: float = 14600.0, **data: Any) -> dict[str, Any]:
    return {"data": {"patient": {}, **data}, "age": {"years": years, "days": days}, "tables": {}}


def shown(text: str, specs: tuple[FlagSpec, ...] = SPECS, **changes: Any) -> dict[str, Any]:
    return flags(specs, text, known(**changes), on=TODAY)


def statuses(text: str, flag: str) -> set[str]:
    found = shown(text)
    raised = {"raised" for each in found["flags"] if each["name"] == flag}
    return raised | {each["status"] for each in found["mentions"] if each["name"] == flag}


@pytest.mark.parametrize(("flag", "status", "sentence"), EXPECTED)
def test_a_sentence_is_taken_as_it_is_meant(flag: str, status: str, sentence: str) -> None:
    found = statuses(sentence, flag)
    if status == "raised":
        assert "raised" in found
    else:
        assert "raised" not in found
        assert found == set() if status == "silent" else status in found
