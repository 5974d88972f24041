"""What is looked for in a case beside its fields: flags, tables of points and sums. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FlagSpec:
    """A sign that beats any confidence: a case that shows it is never decided without a person.

    It is raised where one of the `phrases` is said of the person now (`inference.flags` has their
    grammar), where `when`, a CEL expression over what is known of the case, holds, or, with both, where
    both do. `source` is the published guidance that it rests on.
    """

    name: str
    label: str
    source: str
    phrases: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One measurement of a table: where it stands in the data, and the points of its values.

    `bands` are pairs of an upper bound, itself included, and points; what is above the last bound has
    the last band's points. A value is first rounded, half up, to the `step` in which the table counts.
    `points` are those of a value that is a word, "true" and "false" being those of a yes and a no.
    `when` is a CEL expression: where it does not hold, this line of the table is not the one that
    applies. A value that is absent is the `default`, or is missing where there is none.
    """

    name: str
    label: str
    value: str
    unit: str = ""
    when: str = ""
    step: float | None = None
    bands: tuple[tuple[float, int], ...] = ()
    points: Mapping[str, int] = field(default_factory=dict)
    default: str | bool | None = None


@dataclass(frozen=True, slots=True)
class LevelSpec:
    """What a table's source calls a total from so many `points` on, or a `single` line of so many."""

    label: str
    points: int | None = None
    single: int | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A published table that turns measurements into points, such as an early warning score.

    `when` is a CEL expression over `data` and `age`: a table is not for a case where it does not hold.
    Of its `levels` the last one that is reached counts.
    """

    name: str
    label: str
    source: str
    parameters: tuple[ParameterSpec, ...]
    when: str = ""
    levels: tuple[LevelSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class SumSpec:
    """Amounts that have to add up: those of a `field` on every paper, or of `parts` of the data.

    `parts` and `whole` are JSON pointers in which `*` stands for every item. Where `currency` names a
    field and `currencies` the same in the data, each currency is added up for itself. `tolerance` is
    how far the sums may be apart.
    """

    name: str
    label: str
    whole: str
    field: str | None = None
    parts: str | None = None
    currency: str | None = None
    currencies: str | None = None
    tolerance: float = 0.005
