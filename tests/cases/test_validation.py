"""Faults name the place and the rule, and never the value."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.validation import MOST_FAULTS, faults_of, validator_of

SCHEMA = validator_of(
    {
        "type": "object",
        "required": ["when", "kind"],
        "additionalProperties": False,
        "properties": {
            "when": {"type": "string", "format": "date"},
            "kind": {"enum": ["a", "b"]},
            "many": {"type": "array", "items": {"type": "integer", "minimum": 3}},
            "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
    }
)
SECRET = "Brzęczyszczykiewicz"


def test_each_fault_has_its_pointer_code_and_words() -> None:
    value = {"when": SECRET, "many": [1, SECRET, 4], "either": 7}
    assert {(fault.pointer, fault.code, fault.detail) for fault in faults_of(SCHEMA, value)} == {
        ("#/when", "format", "must be a date, as 2026-03-01"),
        ("#/kind", "required", "is required"),
        ("#/many/0", "minimum", "must be at least 3"),
        ("#/many/1", "type", "must be of the type integer"),
        ("#/either", "anyOf", "has none of the forms that the schema allows"),
    }


@settings(deadline=None)
@given(st.sampled_from(["when", "kind", "many", "either", SECRET]), st.integers(0, 3))
def test_no_fault_quotes_what_was_sent(name: str, depth: int) -> None:
    value: object = SECRET
    for _ in range(depth):
        value = [value]
    told = " ".join(fault.detail for fault in faults_of(SCHEMA, {name: value}, at="#/data"))
    assert told
    assert SECRET not in told


def test_faults_without_end_are_cut() -> None:
    assert len(faults_of(SCHEMA, {"many": ["x"] * 5000})) == MOST_FAULTS


def test_a_schema_fetches_nothing() -> None:
    schema = validator_of({"$ref": "https://example.com/schema.json"})
    try:
        faults_of(schema, 1)
    except Exception as error:
        assert "Unresolvable" in type(error).__name__ + str(error)
    else:
        raise AssertionError("the reference was followed")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date", "2026-02-30"),
        ("date-time", "2026-01-01"),
        ("time", "25:00"),
        ("email", "nobody"),
        ("uri", "no uri"),
        ("uuid", "7"),
        ("ipv4", "1.2.3"),
    ],
)
def test_each_format_is_checked(name: str, value: str) -> None:
    assert faults_of(validator_of({"format": name}), value)
