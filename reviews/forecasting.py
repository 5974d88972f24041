"""Forecasting: how cases came in and people worked of late, and what the queues come to with that.

It is advice: nothing here changes anything. A case asks for one review, for another where the policy
wants two people, and an automatic one for as much of one as is sampled.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Min
from django.utils.timezone import localtime
from numpy.typing import NDArray

from cases.definition import Definition
from cases.models import Pipeline
from reviews.curves import replayed, rule_keys
from reviews.lab import capacity
from reviews.lab.capacity import LIKELY, TOLERATED, WEEK, Breach, Course, Demand, Staff
from reviews.lab.columns import Columns, Floats
from reviews.lab.curve import sampled_share
from reviews.lab.replay import Replayed
from reviews.models import Basis, Queue, QueueEntry
from reviews.policies import definition_of
from reviews.replaying import load_columns
from reviews.routing import Policy

WEEKS = 4
"""So many weeks are looked back on, or as many whole ones as there are."""
ENOUGH = 50
"""Reviews below which nothing is foretold."""
LONGEST = 3600.0
"""Seconds of a review beyond which nobody was working on it all the time."""
PRIOR = 20.0
"""Reviews at which an hour of the day counts for as much as the whole day."""
BUSY = 0.9
"""When it presses people work as in the busiest tenth of their hours."""

HANDLED = """
SELECT review.reviewer_id, extract(epoch FROM claim.claimed_at)::float8,
       extract(epoch FROM review.reviewed_at)::float8
FROM reviews_review review
JOIN reviews_claim claim ON claim.id = review.claim_id
JOIN reviews_route route ON route.id = review.route_id
JOIN reviews_queue queue ON queue.id = CASE WHEN review.stage = 'first'
    THEN route.queue_id ELSE coalesce(route.second_review_queue_id, route.queue_id) END
WHERE queue.pipeline_id = %(pipeline)s AND (%(queue)s::text = '' OR queue.slug = %(queue)s)
  AND review.reviewed_at >= %(since)s AND review.reviewed_at < %(until)s AND review.undone_at IS NULL
"""
"""Who worked on what from when to when."""
PRIORITIES = """
SELECT basis.route_id, held.priority FROM reviews_basis basis
JOIN cases_case held ON held.id = basis.case_id
WHERE basis.pipeline_id = %(pipeline)s
  AND basis.routed_at >= %(since)s AND basis.routed_at < %(until)s
"""


@dataclass(frozen=True, slots=True)
class Worked:
    """What people did, by hour of the week: `people` on duty on average, `reviews` that they gave in all
    the weeks, and how many one can give in an hour when it presses (`pace`), at least those given."""

    people: Floats
    reviews: Floats
    pace: Floats
    total: int


@dataclass(frozen=True, slots=True)
class Past:
    """What a forecast rests on. `hours` and `priorities` are of the columns' cases; `waiting` the hours
    that the open cases have from `start` on; `queue` the only one that is looked at, where it is one."""

    pipeline: Pipeline
    definition: Definition
    queue: str
    start: datetime
    weeks: int
    columns: Columns
    hours: NDArray[np.intp]
    priorities: NDArray[np.str_]
    worked: Worked
    waiting: Floats
    limits: Mapping[str, int]

    @property
    def enough(self) -> bool:
        """Whether there is a week of cases, and as many reviews as it takes."""
        return self.weeks > 0 and self.worked.total >= ENOUGH

    @property
    def staff(self) -> Staff:
        """Who works, as a simulation asks for it."""
        return Staff(self.worked.people, self.worked.pace)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a policy leads to: `course` and `breach`, and what avoids a breach that is likely.

    `more` are reviewers, `lower` thresholds by outcome; None where nothing of that kind avoids it.
    `unserved` are cases a week that fall due while nobody is on duty, whatever the number of people.
    """

    demand: Demand
    course: Course
    breach: Breach
    unserved: float
    unknown: int
    more: float | None = None
    lower: Mapping[str, float | None] | None = None

    @property
    def likely(self) -> bool:
        """Whether a breach is to be expected."""
        return self.breach.share > LIKELY


# ---------------------------------------------------------------- what was


