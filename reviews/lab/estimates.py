"""What a replayed policy would have led to, with what is not known of it: errors, hours, breaches. Pure.

A case that the policy decides by itself has a truth only where people judged it. They judged all that
went to them then, and of what was decided automatically a sample: so cases stand in strata by the
probability with which they were to be labelled, and each stratum is told from its own labels (Horvitz &
Thompson 1952; stratified, Cochran, "Sampling Techniques", 1977, chapter 5). A stratum without a label
says nothing, and its cases are counted as not known; those whom nobody would ever look at are among them.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from inference.figures import Estimate
from reviews.lab.bounds import clopper_pearson
from reviews.lab.columns import Bools, Columns, Floats
from reviews.lab.replay import Replayed

LEVEL = 0.95
FEWEST = 2
"""Measurements that a spread is told from."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How many of some cases are of a kind, and what that rests on.

    `cases` are all of them, `labels` those that people judged, `unknown` those that no label stands for:
    they are in no estimate.
    """

    count: Estimate
    cases: int
    labels: int
    unknown: int

    @property
    def rate(self) -> Estimate | None:
        """The share among the cases that labels stand for; None where there are none."""
        known = self.cases - self.unknown
        if not known:
            return None
        ends = (self.count.estimate, self.count.lower, self.count.upper)
        return Estimate(*(each / known for each in ends))


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Automatic decisions of a kind that was wrong: the policy `said` one outcome, people `told` another."""

    said: str
    told: str
    expected: Expected


def expected(inside: Bools, counted: Bools, labelled: Bools, probability: Floats) -> Expected:
    """How many of the cases `inside` are `counted`, told from those `labelled` with a known probability.

    The interval puts the strata's exact ones (Clopper & Pearson 1934) together by MOVER (Zou & Donner,
    "Construction of confidence limits about effect measures", Statistics in Medicine 27, 2008), each
    narrowed by the part of its stratum that was looked at (Cochran 1977, 2.6): of a stratum that was
    labelled in full everything is known. With one stratum it is the exact interval itself.
    """
    strata, place = np.unique(probability[inside], return_inverse=True)
    told, hit = labelled[inside], (labelled & counted)[inside]
    size, labels, hits = (
        np.bincount(place[which], minlength=len(strata)).astype(float)
        for which in (np.ones(len(place), bool), told, told & hit)
    )
    known = labels > 0
    lower, upper = clopper_pearson(hits[known], labels[known], LEVEL)
    rate, own = hits[known] / labels[known], size[known]
    narrowed = np.sqrt(1 - labels[known] / own) * own
    total = float((own * rate).sum())
    down = math.sqrt(float(((narrowed * (rate - lower)) ** 2).sum()))
    up = math.sqrt(float(((narrowed * (upper - rate)) ** 2).sum()))
    least, most = float(hits.sum()), float((own - labels[known] + hits[known]).sum())
    return Expected(
        count=Estimate(total, max(total - down, least), min(total + up, most)),
        cases=int(size.sum()),
        labels=int(labels.sum()),
        unknown=int(size[~known].sum()),
    )


def mistakes(columns: Columns, replayed: Replayed, probability: Floats) -> list[Mistakes]:
    """The errors to be expected among automatic decisions, by kind: the policy said one, people another."""
    labelled = columns.label >= 0
    return [
        Mistakes(
            said,
            told,
            expected(replayed.outcome == place, columns.label == other, labelled, probability),
        )
        for place, said in enumerate(columns.outcomes)
        if (replayed.outcome == place).any()
        for other, told in enumerate(columns.outcomes)
        if other != place
    ]


def all_mistakes(columns: Columns, replayed: Replayed, probability: Floats) -> Expected:
    """All errors to be expected among automatic decisions."""
    wrong = (columns.label >= 0) & (columns.label != columns.predicted)
    return expected(replayed.automatic, wrong, columns.label >= 0, probability)


def change_of_mistakes(
    columns: Columns, before: Replayed, after: Replayed, probability: Floats
) -> Estimate:
    """How many more errors the one policy makes than the other, told from the cases that they differ in.

    What both decide alike cancels out, and with it all doubt about it; the rest as in `expected`.
    """
    wrong = (columns.label >= 0) & (columns.label != columns.predicted)
    gained, lost = (
        expected(which, wrong, columns.label >= 0, probability).count
        for which in (after.automatic & ~before.automatic, before.automatic & ~after.automatic)
    )
    return difference(gained, lost)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """The difference of two independent estimates by MOVER (Zou & Donner 2008)."""
    apart = one.estimate - other.estimate
    down = math.hypot(one.estimate - one.lower, other.upper - other.estimate)
    up = math.hypot(one.upper - one.estimate, other.estimate - other.lower)
    return Estimate(apart, apart - down, apart + up)


