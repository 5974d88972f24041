"""Figures of confidences: those of other libraries, and intervals that hold what they promise."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from inference.figures import (
    FEWEST,
    Estimate,
    Floats,
    Labels,
    area_under_curve,
    bands,
    brier,
    expected_calibration_error,
    figures,
    places,
    rate_interval,
    right_or_wrong,
)

RUNS = 1000
Truth = Callable[[Floats], Floats]


def drawn(draw: np.random.Generator, number: int, truth: Truth, *, weighted: bool) -> Labels:
    """Answers of one outcome that are right as often as `truth` says of the stated confidence.

    With weights, as many surer ones are drawn by their share: one in five.
    """
    stated = 0.5 + 0.5 * draw.beta(5, 2, number * (2 if weighted else 1))
    share = np.where(weighted & (stated > 0.85), 0.2, 1.0)
    kept = draw.random(len(stated)) < share
    stated, weight = stated[kept], 1 / share[kept]
    right = draw.random(len(stated)) < truth(stated)
    told = right_or_wrong(stated, right, np.zeros(len(stated), np.int64))
    return Labels(stated, right, weight, told.group, told.probabilities, told.outcome)


def as_stated(stated: Floats) -> Floats:
    return stated


def too_sure(stated: Floats) -> Floats:
    return stated - 0.1


def true_error(labels: Labels, truth: Truth) -> float:
    """The calibration error of the same bands, had each answer labels without end."""
    right = truth(labels.stated)
    gaps = labels.weight * (right - labels.stated)
    each = [abs(gaps[inside].sum()) for inside in places(labels.stated, labels.group)]
    return float(sum(each) / labels.weight.sum())


def of_the_whole(truth: Truth) -> tuple[float, float]:
    """The true Brier score and area under the curve."""
    stated = np.sort(0.5 + 0.5 * np.random.default_rng(0).beta(5, 2, 200_000))
    right = truth(stated)
    square = float(np.mean((stated - right) ** 2 + right * (1 - right)))
    below = np.cumsum(1 - right) - (1 - right) / 2
    return square, float((right * below).sum() / (right.sum() * (1 - right).sum()))


@pytest.mark.parametrize(("truth", "weighted"), [(as_stated, False), (too_sure, True)])
def test_intervals_hold_the_truth_as_often_as_they_promise(truth: Truth, weighted: bool) -> None:
    draw = np.random.default_rng(7)
    square, area = of_the_whole(truth)
    above = below = missed_square = missed_area = 0
    for _ in range(RUNS):
        labels = drawn(draw, 200, truth, weighted=weighted)
        error, _ = expected_calibration_error(bands(labels))
        true = true_error(labels, truth)
        above += error.upper < true
        below += error.lower > true + 1e-12
        missed_square += outside(brier(labels), square)
        missed_area += outside(area_under_curve(labels), area)
    assert above <= 0.04 * RUNS, "the gate goes by this end: 2.5 % are promised"
    assert below <= 0.04 * RUNS
    assert missed_square <= 0.07 * RUNS
    assert missed_area <= 0.07 * RUNS


def outside(found: Estimate | None, true: float) -> bool:
    assert found is not None
    return not found.lower <= true <= found.upper


def test_the_plain_calibration_error_is_too_high_by_what_chance_makes() -> None:
    draw = np.random.default_rng(3)
    found = [
        expected_calibration_error(bands(drawn(draw, 400, as_stated, weighted=False)))
        for _ in range(300)
    ]
    plain = np.mean([error.estimate for error, _ in found])
    chance = np.mean([chance for _, chance in found])
    assert plain > 0.03, "of a model of which each word is true"
    assert plain == pytest.approx(chance, rel=0.1)
    assert np.mean([error.upper for error, _ in found]) < 2 * plain


def test_figures_are_those_of_another_library() -> None:
    draw = np.random.default_rng(5)
    labels = drawn(draw, 500, too_sure, weighted=True)
    assert len(np.unique(labels.weight)) == 2
    assert brier(labels).estimate == pytest.approx(
        metrics.brier_score_loss(labels.right, labels.stated, sample_weight=labels.weight)
    )
    area = area_under_curve(labels)
    assert area is not None
    assert area.estimate == pytest.approx(
        metrics.roc_auc_score(labels.right, labels.stated, sample_weight=labels.weight)
    )
    plain = right_or_wrong(labels.stated, labels.right, labels.group)
    right, stated = calibration_curve(plain.right, plain.stated, n_bins=10, strategy="quantile")
    assert [band.right for band in bands(plain)] == pytest.approx(right.tolist())
    assert [band.stated for band in bands(plain)] == pytest.approx(stated.tolist())


def test_several_outcomes_are_told_apart_as_another_library_reckons_it() -> None:
    draw = np.random.default_rng(6)
    likely = draw.dirichlet((2, 1, 1), 400)
    outcome = np.array([draw.choice(3, p=each) for each in likely])
    said = likely.argmax(1)
    labels = Labels(likely.max(1), said == outcome, draw.uniform(1, 5, 400), said, likely, outcome)
    found = area_under_curve(labels)
    assert found is not None
    assert found.estimate == pytest.approx(
        metrics.roc_auc_score(
            outcome, likely, multi_class="ovr", average="weighted", sample_weight=labels.weight
        )
    )
    assert found.lower < found.estimate < found.upper


def test_the_spread_of_the_area_is_delongs() -> None:
    draw = np.random.default_rng(8)
    stated, right = draw.random(60).round(1), draw.random(60) < 0.6
    labels = right_or_wrong(stated, right, np.zeros(60, np.int64))
    apart = stated[right][:, None] - stated[~right][None, :]
    wins = (apart > 0) + 0.5 * (apart == 0)
    error = np.sqrt(
        wins.mean(1).var(ddof=1) / right.sum() + wins.mean(0).var(ddof=1) / (~right).sum()
    )
    found = area_under_curve(labels)
    assert found is not None and found.estimate == pytest.approx(wins.mean())
    turned = np.log([end / (1 - end) for end in (found.lower, found.upper)])
    scale = found.estimate * (1 - found.estimate)
    assert turned[1] - turned[0] == pytest.approx(2 * 2.07 * error / scale, rel=0.03)


def test_a_rate_has_the_exact_interval_of_scipy() -> None:
    for met, number in ((0, 20), (7, 20), (20, 20)):
        exact = binomtest(met, number).proportion_ci(0.95, "exact")
        assert rate_interval(met / number, number) == pytest.approx((exact.low, exact.high))


def test_bands_are_of_one_outcome_each_and_no_equal_confidences_are_parted() -> None:
    draw = np.random.default_rng(9)
    stated = draw.choice([0.6, 0.7, 0.8, 0.9, 0.95], 400)
    group = (draw.random(400) < 0.2).astype(np.int64)
    found = bands(right_or_wrong(stated, draw.random(400) < stated, group))
    assert {band.group for band in found} == {0, 1}
    assert sum(band.share for band in found) == pytest.approx(1)
    assert all(band.count >= FEWEST for band in found)
    own = [band for band in found if band.group == 0]
    assert all(left.upper < right.lower for left, right in pairwise(own))


def test_where_there_is_nothing_to_tell_nothing_is_told() -> None:
    nothing = right_or_wrong(np.zeros(0), np.zeros(0, bool), np.zeros(0, np.int64))
    assert figures(nothing) == {"labels": 0}
    all_right = right_or_wrong(np.full(30, 0.9), np.ones(30, bool), np.zeros(30, np.int64))
    assert "auroc" not in figures(all_right)
    assert figures(all_right)["ece"]["upper"] > 0.1
    parted = right_or_wrong(np.linspace(0, 1, 40), np.arange(40) >= 20, np.zeros(40, np.int64))
    perfect = area_under_curve(parted)
    assert perfect is not None and perfect.upper == 1
    assert perfect.lower == pytest.approx(0.025 ** (1 / 20)), "twenty pairs, none the other way"
