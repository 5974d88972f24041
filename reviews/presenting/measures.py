"""Tables of points, such as an early warning score: what was measured, what is missing, what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.definition import Definition, TableSpec
from reviews.presenting.data import measured
from reviews.presenting.masks import MASK, Hidden
from reviews.presenting.words import inside

HEAVIEST = 3
"""The most points that a line has a look of its own for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement; `points` is None where it was not given. `note` is what is to be known of it."""

    label: str
    value: str
    unit: str
    points: int | None
    note: str = ""

    @property
    def weight(self) -> int:
        """How heavy the line looks, from 0 to HEAVIEST."""
        return min(self.points or 0, HEAVIEST)


@dataclass(frozen=True, slots=True)
class Measures:
    """A table. `missing` says plainly what was not given, and what that means for the total."""

    name: str
    label: str
    source: str
    points: int
    highest: int
    lines: tuple[Line, ...]
    missing: str
    level: str = ""

    @property
    def known(self) -> bool:
        """Whether anything was measured at all."""
        return any(line.points is not None for line in self.lines)

    @property
    def remark(self) -> str:
        """What the total does not tell: that a single line is as high as can be."""
        return (
            _("%(points)s points in a single line") % {"points": self.highest}
            if self.highest >= HEAVIEST
            else ""
        )


def measures(
    tables: Mapping[str, Mapping[str, Any]], definition: Definition, hidden: Hidden
) -> list[Measures]:
    """The tables of an assessment, in the order of the definition."""
    order = [spec.name for spec in definition.tables]
    names = sorted(tables, key=lambda name: order.index(name) if name in order else len(order))
    return [table(name, tables[name], definition, hidden) for name in names]


def table(
    name: str, content: Mapping[str, Any], definition: Definition, hidden: Hidden
) -> Measures:
    """One table; a measurement that is hidden shows neither its value nor its points."""
    spec = next((each for each in definition.tables if each.name == name), None)
    pointers = {each.name: each.value for each in spec.parameters} if spec else {}
    lines = tuple(
        line(each, masked=hidden.covers(pointers.get(each["name"], "")))
        for each in content["lines"]
    )
    absent = [_(each["label"]) for each in content["lines"] if each["points"] is None]
    return Measures(
        name=name,
        label=_(content["label"]),
        source=_(content["source"]),
        points=content["points"],
        highest=content["highest"],
        lines=lines,
        missing=missing(absent, all_of_them=len(absent) == len(lines)),
        level=level(spec, content["points"], content["highest"]),
    )


def level(spec: TableSpec | None, points: int, highest: int) -> str:
    """What the table's source calls such a total; empty where it has no word for it."""
    reached = [
        each.label
        for each in (spec.levels if spec else ())
        if (each.points is not None and points >= each.points)
        or (each.single is not None and highest >= each.single)
    ]
    return _(reached[-1]) if reached else ""


def line(each: Mapping[str, Any], *, masked: bool) -> Line:
    """One measurement in words."""
    if masked:
        return Line(_(each["label"]), MASK, "", None)
    given = each["value"] is not None
    note = ""
    if given and each["points"] is None:
        note = _("the table has no points for it")
    elif "rounded" in each:
        note = _("counted as %(value)s") % {"value": measured(each["rounded"])}
    return Line(
        label=_(each["label"]),
        value=measured(each["value"]),
        unit=each.get("unit", "") if given else "",
        points=each["points"],
        note=note,
    )


def missing(absent: list[str], *, all_of_them: bool) -> str:
    """What was not given, in a sentence: what is unknown is not normal."""
    if all_of_them:
        return _("Nothing was measured: there is no score.")
    if not absent:
        return ""
    words = {"names": ", ".join(inside(label) for label in absent)}
    return (
        ngettext(
            "Not given: %(names)s. With it the total can only be higher.",
            "Not given: %(names)s. With them the total can only be higher.",
            len(absent),
        )
        % words
    )
