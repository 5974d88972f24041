"""Scoring: sound answers in words, and none at all from a model that cannot be trusted."""

import hashlib
import json
import math
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import ModelProto

from inference import runtimes
from inference.runtimes import BadFeatures, BadScore, Contribution, Score, Scorecard, scorecards
from inference.runtimes.answers import read_facts
from inference.training.features import FEATURES
from inference.training.graph import build_graph

DIRECTORY = Path(runtimes.__file__).parents[1] / "models/german-credit-scorecard/1"
CARD = scorecards.from_files(read_facts(DIRECTORY), DIRECTORY)
WEAK = {
    "checking_account": "below_0",
    "duration_months": 60,
    "credit_history": "delayed",
    "purpose": "business",
    "amount": 15000,
    "savings": "unknown",
    "employed_since": "unemployed",
    "instalment_percent": 4,
    "guarantors": "none",
    "property": "unknown",
    "other_plans": "bank",
    "housing": "free",
    "existing_credits": 1,
    "job": "unskilled",
}


def values_of(feature: scorecards.Feature) -> st.SearchStrategy[Any]:
    if feature.number:
        numbers = st.integers(-5, 200_000) | st.floats(-1e9, 1e9)
        return st.none() | numbers
    return st.none() | st.sampled_from([*feature.words, "surprise"])


ANYTHING = st.fixed_dictionaries(
    {}, optional={each.name: values_of(each) for each in CARD.features}
)


def contribution(answer: Score, feature: str) -> Contribution:
    return next(each for each in answer.contributions if each.feature == feature)


def points_of(feature: str, value: object) -> float:
    return contribution(runtimes.score(CARD, {feature: value}), feature).points


def described(graph: ModelProto | bytes, **changes: Any) -> Scorecard:
    """The shipped description, put on another graph as if it had been trained like that."""
    content = graph if isinstance(graph, bytes) else graph.SerializeToString()
    digest = hashlib.sha256(content).hexdigest()
    return scorecards.scorecard({**CARD.facts, "graph": {"sha256": digest}, **changes}, content)


# ------------------------------------------------------------ sound answers
@given(ANYTHING)
def test_probabilities_add_up_and_the_likelier_outcome_is_the_answer(given: dict[str, Any]) -> None:
    answer = runtimes.score(CARD, given)
    assert set(answer.probabilities) == {"approve", "decline"}
    assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-6)
    assert answer.confidence == max(answer.probabilities.values())
    assert answer.probabilities[answer.outcome] == answer.confidence


@given(ANYTHING)
def test_contributions_and_intercept_are_the_log_odds(given: dict[str, Any]) -> None:
    answer = runtimes.score(CARD, given)
    total = CARD.intercept + sum(each.points for each in answer.contributions)
    chance = answer.probabilities["approve"]
    assert math.log(chance / (1 - chance)) == pytest.approx(total, abs=1e-4)


@given(ANYTHING)
def test_the_graph_gives_the_points_that_the_description_prints(given: dict[str, Any]) -> None:
    answer = runtimes.score(CARD, given)
    for facts in CARD.facts["features"]:
        value = given.get(facts["name"])
        printed = 0.0
        for each in facts["bins"]:
            if facts["kind"] == "category":
                held = value in each["values"]
            else:
                below = math.inf if each["below"] is None else each["below"]
                lower = -math.inf if each["from"] is None else each["from"]
                # The graph compares in 32 bits.
                held = value is not None and lower <= float(np.float32(value)) < below
            printed = each["points"] if held else printed
        assert contribution(answer, facts["name"]).points == pytest.approx(printed, abs=1e-6)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_money_for_longer_never_counts_for_the_applicant(one: float, other: float) -> None:
    for feature in ("amount", "duration_months"):
        assert points_of(feature, max(one, other)) <= points_of(feature, min(one, other))


@pytest.mark.parametrize("spec", [each for each in FEATURES if each.kind == "ordered"])
def test_a_better_category_never_counts_less(spec: Any) -> None:
    points = [points_of(spec.name, value) for value in spec.values]
    assert points == sorted(points)


def test_the_amount_and_the_duration_do_count() -> None:
    assert points_of("duration_months", 6) > 0 > points_of("duration_months", 60)
    assert points_of("amount", 500) > 0 > points_of("amount", 15_000)


def test_job_groups_that_differ_by_residence_score_alike() -> None:
    assert points_of("job", "unskilled_non_resident") == points_of("job", "unskilled")


# ------------------------------------------------------------ in words
@pytest.mark.parametrize(
    ("feature", "value", "words"),
    [
        ("checking_account", "below_0", "Checking account below 0: counts against"),
        ("checking_account", "200_or_more", "Checking account 200 or more: counts for"),
        ("duration_months", 60, "Duration 60 months: counts against"),
        ("amount", 12500.5, "Amount 12,500.5: counts against"),
        ("instalment_percent", 4, "Instalment below 20 % of income: counts neither way"),
        ("amount", None, "Amount not given: counts neither way"),
        ("savings", "gold", "Savings not known to the model: counts neither way"),
        ("purpose", "education", "Purpose education, never seen in training: counts neither way"),
    ],
)
def test_a_contribution_says_in_words_what_counts_and_which_way(
    feature: str, value: object, words: str
) -> None:
    given = contribution(runtimes.score(CARD, {feature: value}), feature)
    assert (given.words, given.value) == (words, value)


