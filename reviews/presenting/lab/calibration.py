"""Calibration in words, lines and rows: what was stated against what was right, and the gate. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from reviews.gate import Gate, LiveFigures, Samples
from reviews.presenting.formats import count, decimals
from reviews.presenting.lab.charts import Bar, Scale, Tick, axis, bars, ceiling, line, written

Figures = Mapping[str, Any]

ACROSS = (48.0, 468.0)
RIGHT = (300.0, 16.0)
BELOW = (404.0, 340.0)
"""Places of a diagram: from left to right, of what was right, of the bars below it."""

OVER_TIME = (48.0, 948.0)
UP = (190.0, 12.0)

METHODS = {"isotonic": lazy("isotonic steps"), "platt": lazy("Platt’s curve")}
TYPES = {
    "money": lazy("Amounts"),
    "date": lazy("Dates"),
    "name": lazy("Names"),
    "id": lazy("Numbers of accounts and the like"),
    "integer": lazy("Whole numbers"),
    "percentage": lazy("Percentages"),
    "text": lazy("Words"),
    "currency": lazy("Currencies"),
    "table": lazy("Tables"),
}
QUALITIES = {"clear": lazy("clear pages"), "poor": lazy("poor pages")}


# ---------------------------------------------------------------- figures


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with its interval, and what it was before a calibration."""

    label: str
    estimate: str
    interval: str
    before: str = ""
    better: bool = False


NAMES = {
    "ece": lazy("Calibration error (ECE)"),
    "brier": lazy("Brier score"),
    "auroc": lazy("AUROC"),
}


def shown(figures: Figures, before: Figures | None = None) -> Iterator[Shown]:
    """The figures that there are, each against what it was before."""
    for name, label in NAMES.items():
        found, was = figures.get(name), (before or {}).get(name)
        if found is None:
            continue
        estimate = stated(found["estimate"])
        earlier = stated(was["estimate"]) if was else estimate
        yield Shown(
            label=str(label),
            estimate=estimate,
            interval=between(found),
            before=earlier if earlier != estimate else "",
            better=was is not None and (found["estimate"] < was["estimate"]) == (name != "auroc"),
        )


def stated(number: float) -> str:
    """A figure with three decimals."""
    return decimals(number, 3)


def between(found: Mapping[str, float]) -> str:
    """The ends of a figure's interval."""
    return _("%(lower)s to %(upper)s") % {
        "lower": stated(found["lower"]),
        "upper": stated(found["upper"]),
    }


def by_chance(figures: Figures) -> str:
    """How much calibration error so many labels show where everything is as stated."""
    return stated(figures["ece"]["chance"]) if "ece" in figures else ""


# ---------------------------------------------------------------- the diagram