def share(hits: int, total: int) -> Estimate | None:
    """A share, with its exact interval for further cases of the kind (Clopper & Pearson 1934)."""
    if not total:
        return None
    lower, upper = clopper_pearson(hits, total, LEVEL)
    return Estimate(hits / total, float(lower), float(upper))


def automation(replayed: Replayed) -> Estimate | None:
    """The share of cases decided automatically, of those that it is known of."""
    return share(int(replayed.automatic.sum()), int(replayed.known.sum()))


def change_of_automation(before: Replayed, after: Replayed) -> Estimate | None:
    """By how much the share decided automatically rises, over the same cases under both policies.

    After Agresti & Min, "Simple improved confidence intervals for comparing matched proportions",
    Statistics in Medicine 24 (2005): half a case more in each cell of the table.
    """
    both = before.known & after.known
    total = int(both.sum())
    if not total:
        return None
    gained = int((both & after.automatic & ~before.automatic).sum())
    lost = int((both & before.automatic & ~after.automatic).sum())
    more, less, n = gained + 0.5, lost + 0.5, total + 2
    middle = (more - less) / n
    wide = (
        student.ppf((1 + LEVEL) / 2, np.inf) * math.sqrt(more + less - (more - less) ** 2 / n) / n
    )
    return Estimate((gained - lost) / total, float(middle - wide), float(middle + wide))


# ---------------------------------------------------------------- people's time


@dataclass(frozen=True, slots=True)
class Work:
    """What a policy leaves to people: cases by queue, second reviews, and the hours that they take.

    `timed` is from how many cases the hours are told; `hours` is None where nobody timed any.
    """

    cases: Mapping[str, int]
    second_reviews: int
    hours: Estimate | None
    timed: int


def work(columns: Columns, replayed: Replayed, then: Replayed) -> Work:
    """What a policy leaves to people. Samples of its own are not in it.

    Hours are those of cases that go the same way: to the same queue, with a second review or without.
    Only such times count as were taken with as many reviews, which `then`, what routed the cases, tells.
    What was never timed takes as long as all others do on average. The interval is that of the means
    (Student's), narrowed where all of a kind were timed (Cochran 1977, 2.6); where none was, each case
    may differ from that average by as much as the others do.
    """
    timed = ~np.isnan(columns.seconds) & (replayed.second == then.second)
    overall = columns.seconds[timed]
    total, spread, freedom, measured = 0.0, 0.0, math.inf, 0
    for which in ways(replayed):
        own, count = columns.seconds[which & timed], int(which.sum())
        measured += len(own)
        unseen = count - len(own)
        if len(own) < FEWEST:
            own, unseen = overall, count
        if len(own) < FEWEST:
            continue
        total += count * float(own.mean())
        spread += unseen * (unseen / len(own) + 1) * float(own.var(ddof=1))
        freedom = min(freedom, len(own) - 1)
    wide = float(student.ppf((1 + LEVEL) / 2, freedom)) * math.sqrt(spread)
    hours = Estimate(*(max(each, 0.0) / 3600 for each in (total, total - wide, total + wide)))
    return Work(
        cases={
            name: int((replayed.queue == place).sum()) for place, name in enumerate(replayed.queues)
        },
        second_reviews=int(replayed.second.sum()),
        hours=hours if len(overall) >= FEWEST else None,
        timed=measured,
    )


def ways(replayed: Replayed) -> Iterator[Bools]:
    """The cases for people by queue, those with and those without a second review apart."""
    for place in range(len(replayed.queues)):
        for asked in (replayed.second, ~replayed.second):
            which = (replayed.queue == place) & asked
            if which.any():
                yield which


def breaches(cases: Mapping[str, int], late: Mapping[str, tuple[int, int]]) -> Estimate | None:
    """How many cases for people would be decided too late, as far as the past of their queues tells.

    `late` has of each queue how many were late and how many were decided at all. Each queue is taken to
    keep its share, whatever more or less waits in it: what an emptier or fuller one does is for a
    forecast (`reviews.lab.capacity`). A queue without a past is not in it; None where none has one.
    Shares have exact intervals, put together by MOVER (Zou & Donner 2008).
    """
    found = [
        (count, each)
        for name, count in cases.items()
        if (each := share(*late.get(name, (0, 0)))) is not None
    ]
    if not found:
        return None
    total = sum(count * each.estimate for count, each in found)
    down = math.hypot(*(count * (each.estimate - each.lower) for count, each in found))
    up = math.hypot(*(count * (each.upper - each.estimate) for count, each in found))
    return Estimate(total, total - down, total + up)
