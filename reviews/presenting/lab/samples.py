"""Samples in words and charts: how many it takes, what they found by stratum and over time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import Any

from django.utils.translation import gettext as _

from reviews.gate import Samples
from reviews.lab.strata import Counted, ErrorRate, error_rate, merged, power, share_needed
from reviews.presenting.formats import count, percentage, short_day
from reviews.presenting.lab import charts
from reviews.presenting.lab.charts import Scale, Tick

NARROW, WIDE, LEFT, BOTTOM, TOP = 480, 960, 52, 190, 12
"""The charts' own units, as many as they have pixels on a desk; their SVG scales to the page."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: a stratum, or a week."""

    name: str
    share: str
    drawn: str
    judged: str
    waiting: str
    wrong: str
    rate: str
    interval: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A line, what lies around it, and its axes."""

    line: str
    band: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    dots: tuple[tuple[str, str], ...] = ()
    mark: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """How many labels it takes, how many there are, and which share of the decisions gives them."""

    needed: str
    find: str
    power: str
    labels: str
    decisions: str
    share: str
    enough: bool
    missed: str


def percent(share: float, places: int = 1) -> str:
    """A share in per cent; a dash where it is none."""
    return "–" if isnan(share) else percentage(round(100 * share, places))


def interval(rate: ErrorRate) -> str:
    """A rate's interval."""
    ends = {"lower": percent(rate.lower), "upper": percent(rate.upper)}
    return _("%(lower)s to %(upper)s") % ends


def size(samples: Samples, *, labels: int, decisions: int) -> Size:
    """How many labels the policy's target takes against what the last days brought."""
    needed = samples.labels
    share = share_needed(needed, decisions)
    return Size(
        needed=count(needed),
        find=percent(samples.find),
        power=percent(samples.power),
        labels=count(labels),
        decisions=count(decisions),
        share=percent(share) if share <= 1 else "",
        enough=labels >= needed,
        missed=percent(1 - float(power(samples.find, labels))),
    )


def curve(samples: Samples) -> Chart:
    """How likely an error rate of `find` shows, by the number of labels."""
    most = charts.ceiling(samples.labels * 1.6)
    x, y = Scale(0, most, LEFT, NARROW - 12), Scale(0, 1, BOTTOM, TOP)
    numbers = [most * each / 80 for each in range(81)]
    likely = [float(each) for each in power(samples.find, numbers)]
    return Chart(
        line=charts.line(numbers, likely, x, y),
        band="",
        across=charts.axis(x, lambda value: count(round(value))),
        up=charts.axis(y, percent, 4),
        mark=(x.place(samples.labels), y.place(samples.power)),
    )


def row(name: str, strata: Sequence[Counted], share: str = "") -> Row:
    """A line of a table from the strata that it sums up."""
    rate = error_rate(strata)
    return Row(
        name=name,
        share=share,
        drawn=count(sum(each.drawn for each in strata)),
        judged=count(rate.judged),
        waiting=count(sum(each.waiting for each in strata)),
        wrong=count(rate.wrong),
        rate=percent(rate.estimate),
        interval=interval(rate) if rate.judged else "",
    )


def stratum_rows(strata: Sequence[Counted], labels: Mapping[str, str]) -> list[Row]:
    """A line for each stratum, and one for all of them."""
    rows = [
        row(
            _("%(outcome)s from %(lower)s")
            % {"outcome": labels.get(each.outcome, each.outcome), "lower": percent(each.lower, 0)},
            [each],
            percent(each.probability),
        )
        for each in merged(strata)
    ]
    return [*rows, row(_("All, weighted"), merged(strata))] if rows else []


def week_rows(weeks: Mapping[datetime, Sequence[Counted]]) -> list[Row]:
    """A line for each week."""
    return [row(short_day(week), strata) for week, strata in weeks.items()]


def over_time(weeks: Mapping[datetime, Sequence[Counted]]) -> Chart | None:
    """The error rate by week with its interval; None where no week has a judged sample."""
    rates = [error_rate(strata) for strata in weeks.values()]
    known = [rate for rate in rates if rate.judged]
    if not known:
        return None
    ends = list(range(len(rates)))
    x = Scale(0, max(1, len(rates) - 1), LEFT + 12, WIDE - 24)
    y = Scale(0, charts.ceiling(max(rate.upper for rate in known)), BOTTOM, TOP)
    lows = [rate.lower if rate.judged else float("nan") for rate in rates]
    highs = [rate.upper if rate.judged else float("nan") for rate in rates]
    estimates = [rate.estimate for rate in rates]
    every = max(1, len(rates) // 6)
    return Chart(
        line=charts.line(ends, estimates, x, y),
        band=charts.band(ends, lows, highs, x, y),
        across=tuple(
            Tick(x.place(place), short_day(week))
            for place, week in enumerate(weeks)
            if place % every == 0
        ),
        up=charts.axis(y, percent, 4),
        dots=tuple(
            (x.place(place), y.place(each))
            for place, each in enumerate(estimates)
            if not isnan(each)
        ),
    )


def wrong_rows(samples: Sequence[Any], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The samples whose verdict was another one; their cases and reviewers must be loaded."""
    return [
        {
            "pk": sample.pk,
            "case_id": sample.case_id,
            "reference": sample.case.reference,
            "kind": sample.get_kind_display(),
            "outcome": labels.get(sample.outcome, sample.outcome),
            "verdict": labels.get(sample.verdict, sample.verdict),
            "confidence": sample.confidence,
            "who": sample.reviewer.shown_name,
            "at": sample.judged_at,
        }
        for sample in samples
    ]
