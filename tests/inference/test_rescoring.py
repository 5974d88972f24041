"""Asking again: what a person holds for right stands in the data and in what was read of the papers."""

from datetime import date
from typing import Any

import pytest
from django.conf import settings

from cases.definition import Definition, parse, read_toml
from inference.assessing import assessed_with
from inference.knowing import FieldFact, names
from inference.rescoring import facts_put_right, put_right
from inference.scoring import asked_with

DAY = date(2026, 11, 20)
DATA: dict[str, Any] = {
    "claim": {"purpose": "Fair in Leipzig", "total": 100.0, "currency": "EUR"},
    "items": [
        {"category": "meals", "date": "2026-11-02", "amount": 40.0, "claimed": 40.0},
        {"category": "lodging", "date": "2026-11-02", "amount": 60.0, "claimed": 60.0},
    ],
}


@pytest.fixture(scope="module")
def claims() -> Definition:
    file = settings.BASE_DIR / "cases/pipelines/expense-claim/pipeline.toml"
    return parse(read_toml(file.read_text())).with_copies({"receipt": 2})


def fact(name: str, value: str) -> FieldFact:
    return FieldFact(
        name, name, 0.6, True, True, value=value, document="receipt", number=int(name[-1])
    )


def test_an_item_of_a_list_is_put_right_in_its_place(claims: Definition) -> None:
    changed = put_right(DATA, claims.fields, {"total-2": "75.50"})
    assert [item["amount"] for item in changed["items"]] == [40.0, 75.5]
    assert DATA["items"][1]["amount"] == 60.0


def test_what_was_corrected_is_known_for_certain_and_nothing_else_changes() -> None:
    before = [fact("total-1", "40.00"), fact("total-2", "60.00")]
    one, other = facts_put_right(before, {"total-2": "75.50"})
    assert one is before[0]
    assert (other.value, other.confidence, other.found, other.mismatch) == ("75.50", 1.0, True, "")


def test_inputs_that_rest_on_papers_and_sums_follow_a_correction(claims: Definition) -> None:
    facts = [fact("total-1", "40.00"), fact("total-2", "6.00")]

    def asked(right: dict[str, str]) -> dict[str, Any]:
        data, read = put_right(DATA, claims.fields, right), facts_put_right(facts, right)
        assessed = assessed_with(claims, data, read, (), on=DAY)
        known = names(claims, data, read, assessed, on=DAY)
        return dict(asked_with(claims.own_model, data, known).features)

    assert asked({})["difference"] == 54.0
    assert asked({"total-2": "60.00"})["difference"] == 0.0
    assert asked({})["sure"] == 0.0
    assert asked({"total-2": "60.00"})["sure"] == 0.5
