"""Blast radius: from an error to the cases that share its traits, and a selection of them reopened."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import ClockTimestamp
from cases.announcing import announce
from cases.lifecycle import take_step
from cases.models import Case, Decision, Pipeline, Status
from reviews.blastradius import Fault, count_radius, find_fault, list_radius, window_of
from reviews.lab.radius import Counted, estimated_wrong
from reviews.models import Basis, Reopening, Sample
from reviews.reopening import carry_on
from tests.casefiles import DECLINE, decided_case, found, held, reviewed_case, submit
from tests.reviews.test_committing import commit

TOGETHER = ("model", "band")


def past(pipeline: Pipeline, client: ApiClient, **rested: Any) -> Case:
    """A case that the policy approved, with what the route rested on."""
    label = rested.pop("label", "")
    confidence = rested.pop("confidence", 0.92)
    case = decided_case(pipeline, client, confidence=confidence)
    route = case.routes.select_related("prediction").get()
    assert route.prediction is not None
    assert pipeline.current is not None
    labelled = {"label": label, "label_kind": "sample", "weight": 10.0} if label else {}
    Basis.objects.create(
        route=route,
        case=case,
        pipeline=pipeline,
        pipeline_version=pipeline.current,
        policy_version=route.policy_version,
        model_version=route.prediction.model_version,
        predicted="approve",
        confidence=confidence,
        **labelled,
        **({"labelled_at": ClockTimestamp()} if label else {}),
        **rested,
    )
    return case


def error_in(case: Case, person: User) -> Sample:
    """The sample that showed a decision to be wrong."""
    route = case.routes.select_related("prediction").get()
    assert route.prediction is not None
    return Sample.objects.create(
        case=case,
        kind=Sample.Kind.AUTOMATIC,
        route=route,
        policy_version=route.policy_version,
        model_version=route.prediction.model_version,
        outcome="approve",
        confidence=route.prediction.confidence,
        stratum=0.85,
        probability=0.1,
        verdict="decline",
        reviewer=person,
        judged_at=ClockTimestamp(),
    )


@pytest.fixture
def admin(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN)


@pytest.fixture
def wrong(loan: Pipeline, bank: ApiClient, reviewer: User) -> Sample:
    """An error: a wrong approval at 0.92 of a payslip of one house."""
    return error_in(past(loan, bank, label="decline", template="a"), reviewer)


def fault_of(sample: Sample) -> Fault:
    fault = find_fault(sample.case.pipeline, sample.pk)
    assert fault is not None
    return fault


def test_how_many_are_wrong_follows_from_weighted_labels() -> None:
    assert estimated_wrong(Counted(100)) is None
    equal = estimated_wrong(
        Counted(1000, labels=100, wrong=4, weight=1000, weight_wrong=40, weight_squared=10_000)
    )
    assert equal is not None
    assert equal.estimate == pytest.approx(4 + 0.04 * 900)
    assert (equal.lower, equal.upper) == pytest.approx(
        (40 - (0.04 - 0.0110) * 900_000**0.5, 40 + (0.0993 - 0.04) * 900_000**0.5), rel=0.01
    )
    assert not equal.few
    few = estimated_wrong(
        Counted(1000, labels=10, wrong=0, weight=100, weight_wrong=0, weight_squared=1000)
    )
    assert few is not None
    assert (few.estimate, few.lower, few.few) == (0, 0, True)
    assert few.upper == pytest.approx((1000 * 990) ** 0.5 * (1 - 0.025 ** (1 / 10)))


@pytest.mark.parametrize(("cases", "looked_at"), [(220, 0.9), (1000, 0.1)])
def test_how_many_are_wrong_is_within_its_interval(cases: int, looked_at: float) -> None:
    draw, held = np.random.default_rng(17), 0
    for _ in range(1000):
        wrong, labelled = draw.random(cases) < 0.1, draw.random(cases) < looked_at
        labels, found = int(labelled.sum()), int((wrong & labelled).sum())
        told = estimated_wrong(
            Counted(cases, labels, found, labels, weight_wrong=found, weight_squared=labels)
        )
        assert told is not None
        held += told.lower <= wrong.sum() <= told.upper
    assert held >= 950


def test_each_trait_counts_the_cases_that_share_it(
    loan: Pipeline, bank: ApiClient, wrong: Sample, make_upstream: Any, reviewer: User
) -> None:
    elsewhere = make_upstream().client
    past(loan, bank, template="a", label="approve")
    past(loan, elsewhere, confidence=0.97, template="b")
    past(loan, elsewhere, confidence=0.949, template="a")
    reviewed_case(loan, bank, reviewer, verdict=DECLINE)
    fault = fault_of(wrong)
    assert fault.band == (0.9, 0.95)
    window = window_of(fault, 7, fault.at)
    everything = window_of(fault, None, found(wrong.case).due_at)
    counted, selected = count_radius(fault, everything, ("band", "template"))
    numbers = {name: each.cases for name, each in counted.items()}
    assert numbers == {"model": 4, "policy": 4, "band": 3, "template": 3, "source": 2}
    assert (selected.cases, selected.labels, selected.wrong) == (3, 2, 1)
    assert (selected.weight, selected.weight_wrong, selected.weight_squared) == (20, 10, 200)
    assert count_radius(fault, window, ())[1].cases == 0, "what came later is left out"
    listed = list_radius(fault, everything, ("source",))
    assert [each.case_id for each in listed][-1] == wrong.case_id
    assert [each.label for each in listed] == ["approve", "decline"]
    before = list_radius(fault, everything, (), before=listed[0].route)
    assert [each.case_id for each in before] == [wrong.case_id]


def test_what_agrees_or_is_not_judged_is_no_error(loan: Pipeline, wrong: Sample) -> None:
    assert find_fault(loan, wrong.pk + 1) is None
    right = Sample.objects.create(
        case=wrong.case, kind="automatic", route=wrong.route, outcome="approve", probability=0.5
    )
    assert find_fault(loan, right.pk) is None


def test_the_journey_from_an_error_to_another_decision(
    loan: Pipeline, bank: ApiClient, wrong: Sample, admin: User, make_person: Any, client: Client
) -> None:
    like, far = past(loan, bank), past(loan, bank, confidence=0.99)
    client.force_login(admin)
    address = reverse("lab_errors", args=["loan", wrong.pk])
    page = client.get(address).content.decode()
    assert like.reference in page
    assert far.reference not in page
    assert "Reopen all 2 cases" in page
    send = reverse("lab_reopen", args=["loan", wrong.pk])
    chosen = {"days": "all", "share": TOGETHER, "all": "yes"}
    asked = client.post(send, chosen).content.decode()
    assert "Reopen 2 cases?" in asked
    assert "The upstream of each case is told" in asked
    assert client.post(send, {**chosen, "confirmed": "yes", "reason": " "}).status_code == 422
    assert client.post(send, {"days": "30"}).status_code == 422, "nothing was ticked"
    assert not Reopening.objects.exists()

    sent = client.post(send, {**chosen, "confirmed": "yes", "reason": "One printer's payslips"})
    reopening = Reopening.objects.get()
    assert sent["Location"] == reverse("lab_reopening", args=["loan", reopening.pk])
    assert reopening.because_of == wrong
    assert "0 of 2 taken" in client.get(sent["Location"]).content.decode()
    carry_on(reopening.pk)
    done = client.get(sent["Location"]).content.decode()
    assert "2 of 2 taken" in done
    assert "hx-trigger" not in done
    again = client.get(f"{address}?days=all").content.decode()
    assert "One printer&#x27;s payslips" in again
    assert like.reference not in again
    assert found(far).status == Status.DECIDED

    judge = make_person(Role.REVIEWER)
    claim = held(found(wrong.case), judge)
    commit(claim, DECLINE)
    submit(claim, DECLINE)
    decision = Decision.objects.get(case=wrong.case, superseded_at=None)
    announce(found(wrong.case), take_step(wrong.case_id, Status.DECIDED))
    assert (decision.outcome, found(wrong.case).status) == ("decline", Status.ANNOUNCED)
    basis = Basis.objects.get(case=like)
    claim = held(found(like), judge)
    commit(claim, DECLINE)
    submit(claim, DECLINE)
    basis.refresh_from_db()
    assert basis.label == "", "it was not drawn by chance, and stands for no other"


def test_who_audits_reads_and_who_reviews_finds_nothing(
    loan: Pipeline, wrong: Sample, make_person: Any, client: Client
) -> None:
    address = reverse("lab_errors", args=["loan", wrong.pk])
    client.force_login(make_person(Role.AUDITOR))
    page = client.get(address).content.decode()
    assert reverse("case", args=[wrong.case_id]) in page
    assert 'action="/lab/loan/errors' in page, "the filter"
    assert "Reopen" not in page
    send = reverse("lab_reopen", args=["loan", wrong.pk])
    assert client.post(send, {"all": "yes", "confirmed": "yes", "reason": "x"}).status_code == 404
    client.force_login(make_person(Role.SENIOR_REVIEWER))
    assert client.get(address).status_code == 404
    client.force_login(make_person(Role.PIPELINE_ADMIN))
    assert reverse("case", args=[wrong.case_id]) not in client.get(address).content.decode()
    assert client.get(f"{address}?days=x&until=y&share=z&before=w").status_code == 200
