"""The gate of a fresh house: closed until live labels speak for the model, loud, and open by itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases.lifecycle import take_step
from cases.models import Pipeline, Status
from inference.models import Calibration
from reviews.calibrating import fit_calibration
from reviews.gatechecks import measure_gates
from reviews.models import GateCheck, PolicyVersion, Proposal, Route
from reviews.routes import route_case
from reviews.standing import standing_of
from tests.casefiles import TESTER, scored_case
from tests.labelled import labelled_loans, too_sure

TOLD = ("gate.opened", "gate.closed")


@pytest.fixture
def fresh(loan: Pipeline) -> Pipeline:
    """The loan pipeline as a new house has it: nothing was measured of the days that its gate asks for."""
    name(loan, gate={"days": 60, "ece": 0.16, "auroc": 0.6}, samples={"find": 0.02, "power": 0.95})
    return loan


def name(pipeline: Pipeline, **changed: Any) -> PolicyVersion:
    """Puts a policy in force that differs so from the one before."""
    last = PolicyVersion.objects.filter(pipeline=pipeline).latest("number")
    content = {**last.content, **changed}
    PolicyVersion.objects.filter(pipeline=pipeline, active=True).update(active=False)
    return PolicyVersion.objects.create(
        pipeline=pipeline,
        number=last.number + 1,
        content=content,
        active=True,
        activated_at=last.created_at,
    )


def routed(pipeline: Pipeline, client: ApiClient) -> Route:
    """Where a clear case goes now."""
    case = scored_case(pipeline, client, predicted="approve", confidence=0.97)
    route_case(case, take_step(case.pk, Status.SCORED))
    return Route.objects.get(case=case)


def told(pipeline: Pipeline) -> list[str]:
    return list(
        Event.objects.filter(type__in=TOLD, pipeline=pipeline.slug)
        .order_by("id")
        .values_list("type", flat=True)
    )


def test_all_goes_to_people_until_labels_open_the_gate_by_themselves(
    fresh: Pipeline, bank: ApiClient
) -> None:
    measure_gates(by=TESTER)
    first = routed(fresh, bank)
    assert first.kind == Route.Kind.REVIEW
    assert [reason["text"] for reason in first.reasons] == [
        "The gate is closed: 0 of the 149 labels given unseen that it takes"
    ]
    labelled_loans(fresh, bank, 120)
    measure_gates(by=TESTER)
    assert "120 of the 149 labels" in routed(fresh, bank).reasons[0]["text"]
    labelled_loans(fresh, bank, 180, seed=2)
    assert measure_gates(by=TESTER) > 0
    assert routed(fresh, bank).kind == Route.Kind.AUTOMATIC
    assert told(fresh) == ["gate.opened"]
    assert standing_of(fresh).gate == ()


def test_a_model_that_states_too_much_stays_shut_out_until_it_is_calibrated(
    fresh: Pipeline, bank: ApiClient, make_person: Callable[..., User]
) -> None:
    labelled_loans(fresh, bank, 900, too_sure)
    measure_gates(by=TESTER)
    assert [reason.code for reason in standing_of(fresh).gate] == ["gate_ece"]
    made = fit_calibration(
        fresh, kind=Calibration.Kind.CONFIDENCE, by=make_person(Role.PIPELINE_ADMIN)
    )
    name(fresh, calibration=made.number)
    assert [reason.code for reason in standing_of(fresh).gate] == ["gate_labels"]
    measure_gates(by=TESTER)
    check = GateCheck.objects.get(calibration=made)
    assert check.labels == made.figures["labels"], "of the half that it was not fitted on"
    assert standing_of(fresh).gate == ()
    labelled_loans(fresh, bank, 30, seed=3)
    measure_gates(by=TESTER)
    later = GateCheck.objects.filter(calibration=made).latest("id")
    assert later.labels == check.labels + 30, "and of what was said since, all"


def test_a_gate_closes_where_the_model_goes_wrong_and_says_so_once(
    fresh: Pipeline, bank: ApiClient
) -> None:
    labelled_loans(fresh, bank, 300)
    measure_gates(by=TESTER)
    labelled_loans(fresh, bank, 300, lambda stated: 0.4 + 0 * stated, seed=2)
    measure_gates(by=TESTER)
    measure_gates(by=TESTER)
    assert told(fresh) == ["gate.opened", "gate.closed"]
    closed = Event.objects.filter(type="gate.closed").latest("id")
    assert "gate_ece" in closed.data["reasons"] and closed.data["labels"] == 600
    assert routed(fresh, bank).kind == Route.Kind.REVIEW


def test_nothing_is_measured_twice_until_it_gets_old(fresh: Pipeline, bank: ApiClient) -> None:
    labelled_loans(fresh, bank, 30)
    assert measure_gates(by=TESTER) > 0
    assert measure_gates(by=TESTER) == 0
    older(timedelta(hours=7))
    assert measure_gates(by=TESTER) > 0
    older(timedelta(hours=25))
    assert {reason.code for reason in standing_of(fresh).gate} == {"gate_stale", "gate_labels"}


def test_what_cannot_be_measured_keeps_nothing_else_from_it(
    fresh: Pipeline, bank: ApiClient, make_person: Callable[..., User]
) -> None:
    labelled_loans(fresh, bank, 30)
    Proposal.objects.create(
        pipeline=fresh,
        title="Since ever",
        content={"gate": {"days": 10**8}},
        drafted_by=make_person(Role.PIPELINE_ADMIN),
    )
    assert measure_gates(by=TESTER) > 0
    assert set(GateCheck.objects.values_list("days", flat=True)) == {60, 90}


def test_figures_are_told_by_queue_and_by_predicted_outcome(
    fresh: Pipeline, bank: ApiClient
) -> None:
    labelled_loans(fresh, bank, 60)
    measure_gates(by=TESTER)
    figures = GateCheck.objects.filter(pipeline=fresh).latest("id").figures
    assert figures["queues"]["loan-review"]["labels"] == 60
    assert {band["group"] for band in figures["bands"]} == {0, 1}
    assert figures["names"] == ["approve", "decline"]


def older(by: timedelta) -> None:
    """Takes the last check of each kind for so much older, as time would: checks are facts."""
    for check in GateCheck.objects.filter(days=60) | GateCheck.objects.filter(days=90):
        GateCheck.objects.create(
            pipeline=check.pipeline,
            model_version=check.model_version,
            calibration=check.calibration,
            days=check.days,
            labels=check.labels,
            figures=check.figures,
            checked_at=check.checked_at - by,
        )
