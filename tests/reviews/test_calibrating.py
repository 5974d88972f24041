"""Calibrations: fitted on one half of what people said, judged on the other, applied where named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases.models import Pipeline, PipelineVersion
from inference.knowing import FieldFact
from inference.models import Calibration
from reviews.calibrating import (
    CannotFit,
    calibrated_confidence,
    calibrated_fields,
    fit_calibration,
    scored_by,
)
from reviews.labels import drawn, field_labels_of, labels_of
from reviews.models import Basis, Correction, Review
from reviews.policies import read_policy
from reviews.routes import gather_facts, last_prediction, under
from tests.casefiles import DECLINE, reviewed_case, scored_case
from tests.labelled import labelled_loans, too_sure

CONFIDENCE, FIELDS = Calibration.Kind.CONFIDENCE, Calibration.Kind.FIELDS
DAY = timedelta(days=1)
POOR = {"x": [0.0, 1.0], "y": [0.0, 0.5]}


@pytest.fixture
def admin(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN)


def test_a_calibration_undoes_what_the_model_states_too_surely(
    loan: Pipeline, bank: ApiClient, admin: User
) -> None:
    labelled_loans(loan, bank, 600, too_sure)
    made = fit_calibration(loan, kind=CONFIDENCE, by=admin)
    assert (made.number, made.labels, set(made.maps)) == (1, 600, {"approve", "decline"})
    before, after = made.figures["before"]["ece"], made.figures["ece"]
    assert after["estimate"] < before["estimate"]
    assert made.figures["brier"]["estimate"] < made.figures["before"]["brier"]["estimate"]
    assert made.figures["labels"] < 400, "judged on the other half alone"
    sure = float(too_sure(np.array([0.9]))[0])
    assert calibrated_confidence("approve", 0.9, made.maps) == pytest.approx(sure, abs=0.12)
    event = Event.objects.filter(type="calibration.fitted").latest("id")
    assert event.data["number"] == 1 and event.actor_id == str(admin.pk)
    assert fit_calibration(loan, kind=CONFIDENCE, by=admin).number == 2


def test_the_halves_are_the_same_each_time_and_of_about_one_size(
    loan: Pipeline, bank: ApiClient
) -> None:
    labelled_loans(loan, bank, 200)
    ids = list(Basis.objects.values_list("case_id", flat=True))
    learnt, fold = drawn(ids)
    assert 70 < learnt.sum() < 130 and 30 < fold.sum() < 100
    assert (drawn(ids[::-1])[0] == learnt[::-1]).all()


def test_with_too_few_labels_nothing_is_fitted(
    loan: Pipeline, bank: ApiClient, admin: User
) -> None:
    labelled_loans(loan, bank, 60)
    with pytest.raises(CannotFit, match="too few labels: a map takes 100"):
        fit_calibration(loan, kind=CONFIDENCE, by=admin)
    with pytest.raises(CannotFit, match="the most of a kind are 0"):
        fit_calibration(loan, kind=FIELDS, by=admin)
    assert not Calibration.objects.exists()


def test_labels_stand_for_as_many_cases_as_they_were_drawn_from_and_follow_the_outcomes_names(
    loan: Pipeline, bank: ApiClient
) -> None:
    labelled_loans(loan, bank, 20)
    first = Basis.objects.order_by("route").first()
    assert first is not None and first.labelled_at is not None
    Basis.objects.filter(pk=first.pk).update(label_kind="sample", weight=20.0)
    scores = scored_by(loan.current.definition if loan.current else None)
    assert scores is not None
    last = Basis.objects.latest("labelled_at").labelled_at
    assert last is not None
    told = labels_of(loan, scores, first.labelled_at - (last - first.labelled_at) * 2, last)
    assert told.groups == ("approve", "decline")
    assert told.labels.weight.max() == 20.0
    highest = told.labels.probabilities.argmax(axis=1)
    assert (highest == told.labels.group).all()


# ---------------------------------------------------------------- fields


def test_words_on_fields_say_which_were_read_right_by_type_and_quality(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = reviewed_case(
        loan, bank, reviewer, verdict=DECLINE, fields={"amount": {"confidence": 0.9}}
    )
    review = Review.objects.get(case=case)
    Basis.objects.create(
        route=review.route,
        case=case,
        pipeline=loan,
        pipeline_version=current_of(loan),
        confidence=0.7,
        fields_poor=[0.9 if spec.name == "amount" else float("nan") for spec in fields_of(loan)],
    )
    for name, kind in (("amount", "corrected"), ("net_income", "confirmed"), ("iban", "illegible")):
        Correction.objects.create(review=review, field=name, kind=kind, sealed_values=b"")
    told = field_labels_of(loan, review.reviewed_at - DAY, review.reviewed_at + DAY)
    said = {
        told.groups[group]: (bool(right), round(float(stated), 2))
        for group, right, stated in zip(
            told.labels.group, told.labels.right, told.labels.stated, strict=True
        )
    }
    assert said == {
        "money:poor": (False, 0.9),
        "money:clear": (True, 0.97),
        "id:clear": (False, 0.97),
    }


def test_a_policy_goes_by_the_calibrated_confidence_of_fields_where_it_names_the_calibration(
    loan: Pipeline, bank: ApiClient, admin: User
) -> None:
    case = scored_case(loan, bank, fields={"amount": {"confidence": 0.96}})
    facts = gather_facts(case, last_prediction(case))
    facts = replace(facts, fields=tuple(replace(fact, poor=True) for fact in facts.fields))
    now = case.created_at
    made = Calibration.objects.create(
        pipeline=loan,
        number=7,
        kind=FIELDS,
        method="platt",
        maps={"money:poor": POOR},
        figures={},
        labels=1,
        since=now,
        until=now,
    )
    content = loan.policy_versions.get(active=True).content
    definition = case.pipeline_version.definition
    for prediction in (last_prediction(case), None):
        named = read_policy({**content, "field_calibration": made.number}, definition)
        seen = under(named, facts, case, prediction)
        by_name = {fact.name: fact.confidence for fact in seen.fields}
        assert by_name["amount"] == pytest.approx(0.48)
        assert by_name["applicant_name"] == 0.97, "a type without a map stays as it was read"
        assert seen.known["fields"]["amount"]["confidence"] == 0.96, "rules name the reading's own"
        plain = under(read_policy(content, definition), facts, case, prediction)
        assert plain.fields == facts.fields
    as_confidence = read_policy({**content, "calibration": made.number}, definition)
    assert not under(as_confidence, facts, case, last_prediction(case)).live.fits


def test_what_is_no_confidence_stays_a_doubt(loan: Pipeline) -> None:
    assert loan.current is not None
    strange = FieldFact("amount", "Amount", float("nan"), found=True, required=True, poor=True)
    (found,) = calibrated_fields([strange], loan.current.definition, {"money:poor": POOR})
    assert found is strange


def current_of(pipeline: Pipeline) -> PipelineVersion:
    assert pipeline.current is not None
    return pipeline.current


def fields_of(pipeline: Pipeline) -> Any:
    return current_of(pipeline).definition.fields
