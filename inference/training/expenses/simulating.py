"""Expense claims and approvers' verdicts on them, simulated. Pure: the same for the same number.

There is no public set of claims with verdicts. The process is written to be read:

1. An employee has a care (how seldom they slip) and seldom means ill. A claim is of a trip or of single
   items, in the currency of the employee's country; abroad items are paid in others.
2. Each item may have a fault: above the limit, outside of the dates, late, guests not named, private,
   claimed before, or another amount than the receipt shows. Care makes slips rarer; who means ill
   claims twice, raises amounts and passes private things off more often.
3. A receipt is read by a machine: some totals are not found, some are read wrongly, and a claim that
   was seen before is found again mostly, and now and then one that was not.
4. One of many approvers, some strict and some lenient, sees what is true, not what was read, and
   weighs the faults (WEIGHTS) into the log-odds of refusing. The verdict is drawn by them.

So a model that sees only what was read and declared can't be right always: whether an item is private
it does not see, nor who judges.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

LIMITS: Final = {
    "meals": 60.0,
    "lodging": 180.0,
    "travel": 800.0,
    "entertainment": 100.0,
    "office": 250.0,
    "other": 100.0,
}
USUAL: Final = {
    "meals": (24.0, 0.5),
    "lodging": (110.0, 0.3),
    "travel": (90.0, 1.0),
    "entertainment": (55.0, 0.4),
    "office": (40.0, 0.9),
    "other": (18.0, 0.9),
}
"""Median and spread (of the logarithm) of an amount, of one person."""
RATES: Final = {"EUR": 1.0, "GBP": 0.85, "USD": 1.1, "CHF": 0.95, "SEK": 11.2, "PLN": 4.3}
"""Of one euro; the process needs them to be plausible, not right."""
PURPOSES: Final = (
    "Misc",
    "Expenses",
    "Trip",
    "Customer visit",
    "Workshop with the branch",
    "Trade fair, two days at the stand",
    "Installation and handover at the customer's plant",
    "Quarterly meeting of the project's partners",
)
GUESTS: Final = "J. Meier, A. Costa"
WEIGHTS: Final = {
    "claimed_before": 4.0,
    "raised": 3.2,
    "private": 3.4,
    "above_limit": 1.3,
    "far_above_limit": 1.3,
    "guests_not_named": 1.4,
    "outside_of_dates": 1.5,
    "weekend": 0.5,
    "late": 0.8,
    "vague": 0.7,
}
"""What a fault adds to the log-odds of refusing; a second of its kind adds half of it."""
BASE: Final = -4.2
LENIENCY: Final = 0.6
"""Spread of what approvers add of their own."""


@dataclass(frozen=True, slots=True)
class World:
    """Where claims come from: whose they are, how approvers judge, and how well papers are read.

    `strictness` is by what approvers' limits differ from those that the pipeline's rules know;
    `abroad` the share of claims with other currencies; `poor` the share of receipts that are hard to
    read.
    """

    name: str
    employees: int = 400
    approvers: int = 25
    strictness: float = 1.0
    abroad: float = 0.25
    poor: float = 0.12
    currencies: tuple[str, ...] = ("EUR", "EUR", "EUR", "GBP", "CHF")


LEARNT = World("learnt")
HELD_OUT = World("held out")
"""Other employees and other approvers, of the same kind."""
SHIFTED = World(
    "shifted", strictness=0.75, abroad=0.6, poor=0.3, currencies=("USD", "SEK", "PLN", "GBP", "EUR")
)
"""Approvers with limits a quarter lower, more claims from abroad, receipts that are harder to read."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a machine reads of an item's receipt: None is not found."""

    total: Decimal | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: its data, what was read, how many receipts were found again, and the verdict."""

    data: dict[str, Any]
    received: date
    receipts: tuple[Receipt, ...]
    seen_before: int
    faults: Mapping[str, int]
    refused: bool


@dataclass(frozen=True, slots=True)
class Trip:
    """Who claims, and for which days: `slip` is how often an item has a fault, `ill` whether by intent."""

    world: World
    home: str
    began: date
    days: int
    care: float
    ill: bool

    @property
    def slip(self) -> float:
        """The chance of a slip, by item."""
        return 0.01 + 0.08 * (1 - self.care)


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it is declared, the true total of its receipt, and its faults by name."""

    declared: dict[str, Any]
    shown: Decimal
    faults: Mapping[str, int]


def simulate(number: int, world: World) -> Claim:
    """The claim of that number in that world."""
    rng = chance(world, "claim", number)
    trip = trip_of(rng, world)
    approver = chance(world, "approver", rng.randrange(world.approvers))
    items = [
        item(rng, trip) for _ in range(min(40, 1 + int(rng.expovariate(1 / (1.5 + trip.days)))))
    ]
    purpose = rng.choices(PURPOSES, [1.5 * (1 - trip.care) + 0.1] * 3 + [1.0] * 5)[0]
    dates = [date.fromisoformat(each.declared["date"]) for each in items]
    received = max(dates) + timedelta(days=int(rng.expovariate(1 / (8 + 30 * (1 - trip.care)))))
    faults = {name: sum(each.faults.get(name, 0) for each in items) for name in WEIGHTS}
    faults["late"] = sum((received - each).days > 60 for each in dates)
    faults["vague"] = int(len(purpose) < 12)
    found = sum(rng.random() < 0.85 for _ in range(faults["claimed_before"]))
    found += sum(rng.random() < 0.004 for _ in items)
    receipts = tuple(read(rng, each.shown, world) for each in items)
    odds = BASE + approver.gauss(0, LENIENCY) + weighed(faults)
    return Claim(
        data=data_of(rng, trip, purpose, items),
        received=received,
        receipts=receipts,
        seen_before=found,
        faults=faults,
        refused=rng.random() < 1 / (1 + math.exp(-odds)),
    )


