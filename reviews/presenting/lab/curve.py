"""The curve's page: the chart, each threshold in words, and the answer the other way round. Pure."""

import json
import math
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.lab.bounds import ENOUGH, Answer
from reviews.lab.curve import Curve
from reviews.presenting.formats import count, decimals, percentage, plain
from reviews.presenting.lab.charts import Scale, Tick, axis, band, ceiling, line

LEFT, RIGHT, TOP, BOTTOM = 52.0, 948.0, 20.0, 350.0
"""The edges of the chart's field, in the picture of 960 by 400 that the template draws."""
ROWS = 0.05
"""So far apart are the thresholds of the table."""


@dataclass(frozen=True, slots=True)
class Point:
    """A threshold on the curve, in words; `x` and `y` are where it stands in the chart."""

    threshold: float
    x: str
    y: str
    name: str
    rate: str
    upper: str
    share: str
    decided: str
    hours: str
    saved: str
    labels: str
    at: str

    @property
    def bound(self) -> str:
        """How sure the rate is."""
        return _("at most %(upper)s; %(labels)s labels") % {
            "upper": self.upper,
            "labels": self.labels,
        }

    @property
    def cases(self) -> str:
        """How many cases a week that is."""
        return _("%(decided)s cases a week") % {"decided": self.decided}

    @property
    def spared(self) -> str:
        """How many hours a week it saves."""
        return _("%(saved)s saved") % {"saved": self.saved}

    @property
    def spoken(self) -> str:
        """All of it for whoever hears it."""
        return _(
            "Threshold %(name)s: %(share)s of all cases decided without a person, "
            "%(rate)s of these wrong, at most %(upper)s; %(hours)s hours a week left"
        ) % {
            "name": self.name,
            "share": self.share,
            "rate": self.rate,
            "upper": self.upper,
            "hours": self.hours,
        }


@dataclass(frozen=True, slots=True)
class CurveChart:
    """What the page's chart asks for, all of it in places and words."""

    points: tuple[Point, ...]
    chosen: Point
    place: int
    active: Point | None
    line: str
    band: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    rows: tuple[Point, ...]

    @property
    def sent(self) -> str:
        """The points for the slider, the least covering first."""
        return json.dumps([sent(point) for point in reversed(self.points)])

    @property
    def now(self) -> int:
        """The slider's place among them."""
        return len(self.points) - 1 - self.place


def sent(point: Point) -> dict[str, str]:
    """A point as the slider's module reads it."""
    return {
        "threshold": point.at,
        "x": point.x,
        "y": point.y,
        "spoken": point.spoken,
        "rate": point.rate,
        "bound": point.bound,
        "share": point.share,
        "cases": point.cases,
        "hours": point.hours,
        "spared": point.spared,
    }


def chart(curve: Curve, chosen: float | None, active: float | None, at_most: float) -> CurveChart:
    """The chart of a curve with its handle at a threshold; without one it stands at the strict end."""
    x = Scale(0.0, ceiling(float(curve.share.max(initial=0.0))), LEFT, RIGHT)
    y = Scale(0.0, height(curve, at_most), BOTTOM, TOP)
    points = tuple(point_of(curve, row, x, y) for row in range(len(curve.thresholds)))
    place = curve.at(chosen) if chosen is not None else len(points) - 1
    shares, rates, uppers = curve.share.tolist(), curve.rate.tolist(), curve.upper.tolist()
    return CurveChart(
        points=points,
        chosen=points[place],
        place=place,
        active=points[curve.at(active)] if active is not None else None,
        line=line(shares, rates, x, y),
        band=band(shares, rates, uppers, x, y),
        x_ticks=axis(x, in_per_cent),
        y_ticks=axis(y, in_per_cent),
        rows=tuple(each for each in points if in_table(each, active)),
    )


def height(curve: Curve, at_most: float) -> float:
    """The highest risk that the chart has room for: of few labels the bound says too little to show."""
    told = curve.labels >= ENOUGH
    highest = max([at_most, *curve.upper[told].tolist()])
    rates = [each for each in curve.rate[told].tolist() if not math.isnan(each)]
    return ceiling(min(highest, 3 * max([at_most, *rates])))


