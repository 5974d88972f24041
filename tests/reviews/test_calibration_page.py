"""The lab's page of calibration: what the gate asks for, what was stated against what was right, and maps."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import ApiClient, User
from accounts.roles import Role
from cases.models import Pipeline
from inference.models import Calibration, ModelVersion
from reviews.gate import Gate, LiveFigures, Samples
from reviews.gatechecks import measure_gates
from reviews.models import GateCheck, Proposal
from reviews.presenting.lab.calibration import field_words, requirements, still_needed
from tests.casefiles import TESTER
from tests.labelled import labelled_loans, too_sure

PAGE = "/lab/loan/calibration/"


@pytest.fixture
def admin(db: None, client: Client, make_person: Callable[..., User]) -> User:
    person = make_person(Role.PIPELINE_ADMIN)
    client.force_login(person)
    return person


def text_of(client: Client, address: str = PAGE) -> str:
    page = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_calibration_is_fitted_looked_at_and_named_in_a_draft(
    client: Client, admin: User, loan: Pipeline, bank: ApiClient
) -> None:
    labelled_loans(loan, bank, 400, too_sure)
    measure_gates(by=TESTER)
    before = text_of(client)
    assert "The gate is closed" in before and "Not met: Calibration error at most 0.05" in before
    assert "Predicted: Approve" in before and "Predicted: Decline" in before
    answer = client.post(PAGE + "fit/", {"kind": "confidence"})
    assert answer.status_code == 302 and answer["Location"] == PAGE + "?calibration=1"
    after = text_of(client, answer["Location"])
    assert "Calibration 1, judged on the half that it was not fitted on" in after
    assert "as stated: 0." in after
    drafted = client.post(PAGE + "1/draft/")
    proposal = Proposal.objects.get(pipeline=loan)
    assert drafted["Location"] == f"/lab/loan/proposals/{proposal.pk}/"
    assert proposal.content["calibration"] == 1
    measure_gates(by=TESTER)
    assert GateCheck.objects.filter(calibration__number=1).exists(), "measured before it is signed"


def test_what_can_t_be_fitted_is_said(client: Client, admin: User, loan: Pipeline) -> None:
    answer = client.post(PAGE + "fit/", {"kind": "fields"})
    assert answer.status_code == 422 and "too few labels" in answer.content.decode()
    assert client.post(PAGE + "fit/", {"kind": "moods"}).status_code == 404
    assert client.post(PAGE + "7/draft/").status_code == 404
    for odd in ("?calibration=7", "?calibration=²", "?calibration=" + "9" * 30):
        assert client.get(PAGE + odd).status_code == 200
    assert not Calibration.objects.exists()


def test_an_auditor_reads_and_a_reviewer_finds_nothing(
    client: Client, make_person: Callable[..., User], loan: Pipeline
) -> None:
    client.force_login(make_person(Role.AUDITOR))
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE + "fit/", {"kind": "confidence"}).status_code == 404
    assert "Fit the model" not in text_of(client)
    client.force_login(make_person(Role.REVIEWER))
    assert client.get(PAGE).status_code == 404


def test_what_the_gate_asks_for_is_told_one_by_one() -> None:
    gate, samples = Gate(), Samples()
    fresh = list(requirements(LiveFigures(0), gate, samples))
    assert [each.met for each in fresh] == [False, False, False, True]
    assert (
        fresh[0].words == "The labels given unseen that the target needs: 149"
        and fresh[0].found == "0"
    )
    assert still_needed(LiveFigures(0), gate, samples, {}).startswith("About 149 labels more")
    good = {"ece": {"estimate": 0.05, "lower": 0.0, "upper": 0.1, "chance": 0.05}}
    assert "About 900 labels" in still_needed(LiveFigures(300, 0.1), gate, samples, good)
    bad = {"ece": {"estimate": 0.12, "lower": 0.06, "upper": 0.2, "chance": 0.05}}
    assert "will not open it" in still_needed(LiveFigures(300, 0.2), gate, samples, bad)
    assert field_words("money:poor") == "Amounts, poor pages"


def test_a_closed_gate_is_said_at_home_and_on_the_board(
    client: Client, make_person: Callable[..., User], loan: Pipeline
) -> None:
    scores = ModelVersion.objects.get(model__name="german-credit-scorecard", number=1)
    both = make_person(Role.PIPELINE_ADMIN, Role.SENIOR_REVIEWER)
    client.force_login(both)
    assert "every case goes to people" not in text_of(client, "/")
    GateCheck.objects.create(pipeline=loan, model_version=scores, days=90, labels=3)
    said = "Small-business loan: every case goes to people."
    assert said in text_of(client, "/") and "What the gate asks for" in text_of(client, "/")
    assert said in text_of(client, "/board/now/")
    client.force_login(make_person(Role.REVIEWER))
    assert said not in text_of(client, "/"), "a reviewer is told nothing of gates"
    client.force_login(make_person(Role.SENIOR_REVIEWER))
    assert said in text_of(client, "/board/now/")
    told = text_of(client, "/board/now/")
    assert "What the gate asks for" not in told and "labels" not in told, "the lab is not theirs"
