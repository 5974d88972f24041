"""The forecast in words, lines and a table of hours. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import numpy as np
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.forecasting import Outlook, Worked
from reviews.lab.capacity import WEEK, Demand, bands
from reviews.lab.columns import Floats
from reviews.presenting.formats import clock, count, decimals, plain, short_day
from reviews.presenting.lab.charts import Scale, Tick, axis, band, ceiling, line

LEFT, RIGHT, TOP, BOTTOM = 48.0, 892.0, 14.0, 262.0
DAY = 24
COLOURS = ("series-active", "series-draft")
"""Classes of the policies that are compared, in their order."""
SHADES = 5
"""So many shades of a table's hours, beside the one for none."""


@dataclass(frozen=True, slots=True)
class Series:
    """A policy's line of open cases, and the band of nine runs in ten around it."""

    name: str
    css: str
    line: str
    band: str
    breach: str


@dataclass(frozen=True, slots=True)
class Row:
    """One morning, noon, evening or midnight of the table: the open cases under each policy."""

    when: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of the week."""

    series: tuple[Series, ...]
    days: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]

    @property
    def breaches(self) -> bool:
        """Whether any of the lines has a breach."""
        return any(each.breach for each in self.series)


@dataclass(frozen=True, slots=True)
class Told:
    """What a policy leads to, as a headline and what there is to say of it; `css` is its colour.

    `query` asks the curve what the threshold that would avoid a breach does to errors.
    """

    name: str
    css: str
    title: str
    lines: tuple[str, ...]
    query: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the week: what it has, and its shade."""

    words: str
    shade: int


@dataclass(frozen=True, slots=True)
class Heat:
    """A figure by hour of the week, a row for each day."""

    title: str
    unit: str
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    hours: tuple[tuple[int, bool], ...] = tuple((hour, hour % 6 == 0) for hour in range(DAY))
    """The hours of a day, and which of them are written out."""


# ---------------------------------------------------------------- the chart


def chart(outlooks: Mapping[str, Outlook], start: datetime) -> Chart:
    """The open cases of the coming week under each policy, by its name."""
    found = {name: by_hour(each) for name, each in outlooks.items()}
    top = max([1.0, *(float(each.max()) for each in found.values())])
    x, y = Scale(0, WEEK, LEFT, RIGHT), Scale(0, ceiling(top), BOTTOM, TOP)
    hours = [float(each) for each in range(1, WEEK + 1)]
    return Chart(
        series=tuple(
            Series(
                name=name,
                css=css,
                line=line(hours, middle.tolist(), x, y),
                band=band(hours, low.tolist(), high.tolist(), x, y),
                breach=breach_place(outlooks[name], x),
            )
            for css, (name, (low, middle, high)) in zip(COLOURS, found.items(), strict=False)
        ),
        days=tuple(days_of(start, x)),
        ticks=axis(y, lambda value: count(round(value))),
        rows=tuple(rows(found, start)),
    )


def by_hour(outlook: Outlook) -> Floats:
    """The bands at each hour's end."""
    every = round(1 / outlook.course.step)
    return bands(outlook.course)[:, every - 1 :: every]


def breach_place(outlook: Outlook, x: Scale) -> str:
    """Where the breach stands; empty where none is likely."""
    if not outlook.likely or outlook.breach.after is None:
        return ""
    return x.place(outlook.breach.after)


def days_of(start: datetime, x: Scale) -> list[Tick]:
    """A tick at each midnight, with the day that begins there."""
    first = (DAY - start.hour) % DAY
    return [
        Tick(x.place(hour), date_format(localtime(start + timedelta(hours=hour)), "D"))
        for hour in range(first, WEEK, DAY)
    ]


def rows(found: Mapping[str, Floats], start: datetime) -> list[Row]:
    """The open cases at the end of each sixth hour."""
    return [
        Row(
            when(start + timedelta(hours=hour)),
            tuple(
                f"{count(round(middle[hour - 1]))} ({count(round(low[hour - 1]))}–"
                f"{count(round(high[hour - 1]))})"
                for low, middle, high in found.values()
            ),
        )
        for hour in range(6 - start.hour % 6, WEEK + 1, 6)
    ]


def when(at: datetime) -> str:
    """A moment of the coming week: Thursday 15:00."""
    there = localtime(at)
    return f"{date_format(there, 'l')} {clock(there)}"


# ---------------------------------------------------------------- the advice


