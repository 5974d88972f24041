"""The forecast: what it gathers of the past, and the page that tells it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import ApiClient, User
from accounts.roles import Role
from cases.models import Pipeline
from reviews import forecasting
from reviews.bases import basis_of
from reviews.forecasting import past_of, worked_of
from reviews.lab.capacity import WEEK
from reviews.models import Proposal
from reviews.policies import active_policy, read_policy
from reviews.routes import gather_facts, last_prediction
from reviews.routing import Policy, route
from tests.casefiles import OVERRIDE, reviewed_case, waiting_case

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
ADDRESS = "/lab/loan/capacity/"


@pytest.fixture
def admin(db: None, client: Client, make_person: Callable[..., User]) -> User:
    person = make_person(Role.PIPELINE_ADMIN)
    client.force_login(person)
    return person


def review(who: int, hour: float, minutes: float) -> tuple[float, float, float]:
    """A review that ended so many hours after Monday began, and what it took."""
    end = (MONDAY + timedelta(hours=hour)).timestamp()
    return who, end - 60 * minutes, end


def test_on_duty_is_who_is_between_the_first_and_last_case_of_a_day() -> None:
    rows = [review(1, 9.5, 6), review(1, 11.5, 6), review(2, 10.5, 6), review(1, 33.5, 6)]
    worked = worked_of(rows, weeks=1)
    assert worked.people[9:13].tolist() == [1, 2, 1, 0]
    assert worked.people[24 + 9] == 1
    assert worked.total == 4
    # in the busiest tenth of the hours a tenth of the hour went into cases of six minutes
    assert worked.pace[9] == pytest.approx(1)


def test_nobody_does_less_than_they_did() -> None:
    rows = [review(1, 9 + minute / 60, 2) for minute in range(2, 60, 2)]
    rows += [review(1, 9 + hour + 0.5, 2) for hour in range(1, 9)]
    worked = worked_of(rows, weeks=1)
    assert worked.pace[9] == 29
    assert 1 <= worked.pace[10] < 29
    assert worked_of([], weeks=1).pace.sum() == 0


@pytest.fixture
def past(loan: Pipeline, bank: ApiClient, reviewer: User) -> Pipeline:
    """Loans of the last eight days: two clear ones, and one that is large; one review."""
    policy = policy_of(loan)
    for days, confidence in ((8, 0.95), (3, 0.95), (2, 0.6)):
        case = waiting_case(loan, bank, predicted="approve", confidence=confidence)
        facts = gather_facts(case, last_prediction(case))
        row = case.routes.get()
        basis = basis_of(row, facts, route(facts, policy, case.definition.outcomes))
        basis.routed_at = now() - timedelta(days=days)
        basis.save(force_insert=True)
    reviewed_case(loan, bank, reviewer, verdict=OVERRIDE)
    return loan


def policy_of(loan: Pipeline) -> Policy:
    version = active_policy(loan)
    assert version is not None
    assert loan.current is not None
    return read_policy(version.content, loan.current.definition)


def test_a_policy_asks_for_the_reviews_of_what_it_does_not_decide(past: Pipeline) -> None:
    policy = policy_of(past)
    known = past_of(past, [policy], now=now())
    assert (known.weeks, len(known.columns), known.worked.total) == (1, 2, 1)
    assert sorted(np.ceil(known.waiting).tolist())[0] >= 24
    alone = forecasting.outlook_of(known, policy, held=False)
    assert alone.demand.arrivals.sum() == 1
    assert alone.demand.leads.tolist() == [24]
    assert forecasting.outlook_of(known, policy, held=True).demand.arrivals.sum() == 2
    elsewhere = past_of(past, [policy], now=now(), queue="loan-second")
    assert forecasting.outlook_of(elsewhere, policy, held=False).demand.arrivals.sum() == 0
    assert elsewhere.worked.total == 0
    assert len(alone.demand.arrivals) == WEEK


def test_little_history_is_said_to_be_little(client: Client, admin: User, past: Pipeline) -> None:
    page = client.get(ADDRESS).content.decode()
    assert "Too little history" in page
    assert "So far, cases: 2, reviews: 1." in page


def test_the_page_compares_a_draft(
    client: Client, admin: User, past: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecasting, "ENOUGH", 1)
    version = active_policy(past)
    assert version is not None
    content = {**version.content, "thresholds": {"approve": 0.5}}
    draft = Proposal.objects.create(
        pipeline=past, title="Bolder", content=content, drafted_by=admin
    )
    page = client.get(ADDRESS, {"proposal": draft.pk}).content.decode()
    assert page.count('class="chart-line"') == 2
    assert "Draft: Bolder" in page
    assert "It is advice: nothing happens by itself." in page
    assert client.get(ADDRESS, {"proposal": "x", "queue": "nowhere"}).status_code == 200


def test_who_may_not_see_the_lab_sees_no_forecast(client: Client, reviewer: User) -> None:
    client.force_login(reviewer)
    assert client.get(ADDRESS).status_code == 404
