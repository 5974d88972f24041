"""Expense claims in review: receipts drawn, fields read, sums and repeated receipts, made up by the test."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.models import ApiClient
from audit import vault
from audit.vault import Vault
from cases import lifecycle
from cases.models import Case, Document, Pipeline, Status
from inference.models import Assessment, FieldRead
from tests.casefiles import TESTER, received_case
from tests.loans import Read, draw
from tests.pipelines import pipeline_of, send_to_review, store_paper

NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Receipt:
    """A receipt and the item that it is claimed as.

    `read` is what was read otherwise than declared, by the field's own name; `lines` are its line
    items. What `repeats` another receipt is of that claim, found again as `how` says.
    """

    merchant: str = "Trattoria Da Nino"
    date: str = "2026-11-03"
    amount: str = "48.60"
    tax: str | None = "4.42"
    currency: str = "EUR"
    category: str = "meals"
    claimed: float | None = None
    persons: int | None = None
    read: Mapping[str, Read] = field(default_factory=dict)
    lines: Sequence[Mapping[str, str]] = (
        {"description": "Tagliatelle al ragù", "quantity": "2", "amount": "31.00"},
        {"description": "Acqua minerale", "quantity": "1", "amount": "3.60"},
        {"description": "Tiramisù", "quantity": "2", "amount": "14.00"},
    )
    pages: int = 1
    repeats: Case | None = None
    how: str = "content"

    def item(self) -> dict[str, Any]:
        """The item as the claim has it."""
        amount = float(self.amount)
        declared: dict[str, Any] = {
            "category": self.category,
            "merchant": self.merchant,
            "date": self.date,
            "amount": amount,
            "currency": self.currency,
            "claimed": amount if self.claimed is None else self.claimed,
        }
        if self.tax is not None:
            declared["tax"] = float(self.tax)
        if self.persons is not None:
            declared["persons"] = self.persons
        return declared

    def fields(self) -> dict[str, Read]:
        """What was read, by the fields' own names."""
        usual = {
            "merchant": Read(self.merchant),
            "date": Read(self.date),
            "total": Read(self.amount),
            "tax": Read(self.tax),
            "currency": Read(self.currency),
            "items": Read(json.dumps(list(self.lines)) if self.lines else None),
        }
        return {**usual, **self.read}


RECEIPTS = (
    Receipt(),
    Receipt(
        "Hôtel des Voyageurs",
        "2026-11-04",
        "264.00",
        "24.00",
        category="lodging",
        lines=(),
        read={"total": Read("246.00", 0.91, "differs")},
    ),
    Receipt("City Cabs Ltd", "2026-11-05", "31.40", None, "GBP", "travel", 36.90, lines=()),
)


@dataclass(frozen=True)
class Expenses:
    """How a claim differs from the usual one. `drawn` receipts have pages; others are numbers alone."""

    receipts: Sequence[Receipt] = RECEIPTS
    total: float | None = None
    currency: str = "EUR"
    drawn: bool = True


@transaction.atomic
def expense_case(
    client: ApiClient,
    expenses: Expenses = Expenses(),
    *,
    pipeline: Pipeline | None = None,
    queue: str = "expenses-review",
    due_in: timedelta = timedelta(days=2),
    **route: Any,
) -> Case:
    """A claim that waits for a person; `route` is what `send_to_review` takes beside."""
    items = [receipt.item() for receipt in expenses.receipts]
    claimed = round(sum(item["claimed"] for item in items), 2)
    total = claimed if expenses.total is None else expenses.total
    about = {
        "purpose": "Customer visit in Bologna and London",
        "currency": expenses.currency,
        "total": total,
        "from": "2026-11-03",
        "to": "2026-11-05",
    }
    employee = {"id": "E-0931", "name": "Ilse Marchetti", "cost_centre": "4410"}
    case = received_case(
        pipeline or pipeline_of("expense-claim"),
        client,
        data={"employee": employee, "claim": about, "items": items},
        reference=f"EXP-{next(NUMBERS):05}",
        due_in=due_in,
        copies={"receipt": len(items)},
    )
    opened = vault.of(case.pk)
    documents = [
        read_receipt(case, opened, number, receipt, drawn=expenses.drawn)
        for number, receipt in enumerate(expenses.receipts, 1)
    ]
    lifecycle.move(case, Status.READ, by=TESTER)
    content = {
        "flags": [],
        "mentions": [],
        "tables": {},
        "sums": sums(expenses, claimed, total),
        "duplicates": repeated(expenses, documents),
    }
    sealed = opened.seal_json("assessment", content)
    Assessment.objects.create(case=case, flags=[], sealed_content=sealed)
    lifecycle.move(case, Status.SCORED, by=TESTER)
    return send_to_review(case, queue, **route)


