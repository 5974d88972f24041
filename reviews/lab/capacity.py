"""Capacity: what a queue will look like in the next days, and what would keep its deadlines. Pure.

Time goes in steps. In each, cases arrive as a Poisson process, at the rate of that hour of the week, and
those on duty work on what is due first (earliest deadline first, which keeps every deadline that can be
kept: Liu & Layland, "Scheduling algorithms for multiprogramming in a hard-real-time environment", JACM
20(1), 1973). Whoever has a case ends it at an exponential rate: with short steps that is the M/M/c queue
(Erlang, 1917; Kleinrock, "Queueing Systems" I, 1975, ch. 3). What the past leaves open of a rate is drawn
for each run from its gamma posterior (Gelman et al., "Bayesian Data Analysis", 3rd ed., 2.6).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reviews.lab.columns import Floats

Places = NDArray[np.intp]
WEEK = 168
"""Hours of a week, from Monday's first on."""
STEP = 0.5
"""Hours of a step, unless shorter ones are asked for."""
RUNS = 200
SEED = 20_260
TOLERATED = 0.01
"""A breach is when more than this share of a week's cases are late for want of people."""
LIKELY = 0.1
"""What avoids a breach lets it happen in this share of the runs at most."""
MOST = 64
"""No more reviewers than these are ever advised."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What comes in: cases counted by hour of the week over so many `weeks`.

    `leads` are the hours that a case has until its deadline, `shares` how many of the cases have each.
    `waiting` are those of the cases that wait already, negative where one is late.
    """

    arrivals: Floats
    weeks: float
    leads: Floats
    shares: Floats
    waiting: Floats

    @property
    def weekly(self) -> float:
        """Cases in a week."""
        return float(self.arrivals.sum()) / self.weeks


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works: how many are on duty on average, and how many cases an hour each can do, by hour of
    the week."""

    people: Floats
    pace: Floats

    def with_more(self, extra: float) -> "Staff":
        """The same with more people in each hour in which anybody is on duty."""
        return replace(self, people=np.where(self.people > 0, self.people + extra, 0.0))


@dataclass(frozen=True, slots=True)
class Course:
    """Each run of a simulation (runs, steps): cases open at each step's end, and newly late in it.

    `unserved` are those of the late ones that fall due before anybody is on duty: no number of people at
    these hours would keep their deadlines. `arrived` and `done` are totals of each run.
    """

    open: Floats
    late: Floats
    unserved: Floats
    arrived: Floats
    done: Floats
    step: float


@dataclass(frozen=True, slots=True)
class Breach:
    """In which `share` of the runs there is a breach within the time, and after how many hours half of
    these runs have had theirs; None without any."""

    share: float
    after: float | None


def simulate(
    demand: Demand,
    staff: Staff,
    *,
    begins: int,
    hours: float = WEEK,
    step: float = STEP,
    runs: int = RUNS,
    seed: int = SEED,
) -> Course:
    """The next hours of a queue, from the hour of the week `begins` on; the same at every call.

    `step` is in hours: a deadline is met if the case is done by the end of the step in which it falls.
    """
    rng = np.random.default_rng(seed)
    steps = round(hours / step)
    rates = rng.gamma(demand.arrivals, 1 / demand.weeks, (runs, WEEK))
    places, late = deadline_places(demand, steps, step)
    kept = np.zeros((runs, int(max(places.max(initial=0), late.max(initial=0))) + 2))
    kept += np.bincount(late, minlength=kept.shape[1])
    ample = kept.copy()
    ample[:, 0] = 0.0
    course = Course(
        open=np.zeros((runs, steps)),
        late=np.zeros((runs, steps)),
        unserved=np.zeros((runs, steps)),
        arrived=np.zeros(runs),
        done=np.zeros(runs),
        step=step,
    )
    for now in range(steps):
        hour = (begins + int(now * step)) % WEEK
        came = rng.poisson(rates[:, hour, None] * step * demand.shares)
        for column, place in enumerate(places.tolist()):
            kept[:, place] += came[:, column]
            ample[:, place] += came[:, column]
        waiting = kept.sum(1)
        able = np.minimum(staff.people[hour], waiting) * staff.pace[hour] * step
        done = np.minimum(rng.poisson(able), waiting)
        serve(kept, done)
        if staff.people[hour] * staff.pace[hour] > 0:
            ample[:] = 0.0
        course.arrived[:] += came.sum(1)
        course.done[:] += done
        course.open[:, now] = kept.sum(1)
        course.late[:, now], course.unserved[:, now] = kept[:, 1], ample[:, 1]
        pass_time(kept)
        pass_time(ample)
    return course


def deadline_places(demand: Demand, steps: int, step: float) -> tuple[Places, Places]:
    """Places of the deadlines of what arrives in a step, and of what waits already.

    Place 0 is for what is late, 1 for what is due in the present step; what is due after the time that
    is looked at has the last one. A case arrives in the middle of its step.
    """
    leads = np.floor(np.maximum(demand.leads, 0.0) / step + 0.5)
    waiting = np.where(demand.waiting < 0, -1.0, np.floor(demand.waiting / step))
    last = float(steps)
    return (
        np.minimum(leads, last).astype(np.intp) + 1,
        np.minimum(waiting, last).astype(np.intp) + 1,
    )


def serve(kept: Floats, done: Floats) -> None:
    """Takes so many cases of each run away, those that are due first first."""
    before = np.cumsum(kept, axis=1) - kept
    kept -= np.clip(done[:, None] - before, 0.0, kept)


def pass_time(kept: Floats) -> None:
    """A step passes: what was due in it and is still there is late."""
    kept[:, 0] += kept[:, 1]
    kept[:, 1:-1] = kept[:, 2:]
    kept[:, -1] = 0.0


# ---------------------------------------------------------------- what it says


def bands(course: Course) -> Floats:
    """The 5 %, 50 % and 95 % quantiles of the open cases at each step's end (3, steps)."""
    return np.quantile(course.open, [0.05, 0.5, 0.95], axis=0)


