"""Bounds that hold for any number of labels, and the threshold that keeps a promise.

The known answers are published values, scipy's, and simulations in which the truth is known.
"""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from reviews.lab.bounds import (
    accepted_down_from,
    binomial_upper,
    clopper_pearson,
    evidence,
    labels_needed,
    stratified_upper,
    threshold_for,
)

RUNS = 1000
MARGIN = 3 * math.sqrt(0.1 * 0.9 / RUNS)
"""Three standard errors of a share of 0.1 among so many runs."""


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_exact_interval_is_the_published_one_and_scipys() -> None:
    """Clopper & Pearson's own chart: 0.95, 2 of 10 is 0.025 to 0.556, 0 of 10 up to 0.308."""
    lower, upper = clopper_pearson([2, 0, 10], [10, 10, 10])
    assert np.round(lower, 3).tolist() == [0.025, 0, 0.692]
    assert np.round(upper, 3).tolist() == [0.556, 0.308, 1]
    for k, n in ((1, 7), (13, 149), (400, 20_000)):
        theirs = binomtest(k, n).proportion_ci(0.9, method="exact")
        assert clopper_pearson(k, n, 0.9) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_no_error_bounds_by_the_rule_that_sizes_the_samples_and_no_label_by_nothing() -> None:
    assert binomial_upper(0, 149, 0.05) <= 0.02 < binomial_upper(0, 148, 0.05)
    assert binomial_upper(0, 300, 0.05) == pytest.approx(1 - 0.05 ** (1 / 300))
    assert binomial_upper([0, 3], [0, 3], 0.05).tolist() == [1, 1]


@pytest.mark.parametrize("rate", [0.003, 0.02, 0.2])
def test_a_bound_is_exceeded_no_oftener_than_it_says(rate: float) -> None:
    errors = rng(1).binomial(400, rate, RUNS)
    assert np.mean(binomial_upper(errors, 400, 0.1) < rate) <= 0.1 + MARGIN
    lower, upper = clopper_pearson(errors, 400, 0.9)
    assert np.mean((lower <= rate) & (rate <= upper)) >= 0.9 - MARGIN


def test_the_labels_needed_are_the_fewest_that_will_do() -> None:
    assert labels_needed([0, 0.02, 0.5], 0.02, 0.05).tolist() == [149, math.inf, math.inf]
    for rate in (0.0, 0.002, 0.005, 0.0123):
        n = int(labels_needed(rate, 0.02, 0.05))
        sizes = np.arange(1, n + 1)
        holds = binomial_upper(np.ceil(rate * sizes), sizes, 0.05) <= 0.02 + 1e-12
        assert holds[-1]
        assert not holds[:-1].any()


# ---------------------------------------------------------------- regions labelled differently


def test_a_mixture_of_regions_is_bounded_as_surely_as_one() -> None:
    """Half reviewed in full, a fifth sampled densely, the rest thinly; each wrong at another rate."""
    sizes, shares, rates = np.array([500, 200, 300]), np.array([1, 0.5, 0.2]), [0.2, 0.06, 0.01]
    truth = float(np.dot(sizes, rates) / sizes.sum())
    labels = rng(2).binomial(sizes, shares, (RUNS, 3))
    errors = rng(3).binomial(labels, rates)
    upper = stratified_upper(sizes, labels, errors, 0.1)
    assert np.mean(upper < truth) <= 0.1 + MARGIN
    assert np.median(upper) < 2 * truth  # and not because it says nothing


def test_one_region_is_bounded_as_without_regions_and_an_unlabelled_one_by_all_of_it() -> None:
    assert stratified_upper([1000], [200], [3], 0.05) == pytest.approx(
        float(binomial_upper(3, 200, 0.05))
    )
    assert stratified_upper([900, 100], [300, 0], [0, 0], 0.05) == pytest.approx(
        0.9 * float(binomial_upper(0, 300, 0.05)) + 0.1
    )
    assert stratified_upper([0, 0], [0, 0], [0, 0], 0.05) == 1


def test_two_regions_share_the_doubt_by_weight_over_labels() -> None:
    """Each bound keeps its part of delta alone: with all of it in each nothing would hold for the sum."""
    own = binomial_upper([2, 0], [100, 300], [0.05 * 0.6, 0.05 * 0.4])
    assert stratified_upper([1000, 2000], [100, 300], [2, 0], 0.05) == pytest.approx(
        float(own @ [1 / 3, 2 / 3])
    )


