"""Which cases another policy would send elsewhere, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.lab.moves import DECIDED, QUEUE, Moves, Place
from reviews.presenting.formats import count

Names = Mapping[str, str]
"""What outcomes, queues and segments are called, by their names."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many cases go from one place to another; `moved` if these are two."""

    count: str
    moved: bool
    query: str
    label: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Where the cases end under both policies: a row for each place now, a column for each then."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def matrix(moves: Moves, names: Names) -> Matrix:
    """The places between which cases are, those that have none left out."""
    used = [
        place
        for place in range(len(moves.places))
        if moves.counts[place].any() or moves.counts[:, place].any()
    ]
    return Matrix(
        tuple(place_words(moves.places[each], names) for each in used),
        tuple(
            (
                place_words(moves.places[here], names),
                tuple(cell(moves, here, there, names) for there in used),
            )
            for here in used
        ),
    )


def cell(moves: Moves, here: int, there: int, names: Names) -> Cell:
    """One of the matrix's cells."""
    cases = int(moves.counts[here, there])
    before, after = moves.places[here], moves.places[there]
    moved = here != there and cases > 0 and {before.kind, after.kind} <= QUEUE_OR_DECIDED
    words = {
        "count": count(cases),
        "before": place_words(before, names),
        "after": place_words(after, names),
    }
    return Cell(
        count(cases) if cases else "",
        moved,
        f"from={before.key}&to={after.key}",
        _("%(count)s cases from %(before)s to %(after)s") % words,
    )


QUEUE_OR_DECIDED = {QUEUE, DECIDED}


def place_words(place: Place, names: Names) -> str:
    """Where a case ends, in words."""
    name = names.get(place.name, place.name)
    if place.kind == DECIDED:
        return _("Decided: %(outcome)s") % {"outcome": name}
    return name if place.kind == QUEUE else _("Not known yet")


def moved_words(moves: Moves, cases: int) -> str:
    """How many cases move."""
    if not moves.moved:
        return _("No case moves.")
    words = ngettext(
        "%(moved)s case of %(cases)s moves.", "%(moved)s of %(cases)s cases move.", moves.moved
    )
    return words % {"moved": count(moves.moved), "cases": count(cases)}
