"""The scorecard of expense claims: what is shipped is what the simulation and the training make."""

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from inference.runtimes import load, score
from inference.runtimes.scorecards import scorecard
from inference.training.expenses.card import card_text
from inference.training.expenses.features import FEATURES
from inference.training.expenses.rows import DATA, rows_of, write
from inference.training.expenses.simulating import (
    HELD_OUT,
    LEARNT,
    LIMITS,
    SHIFTED,
    WEIGHTS,
    simulate,
    weighed,
)
from inference.training.expenses.train import DIRECTORY, OUTCOMES, fitted, threshold
from tests.expenses import expense_claims

CLAIMS = expense_claims()


def test_training_again_gives_the_shipped_graph_and_what_it_means() -> None:
    facts, graph = fitted()
    assert graph == (DIRECTORY / "model.onnx").read_bytes()
    shipped = json.loads((DIRECTORY / "model.json").read_text())
    assert {name: shipped[name] for name in facts} == json.loads(json.dumps(facts))


def test_the_claims_are_those_that_the_simulation_gives() -> None:
    written = io.StringIO()
    write(written, [(LEARNT, 8), (SHIFTED, 4)])
    first = list(csv.reader(io.StringIO(written.getvalue())))
    shipped = list(csv.reader(io.StringIO(DATA.read_text())))
    assert first[0] == shipped[0]
    assert [row for row in first[1:] if row not in shipped] == []


def test_the_model_has_the_features_that_the_pipeline_gives_it() -> None:
    model = CLAIMS.own_model
    assert [spec.name for spec in FEATURES] == list(model.features)
    assert model.outcomes == OUTCOMES
    assert set(LIMITS) == set(
        CLAIMS.schema["properties"]["items"]["items"]["properties"]["category"]["enum"]
    )


@pytest.mark.parametrize(
    ("world", "part"), [(HELD_OUT, "evaluation"), (SHIFTED, "evaluation_shifted")]
)
def test_the_figures_on_the_card_are_those_of_another_library(world: Any, part: str) -> None:
    facts, _ = fitted()
    card = scorecard(json.loads(json.dumps(facts)), (DIRECTORY / "model.onnx").read_bytes())
    rows = rows_of(world)
    good = np.array([score(card, row.features).probabilities["reimburse"] for row in rows])
    truth = np.array([row.outcome == "reimburse" for row in rows])
    figures = load(DIRECTORY).facts[part]
    assert figures["auc"] == pytest.approx(metrics.roc_auc_score(truth, good), abs=1e-4)
    assert figures["auc_95"][0] < figures["auc"] < figures["auc_95"][1]
    assert figures["brier"] == pytest.approx(metrics.brier_score_loss(truth, good), abs=1e-4)
    at = next(each for each in figures["coverage"] if each["threshold"] == threshold())
    assert at["positive_right"] == pytest.approx(truth[good >= threshold()].mean(), abs=1e-4)
    assert at["positive_right_95"][0] < at["positive_right"] < at["positive_right_95"][1]


def test_the_card_prints_the_figures_of_the_description() -> None:
    printed = card_text(load(DIRECTORY).facts, threshold())
    assert printed == (DIRECTORY / "CARD.md").read_text()


def test_employees_and_approvers_who_are_held_out_were_never_learnt_from() -> None:
    assert len({world.name for world in (LEARNT, HELD_OUT, SHIFTED)}) == 3
    assert simulate(1, LEARNT) == simulate(1, LEARNT)
    assert simulate(1, LEARNT).data != simulate(1, HELD_OUT).data


def test_every_fault_speaks_for_refusing_and_a_second_one_of_its_kind_for_less() -> None:
    none = dict.fromkeys(WEIGHTS, 0)
    assert weighed(none) == 0
    for name, weight in WEIGHTS.items():
        assert weighed({**none, name: 1}) == weight > 0
        assert weight < weighed({**none, name: 2}) < 2 * weight
