"""What stands on a receipt: invented line by line, with its truth."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from config.demo.chance import pick
from config.demo.sheets import Align
from config.demo.tills import CATEGORIES, Category, Till, filled

Layout = Literal["till", "columns", "bistro", "slip"]
LAYOUTS: Mapping[Layout, float] = {"till": 40, "columns": 28, "bistro": 18, "slip": 14}
FIRST_DAY, DAYS = date(2023, 1, 2), 1100
RIGHT = 1.0
COLUMNS = (0.0, 0.62, 0.81, RIGHT)


@dataclass(frozen=True, slots=True)
class Cell:
    """A text at `x`, a share of the receipt's width."""

    x: float
    text: str
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Row:
    """What is printed beside each other; `size` is a factor, `rule` a line across instead."""

    cells: tuple[Cell, ...] = ()
    size: float = 1.0
    bold: float = False
    rule: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A line of goods: its name as printed, how many (None: not said), and the amount in hundredths."""

    name: str
    quantity: int | None
    cents: int
    taxed: int = 0


@dataclass(slots=True)
class Slip:
    """A receipt in the making; `truth` is canonical, None for what it does not show."""

    till: Till
    category: Category
    rng: random.Random
    sign: str
    rows: list[Row] = field(default_factory=list)
    truth: dict[str, str | None] = field(default_factory=dict)

    def centred(self, text: str, size: float = 1.0, *, bold: bool = False) -> None:
        """A line in the middle."""
        self.rows.append(Row((Cell(0.5, text, "centre"),), size, bold))

    def pair(self, left: str, right: str = "", size: float = 1.0, *, bold: bool = False) -> None:
        """A line with something on the left and something on the right."""
        self.rows.append(Row((Cell(0, left), Cell(RIGHT, right, "right")), size, bold))

    def gap(self) -> None:
        """An empty line, or a rule."""
        self.rows.append(Row(rule=self.rng.random() < 0.4))

    def word(self, name: str) -> str:
        """The till's word for something."""
        return self.till.words[name].replace("%%", "%")

    def signed(self, cents: int) -> str:
        """An amount with the sign of the currency."""
        return self.sign % self.till.amount(cents)


def slip(till: Till, rng: random.Random, on: date | None = None) -> Slip:
    """A receipt of one of the till's firms, line by line; of any day where none is named."""
    kinds = {kind: share for kind, share in CATEGORIES.items() if kind in till.shops}
    made = Slip(till, pick(rng, kinds), rng, rng.choice(list(till.signs)))
    layout = pick(rng, LAYOUTS)
    if layout == "slip" and made.category not in ("travel", "meals"):
        layout = "till"
    head(made)
    dated(made, on)
    made.gap()
    items = goods(made)
    if layout != "slip":
        LISTED[layout](made, items)
        made.gap()
    totals(made, items, itemised=layout != "slip")
    made.gap()
    made.centred(made.word("thanks"))
    return made


def head(made: Slip) -> None:
    """The firm, its address and numbers."""
    till, rng = made.till, made.rng
    firm = rng.choice(till.shops[made.category]["firms"])
    firm = firm.upper() if rng.random() < 0.4 else firm
    made.truth["merchant"] = firm
    made.centred(firm, rng.choice((1.0, 1.2, 1.5)), bold=rng.random() < 0.4)
    made.centred(rng.choice(list(till.streets)))
    made.centred(rng.choice(list(till.towns)))
    if rng.random() < 0.7:
        made.centred("Tel. " + filled(till.phone, rng))
    if till.tax_id and rng.random() < 0.75:
        made.centred(filled(rng.choice(list(till.tax_id)), rng))
    made.gap()


