"""Decisions: one current outcome a case, made in one transaction with the move and the event."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from accounts.models import ApiClient
from audit.models import ClockTimestamp, Event
from cases.decisions import decide
from cases.lifecycle import IllegalMove
from cases.models import Case, Decision, Pipeline, Status
from tests.casefiles import TESTER, decided_case, found, received_case, scored_case


@pytest.fixture
def client_(make_upstream: Callable[..., Any]) -> ApiClient:
    client: ApiClient = make_upstream().client
    return client


def made(case: Case, outcome: str, **options: Any) -> Decision:
    with transaction.atomic():
        return decide(
            case, outcome, by=TESTER, made_by=Decision.MadeBy.REVIEW, route_id=None, **options
        )


def test_a_decision_moves_the_case_and_says_whom_it_goes_against(
    loan: Pipeline, client_: ApiClient
) -> None:
    case = scored_case(loan, client_)
    decision = made(case, "decline", reason_codes=("income_insufficient",))
    assert (decision.outcome, decision.adverse, decision.override) == ("decline", True, False)
    assert found(case).status == Status.DECIDED
    event = Event.objects.get(case_id=case.pk, type="case.decided")
    assert event.data["outcome"] == "decline"
    assert event.data["reasons"] == ["income_insufficient"]
    assert not Event.objects.filter(type="decision.overridden").exists()
    assert not made(scored_case(loan, client_), "approve").adverse


def test_an_outcome_that_the_pipeline_has_not_is_refused(
    loan: Pipeline, client_: ApiClient
) -> None:
    case = scored_case(loan, client_)
    with pytest.raises(KeyError):
        made(case, "maybe")
    assert not Decision.objects.exists()


def test_a_case_that_is_not_open_gets_no_decision(loan: Pipeline, client_: ApiClient) -> None:
    with pytest.raises(IllegalMove):
        made(received_case(loan, client_), "approve")
    decided = decided_case(loan, client_)
    with pytest.raises(IntegrityError, match="one_current_decision"):
        made(decided, "decline")
    assert Decision.objects.get().outcome == "approve"


def test_a_decision_is_superseded_after_it_was_made(loan: Pipeline, client_: ApiClient) -> None:
    case = decided_case(loan, client_)
    with pytest.raises(IntegrityError, match="decision_superseded_later"), transaction.atomic():
        case.decisions.update(superseded_at="2001-01-01T00:00:00Z")
    assert case.decisions.update(superseded_at=ClockTimestamp()) == 1
