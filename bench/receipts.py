"""Invented receipts drawn as tills print them, with the truth of their merchant, date and total."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import config.demo
from config.demo.wear import clean, fax, thin_scan, worn

FONTS = Path(config.demo.__file__).with_name("fonts")
FACES = (
    "Cousine-Regular", "CourierPrime-Regular", "VT323-Regular", "Arimo-Regular",
    "CutiveMono-Regular",
)  # fmt: skip
HAND = "Caveat-Regular"
OWNERS = (
    "Bright", "Harbour", "Golden", "Blue", "Maple", "Nordic", "Lucky", "Alpine", "Sunrise",
    "Silver", "Royal", "Green", "Old", "Town", "Seven", "88",
)  # fmt: skip
TRADES = (
    "Hardware", "Bakery", "Mart", "Bookstore", "Pharmacy", "Bistro", "Trading", "Enterprise",
    "Garden", "Noodles", "Coffee", "Optik", "Motors",
)  # fmt: skip
FORMS = ("Sdn Bhd", "Ltd", "GmbH", "S.r.l.", "Inc.", "LLC", "SARL", "B.V.", "", "", "", "")
STREETS = (
    "12 High Street", "Marktplatz 4", "No. 8, Jalan Mawar 3/2", "27 rue du Port", "Via Roma 11",
    "501 Elm Ave",
)  # fmt: skip
TOWNS = (
    "81100 Johor Bahru", "London E1 6AN", "10115 Berlin", "69002 Lyon", "20121 Milano",
    "Austin, TX 78701",
)  # fmt: skip
GOODS = (
    "Rice", "Tea", "Coffee", "Notebook", "Pen", "Cable", "Lamp", "Soup", "Noodle", "Bread", "Milk",
    "Screws", "Paint", "Brush", "Tape", "Juice", "Cake",
)  # fmt: skip
GREETINGS = ("Welcome", "CASH RECEIPT", "*** RECEIPT ***", "Tax Invoice")
DATE_FORMS = ("%d/%m/%Y", "%d-%m-%y", "%d.%m.%Y", "%Y-%m-%d", "%d %b %Y", "%d/%m/%y", "%b %d, %Y")
TOTALS = (
    "TOTAL", "Total", "Grand Total", "NET TOTAL", "Total due", "TOTAL AMOUNT", "Amount due",
    "Total (incl. tax)", "Total Sales (Inclusive GST)", "TOTAL RM", "To pay", "Balance due",
    "Summe",
)  # fmt: skip
SUBTOTALS = ("Subtotal", "SUB TOTAL", "Sub-total", "Total excl. tax")
TAXES = ("Tax", "GST 6%", "VAT", "Total tax", "MwSt")
TAX_RATES = (0, 0.06, 0.07, 0.19)
CASH, CARD = ("CASH", "Cash", "Bar"), ("VISA", "Card payment", "DEBIT")
CHANGE = ("CHANGE", "Change due", "Rückgeld")
FAREWELLS = ("THANK YOU, PLEASE COME AGAIN", "Vielen Dank", "Goods sold are not returnable")
# Before the figure, after it, and before its cents.
MONEY_FORMS = (
    ("", "", "."), ("", "", "."), ("", "", ","), ("RM ", "", "."), ("$", "", "."), ("€ ", "", ","),
    ("", " EUR", ","),
)  # fmt: skip

Money = Callable[[int], str]


@dataclass(slots=True)
class Slip:
    """Lines as (left, right) texts, a size factor each, and what stands on them."""

    lines: list[tuple[str, str, float]] = field(default_factory=list)
    truth: dict[str, str | None] = field(default_factory=dict)

    def add(self, left: str = "", right: str = "", size: float = 1.0) -> None:
        """One line; a left text that starts with ^ is centred."""
        self.lines.append((left, right, size))


def receipt(seed: int) -> tuple[Image.Image, dict[str, str | None]]:
    """A receipt, worn by chance, and its truth in canonical form; the same for a seed."""
    rng = random.Random(f"receipt {seed}")  # noqa: S311 - inventing receipts is no cryptography
    slip = Slip()
    head(slip, rng)
    dated(slip, date(2017, 1, 1) + timedelta(days=rng.randrange(3200)), rng)
    bought(slip, rng)
    page = drawn(slip.lines, rng)
    wear = rng.choices((clean, worn, thin_scan, fax), (45, 35, 12, 8))[0]
    return wear(page, rng).convert("RGB"), slip.truth


def head(slip: Slip, rng: random.Random) -> None:
    """The merchant, sometimes under a welcome, and the address."""
    parts = [*rng.sample(OWNERS, 2), rng.choice((*TRADES, "", "")), rng.choice(FORMS)]
    name = " ".join(part for part in parts if part)
    name = name.upper() if rng.random() < 0.6 else name
    slip.truth["merchant"] = name
    if rng.random() < 0.15:
        slip.add("^" + rng.choice(GREETINGS))
    slip.add("^" + name, size=rng.choice((1.0, 1.15, 1.4)))
    if rng.random() < 0.4:
        slip.add(f"^({rng.randint(100000, 999999)}-{rng.choice('ABTVX')})")
    slip.add("^" + rng.choice(STREETS))
    slip.add("^" + rng.choice(TOWNS))
    if rng.random() < 0.7:
        slip.add(f"^Tel: 0{rng.randint(2, 9)}-{rng.randint(1000000, 9999999)}")
    if rng.random() < 0.5:
        label = rng.choice(("GST ID", "VAT no.", "USt-IdNr."))
        slip.add(f"^{label}: {rng.randint(10**11, 10**12)}")
    slip.add()


def dated(slip: Slip, when: date, rng: random.Random) -> None:
    """The date, with a label or bare, among other facts of the till."""
    text = when.strftime(rng.choice(DATE_FORMS))
    slip.truth["date"] = when.isoformat()
    clock = f"{rng.randint(8, 21)}:{rng.randint(10, 59)}" if rng.random() < 0.6 else ""
    number = (
        f"{rng.choice(('Receipt', 'Invoice', 'Doc', 'Bill'))} no: {rng.randint(1000, 99999999)}"
    )
    cashier = f"Cashier: {rng.choice(('Anna', 'USER', 'Lim', '03'))}"
    till = f"POS {rng.randint(1, 9)}"
    forms = (
        (f"Date: {text} {clock}", ""),
        ("Date", f"{text} {clock}"),
        (f"{text} {clock}", ""),
        (f"DATE : {text}", f"TIME : {clock}" if clock else ""),
    )
    of_date = rng.choice(forms)
    facts = [(number, ""), (cashier, till), of_date]
    rng.shuffle(facts)
    shown = facts[: rng.randint(1, 3)]
    for left, right in shown if of_date in shown else [*shown, of_date]:
        slip.add(left, right)
    slip.add()


def bought(slip: Slip, rng: random.Random) -> None:
    """The goods, the sums, the payment, and perhaps a table of taxes."""
    before, after, point = rng.choice(MONEY_FORMS)

    def money(cents: int) -> str:
        whole, rest = divmod(abs(cents), 100)
        return f"{'-' if cents < 0 else ''}{before}{whole}{point}{rest:02d}{after}"

    subtotal = goods(slip, money, rng)
    tax, total = sums(slip, subtotal, money, rng)
    paid(slip, total, money, rng)
    if tax and rng.random() < 0.4:
        slip.add()
        slip.add("Tax summary   Amount", "Tax")
        slip.add(f"SR   {money(subtotal)}", money(tax))
        slip.add(f"Total   {money(subtotal)}", money(tax))
    slip.add()
    slip.add("^" + rng.choice(FAREWELLS))


def goods(slip: Slip, money: Money, rng: random.Random) -> int:
    """The lines of goods; returns what they cost together."""
    prices = [rng.randint(90, 9900) for _ in range(rng.randint(1, 8))]
    heading = rng.choice(("Item", "Description", "ITEM  QTY"))
    slip.add(heading, rng.choice(("Amount", "Total", "Price")))
    for price in prices:
        text = f"{rng.randint(1, 3)} {rng.choice(GOODS)} {rng.choice(GOODS).lower()}"
        slip.add(text, money(price))
    slip.add()
    return sum(prices)


def sums(slip: Slip, subtotal: int, money: Money, rng: random.Random) -> tuple[int, int]:
    """The subtotal, the tax, the rounding and the total; returns tax and total."""
    tax = round(subtotal * rng.choice(TAX_RATES))
    total = subtotal + tax
    extras = rng.random()
    if extras < 0.6:
        slip.add(rng.choice(SUBTOTALS), money(subtotal))
    if tax:
        slip.add(rng.choice(TAXES), money(tax))
    if extras < 0.25:
        slip.add("Rounding adj.", money(-(total % 5)))
        total -= total % 5
    slip.truth["total"] = f"{total / 100:.2f}"
    label = rng.choice(TOTALS) + rng.choice(("", ":", " :"))
    slip.add(label, money(total), rng.choice((1.0, 1.0, 1.3)))
    return tax, total


def paid(slip: Slip, total: int, money: Money, rng: random.Random) -> None:
    """Cash and change, or a card."""
    if rng.random() < 0.6:
        given = -(-total // 1000) * 1000 + rng.choice((0, 1000))
        slip.add(rng.choice(CASH), money(given))
        slip.add(rng.choice(CHANGE), money(given - total))
    elif rng.random() < 0.6:
        slip.add(rng.choice(CARD), money(total))


def drawn(lines: Sequence[tuple[str, str, float]], rng: random.Random) -> Image.Image:
    """The lines on a strip of paper, a name by hand on some."""
    size = rng.randint(26, 34)
    face = FONTS / f"{rng.choice(FACES)}.ttf"
    width, pitch = size * rng.randint(20, 26), round(size * rng.uniform(1.25, 1.6))
    page = Image.new("RGB", (width + 80, pitch * len(lines) + 260), "white")
    pen = ImageDraw.Draw(page)
    if rng.random() < 0.2:
        hand = ImageFont.truetype(FONTS / f"{HAND}.ttf", size * 1.6)
        name = rng.choice(("Tan Chay", "J. Meier", "A. Costa"))
        pen.text((rng.randint(40, width // 2), 15), name, font=hand, fill=(30, 40, 120))
    y = 110
    for left, right, factor in lines:
        font = ImageFont.truetype(face, size * factor)
        if left.startswith("^"):
            pen.text((40 + width / 2, y), left[1:], font=font, fill=(20, 20, 20), anchor="ma")
        else:
            pen.text((40, y), left, font=font, fill=(20, 20, 20))
            pen.text((40 + width, y), right, font=font, fill=(20, 20, 20), anchor="ra")
        y += round(pitch * max(1.0, factor))
    return page
