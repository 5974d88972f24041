"""Capacity against closed forms: Erlang's queue, a fluid that runs over, and what must always hold."""

import numpy as np
import pytest

from reviews.lab.capacity import (
    WEEK,
    Demand,
    Staff,
    bands,
    breach_of,
    least,
    reviewers_needed,
    simulate,
    threshold_needed,
)

SURE = 1e6
"""Weeks of counts after which a rate is as good as known."""


def steady(
    rate: float, leads: tuple[float, ...] = (24.0,), waiting: tuple[float, ...] = ()
) -> Demand:
    """So many cases an hour at every hour."""
    each = np.full(len(leads), 1 / len(leads))
    return Demand(np.full(WEEK, rate * SURE), SURE, np.array(leads), each, np.array(waiting))


def crew(people: float, pace: float) -> Staff:
    return Staff(np.full(WEEK, people), np.full(WEEK, pace))


def erlang_c(servers: int, offered: float) -> float:
    """The probability of having to wait (Kleinrock, Queueing Systems I, 1975, eq. 3.40)."""
    blocking = 1.0
    for each in range(1, servers + 1):
        blocking = offered * blocking / (each + offered * blocking)
    return blocking / (1 - offered / servers * (1 - blocking))


@pytest.mark.parametrize(("servers", "rate"), [(1, 1.4), (3, 5.0)])
def test_with_short_steps_it_is_erlangs_queue(servers: int, rate: float) -> None:
    pace = 2.0
    course = simulate(
        steady(rate, (1.0,)), crew(servers, pace), begins=0, hours=160, step=0.05, runs=500
    )
    offered = rate / pace
    load = offered / servers
    mean = erlang_c(servers, offered) * load / (1 - load) + offered
    found = course.open[:, 1200:].mean()  # the first 60 hours are forgotten
    assert found == pytest.approx(mean, rel=0.08)


def test_the_formula_that_it_is_held_against_is_the_published_one() -> None:
    assert erlang_c(1, 0.7) == pytest.approx(0.7)  # M/M/1: the load itself
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)


def test_what_comes_faster_than_it_goes_runs_over_like_a_fluid() -> None:
    demand, staff = steady(1000.0, (10.0,)), crew(4, 225.0)
    course = simulate(demand, staff, begins=30, hours=60)
    low, middle, high = bands(course)
    assert middle[-1] == pytest.approx(100 * 60, rel=0.05)
    assert (low <= middle).all()
    assert (middle <= high).all()
    # what is due at t came until t - 10: 900 t is less than 1000 (t - 10) from hour 100 on
    assert breach_of(course, tolerated=0).share == 0
    breach = breach_of(simulate(demand, staff, begins=0), tolerated=0)
    assert breach.share == 1
    assert breach.after == pytest.approx(100, abs=8)


def test_no_case_is_lost_and_the_same_is_said_again() -> None:
    demand = steady(20.0, (1.0, 4.0, 72.0), waiting=(-3.0, 0.2, 5.0, 900.0))
    course, again = (simulate(demand, crew(3, 6.0), begins=5, runs=50) for _ in range(2))
    assert (course.arrived + 4 == course.done + course.open[:, -1]).all()
    assert (course.open == again.open).all()


def test_whoever_has_people_enough_has_no_breach() -> None:
    course = simulate(steady(5.0, (2.0,)), crew(20, 6.0), begins=0)
    assert breach_of(course, tolerated=0) == breach_of(course, 10)
    assert breach_of(course, 0).share == 0
    assert breach_of(course, 0).after is None


def test_what_falls_due_while_nobody_is_there_is_told_apart() -> None:
    day = np.tile(np.r_[np.zeros(8), np.ones(8), np.zeros(8)], 7)
    course = simulate(steady(3.0, (1.0,)), Staff(day * 30, day * 60), begins=0)
    assert course.late.sum() > 0
    assert (course.late == course.unserved).all()
    assert breach_of(course, 0).share == 0


def test_the_first_due_are_first_served() -> None:
    waiting = (40.0, 1.5, 20.0, 2.5)
    course = simulate(steady(0.0, waiting=waiting), crew(1, 2.0), begins=0, hours=3, runs=400)
    assert course.late.sum(0)[:2].sum() == 0  # nothing is due within the first hour
    late = simulate(steady(0.0, waiting=waiting[::2]), crew(1, 2.0), begins=0, hours=3)
    assert late.late.sum() == 0


def test_what_avoids_a_breach_is_found() -> None:
    demand, staff = steady(100.0, (4.0,)), crew(3, 30.0)
    assert breach_of(simulate(demand, staff, begins=0), 50).share == 1
    assert reviewers_needed(demand, staff, begins=0, tolerated=50) == 0.5
    found = threshold_needed(
        lambda threshold: steady(100 * (threshold - 0.4) / 0.5, (4.0,)),
        staff,
        threshold=0.9,
        begins=0,
        tolerated=50,
    )
    assert found is not None
    assert 0.82 <= found <= 0.86  # 90 an hour can be done, which 0.85 leaves
    nobody = Staff(np.zeros(WEEK), np.full(WEEK, 6.0))
    assert breach_of(simulate(demand, nobody, begins=0), 50).share == 0, "none is late for them"


def test_the_first_that_keeps_is_found() -> None:
    options = np.arange(1.0, 11.0)
    found = [least(bound.__le__, options) for bound in (0.0, 4.5, 10.0, 11.0)]
    assert found == [1.0, 5.0, 10.0, None]
