"""Loan applications of invented people: made from rows of a public data set that no training has seen."""

import json
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.demo.applicants import applicant
from config.demo.cases import DemoCase
from config.demo.chance import pick
from config.demo.papers import DemoPaper, papers, twelve_pages, unreadable_payslip
from inference.training.holdout import HeldOutRow, held_out_rows

PIPELINE = "loan"
PRIORITIES: Mapping[str, float] = {"urgent": 0.08, "high": 0.2, "normal": 0.6, "low": 0.12}

# Cases beside the others that show something: which row each is made from. No figure counts them.
LONG, UNREADABLE = "SB-2026-1001", "SB-2026-1002"
LARGE = ("SB-2026-1003", "SB-2026-1004", "SB-2026-1005")  # two people judge them
SHOWPIECES: Mapping[str, int] = dict(
    zip((LONG, UNREADABLE, *LARGE), (946, 809, 275, 833, 305), strict=True)
)


@dataclass(frozen=True, slots=True)
class LoanCase:
    """One case to post, with what is true of it: how the loan ended, what stands on the papers."""

    reference: str
    row: HeldOutRow
    data: Mapping[str, Any]
    papers: Sequence[DemoPaper]
    priority: str

    @property
    def posted(self) -> DemoCase:
        """The case as it is posted."""
        files = [(paper.kind, paper) for paper in self.papers]
        return DemoCase(PIPELINE, self.reference, self.data, files, self.priority)


def loan_cases(count: int, without: Collection[str] = ()) -> Iterator[LoanCase]:
    """The first `count` cases, made from rows that no training has seen; the same at every call.

    Those whose reference is named are left out; papers are drawn as each case is asked for.
    """
    for row in rows(count):
        reference = reference_of(row)
        if reference not in without:
            person = applicant(row.features, row.number)
            priority = pick(random.Random(f"priority {row.number}"), PRIORITIES)
            yield LoanCase(reference, row, person.data, papers(person, row.number), priority)


def rows(count: int) -> list[HeldOutRow]:
    """The rows of the first `count` cases."""
    drawn = held_out_rows()
    random.Random("rows").shuffle(drawn)  # an order, not a secret
    return drawn[:count]


def reference_of(row: HeldOutRow) -> str:
    """The reference of the case made from a row."""
    return f"SB-2026-{row.number:04d}"


def references(count: int) -> set[str]:
    """The references of the first `count` cases and of those that show something."""
    return {*SHOWPIECES, *map(reference_of, rows(count))}


def showpieces(without: Collection[str] = ()) -> Iterator[LoanCase]:
    """A statement of twelve pages, a payslip that can't be read, and loans for two people."""
    numbered = {row.number: row for row in held_out_rows()}
    for reference, number in SHOWPIECES.items():
        if reference in without:
            continue
        row, seed = numbered[number], int(reference[-4:])
        person = applicant(row.features, seed)
        sent = papers(person, seed)
        if reference == LONG:
            sent[2] = twelve_pages(person, seed)
        if reference == UNREADABLE:
            sent[1] = unreadable_payslip(person, seed)
        yield LoanCase(reference, row, person.data, sent, "normal")


def remember_truth(case: LoanCase, file: Path) -> None:
    """Keeps what is true of a case beside the database, for the figures alone."""
    truth = {
        "reference": case.reference,
        "outcome": case.row.outcome,
        "papers": [
            {"kind": paper.kind, "grade": paper.grade, "truth": dict(paper.truth)}
            for paper in case.papers
        ],
    }
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(truth) + "\n")
