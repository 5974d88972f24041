"""What would the model say now? Asked again with the corrections, beside the prediction that stays."""

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from onnx import ModelProto, TensorProto, helper

from accounts.models import ApiClient, User
from audit.models import Event
from cases.catalogue import apply_pipeline
from cases.models import Case, Pipeline
from inference import runtimes
from inference.models import Model, ModelVersion, Prediction
from inference.runtimes import scorecards
from inference.runtimes.answers import read_facts
from inference.scoring import features_of
from inference.training.graph import build_graph
from reviews.models import Claim, QueueEntry, Route
from reviews.presenting.masks import MASK
from tests.casefiles import APPROVE, TESTER, expire, held, reviewed_case, waiting_case
from tests.loans import DATA, Loan, Read, loan_in_review

SHIPPED = settings.MODEL_DIR / "german-credit-scorecard" / "1"
SHIPPED_CARD = scorecards.from_files(read_facts(SHIPPED), SHIPPED)


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    """A loan of 8,450 for 24 months, scored by the shipped model; its form says 19,450."""
    return loan_in_review(bank, Loan(read={"amount": Read("19450.00", 0.95, "differs")}))


@pytest.fixture
def mine(client: Client, reviewer: User, case: Case) -> Claim:
    """The reviewer's claim on that loan; they are signed in."""
    client.force_login(reviewer)
    return held(case, reviewer)


def post(client: Client, claim: Claim, act: str, /, **sent: object) -> Any:
    version = Case.objects.get(pk=claim.case_id).version
    form = {"fence": claim.pk, "version": version, **sent}
    return client.post(f"/cases/{claim.case_id}/{act}/", form, headers={"HX-Request": "true"})


def correct(client: Client, claim: Claim, name: str, value: str) -> None:
    assert post(client, claim, f"fields/{name}", act="settle", value=value).status_code == 200


def rescored(case_id: UUID) -> list[Event]:
    return list(Event.objects.filter(type="case.rescored", case_id=case_id).order_by("id"))


def test_the_same_model_is_asked_with_the_corrections_in_place(client: Client, mine: Claim) -> None:
    first = Prediction.objects.get(case=mine.case_id)
    correct(client, mine, "amount", "2,000")
    answer = post(client, mine, "rescore")
    assert answer.status_code == 200
    (event,) = rescored(mine.case_id)
    features = features_of(mine.case.definition.own_model, DATA, {})
    expected = runtimes.score(runtimes.load(SHIPPED), {**features, "amount": 2000.0})
    assert event.data["confidence"] == round(expected.confidence, 6)
    assert event.data["model_version"] == first.model_version_id
    assert event.data["fields"] == ["amount"]
    page = answer.content.decode()
    assert "With the corrections" in page
    assert "Amount" in page


def test_the_first_prediction_stays_and_no_value_leaves_the_vault(
    client: Client, mine: Claim
) -> None:
    before = list(Prediction.objects.values_list("pk", "confidence", "contributions"))
    correct(client, mine, "amount", "2,345.67")
    post(client, mine, "rescore")
    assert list(Prediction.objects.values_list("pk", "confidence", "contributions")) == before
    (event,) = rescored(mine.case_id)
    assert "2345" not in json.dumps(event.data)


def test_a_reading_confirmed_against_the_application_is_put_in_place(
    client: Client, mine: Claim
) -> None:
    correct(client, mine, "amount", "19,450.00")
    post(client, mine, "rescore")
    (event,) = rescored(mine.case_id)
    assert event.data["fields"] == ["amount"]


def test_what_the_model_does_not_look_at_changes_nothing_and_it_says_so(
    client: Client, mine: Claim
) -> None:
    correct(client, mine, "net_income", "9,999.00")
    page = post(client, mine, "rescore").content.decode()
    assert "does not look at what was corrected" in page


def test_without_a_correction_there_is_nothing_to_ask(client: Client, mine: Claim) -> None:
    answer = post(client, mine, "rescore")
    assert answer.status_code == 422
    assert "Correct a field first" in answer.content.decode()
    assert rescored(mine.case_id) == []


def test_corrections_made_since_make_the_answer_stale(client: Client, mine: Claim) -> None:
    correct(client, mine, "amount", "2,000")
    assert "ask again" not in post(client, mine, "rescore").content.decode()
    correct(client, mine, "amount", "3,000")
    assert "ask again" in client.get(f"/cases/{mine.case_id}/").content.decode()


