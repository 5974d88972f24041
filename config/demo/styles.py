"""How one paper is set: its typefaces, its words for things, its way with money and dates."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.demo.chance import pick
from config.demo.sheets import BLACK, Ink

# A typeface for labels, its bold, and the factor that brings it to the height of the others.
Family = tuple[str, str, float]

SANS: tuple[Family, ...] = (
    ("Arimo-Regular", "Arimo-Bold", 1.0),
    ("LibreFranklin-Regular", "LibreFranklin-SemiBold", 0.97),
    ("WorkSans-Regular", "WorkSans-SemiBold", 0.98),
)
SERIF: tuple[Family, ...] = (
    ("Tinos-Regular", "Tinos-Bold", 1.06),
    ("EBGaramond-Regular", "EBGaramond-SemiBold", 1.12),
)
MONO: tuple[Family, ...] = (
    ("Cousine-Regular", "Cousine-Bold", 0.92),
    ("CourierPrime-Regular", "CourierPrime-Bold", 1.0),
)
TYPEWRITER: tuple[Family, ...] = (
    ("CutiveMono-Regular", "CutiveMono-Regular", 0.92),
    ("CourierPrime-Regular", "CourierPrime-Bold", 1.0),
)
DOT_MATRIX: tuple[Family, ...] = (("VT323-Regular", "VT323-Regular", 1.32),)
HANDS: tuple[Family, ...] = (
    ("Caveat-Regular", "Caveat-Regular", 1.5),
    ("Kalam-Regular", "Kalam-Regular", 1.15),
    ("PatrickHand-Regular", "PatrickHand-Regular", 1.25),
    ("BadScript-Regular", "BadScript-Regular", 1.35),
)
SIGNATURES = ("Allura-Regular", "BadScript-Regular", "Caveat-Regular")

PEN_INKS: tuple[Ink, ...] = ((28, 44, 122), (22, 58, 140), (30, 30, 36), (36, 36, 80))
ACCENTS: tuple[Ink, ...] = (
    (20, 66, 122), (140, 28, 40), (18, 98, 84), (70, 50, 120), (178, 92, 20), (40, 44, 52),
)  # fmt: skip

# What papers call a fact; most of these are words that the pipeline looks for, a few are not.
LABELS: Mapping[str, tuple[str, ...]] = {
    "applicant_name": (
        "Name of applicant", "Applicant name", "Full name", "Applicant", "Name",
        "Applicant's full name",
    ),
    "date_of_birth": ("Date of birth", "Birth date", "Born on", "Date of birth (d/m/y)"),
    "amount": (
        "Amount requested", "Loan amount", "Amount of loan", "Credit amount", "Amount applied for",
        "Requested sum",
    ),
    "duration_months": (
        "Duration in months", "Term (months)", "Term in months", "Repayment period", "Duration",
        "To be repaid over",
    ),
    "employer": ("Employer", "Company", "Employer name", "Paid by"),
    "employee_name": (
        "Employee", "Employee name", "Name of employee", "Staff member", "Name",
    ),
    "net_income": (
        "Net pay", "Net salary", "Net amount", "Amount paid", "Take-home pay", "Paid out",
    ),
    "pay_date": ("Pay date", "Date of payment", "Payment date", "Paid on", "Credited on"),
    "account_holder": ("Account holder", "Account name", "Holder", "Customer"),
    "iban": ("IBAN", "IBAN", "IBAN", "Account number", "Account no."),
    "closing_balance": (
        "Closing balance", "Balance carried forward", "New balance", "Final balance",
    ),
    "interest_rate": ("Overdraft interest", "Overdraft rate", "Interest rate", "Rate p.a."),
}  # fmt: skip

MONEY = {"amount", "net_income", "closing_balance"}
DATES = {"date_of_birth", "pay_date"}
NAMES = {"applicant_name", "employer", "employee_name", "account_holder"}

# Before the figure, between thousands, before cents, after the figure; and how often.
MONEY_FORMS = {
    ("EUR ", ",", ".", ""): 4,
    ("€", ",", ".", ""): 4,
    ("€ ", ",", ".", ""): 3,
    ("", ",", ".", " EUR"): 3,
    ("", ",", ".", ""): 2,
    ("", ".", ",", " €"): 4,
    ("", ".", ",", " EUR"): 2,
    ("", " ", ",", " €"): 1,
    ("", "", ".", ""): 1,
}
DATE_FORMS = {
    "%d.%m.%Y": 6,
    "%d/%m/%Y": 3,
    "%d %B %Y": 4,
    "%d %b %Y": 3,
    "%Y-%m-%d": 2,
    "%d-%m-%Y": 1,
    "%B %d, %Y": 1,
}
# Fields that a paper sets in capitals, as banks and payrolls do.
CAPITALS = {
    frozenset[str](): 7,
    frozenset({"account_holder"}): 2,
    frozenset({"account_holder", "employee_name"}): 1,
}
MINUS_FORMS = {"-{}": 7, "−{}": 2, "{}-": 1, "{} DR": 1}


@dataclass(frozen=True, slots=True)
class Style:
    """One paper's setting; `value` is the typeface of what is filled in, which a pen may write."""

    label: Family
    value: Family
    label_ink: Ink
    value_ink: Ink
    accent: Ink
    logo: int
    labels: Mapping[str, str]
    money_form: tuple[str, str, str, str]
    date_form: str
    minus_form: str
    whole: bool  # whether round amounts applied for are written without cents
    capitals: frozenset[str]
    by_hand: float  # how unsteady the hand is, mm; 0 for print

    def figure(self, amount: Decimal) -> str:
        """An amount in this paper's way, without the currency: `-1.234,56`."""
        _, group, point, _ = self.money_form
        whole, cents = f"{abs(amount):,.2f}".split(".")
        text = whole.replace(",", group) + point + cents
        return self.minus_form.format(text) if amount < 0 else text

    def money(self, amount: Decimal) -> str:
        """An amount with its currency; a minus stands before a sign, a debit after everything."""
        before, _, _, after = self.money_form
        if amount < 0 and (before == "€" or "DR" in self.minus_form):
            return self.minus_form.format(f"{before}{self.figure(-amount)}{after}")
        return f"{before}{self.figure(amount)}{after}"

    def day(self, day: date) -> str:
        """A date in this paper's way."""
        text = day.strftime(self.date_form)
        return text.removeprefix("0") if "%B" in self.date_form else text

    def shown(self, field: str, value: str) -> str:
        """A field's canonical value as this paper shows it."""
        if field == "amount" and self.whole:
            return self.money(Decimal(value)).replace(f"{self.money_form[2]}00", "")
        if field in MONEY:
            return self.money(Decimal(value))
        if field in DATES:
            return self.day(date.fromisoformat(value))
        if field in NAMES:
            return value.upper() if field in self.capitals else value
        if field == "iban":
            return " ".join(value[i : i + 4] for i in range(0, len(value), 4))
        if field == "interest_rate":
            figure = f"{Decimal(value):.2f}".replace(".", self.money_form[2])
            return f"{figure} %" if self.money_form[3] else f"{figure}%"
        if field == "duration_months" and "month" not in self.labels[field]:
            return f"{value} months"
        return value


