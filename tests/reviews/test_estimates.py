"""What a replayed policy would have led to: known answers, and intervals that keep their word."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy.stats.contingency import relative_risk

from inference.figures import Estimate
from reviews.lab.columns import Columns, Floats
from reviews.lab.estimates import (
    all_mistakes,
    automation,
    breaches,
    change_of_automation,
    change_of_mistakes,
    difference,
    expected,
    mistakes,
    work,
)
from reviews.lab.replay import Replayed
from reviews.lab.segments import ratio_of, treated

RUNS = 1_000


def columns(predicted: ArrayLike, label: ArrayLike, **changed: Any) -> Columns:
    """Cases of which this was predicted, and this said by people: 0 approve, 1 decline, -1 nothing."""
    said = np.asarray(predicted, np.int16)
    count = len(said)
    made = Columns(
        outcomes=("approve", "decline"),
        fields=(),
        route=np.arange(count),
        case=np.zeros(count, "V16"),
        routed_at=np.zeros(count),
        model_version=np.ones(count, np.int64),
        policy_version=np.ones(count, np.int64),
        predicted=said,
        confidence=np.ones(count),
        probabilities=np.ones((count, 2)),
        doubts=np.zeros(count, np.int32),
        fields_clear=np.empty((count, 0)),
        fields_poor=np.empty((count, 0)),
        label=np.asarray(label, np.int16),
        label_kind=np.zeros(count, np.int8),
        weight=np.zeros(count),
        seconds=np.full(count, np.nan),
        held=np.zeros(count, bool),
    )
    return replace(made, **changed)


def made_of(
    automatic: ArrayLike, predicted: ArrayLike, second: ArrayLike | None = None
) -> Replayed:
    """A replay that decides these cases as predicted; the others wait in one queue."""
    decides = np.asarray(automatic, bool)
    count = len(decides)
    return Replayed(
        automatic=decides,
        outcome=np.where(decides, predicted, -1).astype(np.int16),
        queue=np.where(decides, -1, 0).astype(np.int16),
        queues=("main",),
        second=np.zeros(count, bool) if second is None else np.asarray(second, bool),
        second_queue="two",
        confidence=np.ones(count),
        clear=decides,
        known=np.ones(count, bool),
    )


def test_a_sampled_error_stands_for_as_many_as_the_sample_does() -> None:
    label = np.full(1000, -1)
    label[:100] = 0
    label[:4] = 1
    probability = np.full(1000, 0.1)
    inside = np.ones(1000, bool)
    found = expected(inside, label == 1, label >= 0, probability)
    assert (found.count.estimate, found.cases, found.labels, found.unknown) == (40, 1000, 100, 0)
    rate = found.rate
    assert rate is not None
    # the exact interval of 4 of 100 is 0.011 to 0.0993, narrowed by a tenth looked at
    assert (rate.lower, rate.upper) == pytest.approx(
        (0.04 - (0.04 - 0.0110045) * 0.9**0.5, 0.04 + (0.0992587 - 0.04) * 0.9**0.5), abs=1e-5
    )


def test_what_was_labelled_in_full_is_known_and_what_nobody_looks_at_is_not() -> None:
    label = np.array([0, 1, 1, 0, -1, -1, -1])
    probability = np.array([1.0, 1, 1, 1, 0, 0, 0])
    found = expected(np.ones(7, bool), label == 1, label >= 0, probability)
    assert found.count == Estimate(2, 2, 2)
    assert (found.labels, found.unknown) == (4, 3)
    none = expected(np.zeros(7, bool), label == 1, label >= 0, probability)
    assert (none.count, none.rate) == (Estimate(0, 0, 0), None)


def test_errors_are_told_by_kind_and_their_change_by_what_differs() -> None:
    said = np.array([0] * 6 + [1] * 4)
    cases = columns(said, [0, 0, 1, 1, 0, -1, 1, 1, 0, -1])
    probability = np.where(cases.label >= 0, 1.0, 0.0)
    draft, active = made_of([True] * 10, said), made_of([True] * 3 + [False] * 7, said)
    kinds = {(each.said, each.told): each.expected for each in mistakes(cases, draft, probability)}
    assert kinds["approve", "decline"].count.estimate == 2
    assert kinds["decline", "approve"].count.estimate == 1
    assert kinds["decline", "approve"].unknown == 1
    assert all_mistakes(cases, draft, probability).count.estimate == 3
    assert change_of_mistakes(cases, active, draft, probability) == Estimate(2, 2, 2)
    assert difference(Estimate(3, 1, 7), Estimate(2, 1, 4)) == Estimate(1, 1 - 8**0.5, 1 + 17**0.5)


def covers(found: Estimate, truth: float) -> bool:
    return found.lower - 1e-9 <= truth <= found.upper + 1e-9


def test_intervals_of_errors_hold_the_truth_as_often_as_they_say() -> None:
    """Three strata, reviewed by all, sampled at 0.1 and at 0.05: 95 % of a thousand draws or more."""
    rng = np.random.default_rng(7)
    probability = np.repeat([1.0, 0.1, 0.05], [200, 800, 2000])
    wrong = rng.random(3000) < np.repeat([0.2, 0.05, 0.01], [200, 800, 2000])
    inside = np.ones(3000, bool)
    held, wide = 0, 0.0
    for _ in range(RUNS):
        labelled = rng.random(3000) < probability
        found = expected(inside, wrong, labelled, probability).count
        held += covers(found, float(wrong.sum()))
        wide += found.upper - found.lower
    assert held >= 0.95 * RUNS
    assert wide / RUNS < 250  # of 3,000 cases: an interval that says something


def test_the_automation_rate_and_its_change_hold_for_further_cases() -> None:
    rng = np.random.default_rng(11)
    held = [0, 0]
    said = np.zeros(400, np.int16)
    for _ in range(RUNS):
        chance = rng.random(400)
        before, after = made_of(chance < 0.3, said), made_of((chance > 0.1) & (chance < 0.45), said)
        rate, change = automation(after), change_of_automation(before, after)
        assert rate is not None
        assert change is not None
        held[0] += covers(rate, 0.35)
        held[1] += covers(change, 0.05)
    assert min(held) >= 0.94 * RUNS


def test_hours_are_those_of_cases_that_go_the_same_way() -> None:
    said = np.zeros(6, np.int16)
    seconds = np.array([3600.0, 3600, 3600, 7200, np.nan, np.nan])
    cases = columns(said, np.full(6, -1), seconds=seconds)
    draft = made_of([False] * 6, said, [False, False, False, False, False, True])
    then = made_of([False] * 6, said, [False, False, False, True, False, True])
    found = work(cases, draft, then)
    assert (found.cases, found.second_reviews, found.timed) == ({"main": 6}, 1, 3)
    assert found.hours is not None
    assert found.hours.estimate == pytest.approx(6)  # the one that had two reviews tells nothing
    assert work(columns(said, np.full(6, -1)), draft, then).hours is None


def test_hours_of_what_nobody_timed_are_not_known_to_the_minute() -> None:
    rng = np.random.default_rng(13)
    said, second = np.zeros(103, np.int16), np.arange(103) >= 100
    alone = np.zeros(103, bool)
    draft, then = made_of(alone, said, second), made_of(alone, said)
    held = 0
    for _ in range(RUNS):
        took = rng.normal(600, 120, 103)
        seconds = np.where(second, np.nan, took)
        hours = work(columns(said, np.full(103, -1), seconds=seconds), draft, then).hours
        assert hours is not None
        held += covers(hours, took.sum() / 3600)
    assert 0.92 * RUNS <= held <= 0.98 * RUNS


def test_each_queue_keeps_the_share_that_it_was_late_with() -> None:
    found = breaches({"main": 200, "papers": 50, "new": 9}, {"main": (10, 100), "papers": (0, 40)})
    assert found is not None
    assert found.estimate == pytest.approx(20)
    assert found.lower < 20 < found.upper
    assert breaches({"new": 9}, {}) is None


def parts(good: dict[str, tuple[int, int]]) -> tuple[Columns, Replayed]:
    """Cases by part of a segment: so many approved of so many, all decided by the policy."""
    names = ("", *good)
    codes = np.concatenate(
        [np.full(total, place) for place, (_, total) in enumerate(good.values(), 1)]
    )
    said = np.concatenate(
        [np.where(np.arange(total) < approved, 0, 1) for approved, total in good.values()]
    )
    cases = columns(said, np.full(len(said), -1), segments={"age": (codes, names)})
    return cases, made_of(np.ones(len(said), bool), said)


def test_four_fifths_of_the_best_part_with_the_interval_of_a_risk_ratio() -> None:
    cases, made = parts({"young": (30, 100), "old": (60, 120), "few": (1, 9)})
    found = {
        each.name: each for each in treated(cases, made, "age", ["decline"], np.ones(len(cases)))
    }
    young = found["young"]
    assert young.ratio is not None
    katz = relative_risk(30, 100, 60, 120)
    assert (young.ratio.estimate, young.ratio.lower, young.ratio.upper) == pytest.approx(
        (katz.relative_risk, *katz.confidence_interval())
    )
    assert young.below
    assert found["old"].ratio == Estimate(1, 1, 1)
    assert found["few"].ratio is None
    assert list(found)[-1] == ""


def test_ratios_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for ours, best in zip(rng.binomial(300, 0.42, RUNS), rng.binomial(400, 0.6, RUNS), strict=True):
        found = ratio_of((ours / 300, 300.0, 300), (best / 400, 400.0, 400))
        assert found is not None
        held += covers(found, 0.7)
    assert held >= 0.94 * RUNS


def test_what_people_judged_counts_and_what_nobody_did_is_not_known() -> None:
    codes, said = np.array([1] * 80 + [2] * 80), np.zeros(160, np.int16)
    label = np.where(np.arange(160) % 4 == 0, -1, np.arange(160) % 2)
    cases = columns(said, label, segments={"age": (codes, ("", "young", "old"))})
    probability: Floats = np.ones(160)
    found = treated(cases, made_of(np.zeros(160, bool), said), "age", ["decline"], probability)
    assert [(each.known, each.unknown) for each in found] == [(60, 20), (60, 20), (0, 0)]
    assert found[0].share == pytest.approx(20 / 60)
    half = np.where(np.arange(160) % 4 == 2, 0.5, 1.0)  # each approved one stands for two
    found = treated(cases, made_of(np.zeros(160, bool), said), "age", ["decline"], half)
    assert found[0].share == pytest.approx(40 / 80)