def test_an_answer_is_not_stale_to_who_judges_under_a_mask(
    client: Client, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    assert loan.current is not None
    masking = {
        "roles": ["reviewer"],
        "purposes": ["Suspected fraud"],
        "data": ["/loan/duration_months"],
    }
    number = loan.current.number + 1
    content = {**loan.current.content, "version": number, "masking": masking}
    apply_pipeline(content, by=TESTER)
    client.force_login(reviewer)
    claim = held(loan_in_review(bank), reviewer)
    correct(client, claim, "amount", "2,000")
    post(client, claim, "rescore")
    page = client.get(f"/cases/{claim.case_id}/").content.decode()
    assert MASK in page
    assert "With the corrections" in page
    assert "ask again" not in page


def test_without_scripts_the_page_comes_again_with_the_answer(client: Client, mine: Claim) -> None:
    correct(client, mine, "amount", "2,000")
    form = {"fence": mine.pk, "version": Case.objects.get(pk=mine.case_id).version}
    page = client.post(f"/cases/{mine.case_id}/rescore/", form, follow=True)
    assert "The first prediction stays" in page.content.decode()


def test_who_no_longer_holds_the_case_asks_in_vain(client: Client, mine: Claim) -> None:
    correct(client, mine, "amount", "2,000")
    expire(mine)
    answer = post(client, mine, "rescore")
    assert answer.status_code == 409
    assert "claim-lost" in answer.headers["HX-Trigger"]
    assert rescored(mine.case_id) == []


def test_the_record_keeps_what_the_corrected_values_would_have_said(
    client: Client, mine: Claim
) -> None:
    correct(client, mine, "amount", "2,000")
    post(client, mine, "rescore")
    post(client, mine, "give-back")
    page = client.get(f"/cases/{mine.case_id}/").content.decode()
    assert "The first prediction stays" in page
    assert f"/cases/{mine.case_id}/rescore/" not in page


def test_an_independent_judge_has_not_even_the_button(
    client: Client, loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    second = reviewed_case(
        loan, bank, reviewer, verdict=APPROVE, predicted="approve", second_review="loan-second"
    )
    client.force_login(senior)
    claim = held(second, senior)
    correct(client, claim, "amount", "2,000")
    assert "/rescore/" not in client.get(f"/cases/{second.pk}/").content.decode()
    assert post(client, claim, "rescore").status_code == 403
    assert rescored(second.pk) == []


# ---------------------------------------------------------------- models that fail


def cells() -> list[list[tuple[float, float, float]]]:
    return [[(-math.inf, math.inf, 0.1)] for _ in SHIPPED_CARD.features]


def no_number() -> ModelProto:
    return build_graph(math.nan, cells())


def hanging() -> ModelProto:
    """A graph whose input first goes round a loop for longer than anybody waits."""
    model = build_graph(0.79, cells())
    wide = [1, len(cells())]
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Neg", ["x"], ["y"])],
        "round",
        [
            helper.make_tensor_value_info("n", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, wide),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, wide),
        ],
    )
    times = helper.make_tensor("times", TensorProto.INT64, [], [2**62])
    model.graph.initializer.append(times)
    model.graph.initializer.append(helper.make_tensor("yes", TensorProto.BOOL, [], [True]))
    model.graph.node[0].input[0] = "looped"
    loop = helper.make_node("Loop", ["times", "yes", "features"], ["looped"], body=body)
    model.graph.node.insert(0, loop)
    return model


@pytest.fixture
def scored_by(
    settings: Any, tmp_path: Path, loan: Pipeline, bank: ApiClient
) -> Callable[[bytes], Case]:
    """Makes a waiting case whose prediction is another model version's: that of a given graph."""
    settings.MODEL_DIR = tmp_path

    def made(graph: bytes) -> Case:
        facts = json.loads((SHIPPED / "model.json").read_text()) | {
            "name": "broken",
            "graph": {"file": "model.onnx", "sha256": hashlib.sha256(graph).hexdigest()},
        }
        place = tmp_path / "broken" / "1"
        place.mkdir(parents=True)
        (place / "model.json").write_text(json.dumps(facts))
        (place / "model.onnx").write_bytes(graph)
        version = ModelVersion.objects.create(
            model=Model.objects.create(name="broken"),
            number=1,
            sha256=facts["graph"]["sha256"],
            facts=facts,
        )
        case = waiting_case(loan, bank)
        prediction = case.predictions.get()
        prediction.pk, prediction.model_version = None, version
        prediction.save()
        route = Route.objects.get(case=case)
        route.pk, route.prediction = None, prediction
        route.save()
        QueueEntry.objects.filter(case=case).update(route=route)
        return case

    return made


@pytest.mark.parametrize("graph", [no_number, hanging, None], ids=["nan", "hangs", "no model"])
def test_a_model_that_fails_changes_nothing_and_the_page_says_so(
    client: Client,
    reviewer: User,
    scored_by: Callable[[bytes], Case],
    graph: Callable[[], ModelProto] | None,
) -> None:
    case = scored_by(graph().SerializeToString() if graph else b"no graph at all")
    client.force_login(reviewer)
    claim = held(case, reviewer)
    correct(client, claim, "amount", "2,000")
    answer = post(client, claim, "rescore")
    assert answer.status_code == 422
    assert "no usable answer" in answer.content.decode()
    assert rescored(case.pk) == []
    assert Claim.objects.get(pk=claim.pk).ended_at is None