def printed(rng: random.Random, families: tuple[Family, ...]) -> Style:
    """A style of print throughout, in one of `families`."""
    family = rng.choice(families)
    return _style(rng, family, family, BLACK, 0.0)


def filled_in(rng: random.Random, families: tuple[Family, ...]) -> Style:
    """A style of a form filled in by hand."""
    ink = rng.choice(PEN_INKS)
    return _style(rng, rng.choice(families), rng.choice(HANDS), ink, rng.uniform(0.25, 0.6))


def typed_in(rng: random.Random, families: tuple[Family, ...]) -> Style:
    """A style of a form filled in with a typewriter or by a program."""
    return _style(rng, rng.choice(families), rng.choice((*TYPEWRITER, *MONO, *SANS)), BLACK, 0.0)


def _style(rng: random.Random, label: Family, value: Family, ink: Ink, by_hand: float) -> Style:
    return Style(
        label=label,
        value=value,
        label_ink=BLACK,
        value_ink=ink,
        accent=rng.choice(ACCENTS),
        logo=rng.randrange(4),
        labels={field: rng.choice(words) for field, words in LABELS.items()},
        money_form=pick(rng, MONEY_FORMS),
        date_form=pick(rng, DATE_FORMS),
        minus_form=pick(rng, MINUS_FORMS),
        whole=rng.random() < 0.3,
        capitals=pick(rng, CAPITALS),
        by_hand=by_hand,
    )
