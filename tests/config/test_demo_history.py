"""The demo's past: made by the real model and policy, whole as any case is, and marked as made up."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from audit import vault
from audit.models import Event
from cases.models import Case, Decision, Pipeline
from config.demo import seeding
from config.demo.history import ADDED, CLIENT, add_history
from config.demo.pastcases import ERRORS, PastCase, past_cases
from config.demo.signing import SIGNER, sign_calibrated_policy
from inference.registry import scorer_of
from inference.scoring import version_of
from reviews.models import (
    Basis,
    Correction,
    PolicyVersion,
    Proposal,
    Review,
    Route,
    Sample,
)
from reviews.policies import active_policy, read_policy
from reviews.trail.rerunning import run_again

COUNT = 80


@pytest.fixture
def past(loan: Pipeline) -> list[PastCase]:
    assert loan.current is not None
    active, definition = active_policy(loan), loan.current.definition
    model = version_of(definition.model)
    assert active is not None
    assert model is not None
    policy = read_policy(active.content, definition)
    return list(past_cases(600, now(), definition, policy, scorer_of(model)))


@pytest.fixture
def history(loan: Pipeline) -> int:
    seeding.make_people()
    return add_history(COUNT, told=lambda done: None)


def test_people_err_as_often_as_is_stated(past: list[PastCase]) -> None:
    alone = [case.verdicts[0] for case in past if case.verdicts and (case.blind or case.sampled)]
    assert {verdict.reviewer for verdict in alone} == set(ERRORS)
    assert all(verdict.seconds > 0 for verdict in alone)


def test_the_past_has_all_that_the_lab_looks_at(past: list[PastCase]) -> None:
    assert any(case.routed.outcome for case in past)
    assert any(case.held for case in past)
    assert any(case.blind and not case.held for case in past) is False  # the tests draw none
    assert any(len(case.verdicts) > 1 for case in past)
    assert any(case.known for case in past)
    assert any(fact.poor for case in past for fact in case.facts.fields)
    assert past == sorted(past, key=lambda case: case.arrived_at)
    assert now() - past[0].arrived_at < timedelta(days=91)


def test_a_past_case_is_whole_and_says_what_it_is(history: int) -> None:
    cases = Case.objects.filter(client__name=CLIENT)
    assert 0 < history == cases.count() == Decision.objects.filter(case__in=cases).count()
    assert Event.objects.filter(type=ADDED).count() == history
    for case in cases[:5]:
        opened = vault.of(case.pk)
        assert opened.open_json("data", case.sealed_data)["applicant"]["region"]
        assert case.reference.startswith("DEMO-")
    judged = Basis.objects.exclude(label="")
    assert judged.count() == Review.objects.values("case").distinct().count() > 0
    assert Correction.objects.exists()
    held = Sample.objects.filter(kind=Sample.Kind.HELD)
    assert held.exists()
    assert set(held.values_list("route__blind", flat=True)) == {True}


def test_what_was_decided_was_decided_by_the_policy_or_by_people(history: int) -> None:
    for route in Route.objects.select_related("basis").exclude(reasons__0__code="sampled"):
        decision = Decision.objects.get(case=route.case_id)
        automatic = route.kind == Route.Kind.AUTOMATIC
        assert (decision.made_by == Decision.MadeBy.POLICY) == automatic
        assert decision.outcome == (route.outcome or route.basis.label)


def test_what_was_never_read_here_is_not_said_to_differ(history: int) -> None:
    decisions = Decision.objects.select_related("case__pipeline")[:20]
    found = [run_again(each) for each in decisions]
    assert {(each.same, *each.codes) for each in found} == {(None, "read_elsewhere")}


def test_it_is_made_once(history: int) -> None:
    assert add_history(COUNT, told=lambda done: None) == 0


def test_a_past_too_short_to_fit_anything_leaves_the_gate_closed(history: int) -> None:
    before = PolicyVersion.objects.get(pipeline__slug="loan", active=True)
    sign_calibrated_policy()
    assert PolicyVersion.objects.get(pipeline__slug="loan", active=True) == before


def test_the_policy_is_signed_on_the_evidence_of_the_past(loan: Pipeline) -> None:
    seeding.make_people()
    add_history(400, told=lambda done: None)
    sign_calibrated_policy()
    active = PolicyVersion.objects.select_related("proposal__signed_by").get(
        pipeline=loan, active=True
    )
    assert active.content["calibration"] == 1
    signer, replayed = active.proposal.signed_by, active.proposal.replayed
    assert signer is not None and signer.username == SIGNER
    assert replayed is not None and replayed["cases"] > 0
    assert Proposal.objects.get(status=Proposal.Status.REQUESTED).pipeline == loan
