"""What the demo's people judge and write: underwriters' sentences, each true of the case's own figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CARRIES = 5.0
"""Net pay that is so many times the instalment carries it, to the demo's people."""


@dataclass(frozen=True, slots=True)
class Loan:
    """The figures of an application that people argue with; amounts in EUR."""

    amount: float
    months: int
    income: float
    balance: float
    history: str
    employed: str
    credits: int

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Loan":
        """The figures in a case's data."""
        loan, finances, work = data["loan"], data["finances"], data["employment"]
        return cls(
            amount=loan["amount"],
            months=loan["duration_months"],
            income=work["net_income"],
            balance=finances["closing_balance"],
            history=finances["credit_history"],
            employed=work["since"],
            credits=finances["existing_credits"],
        )

    @property
    def instalment(self) -> float:
        """A month's part of the amount, without interest."""
        return self.amount / self.months

    @property
    def carries(self) -> bool:
        """Whether pay and account carry the instalment."""
        return self.income > CARRIES * self.instalment and self.balance > self.instalment


@dataclass(frozen=True, slots=True)
class Opinion:
    """An outcome of the loan pipeline, its reason and the words that explain it."""

    outcome: str
    reason: str
    words: str


def euros(amount: float) -> str:
    """An amount as people type it in a hurry: whole euros."""
    return f"€{amount:,.0f}".replace("€-", "-€")


def opinions(loan: Loan, predicted: str | None) -> Iterator[Opinion]:
    """What a person of the demo makes of a loan, the likeliest first: each is true of it, and the last
    rests on its pay alone. `predicted` is None where they may not know it.
    """
    if loan.carries or predicted == "approve":
        yield approval(loan, "means_sufficient" if predicted is None else "papers_confirm")
    else:
        yield from declines(loan)


def approval(loan: Loan, reason: str) -> Opinion:
    """For the loan, on what the papers show."""
    return Opinion(
        "approve",
        reason,
        f"Net pay of {euros(loan.income)} on the payslip against an instalment of about "
        f"{euros(loan.instalment)}; the statement closes at {euros(loan.balance)}.",
    )


def declines(loan: Loan) -> Iterator[Opinion]:
    """Against the loan, for each reason that is true of it."""
    instalment, income = euros(loan.instalment), euros(loan.income)
    if loan.history == "delayed":
        yield Opinion(
            "decline",
            "credit_history_delinquent",
            "Payments on an earlier credit were late; nothing in the papers speaks for a change since.",
        )
    if loan.balance < loan.instalment:
        yield Opinion(
            "decline",
            "account_overdrawn",
            f"The March statement closes at {euros(loan.balance)}; the first instalment of about "
            f"{instalment} could not be drawn.",
        )
    if loan.employed == "below_1_year":
        yield Opinion(
            "decline",
            "employment_short",
            "Less than a year in the present work, and no other regular income on the statement.",
        )
    if loan.history == "critical":
        yield Opinion(
            "decline",
            "obligations_excessive",
            f"Credits are open at other banks already; with {instalment} more a month they take too "
            f"much of {income} net.",
        )
    yield Opinion(
        "decline",
        "income_insufficient",
        f"An instalment of about {instalment} is too much for {income} net once rent and "
        "living are paid.",
    )


QUESTION = (
    "The payslip and the application do not agree on the net pay. Which of the two is the regular "
    "month? Please send the payslips of the two months before it as well."
)
QUESTION_OF_ANY = (
    "Is the income on the payslip the regular one? Please send the payslips of the two months before "
    "it; the statement covers March alone."
)
HOLDS = (
    (2, "The employer confirms in writing that the contract is permanent. Expected in two days."),
    (6, "The guarantor signs at the branch next week; the branch sends the form then."),
)
"""Days to the follow-up, and why the case has to wait."""
REMARKS = (
    ("bruno", "@ada you had somebody of this employer before: is the net figure on their slips "
              "before or after what they pay to the works pension?"),
    ("chidi", "After. The pension stands among the deductions, so the figure on the form is the one "
              "to compare with."),
)  # fmt: skip
LONG_STATEMENT = (
    "@ada twelve pages of statement. Search them for SALARY: one credit in the month, "
    "as the form says."
)


def escalation(loan: Loan) -> str:
    """Why a case is passed on."""
    share = f"{100 * loan.instalment / loan.income:.0f} %"
    here = "a credit" if loan.credits == 1 else f"{loan.credits} credits"
    return (
        f"The instalment alone would take {share} of the net pay, and there is {here} with us "
        "already. I would want a second pair of eyes before this goes either way."
    )
