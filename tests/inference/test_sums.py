"""Amounts that have to add up: by currency, by cent, and never by what could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.definition import SumSpec
from inference.knowing import FieldFact
from inference.sums import summed, sums
from tests.expenses import claim, expense_claims, item, receipt

RECEIPTS = SumSpec(
    "receipts",
    "Receipts and items",
    whole="/items/*/amount",
    field="total",
    currency="currency",
    currencies="/items/*/currency",
)
CLAIMED = SumSpec("claimed", "Items and claim", whole="/claim/total", parts="/items/*/claimed")


def added(spec: SumSpec, data: Mapping[str, Any], fields: Sequence[FieldFact]) -> dict[str, Any]:
    return summed(spec, data, fields)


def test_receipts_that_show_what_is_declared_agree_in_each_currency() -> None:
    fields = receipt(1, "12.50") + receipt(2, "40.00", "GBP") + receipt(3, "0.10")
    told = added(RECEIPTS, claim(item(12.5, "EUR"), item(40.0, "GBP"), item(0.1, "EUR")), fields)
    assert told["agrees"]
    assert (told["difference"], told["unread"], told["unsure"]) == (0.0, [], [])
    assert told["lines"] == [
        {"currency": "EUR", "found": "12.60", "declared": "12.6", "difference": "0.00"},
        {"currency": "GBP", "found": "40.00", "declared": "40.0", "difference": "0.00"},
    ]


def test_a_difference_in_one_currency_is_not_made_good_in_another() -> None:
    fields = receipt(1, "30.00") + receipt(2, "50.00", "GBP")
    told = added(RECEIPTS, claim(item(40.0, "EUR"), item(40.0, "GBP")), fields)
    assert not told["agrees"]
    assert told["difference"] == 10.0
    assert [line["difference"] for line in told["lines"]] == ["-10.00", "10.00"]


def test_what_was_not_read_does_not_agree_even_where_the_rest_adds_up() -> None:
    fields = receipt(1, "10.00") + receipt(2, None)
    told = added(RECEIPTS, claim(item(10.0, "EUR"), item(0.0, "EUR")), fields)
    assert (told["agrees"], told["unread"], told["difference"]) == (False, ["total-2"], 0.0)


def test_a_currency_that_was_not_found_is_taken_as_declared_and_named() -> None:
    fields = receipt(1, "10.00") + receipt(2, "7.00", None) + receipt(3, "1.00", None)
    told = added(RECEIPTS, claim(item(10.0, "EUR"), item(7.0, "CHF")), fields)
    assert told["unsure"] == ["currency-2", "currency-3"]
    lines = {line["currency"]: line["difference"] for line in told["lines"]}
    assert lines == {"": "1.00", "CHF": "0.00", "EUR": "0.00"}
    assert not told["agrees"]


def test_a_correction_is_summed_by_the_same_function() -> None:
    data = claim(item(10.0, "EUR"))
    fields = receipt(1, "100.00")
    assert not added(RECEIPTS, data, fields)["agrees"]
    assert added(RECEIPTS, data, [replace(fields[0], value="10.00"), fields[1]])["agrees"]


@pytest.mark.parametrize(
    ("total", "agrees", "difference"), [(0.3, True, 0.0), (0.31, False, 0.01), (None, False, 0.3)]
)
def test_items_add_up_to_the_claim_to_the_cent(
    total: float | None, agrees: bool, difference: float
) -> None:
    told = added(
        CLAIMED, claim(item(0.1, "EUR"), item(0.1, "GBP"), item(0.1, "EUR"), total=total), []
    )
    assert (told["agrees"], told["difference"]) == (agrees, difference)
    assert told["unread"] == ([] if total is not None else ["/claim/total"])


def test_a_pipeline_has_each_of_its_sums_by_name() -> None:
    told = sums(expense_claims(), claim(item(10.0)), receipt(1, "10.00"))
    assert {name: each["agrees"] for name, each in told.items()} == {
        "receipts": True,
        "claimed": True,
    }


CENTS = st.integers(0, 10_000_000)
PAPERS = st.lists(st.tuples(CENTS, st.sampled_from(["EUR", "GBP", "JPY"])), max_size=12)


@given(PAPERS, st.integers(-500, 500))
def test_sums_agree_just_where_the_cents_do(papers: list[tuple[int, str]], off: int) -> None:
    fields = [
        fact
        for number, (cents, currency) in enumerate(papers, start=1)
        for fact in receipt(number, str(Decimal(cents) / 100), currency)
    ]
    declared = [item(cents / 100, currency) for cents, currency in reversed(papers)]
    assert added(RECEIPTS, claim(*declared), fields)["agrees"]
    told = added(RECEIPTS, claim(*declared, item(abs(off) / 100, "EUR")), fields)
    assert told["agrees"] == (off == 0)
    assert told["difference"] == abs(off) / 100
