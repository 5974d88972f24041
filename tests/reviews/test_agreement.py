"""Agreement and strata against published examples, scikit-learn and simulated truth."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from reviews.lab.agreement import cohen_kappa, krippendorff_alpha
from reviews.lab.strata import Counted, error_rate, power, share_needed

BINARY = ["0100000000", "1110010100"]
NOMINAL = ["aabbdcccedda", "babbbccceddd"]
MISSING = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]


def answers(rows: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    known = sorted({each for row in rows for each in row} - {"."})
    return np.array([[known.index(e) if e != "." else -1 for e in row] for row in rows])


@pytest.mark.parametrize(("rows", "alpha"), [(BINARY, 0.095), (NOMINAL, 0.692), (MISSING, 0.743)])
def test_alpha_of_the_published_examples(rows: list[str], alpha: float) -> None:
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), A, B and C."""
    found = krippendorff_alpha(answers(rows))
    assert found.value == pytest.approx(alpha, abs=0.0006)
    assert found.lower <= found.value <= found.upper


def test_kappa_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    for size in (2, 3, 5):
        one, other = rng.integers(0, size, (2, 200))
        other[:90] = one[:90]
        found = cohen_kappa(one, other)
        assert found.value == pytest.approx(cohen_kappa_score(one, other))
        assert found.lower < found.value < found.upper


def test_the_interval_of_kappa_covers_the_truth() -> None:
    rng, truth, covered = np.random.default_rng(7), 0.6, 0
    for _ in range(1000):
        one = rng.random(200) < 0.5
        other = np.where(rng.random(200) < truth, one, rng.random(200) < 0.5)
        found = cohen_kappa(one, other)
        covered += found.lower <= truth <= found.upper
    assert 930 <= covered <= 970


def test_the_spread_of_kappa_is_the_one_that_its_slopes_give() -> None:
    """The delta method by differences, over a table whose two judges differ in how often they say what."""
    table = np.array([[53, 5, 12], [11, 14, 5], [1, 26, 73]])
    one, other = (np.repeat(each.ravel(), table.ravel()) for each in np.indices(table.shape))
    shares = table / table.sum()

    def kappa(of: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        chance = float(of.sum(axis=1) @ of.sum(axis=0)) / of.sum() ** 2
        return float((np.trace(of) / of.sum() - chance) / (1 - chance))

    near = 1e-6 * np.eye(9).reshape(9, 3, 3)
    slopes = np.array([(kappa(shares + each) - kappa(shares - each)) / 2e-6 for each in near])
    pulled = float(shares.ravel() @ slopes**2 - (shares.ravel() @ slopes) ** 2)
    found = cohen_kappa(one, other)
    assert found.value == pytest.approx(kappa(shares))
    assert found.upper - found.value == pytest.approx(1.959964 * (pulled / table.sum()) ** 0.5)


def test_nothing_is_said_of_nothing() -> None:
    assert np.isnan(cohen_kappa([], []).value)
    assert np.isnan(cohen_kappa([1, 1], [1, 1]).value), "chance alone explains it"
    assert np.isnan(krippendorff_alpha(np.zeros((2, 0), np.int64)).value)
    assert cohen_kappa([0, 1], [0, -1]).cases == 1


def test_the_stratified_rate_is_unbiased_and_its_interval_covers() -> None:
    rng = np.random.default_rng(11)
    sizes, shares, rates = np.array([9000, 1000]), np.array([0.02, 0.2]), np.array([0.005, 0.06])
    truth = float((sizes * rates).sum() / sizes.sum())
    found, covered = [], 0
    for _ in range(1000):
        wrong = rng.binomial(sizes, rates)
        drawn = rng.binomial(sizes, shares)
        errors = rng.hypergeometric(wrong, sizes - wrong, drawn)
        strata = [
            Counted("approve", place, share, int(n), int(n), int(k))
            for place, share, n, k in zip((0.9, 0.8), shares, drawn, errors, strict=True)
        ]
        rate = error_rate(strata)
        found.append(rate.estimate)
        covered += rate.lower <= truth <= rate.upper
    assert np.mean(found) == pytest.approx(truth, rel=0.05)
    assert covered >= 950


def test_what_was_not_judged_is_not_taken_for_right() -> None:
    judged = Counted("approve", 0.9, 0.5, 100, 100, 0)
    unknown = Counted("approve", 0.8, 0.5, 100, 0, 0, ended=4)
    rate = error_rate([judged, unknown])
    assert (rate.estimate, rate.missing, unknown.waiting) == (0.0, 0.5, 96)
    assert rate.upper > 0.5
    assert np.isnan(error_rate([unknown]).estimate)


def test_149_labels_find_two_per_cent_with_a_power_of_95_per_cent() -> None:
    assert power(0.02, 149) >= 0.95 > power(0.02, 148)
    assert share_needed(149, 1490) == pytest.approx(0.1)
    assert share_needed(149, 100) == float("inf")
