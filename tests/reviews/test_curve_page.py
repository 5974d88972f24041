"""The curve's page: what it says of past cases, and the draft that comes of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiClient, User
from accounts.roles import Role
from cases.models import Pipeline
from config.demo import seeding
from config.demo.history import add_history
from inference.models import Calibration
from reviews.calibrating import database_time, fit_calibration
from reviews.curves import field_of, past_of
from reviews.labels import drawn
from reviews.models import Proposal
from reviews.policies import active_policy, definition_of, read_policy
from tests.labelled import labelled_loans

ADDRESS = "/lab/loan/curve/"


@pytest.fixture
def admin(db: None, client: Client, make_person: Callable[..., User]) -> User:
    user = make_person(Role.PIPELINE_ADMIN)
    client.force_login(user)
    return user


def page(client: Client, query: str = "") -> str:
    return client.get(f"{ADDRESS}{query}").content.decode()


def test_past_cases_are_drawn_and_told(client: Client, admin: User, loan: Pipeline) -> None:
    seeding.make_people()
    count = add_history(60, told=lambda done: None)
    text = page(client, "?threshold=0.85&at_most=2&sure=95")
    assert f"{count} cases; " in text
    assert "now: 0.85" in text
    assert 'data-points="[{' in text
    assert "The data cannot support that" in text
    assert "more labels there would do" in text or "no number of labels" in text
    assert "From " in page(client, "?at_most=98&sure=50")


def test_without_past_cases_it_says_so(client: Client, admin: User, loan: Pipeline) -> None:
    text = page(client, "?threshold=two&days=17&at_most=-1")
    assert "0 cases; " in text
    assert "nothing to go by" in text


def test_a_threshold_becomes_a_draft_of_the_active_policy(
    client: Client, admin: User, loan: Pipeline
) -> None:
    active = active_policy(loan)
    assert active is not None
    sent = {"outcome": "approve", "threshold": "0.905"}
    answer = client.post(ADDRESS, sent)
    draft = Proposal.objects.get()
    assert answer["Location"] == reverse("lab_proposal", args=["loan", draft.pk])
    assert draft.content == {**active.content, "thresholds": {"approve": 0.905}}
    assert (draft.drafted_by, draft.base, draft.title) == (admin, active, "Approve from 0.905 on")
    for wrong in ({"threshold": "1.2"}, {"threshold": ""}, {"outcome": "maybe"}):
        assert client.post(ADDRESS, sent | wrong).status_code == 422
    assert Proposal.objects.count() == 1


def test_who_audits_looks_and_who_reviews_finds_nothing(
    client: Client, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    client.force_login(make_person(Role.AUDITOR))
    assert "Make a draft" not in page(client)
    assert client.post(ADDRESS, {"threshold": "0.9"}).status_code == 404
    client.force_login(make_person(Role.REVIEWER))
    assert client.get(ADDRESS).status_code == 404


def test_what_a_calibration_was_fitted_on_does_not_vouch_for_its_thresholds(
    admin: User, loan: Pipeline, bank: ApiClient
) -> None:
    labelled_loans(loan, bank, 400)
    active = active_policy(loan)
    assert active is not None
    plain = read_policy(active.content, definition_of(loan))
    fitted = fit_calibration(loan, kind=Calibration.Kind.CONFIDENCE, by=admin)
    labelled_loans(loan, bank, 20, seed=2)
    until = database_time() + timedelta(minutes=1)
    since = until - timedelta(days=1)
    for policy, left_out in ((plain, 0), (replace(plain, calibration=fitted.number), 1)):
        past = past_of(loan, policy, since, until)
        mine = past.columns.predicted == past.columns.outcomes.index("approve")
        learnt, _ = drawn(past.columns.cases(np.arange(len(past.columns))))
        learnt[400:] = False
        labelled = ~np.isnan(field_of(past, "approve").wrong[mine])
        assert (labelled == ~(learnt[mine] & bool(left_out))).all()