@dataclass(frozen=True, slots=True)
class Point:
    """A band: where it stands, how far its interval reaches, and its numbers."""

    x: str
    y: str
    whisker: str
    stated: str
    right: str
    interval: str
    labels: str
    share: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """What was stated against what was right, of one predicted outcome; `before` without calibration."""

    key: int
    label: str
    points: tuple[Point, ...]
    before: tuple[Point, ...]
    ideal: str
    bars: tuple[Bar, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def diagrams(
    figures: Figures, labels: Mapping[str, str], before: Figures | None = None
) -> list[Diagram]:
    """A diagram for each outcome that was predicted."""
    names = figures.get("names", ())
    low = lowest(figures, before or {})
    return [
        diagram(figures, before or {}, place, labels.get(name, name), low)
        for place, name in enumerate(names)
        if any(band["group"] == place for band in figures.get("bands", ()))
    ]


def lowest(*found: Figures) -> float:
    """Where the axes begin: at a tenth, below all points."""
    ends = [band["stated"] for each in found for band in each.get("bands", ())]
    return int(min(ends, default=0.0) * 10) / 10


def diagram(figures: Figures, before: Figures, place: int, label: str, low: float) -> Diagram:
    """The diagram of one predicted outcome."""
    x, y = Scale(low, 1.0, *ACROSS), Scale(0.0, 1.0, *RIGHT)
    steps = figures.get("steps", {}).get(str(place), [])
    kept = steps[round(low * len(steps)) :]
    return Diagram(
        key=place,
        label=label,
        points=tuple(points(figures, place, x, y)),
        before=tuple(points(before, place, x, y)),
        ideal=line([low, 1.0], [low, 1.0], x, y),
        bars=bars(kept, x, Scale(0.0, max([*kept, 0.01]), *BELOW)),
        x_ticks=axis(x, lambda value: decimals(value, 1)),
        y_ticks=axis(y, lambda value: decimals(value, 1)),
    )


def points(figures: Figures, place: int, x: Scale, y: Scale) -> Iterator[Point]:
    """The bands of one predicted outcome."""
    for band in figures.get("bands", ()):
        if band["group"] == place:
            across = x.place(band["stated"])
            yield Point(
                x=across,
                y=y.place(band["right"]),
                whisker=f"M{across} {y.place(band['low'])}V{y.place(band['high'])}",
                stated=stated(band["stated"]),
                right=stated(band["right"]),
                interval=between({"lower": band["low"], "upper": band["high"]}),
                labels=count(band["count"]),
                share=per_cent(band["share"]),
            )


def per_cent(share: float) -> str:
    """A share in per cent."""
    return _("%(share)s %%") % {"share": decimals(100 * share, 1)}


# ---------------------------------------------------------------- the gate


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the gate asks for, whether it is met, and what there is."""

    words: str
    met: bool
    found: str


def requirements(live: LiveFigures, gate: Gate, samples: Samples) -> Iterator[Requirement]:
    """What the gate asks for, one by one."""
    yield Requirement(
        _("The labels given unseen that the target needs: %(needed)s")
        % {"needed": count(samples.labels)},
        live.labels >= samples.labels,
        count(live.labels),
    )
    yield Requirement(
        _("Calibration error at most %(most)s, by the upper end") % {"most": decimals(gate.ece)},
        live.ece_upper is not None and live.ece_upper <= gate.ece,
        _("not known") if live.ece_upper is None else stated(live.ece_upper),
    )
    yield Requirement(
        _("AUROC at least %(least)s") % {"least": decimals(gate.auroc)},
        live.auroc is not None and live.auroc >= gate.auroc,
        _("not known") if live.auroc is None else stated(live.auroc),
    )
    yield Requirement(_("Measured within the last day"), live.fresh, "")
    if not live.fits:
        yield Requirement(_("The calibration was made for this model version"), False, "")


def still_needed(live: LiveFigures, gate: Gate, samples: Samples, figures: Figures) -> str:
    """About how many labels more would open the gate, where nothing but chance keeps it shut."""
    missing = samples.labels - live.labels
    error = figures.get("ece")
    if error and error["upper"] > gate.ece:
        if error["lower"] > gate.ece or error["estimate"] > max(gate.ece, 1.3 * error["chance"]):
            return _(
                "More labels will not open it: the model states another confidence than it keeps. "
                "A calibration may mend that: fit one, and name it in a draft."
            )
        missing = max(missing, round(live.labels * ((error["upper"] / gate.ece) ** 2 - 1)))
    if missing <= 0:
        return ""
    words = _("About %(missing)s labels more, should they show what these do.")
    return words % {"missing": count(missing)}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of figures under a name."""

    name: str
    labels: str
    ece: str
    ece_interval: str
    auroc: str
    auroc_interval: str
    at: datetime | None = None
    before: str = ""


def row(name: str, figures: Figures, at: datetime | None = None) -> Line:
    """A row of figures; what there is none of is a dash."""
    ece, auroc = figures.get("ece"), figures.get("auroc")
    was = figures.get("before", {}).get("ece")
    return Line(
        name=name,
        labels=count(figures.get("labels", 0)),
        ece=stated(ece["estimate"]) if ece else "–",
        ece_interval=between(ece) if ece else "",
        auroc=stated(auroc["estimate"]) if auroc else "–",
        auroc_interval=between(auroc) if auroc else "",
        at=at,
        before=stated(was["estimate"]) if was else "",
    )


def queue_rows(figures: Figures, names: Mapping[str, str]) -> list[Line]:
    """The figures by queue; automatic decisions have none."""
    return [
        row(names.get(slug, slug) if slug else _("Decided without a person, sampled"), each)
        for slug, each in figures.get("queues", {}).items()
    ]


def field_rows(figures: Figures) -> list[Line]:
    """The figures of fields by type and page quality."""
    return [row(field_words(name), each) for name, each in figures.get("groups", {}).items()]


def field_words(group: str) -> str:
    """What fields of a type on pages of a quality are called."""
    kind, _colon, quality = group.partition(":")
    return _("%(fields)s, %(pages)s") % {
        "fields": TYPES.get(kind, kind),
        "pages": QUALITIES.get(quality, quality),
    }


# ---------------------------------------------------------------- over time


@dataclass(frozen=True, slots=True)
class OverTime:
    """The calibration error as it was measured, with its interval, against what the gate asks for."""

    line: str
    whiskers: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    limit: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    rows: tuple[Line, ...]


def over_time(
    checks: Sequence[tuple[datetime, Figures]], gate: Gate, words: Iterable[str]
) -> OverTime | None:
    """The checks of one policy's gate, oldest first, each with its moment in `words`; None of too few."""
    told = list(words)
    measured = [(at, each["ece"]) for at, each in checks if "ece" in each]
    if len(measured) < 2:
        return None
    first = measured[0][0].timestamp()
    x = Scale(0.0, max(1.0, measured[-1][0].timestamp() - first), *OVER_TIME)
    y = Scale(0.0, ceiling(max(gate.ece * 1.2, *(each["upper"] for _at, each in measured))), *UP)
    places = [(x.at(at.timestamp() - first), each) for at, each in measured]
    return OverTime(
        line="M" + " L".join(f"{written(at)} {y.place(each['estimate'])}" for at, each in places),
        whiskers=tuple(
            f"M{written(at)} {y.place(each['lower'])}V{y.place(each['upper'])}"
            for at, each in places
        ),
        dots=tuple((written(at), y.place(each["estimate"])) for at, each in places),
        limit=y.place(gate.ece),
        x_ticks=(Tick(written(x.start), told[0]), Tick(written(x.end), told[-1])),
        y_ticks=axis(y, lambda value: decimals(value, 3), 4),
        rows=tuple(
            row(name, each, at)
            for name, (at, each) in reversed(list(zip(told, checks, strict=True)))
        ),
    )