def test_cases_are_counted_at_and_above_each_threshold_by_region() -> None:
    found = evidence([0.5, 0.7, 0.9, 0.9], [1, math.nan, 0, 1], [1, 1, 0.1, 0.1], [0.5, 0.7, 0.95])
    assert found.cases.tolist() == [[2, 2], [2, 1], [0, 0]]  # the sampled region, the full one
    assert found.labels.tolist() == [[2, 1], [2, 0], [0, 0]]
    assert found.errors.tolist() == [[1, 1], [1, 0], [0, 0]]
    assert found.rates[0] == pytest.approx(0.75)
    assert np.isnan(found.rates[1:]).all()
    assert found.upper(0.05).tolist()[-1] == 1
    assert (found.lower(0.05) <= 0.75).all()


# ---------------------------------------------------------------- the other way round


def cases(
    seed: int, fault: float, slope: float, n: int = 1500
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Confidences, whether wrong and the probability of a label: sampled from 0.9 on, else reviewed.

    Of the cases at confidence c a share of fault + slope * (1 - c) is wrong.
    """
    draw = rng(seed)
    confidence = 0.5 + draw.random(n) / 2
    probability = np.where(confidence >= 0.9, 0.5, 1.0)
    wrong = (draw.random(n) < fault + slope * (1 - confidence)).astype(float)
    return confidence, np.where(draw.random(n) < probability, wrong, np.nan), probability


def test_what_is_promised_is_broken_no_oftener_than_is_said() -> None:
    """Of 1,000 draws, with every threshold a hair's breadth above what is asked: any answer is wrong."""
    few = np.linspace(0.5, 1, 21)
    answers = [
        threshold_for(*cases(seed, 0.0501, 0.0, 3000), 0.05, 0.1, few) for seed in range(RUNS)
    ]
    broken = np.mean([each.supported for each in answers])
    assert 0.01 < broken <= 0.1 + MARGIN  # near enough to delta to be of use


def test_the_lowest_threshold_that_can_be_promised_is_found() -> None:
    """3 % are asked for, and 0.2 (1 - c) wrong: 0.1 (1 - t) is wrong at or above t, so t is 0.7."""
    answers = [threshold_for(*cases(seed, 0.0, 0.2, 100_000), 0.03, 0.1) for seed in range(5)]
    thresholds = [each.threshold for each in answers]
    assert all(each is not None and 0.7 <= each < 0.78 for each in thresholds)
    for each in answers:
        assert each.rate <= each.upper <= 0.03
        assert each.share == pytest.approx(2 * (1 - each.at), abs=0.02)
        assert each.more == 0


def test_what_the_data_cannot_support_says_how_many_labels_are_missing() -> None:
    few = threshold_for(np.full(40, 0.97), np.zeros(40), np.ones(40), 0.02, 0.05)
    assert (few.threshold, few.labels, few.more) == (None, 40, 109)
    assert few.upper == pytest.approx(float(binomial_upper(0, 40, 0.05)))


def test_no_number_of_labels_helps_where_more_is_wrong_than_asked() -> None:
    bad = threshold_for(np.full(500, 0.97), np.tile([1.0, 0.0], 250), np.ones(500), 0.02, 0.05)
    assert (bad.threshold, bad.more) == (None, math.inf)
    assert bad.rate == 0.5


def test_nothing_is_promised_of_nothing() -> None:
    none = threshold_for([], [], [], 0.02, 0.05)
    assert (none.threshold, none.share, none.labels) == (None, 0, 0)


def test_the_first_threshold_that_fails_ends_the_sequence() -> None:
    """What passes below a failure was never reached: accepting it would be a test for nothing."""
    passes = np.array([True, True, False, True, True, False])
    assert accepted_down_from(4, passes) == 3
    assert accepted_down_from(1, passes) == 0
    assert accepted_down_from(5, passes) is None
    assert accepted_down_from(None, passes) is None


def test_where_the_tests_begin_does_not_depend_on_what_labels_say() -> None:
    """A bad strict end must not move the beginning to where it is outnumbered."""
    confidence = np.linspace(0.5, 1, 10_000)
    wrong = np.zeros(10_000)
    wrong[-15:] = 1
    assert binomial_upper(15, 10_000, 0.05) < 0.02
    assert not threshold_for(confidence, wrong, np.ones(10_000), 0.02, 0.05).supported