def dated(made: Slip, on: date | None) -> None:
    """The day, with a label or without, among other facts of the till."""
    till, rng = made.till, made.rng
    drawn = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    when = on or drawn
    made.truth["date"] = when.isoformat()
    day = till.day(when, rng.choice(list(till.dates)))
    clock = f"{rng.randint(7, 22):02d}:{rng.randint(0, 59):02d}" if rng.random() < 0.7 else ""
    number = str(rng.randint(100, 999999))
    of_date = rng.choice((
        (f"{made.word('date')}: {day}", f"{made.word('time')}: {clock}" if clock else ""),
        (f"{day}   {clock}", ""),
        (f"{day} {clock}", number),
        (made.word("date"), f"{day} {clock}"),
    ))  # fmt: skip
    facts = [(f"{made.word('receipt')} {number}", ""), (made.word("cashier"), ""), of_date]
    rng.shuffle(facts)
    for left, right in facts:
        if (left, right) == of_date or rng.random() < 0.6:
            made.pair(left, right)


def goods(made: Slip) -> list[Item]:
    """What was bought, at prices near the usual ones; sometimes less a discount."""
    till, rng = made.till, made.rng
    offered = list(till.shops[made.category]["goods"].items())
    bought = rng.sample(offered, rng.randint(1, len(offered)))
    items = []
    for name, price in bought:
        quantity = rng.choice((1, 1, 1, 2, 3))
        cents = round(price * 100 * rng.uniform(0.85, 1.2) / till.step) * till.step
        items.append(Item(name, quantity, cents * quantity, rng.randrange(len(till.rates))))
    if len(items) > 1 and rng.random() < 0.15:
        off = -round(items[-1].cents * 0.1 / till.step) * till.step
        items.append(Item(made.word("discount"), None, off, items[-1].taxed))
    return items