def past_of(
    pipeline: Pipeline, policies: Sequence[Policy], *, now: datetime, queue: str = ""
) -> Past:
    """The last whole weeks of a pipeline or of one of its queues; hours are the present time zone's."""
    first = Basis.objects.filter(pipeline=pipeline).aggregate(at=Min("routed_at"))["at"]
    weeks = min(WEEKS, (now - first) // timedelta(weeks=1)) if first else 0
    since = now - timedelta(weeks=weeks)
    given = {"pipeline": pipeline.pk, "queue": queue, "since": since, "until": now}
    rules = {key for policy in policies for key in rule_keys(policy)}
    columns = load_columns(pipeline, since, now, rules)
    start = localtime(now).replace(minute=0, second=0, microsecond=0)
    return Past(
        pipeline=pipeline,
        definition=definition_of(pipeline),
        queue=queue,
        start=start,
        weeks=weeks,
        columns=columns,
        hours=hours_of_week(columns.routed_at),
        priorities=priorities_of(columns, given),
        worked=worked_of(rows_of(HANDLED, given), max(1, weeks)),
        waiting=waiting_of(pipeline, queue, start),
        limits=limits_of(pipeline),
    )


def limits_of(pipeline: Pipeline) -> dict[str, int]:
    """The minutes within which each queue with a deadline of its own has to be worked on."""
    queues = Queue.objects.filter(pipeline=pipeline)
    return {queue.slug: queue.sla_minutes for queue in queues if queue.sla_minutes is not None}


def rows_of(query: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return list(cursor.fetchall())


def hours_of_week(moments: Floats) -> NDArray[np.intp]:
    """The hour of the week of each moment, from Monday's first on, in the present time zone."""
    hours, places = np.unique(np.floor(moments / 3600).astype(np.int64), return_inverse=True)
    known = [hour_of_week(local(each * 3600.0)) for each in hours.tolist()]
    return np.asarray(np.array(known, np.intp)[places] if known else places, np.intp)


def local(moment: float) -> datetime:
    """A moment in the present time zone."""
    return localtime(datetime.fromtimestamp(moment, UTC))


def hour_of_week(at: datetime) -> int:
    """The hour of the week, from Monday's first on."""
    return at.weekday() * 24 + at.hour


def priorities_of(columns: Columns, given: Mapping[str, Any]) -> NDArray[np.str_]:
    """The priority of each case."""
    known = {int(route): str(each) for route, each in rows_of(PRIORITIES, given)}
    return np.array([known.get(route, "normal") for route in columns.route.tolist()], np.str_)


def waiting_of(pipeline: Pipeline, queue: str, start: datetime) -> Floats:
    """The hours until the deadline of each judgement that is waited for now; on hold it rests."""
    entries = QueueEntry.objects.filter(queue__pipeline=pipeline, hold=None)
    if queue:
        entries = entries.filter(queue__slug=queue)
    rows = entries.values_list("due_at", "stage", "route__second_review_queue")
    hours = []
    for due_at, stage, second in rows:
        twice = second is not None and stage == "first" and not queue
        hours += [(due_at - start) / timedelta(hours=1)] * (2 if twice else 1)
    return np.array(hours, float)


def worked_of(rows: Sequence[tuple[Any, ...]], weeks: int) -> Worked:
    """Who worked when and how fast. On duty is who is between the first and last case of a day."""
    reviewers, begun, ended = (np.array([row[place] for row in rows], float) for place in range(3))
    seconds = np.minimum(ended - begun, LONGEST)
    hours = hours_of_week(ended)
    days: dict[tuple[float, date], set[int]] = defaultdict(set)
    busy: dict[tuple[float, date, int], float] = defaultdict(float)
    for who, since, until, took in zip(reviewers, begun, ended, seconds, strict=True):
        first, last = local(max(since, until - LONGEST)), local(until)
        days[who, last.date()] |= {last.hour, first.hour if first.date() == last.date() else 0}
        busy[who, last.date(), last.hour] += took
    people = np.zeros(WEEK)
    shares = []
    for (who, day), seen in days.items():
        for hour in range(min(seen), max(seen) + 1):
            people[day.weekday() * 24 + hour] += 1
            shares.append(min(1.0, busy.get((who, day, hour), 0.0) / 3600))
    reviews = np.bincount(hours, minlength=WEEK).astype(float)
    pace = pace_of(seconds, hours, float(np.quantile(shares, BUSY)) if shares else 0.0)
    given = np.divide(reviews, people, out=np.zeros(WEEK), where=people > 0)
    return Worked(people / weeks, reviews, np.maximum(pace, given), len(rows))


def pace_of(seconds: Floats, hours: NDArray[np.intp], busy: float) -> Floats:
    """Reviews an hour of one person by hour of the week, working that share of it on cases.

    An hour of the day of which little is known counts for little: it is drawn to the mean of all.
    """
    if not len(seconds):
        return np.zeros(WEEK)
    mean = max(1.0, float(seconds.mean()))
    of_day = hours % 24
    counts = np.bincount(of_day, minlength=24)
    sums = np.bincount(of_day, weights=seconds, minlength=24)
    each = (sums + PRIOR * mean) / (counts + PRIOR)
    return np.tile(busy * 3600 / np.maximum(each, 1.0), 7)


# ---------------------------------------------------------------- what will be


def asked_for(past: Past, policy: Policy, *, held: bool) -> tuple[Demand, Replayed]:
    """The reviews that cases ask for under a policy, and how it replays; raises CannotReplay.

    Where everything is `held`, by a stop or a closed gate, nothing is automatic.
    """
    found = replayed(past.pipeline, past.definition, past.columns, policy)
    automatic = np.zeros_like(found.automatic) if held else found.automatic
    return demand_of(past, policy, found, automatic=automatic), found


def demand_of(
    past: Past, policy: Policy, found: Replayed, *, automatic: NDArray[np.bool_]
) -> Demand:
    """The reviews that cases ask for, where those are decided that are `automatic`.

    What a queue's own deadline brings forward is due by then. Of what is not known it is taken that
    people decide it.
    """
    names = np.array([*found.queues, ""])
    queue = np.where(found.queue < 0, 0, found.queue)
    first = np.where(automatic, shares(past.columns, policy, found), 1.0)
    if past.queue:
        first = first * (names[queue] == past.queue)
    second = found.second & ~automatic & (not past.queue or found.second_queue == past.queue)
    work = first + second
    leads = np.array([past.definition.sla_minutes[each] / 60 for each in past.priorities.tolist()])
    limits = np.array([past.limits.get(name, np.inf) for name in names.tolist()]) / 60
    leads = np.minimum(leads, limits[queue]) if len(leads) else np.zeros(0)
    kinds, places = np.unique(leads, return_inverse=True)
    of_kind = np.bincount(places, weights=work, minlength=len(kinds))
    total = float(of_kind.sum())
    return Demand(
        arrivals=np.bincount(past.hours, weights=work, minlength=WEEK).astype(float),
        weeks=float(max(1, past.weeks)),
        leads=kinds,
        shares=of_kind / total if total else np.zeros(len(kinds)),
        waiting=past.waiting,
    )


def shares(columns: Columns, policy: Policy, found: Replayed) -> Floats:
    """How much of a review a sample takes of each case, were it decided automatically."""
    share = np.zeros(len(columns))
    for place, outcome in enumerate(columns.outcomes):
        own = columns.predicted == place
        share[own] = sampled_share(outcome, found.confidence[own], policy.samples)
    return share


def lowered(past: Past, found: Replayed, outcome: str, threshold: float) -> NDArray[np.bool_]:
    """What would be automatic with another threshold for an outcome."""
    own = past.columns.predicted == past.columns.outcomes.index(outcome)
    above = found.clear & own & (found.confidence >= threshold)
    return np.where(own, above, found.automatic)


def outlook_of(past: Past, policy: Policy, *, held: bool) -> Outlook:
    """What the next week comes to under a policy; raises CannotReplay.

    Where everything is `held`, by a stop or a closed gate, no threshold helps.
    """
    demand, found = asked_for(past, policy, held=held)
    begins = hour_of_week(past.start)
    tolerated = max(1.0, TOLERATED * demand.weekly)
    course = capacity.simulate(demand, past.staff, begins=begins)
    breach = capacity.breach_of(course, tolerated)
    unserved = float(course.unserved.sum(1).mean())
    unknown = int((~found.known).sum())
    if breach.share <= LIKELY:
        return Outlook(demand, course, breach, unserved, unknown)

    def demand_at(outcome: str, threshold: float) -> Demand:
        chosen = lowered(past, found, outcome, threshold)
        return demand_of(past, policy, found, automatic=chosen)

    lower = {
        outcome: capacity.threshold_needed(
            partial(demand_at, outcome),
            past.staff,
            threshold=threshold,
            begins=begins,
            tolerated=tolerated,
        )
        for outcome, threshold in policy.thresholds.items()
        if not held and outcome in past.columns.outcomes
    }
    more = capacity.reviewers_needed(demand, past.staff, begins=begins, tolerated=tolerated)
    return Outlook(demand, course, breach, unserved, unknown, more, lower)
