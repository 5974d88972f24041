"""Letterheads: which cases have a paper of the same house, and nobody can read which house that is."""

from dataclasses import replace

from cases.models import Pipeline
from inference.knowing import FieldFact
from reviews.letterheads import template_of

EMPLOYER = FieldFact(
    "employer", "Employer", 0.9, True, True, value="Zimmerei Quandt", document="payslip"
)
AMOUNT = FieldFact("amount", "Amount", 0.9, True, True, value="4870.00", document="application")


def test_papers_of_one_house_are_known_by_their_letterhead(loan: Pipeline) -> None:
    assert loan.current is not None
    definition = loan.current.definition
    mark = template_of(definition, [AMOUNT, EMPLOYER])
    assert len(mark) == 32
    assert template_of(definition, [replace(EMPLOYER, value="ZIMMEREI  Quandt.")]) == mark
    assert template_of(definition, [replace(EMPLOYER, value="Zimmerei Quandl")]) != mark
    assert "quandt" not in mark.lower()


def test_where_none_was_read_there_is_none(loan: Pipeline) -> None:
    assert loan.current is not None
    definition = loan.current.definition
    unread = replace(EMPLOYER, found=False, value=None)
    assert template_of(definition, [AMOUNT, unread, replace(EMPLOYER, value=" – ")]) == ""