def told(
    name: str,
    css: str,
    outlook: Outlook,
    start: datetime,
    labels: Mapping[str, str],
    thresholds: Mapping[str, float],
) -> Told:
    """What a policy leads to: when it breaches, and what avoids that."""
    more = [*unserved(outlook), *unknown(outlook)]
    weekly = _("About %(cases)s reviews a week.") % {"cases": count(round(outlook.demand.weekly))}
    after = outlook.breach.after
    if not outlook.likely or after is None:
        return Told(name, css, _("No breach this week"), (weekly, *more))
    often = outlook.breach.share >= 0.5
    title = (
        _("Breaches %(when)s in %(share)s of 10 runs")
        if often
        else _("Might breach, about %(when)s, in %(share)s of 10 runs")
    ) % {
        "when": when(start + timedelta(hours=after)),
        "share": count(max(1, round(10 * outlook.breach.share))),
    }
    lines = (weekly, avoids(outlook, labels, thresholds), *more)
    return Told(name, css, title, lines, query_of(outlook))


def query_of(outlook: Outlook) -> str:
    """The first threshold that avoids the breach, as the curve's page is asked for it."""
    found = ((name, each) for name, each in (outlook.lower or {}).items() if each is not None)
    first = next(found, None)
    return urlencode({"outcome": first[0], "threshold": f"{first[1]:.2f}"}) if first else ""


def avoids(outlook: Outlook, labels: Mapping[str, str], thresholds: Mapping[str, float]) -> str:
    """What avoids the breach: a threshold, or more reviewers."""
    ways = [
        _("%(threshold)s in place of %(now)s for %(outcome)s")
        % {
            "threshold": decimals(threshold),
            "now": decimals(thresholds[outcome]),
            "outcome": labels.get(outcome, outcome),
        }
        for outcome, threshold in (outlook.lower or {}).items()
        if threshold is not None
    ]
    if outlook.more is not None:
        words = ngettext("%(more)s more reviewer", "%(more)s more reviewers", round(outlook.more))
        ways.append(words % {"more": plain(outlook.more)})
    if not ways:
        return _("Neither a threshold nor more people at the hours they work now avoid it.")
    return _("%(ways)s would avoid it.") % {"ways": _(" or ").join(ways)}


def unserved(outlook: Outlook) -> list[str]:
    """What is late whatever the number of people."""
    cases = round(outlook.unserved)
    if not cases:
        return []
    words = ngettext(
        "%(cases)s case more falls due while nobody is on duty: that takes other hours, not more "
        "people.",
        "%(cases)s cases more fall due while nobody is on duty: that takes other hours, not more "
        "people.",
        cases,
    )
    return [words % {"cases": count(cases)}]


def unknown(outlook: Outlook) -> list[str]:
    """Of how many cases nobody knows what the policy's rules say."""
    if not outlook.unknown:
        return []
    words = ngettext(
        "Of %(cases)s past case it is not known yet what a new rule says: it is taken to go to people.",
        "Of %(cases)s past cases it is not known yet what a new rule says: they are taken to go to "
        "people.",
        outlook.unknown,
    )
    return [words % {"cases": count(outlook.unknown)}]


# ---------------------------------------------------------------- the hours


def heats(demand: Demand, worked: Worked, weeks: int) -> tuple[Heat, ...]:
    """What comes in, who is there and what they do, by hour of the week."""
    hours = worked.people * weeks
    done = np.divide(worked.reviews, hours, out=np.zeros(WEEK), where=hours > 0)
    return (
        heat(_("Reviews asked for"), _("an hour"), demand.arrivals / weeks),
        heat(_("People on duty"), _("on average"), worked.people),
        heat(_("Reviews given"), _("an hour by each on duty"), done),
        heat(
            _("Reviews that can be given"),
            _("an hour by each on duty"),
            np.where(worked.people > 0, worked.pace, 0.0),
        ),
    )


def heat(title: str, unit: str, figures: Floats) -> Heat:
    """One figure by hour of the week."""
    most = float(figures.max()) or 1.0
    cells = [
        Cell(rough(each) if each >= 0.05 else "", int(np.ceil(SHADES * each / most)))
        for each in figures.tolist()
    ]
    monday = datetime(2024, 1, 1)  # any Monday: only its name is asked for
    return Heat(
        title,
        unit,
        tuple(
            (
                date_format(monday + timedelta(days=day), "D"),
                tuple(cells[day * DAY : day * DAY + DAY]),
            )
            for day in range(7)
        ),
    )


def rough(figure: float) -> str:
    """A figure for a narrow cell: 0.4, 3.1, 27."""
    return count(round(figure)) if figure >= 10 else plain(round(figure, 1))


def since_words(start: datetime, weeks: int) -> str:
    """From when on the past is looked at."""
    return short_day(start - timedelta(weeks=weeks))
