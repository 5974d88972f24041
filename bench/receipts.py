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
    "Cousine-Regular",
    "CourierPrime-Regular",
    "VT323-Regular",
    "Arimo-Regular",
    "CutiveMono-Regular",
)
HAND = "Caveat-Regular"
OWNERS = "Bright Harbour Golden Blue Maple Nordic Lucky Alpine Sunrise Silver Royal Green Old Town Seven 88".split()
TRADES = "Hardware Bakery Mart Bookstore Pharmacy Bistro Trading Enterprise Garden Noodles Coffee Optik Motors".split()
FORMS = ("Sdn Bhd", "Ltd", "GmbH", "S.r.l.", "Inc.", "LLC", "SARL", "B.V.", "", "", "", "")
STREETS = (
    "12 High Street",
    "Marktplatz 4",
    "No. 8, Jalan Mawar 3/2",
    "27 rue du Port",
    "Via Roma 11",
    "501 Elm Ave",
)
TOWNS = (
    "81100 Johor Bahru",
    "London E1 6AN",
    "10115 Berlin",
    "69002 Lyon",
    "20121 Milano",
    "Austin, TX 78701",
)
GOODS = "Rice Tea Coffee Notebook Pen Cable Lamp Soup Noodle Bread Milk Screws Paint Brush Tape Juice Cake".split()
DATE_FORMS = ("%d/%m/%Y", "%d-%m-%y", "%d.%m.%Y", "%Y-%m-%d", "%d %b %Y", "%d/%m/%y", "%b %d, %Y")
TOTALS = ("TOTAL", "Total", "Grand Total", "NET TOTAL", "Total due", "TOTAL AMOUNT", "Amount due", "Total (incl. tax)",
          "Total Sales (Inclusive GST)", "TOTAL RM", "To pay", "Balance due", "Summe")  # fmt: skip


@dataclass(slots=True)
class Slip:
    """Lines as (left, right) texts, a size factor each, and what stands on them."""

    lines: list[tuple[str, str, float]] = field(default_factory=list)
    truth: dict[str, str | None] = field(default_factory=dict)

    def add(self, left: str = "", right: str = "", size: float = 1.0) -> None:
        """One line; a lone left text that starts with ^ is centred."""
        self.lines.append((left, right, size))


def receipt(seed: int) -> tuple[Image.Image, dict[str, str | None]]:
    """A receipt, worn by chance, and its truth in canonical form; the same for a seed."""
    rng = random.Random(f"receipt {seed}")
    slip = Slip()
    head(slip, rng)
    when = date(2017, 1, 1) + timedelta(days=rng.randrange(3200))
    dated(slip, when, rng)
    goods(slip, rng)
    page = drawn(slip.lines, rng)
    wear = rng.choices((clean, worn, thin_scan, fax), (45, 35, 12, 8))[0]
    return wear(page, rng).convert("RGB"), slip.truth


def head(slip: Slip, rng: random.Random) -> None:
    """The merchant, sometimes under a note by hand or a welcome, and the address."""
    parts = [*rng.sample(OWNERS, 2), rng.choice((*TRADES, "", "")), rng.choice(FORMS)]
    name = " ".join(part for part in parts if part)
    name = name.upper() if rng.random() < 0.6 else name
    slip.truth["merchant"] = name
    if rng.random() < 0.15:
        slip.add("^" + rng.choice(("Welcome", "CASH RECEIPT", "*** RECEIPT ***", "Tax Invoice")))
    slip.add("^" + name, size=rng.choice((1.0, 1.15, 1.4)))
    if rng.random() < 0.4:
        slip.add("^" + f"({rng.randint(100000, 999999)}-{rng.choice('ABTVX')})")
    slip.add("^" + rng.choice(STREETS))
    slip.add("^" + rng.choice(TOWNS))
    if rng.random() < 0.7:
        slip.add("^" + f"Tel: 0{rng.randint(2, 9)}-{rng.randint(1000000, 9999999)}")
    if rng.random() < 0.5:
        slip.add(
            "^" + f"{rng.choice(('GST ID', 'VAT no.', 'USt-IdNr.'))}: {rng.randint(10**11, 10**12)}"
        )
    slip.add()