def chance(world: World, what: str, number: int) -> random.Random:
    """The chance that belongs to one claim, employee or approver of a world."""
    return random.Random(f"{world.name}: {what} {number}")  # noqa: S311 - no cryptography


def trip_of(rng: random.Random, world: World) -> Trip:
    """A trip of one of the world's employees, or a day of single purchases."""
    employee = chance(world, "employee", rng.randrange(world.employees))
    care, ill = employee.betavariate(5, 2), employee.random() < 0.06
    home = employee.choice(world.currencies)
    began = date(2025, 1, 6) + timedelta(days=rng.randrange(600))
    return Trip(world, home, began, rng.choice((0, 0, 1, 1, 2, 3, 4, 6)), care, ill)


def data_of(rng: random.Random, trip: Trip, purpose: str, items: Sequence[Item]) -> dict[str, Any]:
    """The claim's data, as the pipeline's schema has it."""
    declared = [each.declared for each in items]
    total = sum(Decimal(str(each["claimed"])) for each in declared)
    about = {"purpose": purpose, "currency": trip.home, "total": float(total)}
    if rng.random() < 0.85:
        about["from"] = trip.began.isoformat()
        about["to"] = (trip.began + timedelta(days=trip.days)).isoformat()
    return {"employee": {"name": "–"}, "claim": about, "items": declared}


def item(rng: random.Random, trip: Trip) -> Item:
    """One item of a trip with its faults."""
    shares = (3, 5, 2 + trip.days, 1, 1, 1) if trip.days else (3, 4, 0.2, 1, 3, 1.5)
    category = rng.choices(tuple(LIMITS), shares)[0]
    persons = rng.choice((2, 2, 3, 4, 6)) if category == "entertainment" else 1
    when, away = day(rng, trip)
    paid = cost(rng, trip, category) * persons
    limit = LIMITS[category] * trip.world.strictness * persons
    raised = rng.random() < (0.1 if trip.ill else 0.03 * trip.slip)
    claimed = cents(paid * 1.1 + 5) if raised else cents(paid)
    unnamed = category == "entertainment" and rng.random() < 0.03 + trip.slip
    private = (0.12 if trip.ill else 0.006) * (3 if category == "other" else 1)
    faults = {
        "outside_of_dates": away,
        "above_limit": paid > limit,
        "far_above_limit": paid > 1.5 * limit,
        "raised": raised,
        "guests_not_named": unnamed,
        "private": rng.random() < private,
        "claimed_before": rng.random() < (0.12 if trip.ill else 0.004),
        "weekend": category in ("meals", "entertainment") and when.weekday() >= 5,
    }
    declared = {"category": category, "date": when.isoformat(), **amounts(rng, claimed, trip)}
    if category == "entertainment":
        declared |= {"persons": persons} if unnamed else {"persons": persons, "note": GUESTS}
    honest = cents(paid * rate(declared["currency"], trip.home))
    shown = honest if raised else Decimal(str(declared["amount"]))
    return Item(declared, shown, {name: int(there) for name, there in faults.items()})


def day(rng: random.Random, trip: Trip) -> tuple[date, bool]:
    """The day of an item, and whether it lies outside of its claim's."""
    when = trip.began + timedelta(days=rng.randrange(trip.days + 1))
    if rng.random() > 0.5 * trip.slip:
        return when, False
    return when + timedelta(days=rng.choice((-30, -20, -9, 8, 14))), True


def cost(rng: random.Random, trip: Trip, category: str) -> float:
    """What one person's share costs: now and then more than the limit."""
    median, spread = USUAL[category]
    if rng.random() < trip.slip:
        return LIMITS[category] * rng.uniform(1.02, 2.2)
    return median * math.exp(rng.gauss(0, spread))


def cents(amount: float) -> Decimal:
    """An amount to the cent."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def rate(currency: str, home: str) -> float:
    """What one unit of the claim's currency is in another."""
    return RATES[currency] / RATES[home]


def amounts(rng: random.Random, claimed: Decimal, trip: Trip) -> dict[str, Any]:
    """What is claimed, and the amount declared for the receipt in the currency that was paid in."""
    foreign = rng.choice([each for each in RATES if each != trip.home])
    currency = foreign if rng.random() < trip.world.abroad / 2 else trip.home
    amount = cents(float(claimed) * rate(currency, trip.home))
    return {"amount": float(amount), "currency": currency, "claimed": float(claimed)}


def read(rng: random.Random, total: Decimal, world: World) -> Receipt:
    """A receipt's total as a machine reads it."""
    poor = rng.random() < world.poor
    if rng.random() < (0.25 if poor else 0.015):
        return Receipt(None, 0.0)
    if rng.random() < (0.12 if poor else 0.01):
        slip = float(rng.choice(("0.1", "1.3", "0.93", "10")))
        return Receipt(cents(float(total) * slip), rng.betavariate(6, 2))
    return Receipt(total, rng.betavariate(6, 2) if poor else rng.betavariate(60, 1.5))


def weighed(faults: Mapping[str, int]) -> float:
    """What the faults add to the log-odds of refusing."""
    return sum(
        weight * (1 + 0.5 * (min(faults[name], 4) - 1))
        for name, weight in WEIGHTS.items()
        if faults[name]
    )
