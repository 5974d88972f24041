"""Verdicts: what a complete one is."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts.models import ApiClient, User
from audit.models import Event
from cases.models import Case, Pipeline
from reviews.models import Claim, Correction, Review
from reviews.verdicts import FieldVerdict, IncompleteVerdict, Verdict, check_verdict
from tests.casefiles import (
    APPROVE,
    DECLINE,
    OVERRIDE,
    held,
    submit,
    waiting_case,
)

Person = Callable[..., User]
CORRECTED, ILLEGIBLE, CONFIRMED = (
    Correction.Kind.CORRECTED,
    Correction.Kind.ILLEGIBLE,
    Correction.Kind.CONFIRMED,
)


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    """A case that the model would decline."""
    return waiting_case(loan, bank)


@pytest.mark.parametrize("predicted", ["approve", None])
def test_agreeing_needs_no_words(loan: Pipeline, predicted: str | None) -> None:
    assert loan.current is not None
    assert check_verdict(APPROVE, loan.current.definition, predicted) is False


def problems(loan: Pipeline, verdict: Verdict, predicted: str | None = "decline") -> set[str]:
    assert loan.current is not None
    with pytest.raises(IncompleteVerdict) as refusal:
        check_verdict(verdict, loan.current.definition, predicted)
    assert all(words.endswith(".") for words in refusal.value.problems.values())
    return set(refusal.value.problems)


def test_an_override_needs_a_reason_and_an_explanation(loan: Pipeline) -> None:
    assert loan.current is not None
    assert problems(loan, APPROVE) == {"reasons", "explanation"}
    assert problems(loan, replace(OVERRIDE, explanation=" \n")) == {"explanation"}
    assert problems(loan, replace(OVERRIDE, reason_codes=())) == {"reasons"}
    assert check_verdict(OVERRIDE, loan.current.definition, "decline") is True
    assert check_verdict(DECLINE, loan.current.definition, "approve") is True


@pytest.mark.parametrize("predicted", ["decline", "approve", None])
def test_an_adverse_verdict_needs_them_even_where_it_agrees(
    loan: Pipeline, predicted: str | None
) -> None:
    assert problems(loan, Verdict("decline"), predicted) == {"reasons", "explanation"}


def test_an_adverse_verdict_states_four_reasons_at_most(loan: Pipeline) -> None:
    assert loan.current is not None
    codes = tuple(reason.code for reason in loan.current.definition.reasons_for("decline"))
    assert len(codes) > 4
    assert problems(loan, replace(DECLINE, reason_codes=codes[:5])) == {"reasons"}
    check_verdict(replace(DECLINE, reason_codes=codes[:4]), loan.current.definition, "decline")


@pytest.mark.parametrize(
    "codes", [("income_insufficient",), ("invented",), ("papers_confirm", "x")]
)
def test_a_reason_must_be_one_of_the_outcomes(loan: Pipeline, codes: tuple[str, ...]) -> None:
    assert problems(loan, replace(OVERRIDE, reason_codes=codes)) == {"reasons"}


@pytest.mark.parametrize("outcome", ["", "maybe", "Approve"])
def test_the_outcome_must_be_the_pipelines(loan: Pipeline, outcome: str) -> None:
    assert problems(loan, Verdict(outcome)) == {"outcome"}


def test_a_correction_has_a_value_and_a_field(loan: Pipeline) -> None:
    words = {
        "amount": FieldVerdict(CORRECTED, "  "),
        "net_income": FieldVerdict(CORRECTED),
        "shoe_size": FieldVerdict(CONFIRMED),
        "iban": FieldVerdict(ILLEGIBLE),
    }
    refused = problems(loan, replace(OVERRIDE, fields=words))
    assert refused == {"amount", "net_income", "shoe_size"}


def test_an_incomplete_verdict_changes_nothing(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    before = Event.objects.count()
    with pytest.raises(IncompleteVerdict):
        submit(claim, APPROVE)
    assert (Review.objects.count(), Event.objects.count()) == (0, before)
    assert Claim.objects.get(pk=claim.pk).ended == ""
