"""A currency as people type it: its code, or a sign that means one alone."""

import pytest

from cases.definition import FieldSpec
from reviews.presenting import values

CURRENCY = FieldSpec("currency", "Currency", "currency")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EUR", "EUR"),
        ("chf", "CHF"),
        ("€", "EUR"),
        ("zł", "PLN"),
        ("RM", "MYR"),
        ("kr", None),
        ("money", None),
    ],
)
def test_a_currency_is_typed_by_code_or_by_a_sign_that_is_its_own(
    text: str, code: str | None
) -> None:
    assert values.typed(text, CURRENCY) == code
