"""Payslips, in three layouts, with a gross pay and deductions that lead to the net pay shown."""

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.demo.applicants import Applicant
from config.demo.people import BENEFIT_OFFICES
from config.demo.setting import LEFT, RIGHT, Setter
from config.demo.sheets import BLACK, GREY, PALE, WHITE, Sheet
from config.demo.styles import MONO, SANS, SERIF, TYPEWRITER, printed

CENT = Decimal("0.01")
SHARES = {  # of the gross pay, about what is taken off a German wage
    "Income tax": Decimal("0.135"),
    "Solidarity surcharge": Decimal("0.004"),
    "Pension insurance": Decimal("0.093"),
    "Health insurance": Decimal("0.082"),
    "Unemployment insurance": Decimal("0.013"),
    "Care insurance": Decimal("0.018"),
}

Line = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class Pay:
    """A month's pay: what is earned, what is taken off, and what is left."""

    title: str
    earned: tuple[Line, ...]
    deducted: tuple[Line, ...]
    net: Decimal

    @property
    def gross(self) -> Decimal:
        """All that is earned."""
        return sum((amount for _, amount in self.earned), Decimal())

    @property
    def taken(self) -> Decimal:
        """All that is taken off."""
        return sum((amount for _, amount in self.deducted), Decimal())


def payslip(applicant: Applicant, rng: random.Random) -> list[Sheet]:
    """The payslip of `applicant` in one of the layouts."""
    layout = rng.choice(list(LAYOUTS))
    page = Setter(printed(rng, LAYOUTS[layout]), applicant.shown, rng)
    layout(page, pay(Decimal(applicant.shown["net_income"]), applicant, rng))
    return [page.sheet]


def pay(net: Decimal, applicant: Applicant, rng: random.Random) -> Pay:
    """Earnings and deductions that add up to `net`; a benefit has no deductions."""
    if applicant.data["employment"]["employer"] in BENEFIT_OFFICES:
        housing = (net * Decimal("0.31")).quantize(CENT)
        benefits = (("Basic benefit", net - housing), ("Housing allowance", housing))
        return Pay("Notice of benefit", benefits, (), net)
    gross = (net / (1 - sum(SHARES.values()))).quantize(CENT)
    deducted = [(name, (gross * share).quantize(CENT)) for name, share in SHARES.items()]
    extras = [("Overtime", Decimal(rng.randint(2_000, 19_000)) / 100)] * (rng.random() < 0.5)
    extras += [("Capital formation benefit", Decimal("26.59"))] * (rng.random() < 0.3)
    rounding = gross - sum((amount for _, amount in deducted), Decimal()) - net
    deducted[0] = (deducted[0][0], deducted[0][1] + rounding)
    basic = gross - sum((amount for _, amount in extras), Decimal())
    title = rng.choice(("Payslip", "Payslip", "Pay statement", "Statement of earnings"))
    return Pay(title, (("Basic salary", basic), *extras), tuple(deducted), net)


def classic_slip(page: Setter, month: Pay) -> None:
    """A letterhead, a box about the employee, one column of lines, and the net pay in a bar."""
    page.logo(LEFT, 16, 10)
    page.print_field(LEFT + 14, 22, "employer", 13, ink=page.style.accent, width=82)
    page.text(LEFT + 14, 27, "Payroll department", 8.5, GREY)
    page.bold(RIGHT, 22, month.title.upper(), 15, align="right")
    page.text(RIGHT, 27.5, _period(page), 9.5, GREY, "right")
    page.frame(LEFT, 34, RIGHT, 60)
    facts = [("employee_name", 41.5), ("pay_date", 48.5)]
    for name, y in facts:
        page.text(LEFT + 3, y, f"{page.label(name)}:", 9.5)
        page.print_field(LEFT + 48, y, name, width=75)
    page.text(LEFT + 3, 55.5, "Personnel no.:", 9.5)
    page.text(LEFT + 48, 55.5, str(page.rng.randint(10_000, 99_999)), 9.5)
    page.text(128, 55.5, "Tax class:", 9.5)
    page.text(RIGHT - 4, 55.5, page.rng.choice(("I", "III", "IV")), 9.5, align="right")
    y = _lines(page, 72, "Earnings", month.earned, "Gross pay", month.gross)
    if month.deducted:
        y = _lines(page, y + 8, "Deductions", month.deducted, "Total deductions", month.taken)
    page.bar(LEFT, y + 8, RIGHT, y + 19, page.style.accent)
    page.bold(LEFT + 3, y + 15, page.label("net_income"), 12, WHITE)
    page.print_field(RIGHT - 3, y + 15, "net_income", 12.5, "right", WHITE)
    _year(page, y + 29, month)
    _paid_to(page, y + 52)


