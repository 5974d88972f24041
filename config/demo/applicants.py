"""An applicant made up around one row of the data set: what is declared, and what papers will show.

The row's own facts (amount, duration, bands) are kept; everything else is invented to fit them.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as _

from config.demo.chance import pick
from config.demo.people import BENEFIT_OFFICES, EMPLOYERS, NAMES, PLACES, Place

SHARE_CONTRADICTING = 0.08  # of applicants, those whose papers say something else than the data
CASES_OF = date(2026, 3, 31)  # the demo's papers are from the weeks before this day

# Attribute 8 of the data set, instalment as a share of disposable income, in its four bands (South
# German Credit's reading of them: 35 % or more, 25 to 35, 20 to 25, below 20). The last is cut off.
INSTALMENT_BANDS = {1: (0.35, 0.48), 2: (0.255, 0.345), 3: (0.203, 0.247), 4: (0.11, 0.195)}
# What living costs before income is disposable, in EUR a month.
LIVING = {"rent": (950, 1500), "own": (700, 1250), "free": (600, 950)}

BALANCES = {
    "below_0": (-1900, -5),
    "0_to_200": (0, 199),
    "200_or_more": (200, 5200),
    "none": (20, 2600),  # no account with the lender: the statement is another bank's
}

# What fairness is measured by beside the age.
REGIONS = {
    "DE": _("Germany"),
    "AT": _("Austria"),
    "NL": _("Benelux"),
    "BE": _("Benelux"),
    "FR": _("France"),
    "PL": _("Poland"),
    "ES": _("Iberia"),
    "IT": _("Italy"),
    "DK": _("Denmark"),
}

# How the two differ where they do, and how often each.
CONTRADICTIONS = {
    "net_income": 8,
    "employee_name": 3,
    "account_holder": 3,
    "amount": 2,
    "closing_balance": 2,
    "employer": 2,
    "date_of_birth": 1,
    "iban": 1,
}

# Where in the data the fields of the papers are declared.
DECLARED = {
    "applicant_name": ("applicant", "name"),
    "date_of_birth": ("applicant", "date_of_birth"),
    "amount": ("loan", "amount"),
    "duration_months": ("loan", "duration_months"),
    "employer": ("employment", "employer"),
    "employee_name": ("applicant", "name"),
    "net_income": ("employment", "net_income"),
    "account_holder": ("applicant", "name"),
    "iban": ("finances", "iban"),
    "closing_balance": ("finances", "closing_balance"),
}

SECTIONS = {
    "loan": ("amount", "duration_months", "purpose", "instalment_percent"),
    "finances": (
        "checking_account", "credit_history", "savings", "guarantors", "property",
        "other_plans", "housing", "existing_credits",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Applicant:
    """A person applying: the `data` an upstream system declares, and the facts the papers `show`.

    `shown` has a canonical value for every field of the pipeline; it agrees with `data` but for the
    fields in `contradictions`.
    """

    data: Mapping[str, Any]
    shown: Mapping[str, str]
    contradictions: tuple[str, ...] = ()


def applicant(features: Mapping[str, Any], seed: int) -> Applicant:
    """The applicant for one row, its features named as in the loan pipeline; same for a seed."""
    rng = random.Random(f"applicant {seed}")
    data = _declaration(features, rng)
    shown = _shown(data, rng)
    contradictions: tuple[str, ...] = ()
    if rng.random() < SHARE_CONTRADICTING:
        field = pick(rng, CONTRADICTIONS)
        shown[field] = _contradicting(field, shown[field], rng)
        contradictions = (field,)
    return Applicant(data=data, shown=shown, contradictions=contradictions)


def money(amount: float | Decimal) -> str:
    """An amount in its canonical form, `1234.56`."""
    return f"{amount:.2f}"


def iban(country: str, account: str) -> str:
    """The IBAN of a domestic account number, with check digits by ISO 13616 (mod 97)."""
    spelled = "".join(str(int(c, 36)) for c in f"{account}{country}00")
    return f"{country}{98 - int(spelled) % 97:02d}{account}"


def _declaration(features: Mapping[str, Any], rng: random.Random) -> dict[str, Any]:
    place = pick(rng, PLACES)
    data: dict[str, dict[str, Any]] = {
        section: {name: features[name] for name in names} for section, names in SECTIONS.items()
    }
    data["applicant"] = {
        "name": _name(rng),
        "date_of_birth": _birth(rng).isoformat(),
        "address": _address(place, rng),
        "id_number": _id_number(rng),
        "region": REGIONS[place.country],
    }
    data["loan"]["currency"] = "EUR"
    data["finances"]["iban"] = iban(place.country, _account(place.account, rng))
    low, high = BALANCES[features["checking_account"]]
    data["finances"]["closing_balance"] = rng.randint(low * 100, high * 100) / 100
    working = features["employed_since"] != "unemployed"
    data["employment"] = {
        "employer": rng.choice(EMPLOYERS if working else BENEFIT_OFFICES),
        "since": features["employed_since"],
        "job": features["job"],
        "net_income": _net_income(features, rng),
    }
    return data


def _shown(data: Mapping[str, Any], rng: random.Random) -> dict[str, str]:
    shown = {}
    for field, (section, key) in DECLARED.items():
        value = data[section][key]
        is_money = field in {"amount", "net_income", "closing_balance"}
        shown[field] = money(value) if is_money else str(value)
    shown["pay_date"] = _pay_date(rng).isoformat()
    shown["interest_rate"] = f"{rng.randrange(700, 1500, 5) / 100:g}"
    return shown


def _contradicting(field: str, value: str, rng: random.Random) -> str:
    match field:
        case "net_income":
            return money(Decimal(value) * rng.randint(60, 88) / 100)
        case "closing_balance":
            return money(Decimal(value) - Decimal(rng.randint(25_000, 90_000)) / 100)
        case "amount":
            return money(Decimal(value) + rng.choice((500, 1000, 1500, 2500)))
        case "date_of_birth":
            years = rng.choice((-10, -1, 1, 10))
            return (date.fromisoformat(value) + timedelta(days=365 * years)).isoformat()
        case "iban":
            return iban(value[:2], _account("".join("9A"[c.isalpha()] for c in value[4:]), rng))
        case "employer":
            return rng.choice([name for name in EMPLOYERS if name != value])
    given = rng.choice([name for names, _ in NAMES for name in names])
    return f"{given} {value.split(' ', 1)[-1]}"  # a relative's paper


def _name(rng: random.Random) -> str:
    given, family = pick(rng, NAMES)
    return f"{rng.choice(given)} {rng.choice(family)}"


def _birth(rng: random.Random) -> date:
    return CASES_OF - timedelta(days=rng.randint(20 * 365, 68 * 365))


def _address(place: Place, rng: random.Random) -> str:
    street, number = rng.choice(place.streets), rng.randint(1, 148)
    line = f"{number} {street}" if place.number_first else f"{street} {number}"
    return f"{line}, {rng.choice(place.towns)}"


def _id_number(rng: random.Random) -> str:
    return "".join(rng.choices("CFGHJKLMNPRTVWXYZ", k=1) + rng.choices("0123456789CFGHJKLMN", k=8))


def _account(pattern: str, rng: random.Random) -> str:
    digits, letters = "0123456789", "ABCDEFGHIJKLNPRSTUV"
    return "".join(rng.choice(digits if c == "9" else letters) for c in pattern)


def _net_income(features: Mapping[str, Any], rng: random.Random) -> float:
    """A month's net pay whose part left after living is in the row's instalment band."""
    instalment = float(features["amount"]) / int(features["duration_months"])
    disposable = instalment / rng.uniform(*INSTALMENT_BANDS[features["instalment_percent"]])
    return round(disposable + rng.uniform(*LIVING[features["housing"]]), 2)


def _pay_date(rng: random.Random) -> date:
    month_end = rng.choice((date(2026, 1, 31), date(2026, 2, 28), CASES_OF))
    return month_end - timedelta(days=rng.choice((0, 1, 2, 3, 4, 15)))
