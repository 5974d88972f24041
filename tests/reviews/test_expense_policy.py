"""The first policy of expense claims: what goes to a person, and for which reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from inference.knowing import Assessed, FieldFact, names
from inference.sums import sums
from reviews.policies import read_policy
from reviews.routing import Facts, Routed, route
from tests.expenses import claim, expense_claims, item, receipt, receipts_of
from tests.gates import SPOKEN_FOR

RECEIVED = date(2026, 3, 20)
CLAIMS = expense_claims()
POLICY = read_policy(CLAIMS.policy, CLAIMS)
SEEN = {"kind": "receipt", "how": "file"}
TABLE: dict[str, Any] = {"category": "entertainment", "persons": 3, "note": "J. Meier, A. Costa"}
NO_DATES: dict[str, Any] = {"from": None, "to": None}


def routed(
    data: dict[str, Any],
    fields: Sequence[FieldFact] | None = None,
    *,
    duplicates: Sequence[dict[str, str]] = (),
    outcome: str = "reimburse",
    confidence: float = 0.97,
) -> Routed:
    read = tuple(receipts_of(data) if fields is None else fields)
    own = CLAIMS.with_copies({"receipt": len({fact.number for fact in read})})
    assessed = Assessed({"sums": sums(own, data, read), "duplicates": list(duplicates)})
    known = names(own, data, read, assessed, on=RECEIVED)
    facts = Facts(outcome, confidence, read, known, live=SPOKEN_FOR)
    return route(facts, POLICY, CLAIMS.outcomes)


def reasons(data: dict[str, Any], *args: Any, **options: Any) -> list[str]:
    return [reason.code for reason in routed(data, *args, **options).reasons]


@pytest.mark.parametrize(
    "data",
    [
        claim(item(), item(12.0, category="meals"), item(240.0, category="lodging")),
        claim(item(150.0, category="meals", persons=3), **NO_DATES),
        claim(item(299.0, **TABLE, tax=40.0)),
        claim(item(45.0, "PLN", claimed=10.5)),
        claim(item(800.0, "GBP", category="travel", tax=50.0), currency="GBP"),
    ],
    ids=["plain", "no dates", "entertainment", "converted", "travel"],
)
def test_what_is_within_the_limits_is_reimbursed_without_a_person(data: dict[str, Any]) -> None:
    found = routed(data)
    assert (found.outcome, [reason.code for reason in found.reasons]) == (
        "reimburse",
        ["confident"],
    )


@pytest.mark.parametrize(
    ("reason", "data"),
    [
        ("meal_limit", claim(item(60.01, category="meals"))),
        ("meal_limit", claim(item(130.0, category="meals", persons=2))),
        ("lodging_limit", claim(item(730.0, category="lodging", tax=40.0))),
        ("lodging_limit", claim(item(190.0, category="lodging"), **NO_DATES)),
        ("travel_limit", claim(item(800.01, category="travel", tax=50.0))),
        ("entertainment_limit", claim(item(300.03, **TABLE, tax=50.0))),
        ("guests_not_named", claim(item(category="entertainment", persons=2))),
        ("guests_not_named", claim(item(category="entertainment", note="J. Meier"))),
        ("office_limit", claim(item(250.01, tax=20.0))),
        ("other_limit", claim(item(100.01, category="other"))),
        ("tax_not_shown", claim(item(250.01, category="travel"))),
        ("items_differ", claim(item(), total=21.0)),
        ("more_than_paid", claim(item(claimed=20.5))),
        ("converted", claim(item(900.0, "PLN", claimed=201.0, tax=9.0))),
        ("currency_without_limits", claim(item(20.0, "JPY"), currency="JPY")),
        ("outside_of_dates", claim(item(date="2026-03-01"))),
        ("outside_of_dates", claim(item(date="2026-03-07"))),
        ("weekend", claim(item(date="2026-03-07", **TABLE), to="2026-03-08")),
        ("too_old", claim(item(date="2025-12-19"), **NO_DATES)),
        ("not_yet", claim(item(date="2026-03-21"), **NO_DATES)),
        ("large", claim(*[item(200.2) for _ in range(5)])),
    ],
)
def test_each_limit_sends_a_claim_to_a_person_for_its_own_reason(
    reason: str, data: dict[str, Any]
) -> None:
    found = routed(data)
    assert (found.outcome, [each.code for each in found.reasons]) == (None, [reason])
    assert found.queue in ("expenses-review", "expenses-receipts")


def test_the_day_of_the_limit_is_still_within_it() -> None:
    assert reasons(claim(item(date="2025-12-20"), **NO_DATES)) == ["confident"]


def test_doubtful_receipts_go_to_those_who_look_at_receipts() -> None:
    data = claim(item(20.0), item(30.0))
    right = receipts_of(data)
    other = [replace(fact, value="21.00") if fact.name == "total-1" else fact for fact in right]
    differs = [
        replace(fact, mismatch="differs") if fact.name in ("merchant-2", "date-2") else fact
        for fact in right
    ]
    no_currency = receipt(1, "20.00", None) + receipt(2, "30.00")
    unread = [replace(fact, found=False) if fact.name == "total-2" else fact for fact in right]
    for fields, seen, expected in (
        (right, [SEEN], ["claimed_before"]),
        (other, [], ["receipts_differ"]),
        (right[: len(right) // 2], [], ["receipts_differ", "receipts_missing"]),
        (differs, [], ["receipt_mismatch", "merchant_mismatch"]),
        (no_currency, [], ["currency_unread"]),
        (unread, [], ["field_not_found"]),
    ):
        found = routed(data, fields, duplicates=seen)
        assert [reason.code for reason in found.reasons] == expected
        assert found.queue == "expenses-receipts"


def test_above_five_thousand_two_people_judge() -> None:
    found = routed(claim(*[item(700.0, category="travel", tax=9.0) for _ in range(8)]))
    assert found.second_review == "expenses-second"


def test_a_refusal_and_an_unsure_reimbursement_are_a_persons() -> None:
    assert reasons(claim(item()), outcome="refuse", confidence=0.999) == ["adverse"]
    assert reasons(claim(item()), confidence=0.94) == ["not_confident"]