def breach_of(course: Course, tolerated: float) -> Breach:
    """When more cases than `tolerated` are late for want of people, and how likely that is."""
    wanting = np.cumsum(course.late - course.unserved, axis=1) > tolerated
    breached = wanting.any(1)
    first = np.argmax(wanting, axis=1)[breached]
    after = float(np.median(first)) * course.step if breached.any() else None
    return Breach(float(breached.mean()), after)


def least(keeps: Callable[[float], bool], options: Floats) -> float | None:
    """The first of the options, each keeping more deadlines than the one before, that keeps them.

    None where not even the last one does. By bisection.
    """
    low, high = 0, len(options)
    while low < high:
        middle = (low + high) // 2
        if keeps(float(options[middle])):
            high = middle
        else:
            low = middle + 1
    return float(options[low]) if low < len(options) else None


def reviewers_needed(
    demand: Demand, staff: Staff, *, begins: int, tolerated: float, runs: int = RUNS // 2
) -> float | None:
    """How many more reviewers, in halves, in each hour with anybody on duty avoid a breach.

    None where MOST would not.
    """

    def keeps(extra: float) -> bool:
        more = staff.with_more(extra)
        course = simulate(demand, more, begins=begins, runs=runs)
        return breach_of(course, tolerated).share <= LIKELY

    return least(keeps, np.arange(0.5, MOST + 0.5, 0.5))


def threshold_needed(
    demand_at: Callable[[float], Demand],
    staff: Staff,
    *,
    threshold: float,
    begins: int,
    tolerated: float,
    runs: int = RUNS // 2,
) -> float | None:
    """The highest threshold below `threshold`, in hundredths, that avoids a breach; None without any.

    `demand_at` is what would come to people under a threshold.
    """

    def keeps(lower: float) -> bool:
        course = simulate(demand_at(lower), staff, begins=begins, runs=runs)
        return breach_of(course, tolerated).share <= LIKELY

    top = math.ceil(round(threshold * 100, 6)) - 1
    return least(keeps, np.arange(top, 49, -1) / 100)
