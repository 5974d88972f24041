"""Risk against coverage: what each threshold would have decided, on cases of which all is known."""

import math
from dataclasses import replace

import numpy as np
import pytest

from reviews.gate import Samples, Stratum
from reviews.lab.bounds import binomial_upper
from reviews.lab.curve import (
    DEFAULT_SECONDS,
    Design,
    Field,
    asked,
    curve_of,
    filled_seconds,
    label_probability,
)

N = 1000
CASES = Field(
    confidence=np.linspace(0.5, 0.9995, N),
    open=np.ones(N, dtype=bool),
    others=np.zeros(N, dtype=bool),
    wrong=np.where(np.arange(N) % 100 == 0, 1.0, 0.0),  # each hundredth
    probability=np.ones(N),
    sampled=np.zeros(N),
    seconds=np.full(N, 360.0),
    weeks=10.0,
)


def test_a_threshold_decides_all_that_is_at_or_above_it_and_saves_their_reviews() -> None:
    curve = curve_of(CASES, 0.05)
    assert curve.thresholds[0] == 0.5
    row = curve.at(0.75)
    assert curve.thresholds[row] == 0.75
    assert curve.share[row] == pytest.approx(0.5, abs=0.001)
    assert curve.rate[row] == pytest.approx(0.01, abs=0.001)
    assert curve.upper[row] == pytest.approx(float(binomial_upper(5, curve.labels[row], 0.05)))
    assert curve.lower[row] < 0.01 < curve.upper[row]
    assert curve.decided[row] == pytest.approx(50, abs=0.2)
    assert curve.saved[row] == pytest.approx(5, abs=0.02)  # a tenth of an hour each
    assert curve.hours[row] + curve.saved[row] == pytest.approx(10)
    assert math.isnan(curve.rate[-1])
    assert curve.hours[-1] == pytest.approx(10)


def test_what_something_else_holds_back_is_no_part_of_the_curve_but_of_all_cases() -> None:
    held = replace(CASES, open=np.arange(N) % 2 == 0)
    assert curve_of(held, 0.05).share[0] == pytest.approx(0.5)
    assert curve_of(held, 0.05).decided[0] == pytest.approx(50)
    assert curve_of(held, 0.05).hours[0] == pytest.approx(5)


def test_what_is_decided_otherwise_or_sampled_is_counted_in_the_hours_left() -> None:
    half = np.arange(N) % 2 == 0
    both = replace(CASES, open=half, others=~half, sampled=np.full(N, 0.1))
    curve = curve_of(both, 0.05)
    assert curve.hours[0] == pytest.approx(0.5)  # a tenth of the half that the threshold decides
    assert curve.saved[0] == pytest.approx(4.5)


def test_a_policys_own_threshold_has_a_row_wherever_it_stands() -> None:
    curve = curve_of(CASES, 0.05, also=[0.8765])
    assert curve.thresholds[curve.at(0.8765)] == 0.8765


def test_of_no_cases_there_is_a_curve_that_says_nothing() -> None:
    nothing = curve_of(replace(CASES, open=np.zeros(N, dtype=bool)), 0.05)
    assert (nothing.share == 0).all()
    assert np.isnan(nothing.rate).all()
    assert (nothing.upper == 1).all()


def test_asked_the_other_way_round_the_threshold_is_one_of_the_curves() -> None:
    found = asked(CASES, 0.02, 0.05)
    assert found.threshold is not None
    curve = curve_of(CASES, 0.05)
    row = curve.at(found.threshold)
    assert curve.upper[row] == pytest.approx(found.upper)
    assert curve.upper[row] <= 0.02


def test_cases_are_labelled_with_the_probability_that_their_policy_gave_them() -> None:
    samples = Samples(share=0.02, strata=(Stratum("approve", 0.9, 0.05), Stratum("no", 0.0, 1.0)))
    design = Design(0.8, samples, lambda stated: stated - 0.05)
    found = label_probability(
        "approve",
        confidence=np.array([0.84, 0.86, 0.96, 0.96, 0.96, 0.96]),
        weight=np.array([0, 0, 0, 20.0, 1.0, 0]),
        held=np.array([False, False, False, False, False, True]),
        design=design,
    )
    assert found.tolist() == [1, 0.02, 0.05, 0.05, 1, 1]
    never = label_probability(
        "approve", np.array([0.99]), np.zeros(1), np.zeros(1, bool), replace(design, threshold=None)
    )
    assert never.tolist() == [1]


def test_a_review_that_nobody_timed_takes_as_long_as_its_like() -> None:
    seconds = np.array([100, math.nan, 300, math.nan, math.nan])
    predicted = np.array([0, 0, 1, 1, 2], dtype=np.int16)
    assert filled_seconds(seconds, predicted).tolist() == [100, 100, 300, 300, 200]
    assert filled_seconds(np.full(2, math.nan), predicted[:2]).tolist() == [DEFAULT_SECONDS] * 2