def in_table(point: Point, active: float | None) -> bool:
    """Whether a threshold stands in the table: each twentieth, and the active policy's own."""
    steps = point.threshold / ROWS
    return abs(steps - round(steps)) < 1e-6 or point.threshold == active


def point_of(curve: Curve, row: int, x: Scale, y: Scale) -> Point:
    """One threshold in words and in its place."""
    rate, threshold = float(curve.rate[row]), float(curve.thresholds[row])
    return Point(
        threshold=threshold,
        x=x.place(float(curve.share[row])),
        y=y.place(0.0 if math.isnan(rate) else rate),
        name=threshold_words(threshold),
        rate=risk_words(rate),
        upper=risk_words(float(curve.upper[row])),
        share=risk_words(float(curve.share[row])),
        decided=count(round(float(curve.decided[row]))),
        hours=plain(round(float(curve.hours[row]), 1)),
        saved=plain(round(float(curve.saved[row]), 1)),
        labels=count(int(curve.labels[row])),
        at=typed(round(threshold, 4)),
    )


def threshold_words(threshold: float) -> str:
    """A threshold with two decimals, or with as many as it needs."""
    return decimals(threshold, 2 if abs(threshold * 100 - round(threshold * 100)) < 1e-9 else 3)


def risk_words(share: float) -> str:
    """A share in per cent: finely where it is small; no number is said to be none."""
    if math.isnan(share):
        return _("not known")
    return percentage(round(100 * share, 2 if share < 0.01 else 1))


def typed(number: float) -> str:
    """A number as a control has it: 2 and 0.5."""
    return f"{number:.10g}"


def window_words(cases: int, free: int, version: int) -> str:
    """Whose curve it is."""
    facts = {"cases": count(cases), "free": count(free), "number": version}
    return (
        _(
            "%(cases)s cases; %(free)s of them nothing but this threshold could hold back, "
            "under version %(number)s"
        )
        % facts
    )


def in_per_cent(share: float) -> str:
    """A share of an axis in per cent."""
    return percentage(round(100 * share, 2))


# ---------------------------------------------------------------- the other way round


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to "at most so much wrong, so sure": a line, what more there is to say, and whether yes."""

    supported: bool
    title: str
    lines: tuple[str, ...]
    threshold: str = ""


def told(found: Answer, at_most: float, sure: float) -> Told:
    """What the data say to a promise of at most so much wrong (0–1), so sure (0–1)."""
    facts = {
        "threshold": threshold_words(found.at),
        "rate": risk_words(found.rate),
        "upper": risk_words(found.upper),
        "share": risk_words(found.share),
        "labels": count(found.labels),
        "at_most": risk_words(at_most),
        "sure": percentage(round(100 * sure, 1)),
    }
    if found.supported:
        return Told(
            True,
            _("From %(threshold)s on") % facts,
            (
                _(
                    "Of %(labels)s labels there %(rate)s were wrong: with a certainty of %(sure)s no more "
                    "than %(upper)s of such decisions are."
                )
                % facts,
                _("%(share)s of the cases that it could decide are at or above.") % facts,
            ),
            typed(found.at),
        )
    return Told(False, _("The data cannot support that"), tuple(reasons(found, facts)))


def reasons(found: Answer, facts: dict[str, str]) -> list[str]:
    """Why there is no threshold, and what it would take."""
    if not found.labels:
        return [_("No decision of this kind has been labelled yet: there is nothing to go by.")]
    if math.isinf(found.more):
        return [
            _(
                "At each threshold with enough labels more than %(at_most)s was wrong, or so near "
                "to it that no number of labels would settle it."
            )
            % facts,
            _("The least was %(rate)s, from %(threshold)s on, among %(labels)s labels.") % facts,
        ]
    missing = ngettext(
        "About one more label there would do, if no more is wrong among them than so far.",
        "About %(more)s more labels there would do, if no more is wrong among them than so far.",
        math.ceil(found.more),
    )
    return [
        _(
            "It comes nearest at %(threshold)s: %(rate)s was wrong among %(labels)s labels, "
            "which at %(sure)s can mean up to %(upper)s."
        )
        % facts,
        missing % {"more": count(math.ceil(found.more))},
    ]