def dated(slip: Slip, when: date, rng: random.Random) -> None:
    """The date, with a label or bare, among other facts of the till."""
    text = when.strftime(rng.choice(DATE_FORMS))
    slip.truth["date"] = when.isoformat()
    clock = f"{rng.randint(8, 21)}:{rng.randint(10, 59)}" if rng.random() < 0.6 else ""
    facts = [
        (
            f"{rng.choice(('Receipt', 'Invoice', 'Doc', 'Bill'))} no: {rng.randint(1000, 99999999)}",
            "",
        ),
        (f"Cashier: {rng.choice(('Anna', 'USER', 'Lim', '03'))}", f"POS {rng.randint(1, 9)}"),
        rng.choice(
            [
                (f"Date: {text} {clock}", ""),
                ("Date", f"{text} {clock}"),
                (f"{text} {clock}", ""),
                (f"DATE : {text}", f"TIME : {clock}" if clock else ""),
            ]
        ),  # fmt: skip
    ]
    rng.shuffle(facts)
    for left, right in facts[: rng.randint(1, 3)] + [
        fact for fact in facts if text in "".join(fact)
    ]:
        if (left, right, 0.999) not in slip.lines:
            slip.add(left, right, 0.999)
    slip.add()


def goods(slip: Slip, rng: random.Random) -> None:
    """What was bought, the sums, the payment, and perhaps a table of taxes."""
    money = figure(rng)
    prices = [rng.randint(90, 9900) for _ in range(rng.randint(1, 8))]
    slip.add(
        rng.choice(("Item", "Description", "ITEM  QTY")), rng.choice(("Amount", "Total", "Price"))
    )
    for price in prices:
        slip.add(
            f"{rng.randint(1, 3)} {rng.choice(GOODS)} {rng.choice(GOODS).lower()}", money(price)
        )
    slip.add()
    subtotal = sum(prices)
    tax = round(subtotal * rng.choice((0, 0.06, 0.07, 0.19)))
    extras = rng.random()
    if extras < 0.6:
        slip.add(
            rng.choice(("Subtotal", "SUB TOTAL", "Sub-total", "Total excl. tax")), money(subtotal)
        )
    if tax:
        slip.add(rng.choice(("Tax", "GST 6%", "VAT", "Total tax", "MwSt")), money(tax))
    total = subtotal + tax
    if extras < 0.25:
        coin = -(total % 5)
        slip.add("Rounding adj.", money(coin))
        total += coin
    slip.truth["total"] = f"{total / 100:.2f}"
    slip.add(
        rng.choice(TOTALS) + rng.choice(("", ":", " :")), money(total), rng.choice((1.0, 1.0, 1.3))
    )
    if rng.random() < 0.6:
        given = -(-total // 1000) * 1000 + rng.choice((0, 1000))
        slip.add(rng.choice(("CASH", "Cash", "Bar")), money(given))
        slip.add(rng.choice(("CHANGE", "Change due", "Rückgeld")), money(given - total))
    elif rng.random() < 0.6:
        slip.add(rng.choice(("VISA", "Card payment", "DEBIT")), money(total))
    if tax and rng.random() < 0.4:
        slip.add()
        slip.add("Tax summary   Amount", "Tax")
        slip.add(f"SR   {money(subtotal)}", money(tax))
        slip.add(f"Total   {money(subtotal)}", money(tax))
    slip.add()
    slip.add(
        "^"
        + rng.choice(
            ("THANK YOU, PLEASE COME AGAIN", "Vielen Dank", "Goods sold are not returnable")
        )
    )


def figure(rng: random.Random) -> Callable[[int], str]:
    """This till's way with amounts given in hundredths."""
    before, after, point = rng.choice((("", "", "."), ("", "", "."), ("", "", ","), ("RM ", "", "."), ("$", "", "."),
                                       ("€ ", "", ","), ("", " EUR", ",")))  # fmt: skip

    def shown(cents: int) -> str:
        whole, rest = divmod(abs(cents), 100)
        return f"{'-' if cents < 0 else ''}{before}{whole}{point}{rest:02d}{after}"

    return shown


def drawn(lines: Sequence[tuple[str, str, float]], rng: random.Random) -> Image.Image:
    """The lines on a strip of paper, a name by hand on some."""
    size = rng.randint(26, 34)
    face = str(FONTS / f"{rng.choice(FACES)}.ttf")
    width, pitch = size * rng.randint(20, 26), round(size * rng.uniform(1.25, 1.6))
    page = Image.new("RGB", (width + 80, pitch * len(lines) + 260), "white")
    pen = ImageDraw.Draw(page)
    if rng.random() < 0.2:
        pen.text((rng.randint(40, width // 2), 15), f"{rng.choice(('Tan Chay', 'J. Meier', 'A. Costa'))}",
                 font=ImageFont.truetype(str(FONTS / f"{HAND}.ttf"), size * 1.6), fill=(30, 40, 120))  # fmt: skip
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
