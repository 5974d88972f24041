"""Bank statements, in three layouts, of one page or two, whose transactions add up."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from config.demo.applicants import CASES_OF, Applicant
from config.demo.people import BANKS, MERCHANTS
from config.demo.setting import LEFT, RIGHT, Setter
from config.demo.sheets import BLACK, GREY, WHITE, Rule, Sheet
from config.demo.styles import DOT_MATRIX, MONO, SANS, SERIF, Family, Style, printed

FIRST_PAGE, LATER_PAGES = 19, 30  # transactions that fit
TWELVE_PAGES = FIRST_PAGE + 10 * LATER_PAGES + 12  # of a firm's account, say
FACTS = ("account_holder", "iban", "interest_rate")


@dataclass(frozen=True, slots=True)
class Transaction:
    """One booking, and the balance after it."""

    day: date
    text: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """A month on an account that ends at the closing balance shown."""

    bank: str
    number: int
    opening: Decimal
    transactions: tuple[Transaction, ...]


def bank_statement(applicant: Applicant, rng: random.Random) -> list[Sheet]:
    """The bank statement of `applicant` in one of the layouts; a long month takes two pages."""
    layout, families = rng.choice(LAYOUTS)
    count = rng.randint(22, 34) if rng.random() < 0.25 else rng.randint(8, FIRST_PAGE)
    return _set(layout, families, count, applicant, rng)


def long_statement(applicant: Applicant, rng: random.Random) -> list[Sheet]:
    """A bank statement of twelve pages."""
    return _set(ClassicStatement, SANS, TWELVE_PAGES, applicant, rng)


def _set(
    layout: type["ClassicStatement"],
    families: tuple[Family, ...],
    count: int,
    applicant: Applicant,
    rng: random.Random,
) -> list[Sheet]:
    return layout(applicant, printed(rng, families), rng).sheets(account(applicant, rng, count))


def account(applicant: Applicant, rng: random.Random, count: int) -> Account:
    """A month of `count` transactions, the wage among them, up to the closing balance."""
    closing = Decimal(applicant.shown["closing_balance"])
    wage = Decimal(applicant.shown["net_income"])
    first = CASES_OF.replace(day=1)
    days = sorted(first + timedelta(days=rng.randrange(31)) for _ in range(count))
    spent = [-Decimal(rng.randint(390, 18_900)) / 100 for _ in range(count - 1)]
    wage_at = rng.randrange(count)
    bookings = [(rng.choice(MERCHANTS), amount) for amount in spent]
    payer = f"SALARY {applicant.shown['employer']}".upper()[:34]
    bookings.insert(wage_at, (payer, wage))
    balance = opening = closing - wage - sum(spent, Decimal())
    transactions = []
    for day, (text, amount) in zip(days, bookings, strict=True):
        balance += amount
        transactions.append(Transaction(day, text, amount, balance))
    return Account(rng.choice(BANKS), rng.randint(3, 12), opening, tuple(transactions))


class ClassicStatement:
    """A letterhead, the customer's address, a box of facts, and a ruled table."""

    top, row = 104.0, 6.6

    def __init__(self, applicant: Applicant, style: Style, rng: random.Random) -> None:
        self.applicant, self.style, self.rng = applicant, style, rng

    def sheets(self, month: Account) -> list[Sheet]:
        """The statement's pages; the closing balance stands on the last."""
        pages = _split(month.transactions)
        return [
            self._page(month, part, number, len(pages)).sheet
            for number, part in enumerate(pages, 1)
        ]

    def _page(self, month: Account, part: Sequence[Transaction], number: int, of: int) -> Setter:
        page = Setter(self.style, self.applicant.shown, self.rng)
        self.head(page, month)
        top = 44.0
        if number == 1:
            self.facts(page, month)
            top = self.top
        y = self.table_head(page, top)
        if number == 1:
            y = self.line(page, y, 0, None, "Opening balance", None, month.opening)
        for n, entry in enumerate(part, 1):
            y = self.line(page, y, n, entry.day, entry.text, entry.amount, entry.balance)
        if number == of:
            self.closing(page, y)
        page.text(RIGHT, 284, f"Page {number} of {of}", 7.5, GREY, "right")
        page.text(LEFT, 284, f"{month.bank} · BIC XDEMDEFFXXX", 7.5, GREY)
        return page

    def head(self, page: Setter, month: Account) -> None:
        """The letterhead, on every page."""
        page.logo(LEFT, 15, 10)
        page.bold(LEFT + 14, 22, month.bank, 14, self.style.accent)
        page.bold(RIGHT, 20, "Account statement", 12.5, align="right")
        period = f"No. {month.number}/2026 · 1 to 31 March 2026"
        page.text(RIGHT, 25.5, period, 8.5, GREY, "right")
        page.rule(31, width=0.5)

    def facts(self, page: Setter, month: Account) -> None:
        """Whose account it is, and on what terms."""
        person = self.applicant.data["applicant"]
        page.text(LEFT, 42, f"{month.bank} · Postfach 1020", 6.5, GREY)
        street, town = person["address"].split(", ")
        for n, line in enumerate((street, town)):
            page.text(LEFT, 54 + 5 * n, line, 10)
        page.text(LEFT, 49, page.value("account_holder"), 10)
        page.frame(LEFT, 70, RIGHT, 96)
        for n, name in enumerate(FACTS):
            page.text(LEFT + 3, 77 + 7 * n, page.label(name), 9)
            page.print_field(LEFT + 52, 77 + 7 * n, name, 10, width=RIGHT - LEFT - 56)

    def table_head(self, page: Setter, y: float) -> float:
        """The table's headings; returns the baseline of its first line."""
        page.bar(LEFT, y - 5, RIGHT, y + 2, (232, 234, 238))
        page.bold(LEFT + 1.5, y, "Date", 8.5)
        page.bold(LEFT + 26, y, "Transaction", 8.5)
        page.bold(RIGHT - 34, y, "Amount EUR", 8.5, align="right")
        page.bold(RIGHT - 1.5, y, "Balance EUR", 8.5, align="right")
        return y + self.row

    def line(
        self,
        page: Setter,
        y: float,
        number: int,
        day: date | None,
        text: str,
        amount: Decimal | None,
        balance: Decimal,
    ) -> float:
        """One line of the table; returns the baseline of the next."""
        if day:
            page.text(LEFT + 1.5, y, day.strftime("%d.%m.%y"), 8.8)
        page.text(LEFT + 26, y, text, 8.8)
        if amount is not None:
            page.text(RIGHT - 34, y, self.style.figure(amount), 8.8, align="right")
        page.text(RIGHT - 1.5, y, self.style.figure(balance), 8.8, align="right")
        page.rule(y + 2, width=0.1)
        return y + self.row

    def closing(self, page: Setter, y: float) -> None:
        """The closing balance, below the table."""
        page.rule(y - 3.6, width=0.5)
        page.bold(LEFT + 1.5, y + 3, page.label("closing_balance"), 10.5)
        page.print_field(RIGHT - 1.5, y + 3, "closing_balance", 10.5, "right")
        page.rule(y + 5.6, width=0.5)


