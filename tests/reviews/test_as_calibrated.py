"""What people and files are told of a case is the confidence that the policy went by, everywhere."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases.definition import parse, read_toml
from cases.models import Case, Pipeline
from inference.models import Calibration, Model, ModelVersion, Prediction
from reviews.calibrating import as_routed, maps_behind
from reviews.models import Export, Route
from reviews.policies import activate_policy, put_in_force
from reviews.presenting.likelihoods import likelihoods
from reviews.tasks import route_case
from reviews.trail.selecting import Selection
from tests.casefiles import DECLINE, TESTER, found, held, scored_case, submit
from tests.conftest import LOAN
from tests.loans import Loan, Read, loan_in_review
from tests.reviews.exports import exported, rows

HUMBLE = {"x": [0.0, 1.0], "y": [0.0, 0.9]}
"""Of ten that were stated right nine are."""
MAPS = {"approve": HUMBLE, "decline": HUMBLE}


@pytest.fixture
def calibrated(loan: Pipeline) -> Calibration:
    """A calibration of the loans' model that the active policy names."""
    assert loan.current is not None
    now = loan.policy_versions.get(active=True).created_at
    spec = loan.current.definition.own_model
    made = Calibration.objects.create(
        pipeline=loan,
        number=3,
        kind=Calibration.Kind.CONFIDENCE,
        model_version=ModelVersion.objects.get(model__name=spec.name, number=spec.version),
        method="platt",
        maps=MAPS,
        figures={},
        labels=1000,
        since=now,
        until=now,
    )
    content = loan.policy_versions.get(active=True).content
    activate_policy(
        loan, {**content, "calibration": 3}, definition=loan.current.definition, by=TESTER
    )
    return made


@pytest.fixture
def mine(
    client: Client, loan: Pipeline, bank: ApiClient, calibrated: Calibration, reviewer: User
) -> Case:
    """A loan that the model would decline at 0.80, routed; the reviewer holds it and is signed in."""
    case = scored_case(loan, bank, predicted="decline", confidence=0.8)
    route_case(str(case.pk))
    client.force_login(reviewer)
    held(found(case), reviewer)
    return found(case)


def test_the_case_page_tells_the_calibrated_confidence_and_that_it_is_one(
    client: Client, mine: Case
) -> None:
    page = client.get(f"/cases/{mine.pk}/").content.decode()
    assert "0.72 for decline." in page
    assert "0.80 by the model, 0.72 as calibrated." in page
    assert "as the model says, 0.72" in page
    assert 'class="scale-value" x="0" y="9" width="112.0"' in page, "of approve, at 0.28 of 400"


def test_the_history_tells_what_the_model_stated_and_then_what_the_policy_went_by(
    client: Client, mine: Case
) -> None:
    pages: list[str] = []
    while (answer := client.get(f"/cases/{mine.pk}/history/{len(pages) + 1}/")).status_code == 200:
        pages.append(answer.content.decode().partition(">Prediction<")[2])
    told = [
        "calibrated" if "0.72 for decline" in page else "stated" if "0.80 for" in page else ""
        for page in pages
    ]
    assert list(dict.fromkeys(told)) == ["", "stated", "calibrated"]


def test_an_export_has_both(loan: Pipeline, mine: Case, make_person: Callable[..., User]) -> None:
    submit(mine.claims.get(ended_at=None), DECLINE)
    auditor = make_person(Role.AUDITOR)
    (row,) = rows(exported(Selection(loan), Export.Format.CSV, auditor))
    assert (row["confidence"], row["stated_confidence"]) == ("0.720000", "0.800000")


def test_the_model_asked_again_is_calibrated_as_it_was_the_first_time(
    client: Client, loan: Pipeline, bank: ApiClient, calibrated: Calibration, reviewer: User
) -> None:
    case = loan_in_review(bank, Loan(read={"amount": Read("19450.00", 0.95, "differs")}))
    client.force_login(reviewer)
    claim = held(case, reviewer)
    form: dict[str, Any] = {"fence": claim.pk, "version": found(case).version}
    correct = {**form, "act": "settle", "value": "2,000"}
    client.post(f"/cases/{case.pk}/fields/amount/", correct, headers={"HX-Request": "true"})
    client.post(f"/cases/{case.pk}/rescore/", form, headers={"HX-Request": "true"})
    told = Event.objects.get(type="case.rescored", case_id=case.pk).data
    assert told["confidence"] == pytest.approx(0.9 * told["stated_confidence"], abs=1e-5)
    assert sum(told["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_a_ceiling_is_told_beside_the_probability_that_it_was_asked_of() -> None:
    definition = parse(read_toml((LOAN.parents[1] / "patient-message/pipeline.toml").read_text()))
    stated = Prediction(
        model_version=ModelVersion(model=Model(name="m"), number=1),
        outcome="self_care",
        confidence=0.95,
        probabilities={"self_care": 0.95, "routine": 0.04, "urgent": 0.0, "emergency": 0.01},
        contributions=[],
    )
    view = likelihoods(
        as_routed(stated, Route(confidence=0.75)),
        definition,
        definition.own_model,
        stated=stated,
        policy={"thresholds": {"self_care": 0.9}, "ceilings": {"emergency": 0.02}},
        facts={},
        evidence=None,
        text="",
    )
    assert view.calibrated == "0.95 by the model, 0.75 as calibrated."
    said = {each.label: (each.probability, each.beyond) for each in view.outcomes}
    assert said[definition.outcome("emergency").label] == ("0.01", False)
    assert said[definition.outcome("self_care").label] == ("0.75", False)
    assert said[definition.outcome("routine").label] == ("0.20", False)


def test_a_confidence_that_no_policy_went_by_stays_the_models(
    loan: Pipeline, bank: ApiClient, calibrated: Calibration
) -> None:
    put_in_force(loan, {"calibration": calibrated.number, "thresholds": "none"})
    case = scored_case(loan, bank, predicted="decline", confidence=0.8)
    route_case(str(case.pk))
    route = case.routes.get()
    assert [reason["code"] for reason in route.reasons] == ["policy_failed"]
    assert route.prediction is not None
    assert as_routed(route.prediction, route).confidence == 0.8
    assert maps_behind(route, route.prediction, loan) == {}
