"""Invented receipts: the same for a seed, their figures true to each other, for every country."""

import json
from decimal import Decimal

import pytest

from config.demo.receipts import receipt
from config.demo.tills import tills
from inference.values.currencies import CODES


def test_a_seed_gives_the_same_receipt() -> None:
    assert receipt(7) == receipt(7)
    assert receipt(7).blob != receipt(8).blob


@pytest.mark.parametrize("country", tills())
def test_what_was_bought_comes_to_the_total(country: str) -> None:
    made = receipt(3, countries=[country])
    assert made.truth["currency"] in {None, *CODES}
    bought = sum(Decimal(row["amount"]) for row in json.loads(made.truth["items"] or "[]"))
    total, tax = Decimal(made.truth["total"] or 0), Decimal(made.truth["tax"] or 0)
    if bought:
        assert min(abs(total - bought), abs(total - bought - tax)) <= Decimal("0.05")