class CardStatement(ClassicStatement):
    """Cards with labels above their values, then a table of shaded lines."""

    top = 96.0

    def head(self, page: Setter, month: Account) -> None:
        page.bar(0, 0, 210, 5, self.style.accent)
        page.bold(LEFT, 20, month.bank, 16, self.style.accent)
        page.text(LEFT, 26, "Current account · March 2026", 9.5, GREY)
        page.logo(RIGHT - 11, 13, 11)

    def facts(self, page: Setter, month: Account) -> None:
        cards = (*FACTS, "closing_balance")
        for n, name in enumerate(cards):
            x, y = (LEFT, 107.0)[n % 2], 36 + 24 * (n // 2)
            page.bar(x, y, x + 84, y + 20, (243, 245, 248))
            page.bar(x, y, x + 1.2, y + 20, self.style.accent)
            page.text(x + 5, y + 7, page.label(name), 8, GREY)
            page.print_field(x + 5, y + 14.5, name, 12, width=76)

    def table_head(self, page: Setter, y: float) -> float:
        page.text(LEFT + 2, y, "DATE", 7, GREY)
        page.text(LEFT + 26, y, "DETAILS", 7, GREY)
        page.text(RIGHT - 36, y, "IN / OUT", 7, GREY, "right")
        page.text(RIGHT - 2, y, "BALANCE", 7, GREY, "right")
        page.rule(y + 2, width=0.4)
        return y + self.row + 0.5

    def line(
        self,
        page: Setter,
        y: float,
        number: int,
        day: date | None,
        text: str,
        amount: Decimal | None,
        balance: Decimal,
    ) -> float:
        if number % 2:
            page.bar(LEFT, y - 4.4, RIGHT, y + 2.2, (247, 248, 250))
        if day:
            page.text(LEFT + 2, y, day.strftime("%d %b"), 9)
        page.text(LEFT + 26, y, text.title(), 9)
        if amount is not None:
            page.text(RIGHT - 36, y, self.style.figure(amount), 9, align="right")
        page.text(RIGHT - 2, y, self.style.figure(balance), 9, align="right")
        return y + self.row

    def closing(self, page: Setter, y: float) -> None:
        page.bar(LEFT, y - 3, RIGHT, y + 5, self.style.accent)
        page.bold(LEFT + 3, y + 2.4, page.label("closing_balance"), 10, WHITE)
        page.print_field(RIGHT - 3, y + 2.4, "closing_balance", 10.5, "right", WHITE)


class ListStatement(ClassicStatement):
    """A printer's listing: no table lines, facts with colons, dashes between parts."""

    top, row = 92.0, 6.2

    def head(self, page: Setter, month: Account) -> None:
        page.bold(LEFT, 22, month.bank.upper(), 13)
        page.text(RIGHT, 22, f"STATEMENT {month.number:03d}", 11, align="right")
        self._dashes(page, 27)

    def facts(self, page: Setter, month: Account) -> None:
        for n, name in enumerate(FACTS):
            page.text(LEFT, 40 + 8 * n, f"{page.label(name)}:", 10.5)
            page.print_field(LEFT + 58, 40 + 8 * n, name, 10.5, width=RIGHT - LEFT - 60)
        page.text(LEFT, 64, "Period:", 10.5)
        page.text(LEFT + 58, 64, "01.03.2026 - 31.03.2026", 10.5)
        page.text(LEFT, 72, "All amounts in EUR.", 9)

    def table_head(self, page: Setter, y: float) -> float:
        self._dashes(page, y - 5.5)
        page.text(LEFT, y, "DATE", 9.5)
        page.text(LEFT + 24, y, "TEXT", 9.5)
        page.text(RIGHT - 34, y, "AMOUNT", 9.5, align="right")
        page.text(RIGHT, y, "BALANCE", 9.5, align="right")
        self._dashes(page, y + 2.5)
        return y + self.row + 2

    def line(
        self,
        page: Setter,
        y: float,
        number: int,
        day: date | None,
        text: str,
        amount: Decimal | None,
        balance: Decimal,
    ) -> float:
        if day:
            page.text(LEFT, y, day.strftime("%d.%m."), 9.5)
        page.text(LEFT + 24, y, text.upper()[:32], 9.5)
        if amount is not None:
            page.text(RIGHT - 34, y, self.style.figure(amount), 9.5, align="right")
        page.text(RIGHT, y, self.style.figure(balance), 9.5, align="right")
        return y + self.row

    def closing(self, page: Setter, y: float) -> None:
        self._dashes(page, y - 3)
        page.bold(LEFT, y + 3, f"{page.label('closing_balance')}:", 11)
        page.print_field(RIGHT, y + 3, "closing_balance", 11, "right")
        self._dashes(page, y + 6.5)

    def _dashes(self, page: Setter, y: float) -> None:
        page.sheet.add(Rule(LEFT, y, RIGHT, y, 0.25, BLACK, 1.4))


LAYOUTS: tuple[tuple[type[ClassicStatement], tuple[Family, ...]], ...] = (
    (ClassicStatement, (*SANS, *SERIF)),
    (CardStatement, SANS),
    (ListStatement, (*MONO, *DOT_MATRIX)),
)


def _split(transactions: Sequence[Transaction]) -> list[Sequence[Transaction]]:
    pages = [transactions[:FIRST_PAGE]]
    rest = transactions[FIRST_PAGE:]
    while rest:
        pages.append(rest[:LATER_PAGES])
        rest = rest[LATER_PAGES:]
    return pages
