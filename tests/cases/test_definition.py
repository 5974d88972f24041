"""Definitions of pipelines: read from TOML, every mistake named before anything uses it."""

import copy
import datetime
import math
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cases.definition import InvalidDefinition, at_pointer, parse, read_toml

LOAN = read_toml((settings.BASE_DIR / "cases/pipelines/loan/pipeline.toml").read_text())


def changed(path: str, value: Any) -> dict[str, Any]:
    """The loan definition with one value changed; `path` is like `fields.0.type`."""
    raw = copy.deepcopy(LOAN)
    *places, last = path.split(".")
    spot: Any = raw
    for place in places:
        spot = spot[int(place) if place.isdecimal() else place]
    if isinstance(spot, list):
        spot.append(value) if last == "+" else spot.__setitem__(int(last), value)
    else:
        spot[last] = value
    return raw


def test_the_loan_pipeline_is_what_its_file_says() -> None:
    loan = parse(LOAN)
    assert (loan.slug, loan.version) == ("loan", 1)
    assert loan.outcome("decline").adverse
    assert not loan.outcome("approve").adverse
    assert loan.field_spec("amount").type == "money"
    assert {spec.name for spec in loan.fields if spec.required} == {
        "applicant_name", "amount", "net_income",
    }  # fmt: skip
    assert {spec.kind for spec in loan.documents} == {"application", "payslip", "bank_statement"}
    assert [reason.code for reason in loan.reasons_for("approve")] == [
        "papers_confirm", "collateral_sufficient", "means_sufficient", "reading_was_wrong",
    ]  # fmt: skip
    assert loan.sla_minutes["urgent"] < loan.sla_minutes["low"]
    assert loan.guidance.startswith("Compare")
    with pytest.raises(KeyError):
        loan.outcome("maybe")
    with pytest.raises(KeyError):
        loan.field_spec("shoe_size")


def test_a_definition_that_is_no_toml_names_the_line() -> None:
    with pytest.raises(InvalidDefinition, match="line 2"):
        read_toml('slug = "loan"\nname = = 1')


@pytest.mark.parametrize("part", ["slug", "name", "version", "schema", "outcomes", "queues"])
def test_a_missing_part_is_named(part: str) -> None:
    raw = {name: value for name, value in LOAN.items() if name != part}
    with pytest.raises(InvalidDefinition, match=f"'{part}' is a required property"):
        parse(raw)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("slug", "Loan!", "slug: "),
        ("version", 0, "version: 0 is less than the minimum"),
        ("version", "1", "version: '1' is not of type 'integer'"),
        ("surprise", 1, "surprise: there is no part"),
        ("schema.type", "objekt", "schema.type: 'objekt' is not valid"),
        ("fields.0.type", "colour", "fields.0.type: 'colour' is not one of"),
        ("fields.0.document", "passport", "document 'passport' is not defined"),
        ("fields.0.declared", "loan.amount", "fields.0.declared: "),
        ("fields.0.name", "amount", "the same field is defined twice"),
        ("fields.0.weight", 0, "fields.0.weight: 0 is less than"),
        ("outcomes.0.key", "aa", "outcomes.0.key: "),
        ("outcomes", [LOAN["outcomes"][0]], "outcomes: "),
        ("outcomes.+", LOAN["outcomes"][0], "the same outcome is defined twice"),
        ("queues.+", LOAN["queues"][0], "the same queue is defined twice"),
        ("reasons.+", LOAN["reasons"][0], "the same reason is defined twice"),
        ("documents.+", LOAN["documents"][0], "the same document is defined twice"),
        ("model.outcomes", ["approve", "maybe"], "outcome 'maybe' is named but not defined"),
        ("reasons.0.outcomes", ["maybe"], "outcome 'maybe' is named but not defined"),
        ("reasons.0.outcomes", [], "reasons.0.outcomes: "),
        ("sla_minutes.urgent", 0, "sla_minutes.urgent: 0 is less than"),
        ("sla_minutes.soon", 5, "sla_minutes.soon: there is no part"),
        ("schema.default", datetime.date(2026, 1, 1), "what JSON has not"),
        ("schema.default", math.nan, "what JSON has not"),
    ],
)
def test_a_mistake_is_named_with_its_place(path: str, value: Any, message: str) -> None:
    with pytest.raises(InvalidDefinition) as refusal:
        parse(changed(path, value))
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/a/b", 1), ("/list/1", "two"), ("/a~1b", 2), ("/m~0n", 3), ("/a/x", None), ("/list/9", None),
        ("/list/-1", None), ("/list/one", None), ("/a/b/c", None), ("", "all"), ("/null", None),
    ],
)  # fmt: skip
def test_a_pointer_leads_to_its_value_or_to_none(pointer: str, value: Any) -> None:
    data = {"a": {"b": 1}, "list": ["one", "two"], "a/b": 2, "m~n": 3, "null": None}
    assert at_pointer(data, pointer) == (data if value == "all" else value)


@given(st.dictionaries(st.text(), st.integers(), min_size=1), st.data())
def test_every_key_has_a_pointer(data: dict[str, int], choose: st.DataObject) -> None:
    key = choose.draw(st.sampled_from(sorted(data)))
    assert at_pointer(data, "/" + key.replace("~", "~0").replace("/", "~1")) == data[key]


@pytest.mark.parametrize(
    ("place", "value", "wrong"),
    [
        ("masking.roles.+", "auditer", "no role 'auditer'"),
        ("masking.data.+", "/applicant/adress", "nothing at '/applicant/adress'"),
        ("masking.data.+", "/aplicant", "nothing at '/aplicant'"),
    ],
)
def test_a_mask_that_would_hide_nothing_is_a_mistake(place: str, value: str, wrong: str) -> None:
    with pytest.raises(InvalidDefinition, match=wrong):
        parse(changed(place, value))


def test_a_mask_over_what_an_open_schema_may_hold_is_none() -> None:
    raw = changed("schema.properties.applicant.additionalProperties", True)
    raw["masking"]["data"] = ["/applicant/nickname", "/applicant/name/first"]
    parse(raw)