def columns_slip(page: Setter, month: Pay) -> None:
    """Typewritten: facts with colons, earnings and deductions in dotted lines, a double rule."""
    page.bold(105, 24, month.title.upper(), 14, align="centre")
    page.text(105, 30, _period(page), 10.5, align="centre")
    page.rule(35, width=0.5)
    y = 45.0
    for name in ("employer", "employee_name", "pay_date"):
        page.text(LEFT, y, f"{page.label(name)}:", 11)
        page.print_field(LEFT + 58, y, name, 11, width=RIGHT - LEFT - 60)
        y += 7.5
    page.text(LEFT, y, "Insurance no.:", 11)
    page.text(
        LEFT + 58, y, f"{page.rng.randint(10, 99)} {page.rng.randint(10**5, 10**6 - 1)} K", 11
    )
    y += 8
    page.rule(y)
    for lines, total, amount in (
        (month.earned, "GROSS PAY", month.gross),
        (month.deducted, "TOTAL DEDUCTIONS", month.taken),
    ):
        for text, figure in lines:
            y += 7.5
            _leader(page, y, text, figure)
        if lines:
            y += 8.5
            page.bold(LEFT, y, total, 11)
            page.bold(RIGHT, y, page.style.figure(amount), 11, align="right")
            page.rule(y + 3)
            y += 5
    y += 12
    page.bold(LEFT, y, page.label("net_income").upper(), 12.5)
    page.print_field(RIGHT, y, "net_income", 12.5, "right")
    page.rule(y + 2.5, RIGHT - 60, RIGHT, 0.3)
    page.rule(y + 3.6, RIGHT - 60, RIGHT, 0.3)
    _paid_to(page, y + 16)


def card_slip(page: Setter, month: Pay) -> None:
    """Cards with a label above each value, then earnings and deductions side by side."""
    page.bar(0, 0, 210, 26, page.style.accent)
    page.bold(LEFT, 16.5, month.title, 19, WHITE)
    page.text(RIGHT, 16, _period(page), 11, WHITE, "right")
    cards = ("employee_name", "employer", "pay_date", "net_income")
    middle = (LEFT + RIGHT) / 2
    for n, name in enumerate(cards):
        x, y = (LEFT, middle + 2)[n % 2], 33 + 19 * (n // 2)
        page.bar(x, y, x + 85, y + 16, (244, 245, 247))
        page.text(x + 3.5, y + 5.3, page.label(name), 8, GREY)
        size = 13 if name == "net_income" else 11
        page.print_field(x + 3.5, y + 12, name, size, width=78)
    _column(page, LEFT, "Earnings", month.earned, month.gross)
    _column(page, middle + 2, "Deductions", month.deducted, month.taken)
    _year(page, 168, month)
    _paid_to(page, 196)


LAYOUTS = {
    classic_slip: (*SANS, *SERIF),
    columns_slip: (*MONO, *TYPEWRITER),
    card_slip: SANS,
}


def _lines(
    page: Setter, y: float, title: str, lines: tuple[Line, ...], total_label: str, total: Decimal
) -> float:
    page.bold(LEFT, y, title, 10.5, page.style.accent)
    page.text(RIGHT, y, "EUR", 8.5, GREY, "right")
    page.rule(y + 2, width=0.4)
    for text, amount in lines:
        y += 6.4
        page.text(LEFT + 2, y, text, 9.5)
        page.text(RIGHT - 2, y, page.style.figure(amount), 9.5, align="right")
    page.rule(y + 2.2)
    page.bold(LEFT + 2, y + 7.2, total_label, 9.5)
    page.bold(RIGHT - 2, y + 7.2, page.style.figure(total), 9.5, BLACK, "right")
    return y + 7.2


def _column(page: Setter, x: float, title: str, lines: tuple[Line, ...], total: Decimal) -> None:
    y, right = 84.0, x + 85
    page.bold(x, y, title, 10.5, page.style.accent)
    page.rule(y + 2, x, right, 0.5)
    for text, amount in lines or (("None", Decimal()),):
        y += 7.2
        page.text(x, y, text, 9)
        page.text(right, y, page.style.figure(amount), 9, align="right")
    page.rule(y + 2.5, x, right)
    page.bold(x, y + 8, "Total", 9)
    page.bold(right, y + 8, page.style.figure(total), 9, align="right")


def _leader(page: Setter, y: float, text: str, amount: Decimal) -> None:
    width = page.text(LEFT + 4, y, text, 11)
    page.text(RIGHT, y, page.style.figure(amount), 11, align="right")
    page.dotted(y, LEFT + 6 + width, RIGHT - 30)


def _year(page: Setter, y: float, month: Pay) -> None:
    """The year's sums so far, in small print."""
    months = date.fromisoformat(page.shown["pay_date"]).month
    facts = (
        ("Gross, year to date", page.style.figure(month.gross * months)),
        ("Taxes and insurance, year to date", page.style.figure(month.taken * months)),
        ("Leave remaining, days", str(page.rng.randint(3, 27))),
    )
    page.frame(LEFT, y, RIGHT, y + 13, PALE)
    for n, (label, sum_so_far) in enumerate(facts):
        x = LEFT + 3 + 60 * n
        page.text(x, y + 4.6, label, 7, GREY)
        page.text(x, y + 10, sum_so_far, 9)


def _period(page: Setter) -> str:
    return date.fromisoformat(page.shown["pay_date"]).strftime("%B %Y")


def _paid_to(page: Setter, y: float) -> None:
    account = page.shown["iban"]
    page.text(LEFT, y, f"Transferred to your account ending in {account[-4:]}.", 8.5, GREY)
    page.text(LEFT, y + 4.5, "Please keep this slip. It was made by machine and is valid unsigned.",
              8.5, GREY)  # fmt: skip
    page.rule(276, width=0.15)
    page.text(LEFT, 280.5, f"Page 1 of 1 · {page.rng.randint(10**7, 10**8 - 1)}", 7.5, GREY)
