"""Expense claims with receipts of two countries: sums put right, and a receipt that was claimed twice."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from accounts.models import User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from config.demo.papers import DemoPaper
from config.demo.receipts import Receipt, receipt
from config.demo.tills import till
from inference.models import Fingerprint
from reviews.models import Correction, Review, Route
from reviews.reviewing import correction_purpose
from tests.conftest import Upstream
from tests.journey.browsing import Visitor, export_of, post_case, until
from tests.pipelines import pipeline_of
from tests.processes import House
from tests.reviews.sealers import sealing

HOTEL, MEAL, TAXI = 31, 33, 35
"""Receipts that were sent as PDF, by their seeds: of Germany, Germany and Great Britain."""
TIP = 6.0
WHY = "The tip stands on the receipt by hand."


def papers(*receipts: Receipt) -> list[DemoPaper]:
    """Receipts as a claim's papers."""
    return [
        DemoPaper("receipt", each.filename, each.media_type, each.blob, each.grade, {})
        for each in receipts
    ]


def claim(name: str, *receipts: tuple[Receipt, float]) -> dict[str, Any]:
    """A claim for receipts, each entered with so much more than stands on it."""
    items, total = [], 0.0
    for each, more in receipts:
        amount = round(float(each.truth["total"] or 0) + more, 2)
        currency = till(each.country).currency
        claimed = round(amount * (1 if currency == "EUR" else 1.17), 2)
        total += claimed
        item = {"category": each.category, "date": each.truth["date"], "amount": amount}
        items.append({**item, "currency": currency, "claimed": claimed})
    days = sorted(str(item["date"]) for item in items)
    return {
        "employee": {"name": name, "id": "E20417"},
        "claim": {"purpose": "Visit to a customer", "currency": "EUR", "total": round(total, 2),
                  "from": days[0], "to": days[-1]},
        "items": items,
    }  # fmt: skip


def cells(rows: Sequence[dict[str, str | None]]) -> dict[str, str]:
    """A table as its form sends it."""
    return {
        f"cell-{number}-{name}": value or ""
        for number, row in enumerate(rows)
        for name, value in row.items()
    }


def reasons_of(case_id: str) -> set[str]:
    """Why a case came to people."""
    return {reason["code"] for reason in Route.objects.get(case_id=case_id).reasons}


def corrected(review: Review) -> dict[str, str]:
    """The values that a review puts in the place of those that were read, by field."""
    opened = vault.of(review.case_id)
    return {
        each.field: opened.open_json(
            correction_purpose(review.claim_id, each.field), each.sealed_values
        )["right"]
        for each in Correction.objects.filter(review=review, kind=Correction.Kind.CORRECTED)
    }


def test_a_wrong_sum_is_put_right_and_a_receipt_claimed_twice_is_refused(
    house: House, make_upstream: Callable[..., Upstream], make_person: Callable[..., User]
) -> None:
    pipeline_of("expense-claim")
    desk = make_upstream("expense-claim")
    approver, auditor = make_person(Role.REVIEWER), make_person(Role.AUDITOR)
    hotel, meal, taxi = (
        receipt(seed, countries=["de", "gb", "ch"]) for seed in (HOTEL, MEAL, TAXI)
    )
    house.start_web()
    house.start_worker()

    def post(reference: str, data: dict[str, Any], *receipts: Receipt) -> str:
        answer = post_case(
            house.url, desk, data=data, papers=papers(*receipts), reference=reference,
            pipeline="expense-claim",
        )  # fmt: skip
        assert answer.status_code == 202, answer.text
        until(house.url, desk, answer.json()["id"], "in_review")
        return str(answer.json()["id"])

    first = post(
        "EX-1", claim("Odette Marchetti", (hotel, 0), (meal, TIP), (taxi, 0)), hotel, meal, taxi
    )
    assert {"receipts_differ", "receipt_mismatch"} <= reasons_of(first)
    assert "claimed_before" not in reasons_of(first)
    assert Fingerprint.objects.filter(document__case_id=first).count() >= 3

    visitor = Visitor(house.url, approver.username)
    page = visitor.send("/start/")
    assert page.url.endswith(f"/cases/{first}/")
    for seen in ("The receipts do not add up to the items", "differs by −6.00 EUR", "GBP"):
        assert seen in page.text
    form = {"fence": visitor.hidden("fence"), "version": visitor.hidden("version")}
    lines = [*json.loads(meal.truth["items"] or "[]")]
    lines.append({"description": "Tip", "quantity": "1", "amount": "6.00"})
    paid = round(float(meal.truth["total"] or 0) + TIP, 2)
    visitor.send(f"/cases/{first}/fields/total-2/", **form, value=f"{paid:.2f}")
    visitor.send(f"/cases/{first}/fields/items-2/", **form, **cells(lines))
    visitor.send(
        f"/cases/{first}/verdict/",
        **form,
        verdict="reimburse",
        explanation=WHY,
        confirmed="yes",
        next="stop",
        **{"reason:reimburse": "receipts_suffice"},
    )
    until(house.url, desk, first, "announced")
    review = Review.objects.get(case_id=first)
    assert (review.outcome, review.reason_codes) == ("reimburse", ["receipts_suffice"])
    right = corrected(review)
    assert right["total-2"] == f"{paid:.2f}"
    assert json.loads(right["items-2"])[-1]["description"] == "Tip"

    second = post("EX-2", claim("Somebody Else", (hotel, 0)), hotel)
    assert "claimed_before" in reasons_of(second)
    page = visitor.send("/start/")
    assert page.url.endswith(f"/cases/{second}/")
    assert f'the same file as in <a href="/cases/{first}/">EX-1</a>' in " ".join(page.text.split())
    form = {"fence": visitor.hidden("fence"), "version": visitor.hidden("version")}
    refusal = {"verdict": "refuse", "reason:refuse": "claimed_before", "next": "stop"}
    refused = visitor.send(f"/cases/{second}/verdict/", **form, **refusal, confirmed="yes")
    assert refused.status_code == 422
    assert "Explain the verdict in a sentence." in refused.text
    words = {"explanation": "The hotel was paid with EX-1.", "confirmed": "yes"}
    visitor.send(f"/cases/{second}/verdict/", **form, **refusal, **words)
    until(house.url, desk, second, "announced")

    office = Visitor(house.url, auditor.username)
    with sealing():
        rows = export_of(office, "expense-claim")
    told = {row["reference"]: row for row in rows}
    assert set(told) == {"EX-1", "EX-2"}
    assert (told["EX-1"]["outcome"], told["EX-1"]["explanations"]) == ("reimburse", WHY)
    assert set(told["EX-1"]["corrected_fields"].split()) >= {"total-2", "items-2"}
    assert "The receipts do not add up to the items" in told["EX-1"]["routed_because"]
    assert (told["EX-2"]["outcome"], told["EX-2"]["adverse"]) == ("refuse", "true")
    assert told["EX-2"]["reasons"] == "claimed_before"
    told_of = Event.objects.filter(case_id=second).exclude(type="case.read_by_client")
    events = told_of.order_by("id").values_list("type", flat=True)
    assert list(events)[:5] == [
        "case.received", "case.read", "case.scored", "case.sent_to_review", "case.claimed",
    ]  # fmt: skip