def read_receipt(
    case: Case, opened: Vault, number: int, receipt: Receipt, *, drawn: bool
) -> Document | None:
    """A receipt drawn, stored and read; each of its fields stands on its first page."""
    own = [spec for spec in case.definition.fields if spec.number == number]
    read = receipt.fields()
    lines = [(spec.name, spec.label.split(" (")[0], on_paper(read[spec.base])) for spec in own]
    page, document = None, None
    boxes: dict[str, list[int]] = {}
    if drawn:
        picture, boxes = draw(receipt.merchant, lines)
        more = [draw(f"{receipt.merchant}, {n}", [])[0] for n in range(2, receipt.pages + 1)]
        document = store_paper(case, "receipt", number - 1, picture, *more)
        page = document.pages.order_by("number").first()
    for spec in own:
        said = read[spec.base]
        there = page is not None and said.value is not None
        FieldRead.objects.create(
            case=case,
            position=case.definition.fields.index(spec),
            name=spec.name,
            sealed_value=opened.seal_json(
                f"field:{spec.name}", {"value": said.value, "text": said.value or ""}
            ),
            found=said.value is not None,
            page=page if there else None,
            box=boxes[spec.name] if there else None,
            confidence=said.confidence if said.value is not None else 0.0,
            mismatch=said.mismatch,
        )
    return document


def on_paper(read: Read) -> str:
    """What stands on the paper for a value; of a table only that it is there."""
    value = read.value or ""
    return "as listed" if value.startswith("[") else value


def sums(expenses: Expenses, claimed: float, total: float) -> dict[str, Any]:
    """Receipts against items, by currency, and the items against the claim."""
    lines, unread = [], []
    for currency in dict.fromkeys(receipt.currency for receipt in expenses.receipts):
        found, declared = 0.0, 0.0
        for number, receipt in enumerate(expenses.receipts, 1):
            if receipt.currency != currency:
                continue
            read = receipt.fields()["total"].value
            declared += float(receipt.amount)
            found += float(read or 0)
            unread += [] if read else [f"total-{number}"]
        lines.append(line(currency, found, declared))
    unsure = [
        f"currency-{number}"
        for number, receipt in enumerate(expenses.receipts, 1)
        if receipt.fields()["currency"].value is None
    ]
    return {
        "receipts": {**added("Receipts and items", lines, unread), "unsure": unsure},
        "claimed": added("Items and claim", [line("", claimed, total)], []),
    }


def line(currency: str, found: float, declared: float) -> dict[str, Any]:
    """A line of a sum."""
    return {
        "currency": currency,
        "found": f"{found:.2f}",
        "declared": f"{declared:.2f}",
        "difference": f"{found - declared:.2f}",
    }


def added(label: str, lines: list[dict[str, Any]], unread: list[str]) -> dict[str, Any]:
    """A sum with its lines."""
    worst = max(abs(float(each["difference"])) for each in lines)
    return {
        "label": label,
        "agrees": not unread and worst < 0.005,
        "difference": worst,
        "unread": unread,
        "unsure": [],
        "lines": lines,
    }


def repeated(expenses: Expenses, documents: Sequence[Document | None]) -> list[dict[str, Any]]:
    """The receipts that other claims have too."""
    found = []
    for receipt, document in zip(expenses.receipts, documents, strict=True):
        if receipt.repeats is None or document is None:
            continue
        other = receipt.repeats.documents.order_by("position").first()
        found.append(
            {
                "document": str(document.pk),
                "kind": "receipt",
                "how": receipt.how,
                "other_case": str(receipt.repeats.pk),
                "other_document": str(other.pk) if other else "",
                "page": 1,
                "other_page": 1,
            }
        )
    return found
