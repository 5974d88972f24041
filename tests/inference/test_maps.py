"""Maps of confidence: they undo what is known to be wrong, never fall, and equal other libraries'."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from inference.figures import Floats, Labels, bands, expected_calibration_error, right_or_wrong
from inference.maps import FEWEST, MANY, MOST_POINTS, fit, fitted, isotonic, platt


def too_sure(number: int, seed: int) -> tuple[Labels, Floats]:
    """A model that states thrice the odds' logarithm that it should; and the true probabilities."""
    draw = np.random.default_rng(seed)
    true = draw.uniform(0.5, 0.95, number)
    stated = expit(3 * logit(true))
    group = (draw.random(number) < 0.4).astype(np.int64)
    return right_or_wrong(stated, draw.random(number) < true, group), true


@pytest.mark.parametrize("number", [300, 4000])
def test_a_known_distortion_is_undone(number: int) -> None:
    learnt, _ = too_sure(number, 1)
    judged, true = too_sure(4000, 2)
    before, _ = expected_calibration_error(bands(judged))
    found = fitted(learnt, np.arange(number) % 3 == 0)
    assert found is not None and set(found.lines) == {0, 1}
    calibrated = found(judged.stated, judged.group)
    after, _ = expected_calibration_error(
        bands(right_or_wrong(calibrated, judged.right, judged.group))
    )
    assert before.lower > 0.1
    assert after.upper < 0.05 if number > 1000 else after.upper < before.lower
    assert np.abs(calibrated - true).mean() < (0.02 if number > 1000 else 0.06)


def test_a_distortion_of_another_form_asks_for_steps() -> None:
    draw = np.random.default_rng(3)
    stated = draw.uniform(0.5, 1, 6000)
    right = draw.random(6000) < np.where(stated > 0.75, 0.95, 0.55)
    found = fitted(
        right_or_wrong(stated, right, np.zeros(6000, np.int64)), np.arange(6000) % 3 == 0
    )
    assert found is not None and found.method == "isotonic"
    assert found(np.array([0.6, 0.9]), np.zeros(2, np.int64)) == pytest.approx(
        [0.55, 0.95], abs=0.03
    )


def test_with_few_labels_there_are_no_steps_and_with_fewer_no_map() -> None:
    labels, _ = too_sure(MANY, 4)
    fold = np.arange(len(labels)) % 3 == 0
    found = fitted(labels, fold)
    assert found is not None and found.method == "platt"
    few = labels.chosen(np.arange(len(labels)) < FEWEST // 2)
    assert fitted(few, fold[: len(few)]) is None
    mostly = labels.chosen((labels.group == 0) | (np.arange(len(labels)) < 9))
    found = fitted(mostly, np.arange(len(mostly)) % 3 == 0)
    assert found is not None and set(found.lines) == {0}
    assert found(np.array([0.9]), np.array([1])).tolist() == [0.9], "stated as it was"


def test_the_steps_are_those_of_another_library() -> None:
    draw = np.random.default_rng(5)
    stated = draw.random(500).round(2)
    right = draw.random(500) < 0.2 + 0.6 * stated
    weight = draw.uniform(1, 4, 500)
    other = IsotonicRegression(out_of_bounds="clip").fit(stated, right, sample_weight=weight)
    asked = np.linspace(0.1, 0.9, 60)
    assert isotonic(stated, right, weight)(asked) == pytest.approx(other.predict(asked), abs=1e-9)


def test_the_curve_is_a_logistic_regression_on_platts_targets() -> None:
    draw = np.random.default_rng(6)
    stated = draw.uniform(0.05, 0.95, 400)
    right = draw.random(400) < expit(0.5 * logit(stated) - 0.3)
    yes, no = right.sum(), (~right).sum()
    target = np.where(right, (yes + 1) / (yes + 2), 1 / (no + 2))
    twice = np.concatenate([logit(stated)] * 2)[:, None]
    other = LogisticRegression(C=1e9, tol=1e-10).fit(
        twice, np.repeat([1, 0], 400), sample_weight=np.concatenate([target, 1 - target])
    )
    asked = np.linspace(0.05, 0.95, 40)
    expected = other.predict_proba(logit(asked)[:, None])[:, 1]
    assert platt(stated, right, np.ones(400))(asked) == pytest.approx(expected, abs=2e-3)


def test_nobody_is_certain_after_a_handful() -> None:
    stated, right = np.linspace(0.5, 0.9, 8), np.ones(8, bool)
    for make in (isotonic, platt):
        surest = make(stated, right, np.ones(8))(np.array([0.99]))[0]
        assert surest == pytest.approx(0.9), "Laplace's rule, and Platt's target: (8 + 1) / (8 + 2)"


@settings(max_examples=60, deadline=None)
@given(
    method=st.sampled_from(["isotonic", "platt"]),
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(1, 600),
    turned=st.booleans(),
)
def test_no_map_ever_falls(method: str, seed: int, number: int, turned: bool) -> None:
    draw = np.random.default_rng(seed)
    stated = draw.random(number).round(int(draw.integers(1, 6)))
    right = draw.random(number) < (1 - stated if turned else stated)
    labels = right_or_wrong(stated, right, np.zeros(number, np.int64))
    line = fit(method, labels).lines[0]
    assert len(line.x) == len(line.y) <= MOST_POINTS
    assert (np.diff(line.x) >= 0).all() and (np.diff(line.y) >= -1e-12).all()
    assert (line.y > 0).all() and (line.y < 1).all()
