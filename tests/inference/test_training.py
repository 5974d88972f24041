"""Training: the shipped model is what the data and the script make it, and its card is true."""

import csv
import json
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn import linear_model, metrics

from inference import calibration, runtimes
from inference.training import holdout
from inference.training.binning import SMALLEST_SHARE, learn_bins, weight_of_evidence
from inference.training.features import FEATURES, FeatureSpec
from inference.training.holdout import DATA, HeldOutRow, held_out_rows, training_rows
from inference.training.regression import (
    Floats,
    NotConverged,
    fit_logistic,
    fit_with_agreeing_signs,
)
from inference.training.train_german_credit import DIRECTORY, train

ROOT = Path(__file__).parents[2]
LOAN = tomllib.loads((ROOT / "cases/pipelines/loan/pipeline.toml").read_text())
SPECS = {spec.name: spec for spec in FEATURES}


# ------------------------------------------------------------ the shipped files
def test_training_again_gives_the_shipped_bytes(tmp_path: Path) -> None:
    train(tmp_path)
    for name in ("model.onnx", "model.json", "CARD.md"):
        assert (tmp_path / name).read_bytes() == (DIRECTORY / name).read_bytes(), name


def test_the_figures_on_the_card_are_those_of_another_library() -> None:
    card = runtimes.load(DIRECTORY)
    rows = held_out_rows()
    answers = [runtimes.score(card, row.features) for row in rows]
    good = [answer.probabilities["approve"] for answer in answers]
    truth = [row.outcome == "approve" for row in rows]
    figures = card.facts["evaluation"]
    assert figures["auc"] == pytest.approx(metrics.roc_auc_score(truth, good), abs=1e-4)
    assert figures["auc_95"][0] < figures["auc"] < figures["auc_95"][1]
    assert figures["brier"] == pytest.approx(metrics.brier_score_loss(truth, good), abs=1e-4)
    assert figures["brier"] < figures["brier_of_the_base_rate"]
    ended, said = [row.outcome for row in rows], [answer.outcome for answer in answers]
    counted = metrics.confusion_matrix(ended, said, labels=["approve", "decline"]).tolist()
    assert [list(counts.values()) for counts in figures["confusion"].values()] == counted
    at_85 = next(each for each in figures["coverage"] if each["threshold"] == 0.85)
    approved = [end for end, chance in zip(ended, good, strict=True) if chance >= 0.85]
    share_right = approved.count("approve") / len(approved)
    assert at_85["positive_decided"] == pytest.approx(len(approved) / len(rows), abs=1e-4)
    assert at_85["positive_right"] == pytest.approx(share_right, abs=1e-4)


def test_the_card_prints_the_figures_of_the_description() -> None:
    figures = json.loads((DIRECTORY / "model.json").read_text())["evaluation"]
    card = (DIRECTORY / "CARD.md").read_text()
    assert f"| {figures['auc']:.3f} (" in card
    assert f"| {100 * figures['accuracy']:.1f} % (" in card
    assert "$" not in card


# ------------------------------------------------------------ data and split
def schema_of(pointer: str) -> dict[str, Any]:
    """The loan pipeline's schema of what `pointer` points to."""
    place = LOAN["schema"]
    for step in pointer.strip("/").split("/"):
        place = place["properties"][step]
    return dict(place)


def test_features_and_their_words_are_those_of_the_loan_pipeline() -> None:
    asked = LOAN["model"]["features"]
    assert [spec.name for spec in FEATURES] == list(asked)
    for spec in FEATURES:
        allowed = schema_of(asked[spec.name]).get("enum")
        if spec.kind != "number":
            assert sorted(spec.values) == sorted(allowed or [])
    assert LOAN["model"]["outcomes"] == ["approve", "decline"]


def test_the_data_has_the_pipelines_words_and_nothing_about_the_person() -> None:
    with DATA.open() as lines:
        header = next(csv.reader(lines))
    assert header == [*SPECS, "outcome"]
    for row in [*training_rows(), *held_out_rows()]:
        for name, value in row.features.items():
            assert isinstance(value, int) or value in SPECS[name].values


def test_the_split_is_fixed_stratified_and_without_overlap() -> None:
    learnt, held_out = training_rows(), held_out_rows()
    assert sorted(row.number for row in learnt + held_out) == list(range(1, 1001))
    assert sum(row.outcome == "approve" for row in learnt) == 420
    assert sum(row.outcome == "approve" for row in held_out) == 280
    assert [row.number for row in held_out] == sorted(row.number for row in held_out)
    assert held_out == held_out_rows()


def test_a_changed_data_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "german_credit.csv"
    changed.write_bytes(DATA.read_bytes().replace(b"approve", b"decline", 1))
    monkeypatch.setattr(holdout, "DATA", changed)
    with pytest.raises(holdout.WrongData):
        training_rows()


