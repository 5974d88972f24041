"""An event's own facts in words: what its plain data says, as far as a person reads anything in it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from audit.models import Event
from reviews.models import Stage
from reviews.presenting.data import Item
from reviews.presenting.formats import decimals, moment
from reviews.presenting.histories import INDEPENDENT, Names
from reviews.presenting.times import span

In = Callable[[Any, Names], str]


def labels(value: Any, names: Names) -> str:
    """Names of fields, and of each what was said of it, where something was."""
    known = {spec.name: spec.label for spec in names.definition.fields}
    if isinstance(value, Mapping):
        return ", ".join(
            f"{gettext(known.get(str(name), str(name)))}: {gettext(said)}"
            for name, said in value.items()
        )
    each = value if isinstance(value, list) else [value]
    return ", ".join(gettext(known.get(str(name), str(name))) for name in each)


def reasons(value: Any, names: Names) -> str:
    """The reasons that a reviewer cited; those of a route stand with the route."""
    known = {reason.code: reason.text for reason in names.definition.reasons}
    return "; ".join(gettext(known[code]) for code in value if code in known)


def plainly(value: Any, names: Names) -> str:
    """The value as it is."""
    return str(value)


FACTS: Mapping[str, tuple[str, In]] = {
    "outcome": (_("Outcome"), lambda value, names: names.outcome(value)),
    "confidence": (_("Confidence"), lambda value, names: decimals(value)),
    "failure": (_("What failed"), plainly),
    "reasons": (_("Reasons"), reasons),
    "fields": (_("Fields"), labels),
    "queue": (_("Queue"), lambda value, names: names.queue(value)),
    "error": (_("Error"), plainly),
    "stage": (_("Judgement"), lambda value, names: str(Stage(value).label)),
    "documents": (
        _("Papers"),
        lambda value, names: str(len(value) if isinstance(value, list) else value),
    ),
    "papers": (_("Papers"), plainly),
    "pages": (_("Pages"), plainly),
    "found": (_("Found"), labels),
    "mismatches": (_("Differs from the data"), labels),
    "field": (_("Field"), labels),
    "purpose": (_("Purpose"), lambda value, names: gettext(value)),
    "until": (_("Until"), lambda value, names: moment(datetime.fromisoformat(value))),
    "rested_seconds": (_("Rested"), lambda value, names: span(timedelta(seconds=value))),
    "for": (_("For"), lambda value, names: names.person(value)),
}
"""Key of an event's data: its title, and how its value is said."""

NEUTRAL = frozenset(
    {
        "stage",
        "documents",
        "papers",
        "pages",
        "found",
        "mismatches",
        "until",
        "rested_seconds",
        "for",
    }
)
"""Of which an independent judge may hear: nothing in them depends on what was said of the case."""


def told(event: Event, names: Names, *, independent: bool) -> tuple[Item, ...]:
    """An event's own facts."""
    if independent and event.type in INDEPENDENT:
        return ()
    return tuple(
        Item(gettext(title), words)
        for key, (title, say) in FACTS.items()
        if key in event.data and (not independent or key in NEUTRAL)
        if (words := say(event.data[key], names))
    )
