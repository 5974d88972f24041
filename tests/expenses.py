"""Expense claims: what one declares, what is read on its receipts, and how these look."""

import random
from datetime import date
from typing import Any

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from cases.definition import Definition, parse, read_toml
from inference.knowing import FieldFact

FACE = settings.BASE_DIR / "config" / "demo" / "fonts" / "Cousine-Regular.ttf"
WORDS = (
    "Harbour",
    "Bistro",
    "Alpine",
    "Green",
    "Bakery",
    "coffee",
    "notebook",
    "soup",
    "tea",
    "tape",
)
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


def visit(shop: int, day: int) -> Image.Image:
    """The slip of a visit to a shop's till: of each shop alike, but for the date and the prices."""
    fixed, till = random.Random(f"shop {shop}"), random.Random(f"shop {shop}, day {day}")
    prices = [till.randint(150, 4900) for _ in range(fixed.randint(2, 8))]
    rows = [(worded(fixed), "") for _ in range(fixed.randint(2, 6))]
    rows += [("", "")] * fixed.randint(1, 3)
    rows += [(f"{date(2026, 1, day):%d.%m.%Y}", ""), (f"Receipt {till.randint(10**6, 10**7)}", "")]
    rows += [("", "")] * fixed.randint(1, 2)
    rows += [(worded(fixed), f"{price / 100:.2f}") for price in prices]
    rows += [("", "")] * fixed.randint(0, 2) + [("TOTAL", f"{sum(prices) / 100:.2f}")]
    rows += [("", "")] + [(worded(fixed), "") for _ in range(fixed.randint(0, 3))]
    page = Image.new("L", (700, 120 + 50 * len(rows)), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FACE, fixed.randint(24, 30))
    for line, (left, right) in enumerate(rows):
        pen.text((40, 60 + 50 * line), left, 20, font)
        pen.text((660, 60 + 50 * line), right, 20, font, "ra")
    return page


def worded(rng: random.Random) -> str:
    """Some words on one line."""
    return " ".join(rng.sample(WORDS, rng.randint(1, 4)))
