"""The step of scoring: a prediction with its reasons, or a case that goes on without one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiClient
from audit import vault
from audit.models import Event
from cases import lifecycle
from cases.catalogue import apply_pipeline
from cases.definition import ModelSpec
from cases.models import Case, Pipeline, PipelineVersion, Status
from inference.models import Assessment, Prediction
from inference.registry import scorer_of
from inference.runtimes import score
from inference.scoring import asked_with, features_of
from inference.tasks import score_case
from tests.casefiles import TESTER, due_now, found, loan_data, predict, read_case
from tests.pipelines import pipeline_of


@pytest.fixture
def client_(make_upstream: Callable[..., Any]) -> ApiClient:
    client: ApiClient = make_upstream().client
    return client


def scored(case: Case) -> Case:
    score_case(str(case.pk))
    return found(case)


def test_a_read_case_gets_the_models_answer(loan: Pipeline, client_: ApiClient) -> None:
    case = scored(read_case(loan, client_))
    assert case.status == Status.SCORED
    prediction = Prediction.objects.get()
    version = prediction.model_version
    features = features_of(case.definition.own_model, loan_data(), {})
    answer = score(scorer_of(version), features)
    assert (prediction.outcome, prediction.confidence) == (answer.outcome, answer.confidence)
    assert prediction.probabilities == answer.probabilities
    assert prediction.confidence == max(prediction.probabilities.values())
    assert [each["points"] for each in prediction.contributions] == [
        each.points for each in answer.contributions
    ]
    event = Event.objects.get(case_id=case.pk, type="case.scored")
    assert event.data["prediction"] == prediction.pk
    assert event.data["confidence"] == round(answer.confidence, 6)
    assert (event.actor_kind, event.actor_id) == ("system", "model")


def test_what_went_in_is_sealed_and_committed_to(loan: Pipeline, client_: ApiClient) -> None:
    case = scored(read_case(loan, client_))
    prediction, opened = Prediction.objects.get(), vault.of(case.pk)
    snapshot = opened.open_json("prediction", prediction.sealed_input)
    assert snapshot["features"]["amount"] == 4870.0
    assert set(snapshot["words"]) == {each["feature"] for each in prediction.contributions}
    commitment = opened.commitment("prediction", snapshot["features"])
    event = Event.objects.get(case_id=case.pk, type="case.scored")
    assert prediction.input_commitment == event.commitments["input"] == commitment
    in_clear = str(Prediction.objects.values("contributions", "probabilities")) + str(event.data)
    assert "4870" not in in_clear
    assert "delayed" not in in_clear


@pytest.mark.parametrize(
    "wrong",
    [
        {"loan__amount": "much"},
        {"loan__amount": 1e300},
        {"loan__duration_months": [1]},
    ],
)
def test_facts_that_the_model_cannot_take_leave_the_case_to_a_person(
    loan: Pipeline, client_: ApiClient, wrong: dict[str, Any]
) -> None:
    case = scored(read_case(loan, client_, data=loan_data(**wrong)))
    assert case.status == Status.SCORED
    assert not Prediction.objects.exists()
    event = Event.objects.get(case_id=case.pk, type="case.scored")
    assert event.data["failure"] == "BadFeatures"
    assert not set(map(str, wrong.values())) & set(map(str, event.data.values()))


def test_a_fact_that_is_absent_counts_nothing(loan: Pipeline, client_: ApiClient) -> None:
    scored(read_case(loan, client_, data=loan_data(finances__housing=None)))
    missing = {
        each["feature"]: each["points"]
        for each in Prediction.objects.get().contributions
        if each["missing"]
    }
    assert missing["housing"] == 0


def test_a_model_whose_files_are_gone_leaves_the_case_to_a_person(
    loan: Pipeline, client_: ApiClient, settings: Any, tmp_path: Path
) -> None:
    settings.MODEL_DIR = tmp_path
    case = scored(read_case(loan, client_))
    assert case.status == Status.SCORED
    assert Event.objects.get(type="case.scored").data["failure"] == "BadScore"


def test_a_model_that_is_not_registered_quarantines_the_case(
    loan: Pipeline, client_: ApiClient
) -> None:
    content = PipelineVersion.objects.get(pipeline=loan).content
    unknown = content | {"version": 2, "model": content["model"] | {"version": 99}}
    apply_pipeline(unknown, by=TESTER)
    loan.refresh_from_db()
    case = read_case(loan, client_)
    for _ in range(settings.STEP_ATTEMPTS):
        score_case(str(case.pk))
    assert found(case).status == Status.QUARANTINED
    assert found(case).step_error == "DoesNotExist"


def test_scoring_twice_predicts_once(loan: Pipeline, client_: ApiClient) -> None:
    case = read_case(loan, client_)
    score_case(str(case.pk))
    score_case(str(case.pk))
    assert Prediction.objects.count() == 1


def test_a_worker_that_lost_its_lease_predicts_nothing(loan: Pipeline, client_: ApiClient) -> None:
    from inference.scoring import score_case as work  # noqa: PLC0415  # the task has its name

    case = read_case(loan, client_)
    lost = lifecycle.take_step(case.pk, Status.READ)
    due_now(case)
    lifecycle.take_step(case.pk, Status.READ)
    with pytest.raises(lifecycle.IllegalMove):
        work(found(case), lost)
    assert not Prediction.objects.exists()


@pytest.mark.parametrize("confidence", [float("nan"), float("inf"), -0.01, 1.01])
def test_the_database_keeps_no_confidence_that_is_none(
    loan: Pipeline, client_: ApiClient, confidence: float
) -> None:
    case = read_case(loan, client_)
    prediction = predict(case, "approve", 0.9)
    values = {"model_version": prediction.model_version, "sealed_input": b"", "outcome": "approve"}
    with pytest.raises(IntegrityError, match="prediction_confidence_range"), transaction.atomic():
        Prediction.objects.create(
            case=case, confidence=confidence, probabilities={}, contributions=[], **values
        )


def test_scoring_takes_a_handful_of_statements(loan: Pipeline, client_: ApiClient) -> None:
    case = read_case(loan, client_)
    with CaptureQueriesContext(connection) as queries:
        score_case(str(case.pk))
    assert len(queries) <= 14


# ---------------------------------------------------------------- texts and expressions
MESSAGE = "Since this morning I have a crushing pain across my chest. I have no fever."


@pytest.fixture
def messages(db: None) -> Pipeline:
    return pipeline_of("patient-message")


def sent(text: str) -> dict[str, Any]:
    patient = {"name": "Rosalind Achterberg", "date_of_birth": "1961-05-04"}
    return {"patient": patient, "message": {"text": text, "language": "en"}}


def test_a_message_is_assessed_and_scored_with_the_words_that_count(
    messages: Pipeline, client_: ApiClient
) -> None:
    case = scored(read_case(messages, client_, data=sent(MESSAGE)))
    prediction, opened = Prediction.objects.get(), vault.of(case.pk)
    answer = score(scorer_of(prediction.model_version), {}, MESSAGE)
    assert prediction.outcome == answer.outcome == "emergency"
    snapshot = opened.open_json("prediction", prediction.sealed_input)
    words = {MESSAGE[each["start"] : each["end"]]: each["points"] for each in snapshot["evidence"]}
    assert words["chest"]["emergency"] > 0 > words["chest"]["self_care"]
    event = Event.objects.get(case_id=case.pk, type="case.scored")
    assessment = Assessment.objects.get(case=case)
    assert event.data["flags"] == assessment.flags != []
    content = opened.open_json("assessment", assessment.sealed_content)
    assert event.commitments["assessment"] == opened.commitment("assessment", content)
    assert "crushing" not in str(event.data) + str(Prediction.objects.values("contributions"))
    committed = opened.commitment("prediction", {"": MESSAGE})
    assert event.commitments["input"] == prediction.input_commitment == committed


@pytest.mark.parametrize("text", ["Od wczoraj bardzo boli mnie brzuch", "asdf ghjk qwer"])
def test_a_message_that_the_model_does_not_understand_is_left_to_a_person(
    messages: Pipeline, client_: ApiClient, text: str
) -> None:
    case = scored(read_case(messages, client_, data=sent(text)))
    assert case.status == Status.SCORED
    assert not Prediction.objects.exists()
    event = Event.objects.get(case_id=case.pk, type="case.scored")
    assert event.data["failure"] == "BadFeatures"


def test_an_input_is_at_a_pointer_or_what_an_expression_gives_or_missing() -> None:
    spec = ModelSpec(
        name="any",
        version=1,
        outcomes=("yes", "no"),
        features={
            "amount": "/loan/amount",
            "gap": "sums.claim.difference * 2.0",
            "old": "age.years >= 65.0 ? 'old' : 'young'",
            "absent": "/loan/none",
            "broken": "sums.none.difference",
        },
    )
    known = {"sums": {"claim": {"difference": 1.5}}, "age": {"years": 70.0}}
    asked = asked_with(spec, {"loan": {"amount": 4}}, known)
    assert asked.features == {
        "amount": 4, "gap": 3.0, "old": "old", "absent": None, "broken": None,
    }  # fmt: skip
    assert asked.text == ""
