"""Expense claims: what one declares, and what is read on its receipts."""

from typing import Any

from django.conf import settings

from cases.definition import Definition, parse, read_toml
from inference.knowing import FieldFact

TOML = settings.BASE_DIR / "cases" / "pipelines" / "expense-claim" / "pipeline.toml"


def expense_claims() -> Definition:
    """The pipeline's definition, as its file has it."""
    return parse(read_toml(TOML.read_text(encoding="utf-8")))


def item(amount: float = 20.0, currency: str = "EUR", **differs: Any) -> dict[str, Any]:
    """An item that claims what is on its receipt, unless it says otherwise."""
    usual = {"category": "office", "date": "2026-03-03", "merchant": "Papeterie Blau"}
    return {**usual, "amount": amount, "currency": currency, "claimed": amount, **differs}


def claim(*items: dict[str, Any], **differs: Any) -> dict[str, Any]:
    """A claim of these items, their sum its total, unless it says otherwise."""
    about = {
        "purpose": "Workshop with the branch",
        "currency": "EUR",
        "total": sum(each["claimed"] for each in items),
        "from": "2026-03-02",
        "to": "2026-03-06",
        **differs,
    }
    kept = {key: value for key, value in about.items() if value is not None}
    return {"employee": {"name": "Ottilie Brandt"}, "claim": kept, "items": list(items)}


def receipt(
    number: int, total: str | None, currency: str | None = "EUR", **others: str | None
) -> list[FieldFact]:
    """What was read of one receipt, at 0.95; None is not found."""
    read = {"total": total, "currency": currency, **others}
    return [
        FieldFact(
            f"{name}-{number}",
            f"{name} of receipt {number}",
            0.95 if value else 0.0,
            value is not None,
            required=name == "total",
            value=value,
            document="receipt",
            number=number,
        )
        for name, value in read.items()
    ]


def receipts_of(data: dict[str, Any]) -> list[FieldFact]:
    """What is read where each receipt shows what is declared."""
    return [
        fact
        for number, each in enumerate(data["items"], start=1)
        for fact in receipt(
            number,
            f"{each['amount']:.2f}",
            each["currency"],
            merchant=each.get("merchant"),
            date=each["date"],
            tax=f"{each['tax']:.2f}" if "tax" in each else None,
        )
    ]