def in_columns(made: Slip, items: Sequence[Item]) -> None:
    """The goods in a table with a head."""
    heads = made.till.heads
    single = made.rng.random() < 0.7  # whether the price of one has a column
    shown = [(0, heads[0]), (1, heads[1]), *([(2, heads[2])] if single else []), (3, heads[3])]
    made.rows.append(Row(tuple(cell(number, text) for number, text in shown)))
    if made.rng.random() < 0.5:
        made.rows.append(Row(rule=True))
    for item in items:
        count = item.quantity
        texts = [(0, item.name), (1, str(count) if count else "")]
        if single and count:
            texts.append((2, made.till.amount(item.cents // count)))
        texts.append((3, made.till.amount(item.cents)))
        made.rows.append(Row(tuple(cell(number, text) for number, text in texts if text)))
    listed(made, items)


def cell(column: int, text: str) -> Cell:
    """A text in one of the four columns."""
    return Cell(COLUMNS[column], text, "right" if column else "left")


def as_tills_do(made: Slip, items: Sequence[Item]) -> None:
    """The goods with their amounts on the right; several of one thing on a line of their own."""
    how = made.rng.choice(("below", "above", "within"))
    letters = made.rng.random() < 0.4
    shown = []
    for item in items:
        mark = " " + "AB C"[item.taxed % 2] if letters else ""
        amount = made.till.amount(item.cents) + mark
        count = item.quantity if item.quantity and item.quantity > 1 else None
        each = f"{count} x {made.till.amount(item.cents // count)}" if count else ""
        match how if count else "":
            case "below":
                made.pair(item.name)
                made.pair("   " + each, amount)
            case "above":
                made.pair("  " + each)
                made.pair(item.name, amount)
            case "within":
                made.pair(f"{count} x {item.name}", amount)
            case _:
                made.pair(item.name, amount)
        shown.append(Item(item.name, count, item.cents))
    listed(made, shown)


def as_bistros_do(made: Slip, items: Sequence[Item]) -> None:
    """The goods with how many before their names."""
    for item in items:
        count = str(item.quantity) if item.quantity else ""
        amount = made.till.amount(item.cents)
        cells = (Cell(0, count), Cell(0.09, item.name), Cell(RIGHT, amount, "right"))
        made.rows.append(Row(tuple(each for each in cells if each.text)))
    listed(made, items)


LISTED = {"columns": in_columns, "till": as_tills_do, "bistro": as_bistros_do}


def listed(made: Slip, items: Sequence[Item]) -> None:
    """The goods as the truth has them."""
    rows = [
        {
            "description": item.name,
            "quantity": str(item.quantity) if item.quantity else None,
            "amount": f"{item.cents / 100:.2f}",
        }
        for item in items
    ]
    made.truth["items"] = json.dumps(rows, ensure_ascii=False)


def totals(made: Slip, items: Sequence[Item], *, itemised: bool) -> None:
    """The sums, the tax and the payment."""
    till, rng = made.till, made.rng
    taxes = {}
    for number, rate in enumerate(till.rates):
        cents = sum(item.cents for item in items if item.taxed == number)
        if cents:
            share = rate / 100 if till.added else rate / (100 + rate)
            taxes[rate] = (cents, round(cents * share / till.step) * till.step)
    tax = sum(own for _, own in taxes.values())
    listed_sum = sum(item.cents for item in items)
    total = listed_sum + (tax if till.added else 0)
    if itemised and (till.added or rng.random() < 0.35):
        made.pair(rng.choice(list(till.subtotal[:1])), till.amount(listed_sum))
    if till.added:
        for rate, (_, own) in taxes.items():
            made.pair(tax_label(made, rate), till.amount(own))
    total = rounded(made, total)
    asked(made, total)
    paid(made, total)
    shown = till.added or (rng.random() < 0.8 and tell_taxes(made, taxes))
    made.truth |= {
        "total": f"{total / 100:.2f}",
        "tax": f"{tax / 100:.2f}" if shown else None,
        "currency": till.currency if made.sign.replace("%s", "").strip(" *") else None,
    }
    made.truth.setdefault("items", None)


def tax_label(made: Slip, rate: float) -> str:
    """A label of the tax, some with its rate."""
    form = made.rng.choice(list(made.till.tax))
    return form.replace("%%", "\0").replace("%s", made.till.rate(rate)).replace("\0", "%")


def rounded(made: Slip, total: int) -> int:
    """What cash is rounded to, where the country has no smaller coins."""
    coin = made.till.coin
    if not coin or not total % coin:
        return total
    by = (total + coin // 2) // coin * coin - total
    made.pair(made.word("rounding"), made.till.amount(by))
    return total + by


def asked(made: Slip, total: int) -> None:
    """The total: in its row, larger, or below its label."""
    rng = made.rng
    label = rng.choice(list(made.till.total)) + rng.choice(("", "", ":"))
    size, bold = rng.choice((1.0, 1.0, 1.3, 1.6)), rng.random() < 0.5
    if rng.random() < 0.08:
        made.centred(label, size, bold=bold)
        made.centred(made.signed(total), size, bold=bold)
    else:
        made.pair(label, made.signed(total), size, bold=bold)


def paid(made: Slip, total: int) -> None:
    """Cash and change, a card, or nothing said."""
    till, rng = made.till, made.rng
    kind = rng.choice(("cash", "card", "none"))
    note = 1000 if total < 100_000 else 100_000 if total < 1_000_000 else 5_000_000
    given = -(-total // note) * note
    if kind == "cash" and given > total:
        made.pair(made.word("cash"), till.amount(given))
        made.pair(made.word("change"), till.amount(given - total))
    elif kind != "none":
        made.pair(made.word("card"), till.amount(total))


def tell_taxes(made: Slip, taxes: Mapping[float, tuple[int, int]]) -> bool:
    """The taxes that the prices hold: a line each, or a table by rate; always true."""
    till, rng = made.till, made.rng
    if rng.random() < 0.5:
        for rate, (_, own) in taxes.items():
            made.pair(tax_label(made, rate), till.amount(own))
        return True
    made.gap()
    heads = [made.word("rate"), made.word("net"), made.till.tax[0].split("%")[0].strip() or "Tax",
             made.word("gross")]  # fmt: skip
    order = rng.choice(((0, 1, 2, 3), (0, 3, 1, 2), (0, 2, 1, 3)))
    at = (0.0, 0.45, 0.72, RIGHT)
    table = [heads]
    for rate, (cents, own) in taxes.items():
        amounts = (cents - own, own, cents)
        table.append([f"{till.rate(rate)}%", *map(till.amount, amounts)])
    for texts in table:
        made.rows.append(
            Row(tuple(
                Cell(x, texts[number], "right" if x else "left")
                for x, number in zip(at, order, strict=True)
            ))
        )  # fmt: skip
    return True
