"""How tills and offices of some countries print: their words, firms and goods, dates and amounts."""

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

Category = Literal["meals", "office", "lodging", "travel"]
CATEGORIES: Mapping[Category, float] = {"meals": 45, "office": 25, "lodging": 12, "travel": 18}
FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Till:
    """One country's way to print receipts.

    `signs` are the forms of sums, `coin` what cash is rounded to (in hundredths, 0: not at all), `added`
    says that prices come without tax, `heads` are of the columns description, quantity, price, amount.
    """

    country: str
    currency: str
    signs: Sequence[str]
    point: str
    group: str
    dates: Sequence[str]
    rates: Sequence[float]
    phone: str
    tax_id: Sequence[str]
    towns: Sequence[str]
    streets: Sequence[str]
    total: Sequence[str]
    subtotal: Sequence[str]
    tax: Sequence[str]
    words: Mapping[str, str]
    heads: Sequence[str]
    shops: Mapping[Category, Mapping[str, Any]]
    added: bool = False
    coin: int = 0

    @property
    def step(self) -> int:
        """The smallest sum, in hundredths: whole numbers where the currency is printed without cents."""
        return 1 if self.point else 100

    def amount(self, cents: int) -> str:
        """Hundredths as the country writes them, without a sign of the currency."""
        whole, rest = divmod(abs(cents), 100)
        text = f"{whole:,}".replace(",", self.group)
        return ("-" if cents < 0 else "") + text + (f"{self.point}{rest:02d}" if self.point else "")

    def day(self, when: date, form: str) -> str:
        """A day in one of the country's forms."""
        return when.strftime(form)

    def rate(self, rate: float) -> str:
        """A tax's rate in per cent as the country writes it."""
        return f"{rate:g}".replace(".", self.point or ".")


def tills() -> tuple[str, ...]:
    """The countries that are known, by their codes."""
    return tuple(_read())


def till(country: str) -> Till:
    """The till of a country (ISO 3166, small letters); raises KeyError for one that is not known."""
    facts = dict(_read()[country])
    shops = {kind: facts.pop(kind) for kind in CATEGORIES if kind in facts}
    return Till(country=country, shops=shops, **facts)


def filled(form: str, rng: random.Random) -> str:
    """A form with figures for its place, such as "VAT No. GB %09d"."""
    places = form.count("%")
    return form % tuple(rng.randint(0, 10**9) % 10 ** _width(form, n) for n in range(places))


def _width(form: str, number: int) -> int:
    """How many figures a form's place wants."""
    return int(form.split("%")[number + 1].split("d")[0])


@cache
def _read() -> Mapping[str, Any]:
    with FILE.open("rb") as file:
        return tomllib.load(file)
