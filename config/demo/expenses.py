"""Expense claims of invented employees: journeys with their receipts, a few of them not as they should be."""

import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from PIL import Image, ImageEnhance

from config.demo.cases import DemoCase
from config.demo.chance import pick
from config.demo.people import NAMES
from config.demo.receipts import Receipt, receipt
from config.demo.tills import till

PIPELINE = "expense-claim"
CENT = Decimal("0.01")
RATES: Mapping[str, str] = {
    "EUR": "1", "GBP": "1.17", "CHF": "1.05", "USD": "0.92", "MYR": "0.20", "SEK": "0.088",
    "NOK": "0.086", "DKK": "0.134", "PLN": "0.233", "CZK": "0.040", "HUF": "0.0025", "RON": "0.201",
    "TRY": "0.027", "IDR": "0.000058", "JPY": "0.0061", "BRL": "0.17",
}  # fmt: skip
"""Euros for one of each, about as they were in 2025: what the demo's claims are reckoned with."""
PURPOSES = (
    "Visit to a customer", "Trade fair", "Project meeting", "Training course", "Site inspection",
    "Conference of the working group on calibrated confidence, with preparatory workshop",
)  # fmt: skip
HOMES = ("de", "de", "at", "fr", "nl", "es", "it", "ch", "gb", "pl", "cz", "dk", "se")
PAPERS: Mapping[int, float] = {1: 30, 2: 34, 3: 22, 4: 14}

# Claims beside the others that show something.
LONG, TWICE, AGAIN, LARGE = "EX-2026-0901", "EX-2026-0902", "EX-2026-0903", "EX-2026-0904"
SHOWPIECES = (LONG, TWICE, AGAIN, LARGE)


@dataclass(frozen=True, slots=True)
class Picture:
    """A file made from another one."""

    filename: str
    blob: bytes


def expense_claims(count: int, today: date) -> Iterator[DemoCase]:
    """The first `count` claims and those that show something, of the weeks before `today`."""
    claims = [claim(f"EX-2026-{number:04d}", number, today) for number in range(1, count + 1)]
    yield from claims
    if claims:
        yield claim(LONG, 901, today, receipts=12)
        yield copied(claims[0], TWICE)
        yield photographed_again(claim("", 902, today), AGAIN)
        yield claim("EX-2026-0905", 902, today)
        yield dear(claim(LARGE, 904, today))


def claim(reference: str, seed: int, today: date, receipts: int | None = None) -> DemoCase:
    """One claim; most are as they should be."""
    rng = random.Random(f"claim {seed}")
    first = today - timedelta(days=rng.randint(6, 40))
    days = rng.randint(1, 4)
    countries = rng.sample(HOMES, 2)
    papers = [
        receipt(
            seed * 100 + number,
            countries=countries,
            on=first + timedelta(days=rng.randrange(days)),
        )
        for number in range(receipts or pick(rng, PAPERS))
    ]
    items = [item_of(paper, rng) for paper in papers]
    slip(items, rng)
    total = sum((Decimal(str(item["claimed"])) for item in items), Decimal())
    names = pick(rng, NAMES)
    data = {
        "employee": {
            "id": f"E{rng.randint(10000, 99999)}",
            "name": f"{rng.choice(names[0])} {rng.choice(names[1])}",
            "cost_centre": str(rng.randint(4000, 4990)),
        },
        "claim": {
            "purpose": rng.choice(PURPOSES),
            "currency": "EUR",
            "total": float(total if rng.random() > 0.06 else total + 10),
            "from": first.isoformat(),
            "to": (first + timedelta(days=days)).isoformat(),
        },
        "items": items,
    }
    priority = pick(rng, {"high": 0.15, "normal": 0.7, "low": 0.15})
    return DemoCase(PIPELINE, reference, data, [("receipt", paper) for paper in papers], priority)


def item_of(paper: Receipt, rng: random.Random) -> dict[str, Any]:
    """What an employee enters for a receipt: what stands on it, as a rule."""
    currency = till(paper.country).currency
    amount = Decimal(paper.truth["total"] or "20.00")
    item: dict[str, Any] = {
        "category": paper.category,
        "date": paper.truth["date"],
        "amount": float(amount),
        "currency": currency,
        "claimed": float((amount * Decimal(RATES[currency])).quantize(CENT, ROUND_HALF_UP)),
    }
    if paper.truth["merchant"] and rng.random() < 0.9:
        item["merchant"] = paper.truth["merchant"].title()
    if paper.category == "meals":
        item["persons"] = rng.choice((1, 1, 1, 2, 3))
    return item


def slip(items: Sequence[dict[str, Any]], rng: random.Random) -> None:
    """Now and then an amount is entered wrongly, or a day."""
    wrong = rng.choice(list(items))
    if rng.random() < 0.12:
        wrong["amount"] = round(wrong["amount"] + rng.choice((1, 5, 10, 0.9)), 2)
    elif rng.random() < 0.06:
        wrong["date"] = (date.fromisoformat(wrong["date"]) - timedelta(days=30)).isoformat()


def copied(first: DemoCase, reference: str) -> DemoCase:
    """Somebody else's claim with the very same receipts."""
    data = {**first.data, "employee": {"id": "E55012", "name": "Somebody Else-Altogether"}}
    return replace(first, reference=reference, data=data)


def photographed_again(first: DemoCase, reference: str) -> DemoCase:
    """The claim with its pictures saved once more: smaller, lighter, another file."""
    papers = [(kind, saved_again(file.filename, file.blob)) for kind, file in first.papers]
    return replace(first, reference=reference, papers=papers)


def saved_again(filename: str, blob: bytes) -> Picture:
    """A picture at four fifths of its size and a little lighter; a PDF as it is."""
    if blob.startswith(b"%PDF"):
        return Picture(filename, blob)
    with Image.open(io.BytesIO(blob)) as picture:
        smaller = picture.resize((picture.width * 4 // 5, picture.height * 4 // 5))
    out = io.BytesIO()
    ImageEnhance.Brightness(smaller).enhance(1.06).save(out, "JPEG", quality=80)
    return Picture(f"copy-{filename}", out.getvalue())


def dear(plain: DemoCase) -> DemoCase:
    """The claim with a flight that two people have to judge."""
    item = {**plain.data["items"][0], "category": "travel", "claimed": 5400.0}
    items = [item, *plain.data["items"][1:]]
    total = round(sum(each["claimed"] for each in items), 2)
    claim = {**plain.data["claim"], "total": total}
    return replace(plain, data={**plain.data, "items": items, "claim": claim})