# ------------------------------------------------------------ bins
@pytest.mark.parametrize("spec", FEATURES, ids=lambda spec: spec.name)
def test_bins_hold_each_value_once_and_enough_rows(spec: FeatureSpec) -> None:
    rows = training_rows()
    bins = learn_bins(spec, rows)
    for row in rows:
        assert sum(one.holds(row.features[spec.name]) for one in bins) == 1
    assert sum(one.rows for one in bins) == len(rows)
    assert min(one.rows for one in bins) >= SMALLEST_SHARE * len(rows)


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=80))
def test_evidence_goes_the_way_that_was_settled(loans: list[tuple[int, bool]]) -> None:
    rows = made(loans)
    rising = FeatureSpec("months", "Months", "number", edges=(10, 20, 30))
    for spec, sign in ((rising, 1), (replace(rising, chance="falling"), -1)):
        bins = learn_bins(spec, rows)
        shares = [sign * one.good / one.rows for one in bins]
        assert shares == sorted(shares)
        assert (bins[0].lower, bins[-1].upper) == (-np.inf, np.inf)


def test_evidence_is_none_where_a_bin_is_like_all_the_rows() -> None:
    spec = FeatureSpec("months", "Months", "number", edges=(10,))
    rows = made([(5, False), (5, False), (5, True), (15, True), (15, True), (15, False)])
    low, high = bins = learn_bins(spec, rows)
    assert weight_of_evidence(low, bins) == pytest.approx(np.log((1.5 / 4) / (2.5 / 4)))
    assert weight_of_evidence(high, bins) == pytest.approx(-weight_of_evidence(low, bins))
    (single,) = learn_bins(FeatureSpec("months", "Months", "number"), rows)
    assert weight_of_evidence(single, [single]) == 0


def made(loans: Sequence[tuple[int, bool]]) -> list[HeldOutRow]:
    return [
        HeldOutRow(number, {"months": months}, "approve" if good else "decline")
        for number, (months, good) in enumerate(loans, start=1)
    ]


# ------------------------------------------------------------ regression
def simulated() -> tuple[Floats, Floats]:
    draw = np.random.default_rng(7)
    inputs = draw.normal(size=(400, 4))
    chance = 1 / (1 + np.exp(-(0.5 + inputs @ [1.0, -0.5, 0.3, 0.0])))
    return inputs, (draw.random(400) < chance).astype(float)


@pytest.mark.parametrize("penalty", [0.5, 5.0])
def test_the_regression_agrees_with_scikit_learn(penalty: float) -> None:
    inputs, happened = simulated()
    theirs = linear_model.LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=1000).fit(
        inputs, happened
    )
    ours = fit_logistic(inputs, happened, penalty=penalty)
    assert ours == pytest.approx([*theirs.intercept_, *theirs.coef_[0]], abs=1e-5)


def test_evidence_is_never_turned_round() -> None:
    inputs, happened = simulated()
    weights = fit_with_agreeing_signs(inputs, happened, penalty=1.0)
    kept = [at for at in range(4) if weights[at + 1]]
    assert weights[1] > 0
    assert weights[2] == 0
    assert weights[1:].min() == 0
    again = fit_logistic(inputs[:, kept], happened, penalty=1.0)
    assert weights[[0, *(at + 1 for at in kept)]] == pytest.approx(again)


def test_outcomes_that_separate_completely_have_no_fit() -> None:
    inputs = np.array([[-1.0], [1.0]])
    with pytest.raises((NotConverged, np.linalg.LinAlgError)):
        fit_logistic(inputs, np.array([0.0, 1.0]))


# ------------------------------------------------------------ measures
ANSWERS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]), st.booleans()), min_size=2
)


@given(ANSWERS)
def test_the_area_agrees_with_scikit_learn_ties_included(answers: list[tuple[float, bool]]) -> None:
    stated, happened = zip(*answers, strict=True)
    assume(0 < sum(happened) < len(happened))
    area = calibration.area_under_curve(stated, happened)
    assert area == pytest.approx(metrics.roc_auc_score(happened, stated))


def test_an_area_needs_both_outcomes() -> None:
    with pytest.raises(ValueError, match="both"):
        calibration.area_under_curve([0.1, 0.2], [True, True])


@given(ANSWERS)
def test_bands_lose_no_answer_and_the_error_is_a_share(answers: list[tuple[float, bool]]) -> None:
    stated, happened = zip(*answers, strict=True)
    bands = calibration.reliability(stated, happened, (0.0, 0.5, 1.0))
    assert sum(band.count for band in bands) == len(answers)
    assert sum(band.count * band.happened for band in bands) == pytest.approx(sum(happened))
    assert 0 <= calibration.calibration_error(bands) <= 1


def test_the_error_is_the_mean_gap_weighted_by_count() -> None:
    stated, happened = [0.2, 0.2, 0.9, 1.0], [False, True, True, True]
    low, high = bands = calibration.reliability(stated, happened, (0.0, 0.5, 1.0))
    assert [low.count, low.stated, low.happened] == pytest.approx([2, 0.2, 0.5])
    assert [high.count, high.stated, high.happened] == pytest.approx([2, 0.95, 1.0])
    assert calibration.calibration_error(bands) == pytest.approx((2 * 0.3 + 2 * 0.05) / 4)
    assert calibration.brier_score(stated, happened) == pytest.approx((0.04 + 0.64 + 0.01) / 4)