@pytest.mark.parametrize(
    ("feature", "value"),
    [("savings", None), ("savings", "gold"), ("purpose", "education"), ("amount", None)],
)
def test_what_is_missing_or_unknown_is_flagged_and_counts_nothing(
    feature: str, value: object
) -> None:
    given = contribution(runtimes.score(CARD, WEAK | {feature: value}), feature)
    assert given.missing
    assert given.points == 0


def test_a_case_of_which_nothing_is_known_gets_the_base_rate() -> None:
    answer = runtimes.score(CARD, {})
    chance = answer.probabilities["approve"]
    assert math.log(chance / (1 - chance)) == pytest.approx(CARD.intercept, abs=1e-5)
    assert all(each.missing for each in answer.contributions)


def test_a_number_beyond_training_is_flagged_and_takes_the_nearest_points() -> None:
    seen, beyond = (
        contribution(runtimes.score(CARD, {"amount": amount}), "amount")
        for amount in (18_424, 900_000)
    )
    assert beyond.points == seen.points
    assert (seen.outside_range, beyond.outside_range, beyond.missing) == (False, True, False)
    assert beyond.fact == "Amount 900,000 (outside of the range in training)"


# ------------------------------------------------------------ refused input
@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("age", 40),
        ("amount", "4711"),
        ("amount", True),
        ("amount", math.nan),
        ("amount", -math.inf),
        ("amount", 10**400),
        ("purpose", 4711),
        ("purpose", ["business"]),
    ],
)
def test_input_outside_of_the_schema_is_refused_without_repeating_it(
    feature: str, value: object
) -> None:
    with pytest.raises(BadFeatures, match=feature) as refusal:
        runtimes.score(CARD, WEAK | {feature: value})
    assert "4711" not in str(refusal.value)


# ------------------------------------------------------------ bad models
def graph(intercept: float = CARD.intercept, features: int = len(CARD.features)) -> ModelProto:
    return build_graph(intercept, [[(0.0, 1.0, 0.5)]] * features)


def answering(*chances: str) -> ModelProto:
    """A graph whose probabilities are these of its values, whatever they should be."""
    model = graph()
    names = model.graph.node[-1].input
    del names[:]
    names.extend(chances)
    return model


def answering_the_sum_alone() -> ModelProto:
    """A graph that gives all the points as one."""
    model = graph()
    each, total, log_odds = model.graph.node[5:8]
    each.output[0] = total.input[0] = "each"
    total.output[0] = log_odds.input[0] = "points"
    return model


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(lambda: described(b"not a graph"), id="unreadable"),
        pytest.param(lambda: described(graph(intercept=math.nan)), id="not-a-number"),
        pytest.param(lambda: described(graph(intercept=math.inf)), id="infinite"),
        pytest.param(lambda: described(graph(features=13)), id="another-number-of-features"),
        pytest.param(lambda: described(CARD.graph, intercept=0.5), id="another-intercept"),
        pytest.param(lambda: described(answering("bad_end", "good_end")), id="outcomes-swapped"),
        pytest.param(lambda: described(answering("good_end", "good_end")), id="no-probabilities"),
        pytest.param(lambda: described(answering("good_end")), id="too-few-outcomes"),
        pytest.param(lambda: described(answering_the_sum_alone()), id="too-few-points"),
    ],
)
def test_an_answer_that_cannot_be_trusted_is_no_answer(model: Callable[[], Scorecard]) -> None:
    with pytest.raises(BadScore):
        runtimes.score(model(), WEAK)


def copied(directory: Path) -> Path:
    for name in ("model.json", "model.onnx"):
        (directory / name).write_bytes((DIRECTORY / name).read_bytes())
    return directory


def test_a_graph_that_was_changed_is_not_loaded(tmp_path: Path) -> None:
    graph = copied(tmp_path) / "model.onnx"
    assert runtimes.load(tmp_path) == CARD
    graph.write_bytes(graph.read_bytes() + b"\0")
    with pytest.raises(BadScore, match="not the file"):
        runtimes.load(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", "{}", json.dumps({"graph": {"file": "absent"}})])
def test_a_description_that_cannot_be_used_is_not_loaded(tmp_path: Path, content: str) -> None:
    (copied(tmp_path) / "model.json").write_text(content)
    with pytest.raises(BadScore):
        runtimes.load(tmp_path)


def test_a_model_that_is_not_there_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(BadScore):
        runtimes.load(tmp_path / "absent")


def test_a_forked_worker_scores_as_its_parent_did() -> None:
    answer = runtimes.score(CARD, WEAK)
    with multiprocessing.get_context("fork").Pool(1) as workers:
        assert workers.apply_async(runtimes.score, (CARD, WEAK)).get(timeout=60) == answer
