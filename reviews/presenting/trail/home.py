"""The trail's first page in words: how far the log is sealed, and what a kept checkpoint says of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.checking import MOST_WAITING, Checked, Finding, Waiting
from audit.models import Checkpoint
from audit.publishing import Standing
from reviews.presenting.formats import count
from reviews.presenting.times import span
from reviews.presenting.trail.faults import fault_words

LATE = timedelta(seconds=30)
"""How long an event may wait for its seal before the page warns: they are sealed within 5 s."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something said above all: how it is meant (ok, warn or bad), and in which words."""

    kind: str
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A place of publication: its kind and how often in words, what it has, and how it stands."""

    kind: str
    label: str
    every: str
    standing: Standing
    state: str
    css: str
    error: str
    next_at: datetime | None


def kind_words(kind: str) -> str:
    """A kind of place."""
    return {
        "file": _("Directory"),
        "s3": _("Bucket"),
        "hook": _("Webhook"),
        "mailto": _("E-mail"),
        "tsa": _("Time authority"),
    }[kind]


def sentence(checkpoint: Checkpoint, now: datetime) -> str:
    """How far the log is sealed, in a sentence."""
    events = ngettext(
        "%(count)s event is sealed", "%(count)s events are sealed", checkpoint.size
    ) % {"count": count(checkpoint.size)}
    return _("%(events)s; the newest checkpoint is %(age)s old.") % {
        "events": events,
        "age": span(now - checkpoint.made_at),
    }


def warning(waiting: Waiting) -> Note | None:
    """Said where events wait too long for their seal."""
    if waiting.since is None or waiting.now - waiting.since < LATE:
        return None
    number = count(waiting.count) + ("+" if waiting.count >= MOST_WAITING else "")
    waits = ngettext(
        "%(count)s event has waited for its seal for up to %(age)s.",
        "%(count)s events have waited for their seals for up to %(age)s.",
        waiting.count,
    ) % {"count": number, "age": span(waiting.now - waiting.since)}
    return Note(
        "warn",
        waits,
        _("Is the sealer running? Nothing is lost: it seals what waits once it runs again."),
    )


def place_line(standing: Standing) -> PlaceLine:
    """A place of publication as a line."""
    place, last, row = standing.place, standing.last, standing.waiting
    state, css = _("Published"), "badge-ok"
    if standing.failed:
        state, css = _("Failed"), "badge-bad"
    elif last is None:
        state, css = _("Nothing yet"), ""
    return PlaceLine(
        kind=kind_words(place.kind),
        label=place.label.removeprefix("tsa "),
        every=span(timedelta(seconds=place.every)),
        standing=standing,
        state=state,
        css=css,
        error=fault_words(row.error) if row else "",
        next_at=row.due_at if row else None,
    )


def finding_note(checked: Checked) -> Note:
    """What became of a kept checkpoint, in words."""
    has = count(checked.newest.size)
    said = count(checked.head.size) if checked.head else ""
    match checked.finding:
        case Finding.CONTINUED:
            return Note(
                "ok",
                _("The log continues your checkpoint."),
                _(
                    "All %(said)s events of it are in the present log of %(has)s, unchanged and in the "
                    "same order."
                )
                % {"said": said, "has": has},
            )
        case Finding.REWRITTEN:
            return Note(
                "bad",
                _("The log contradicts your checkpoint."),
                _(
                    "Its first %(said)s events are not those that your checkpoint was made of: they were "
                    "changed, removed or put in another order since then. Keep your checkpoint safe."
                )
                % {"said": said},
            )
        case Finding.SHORTENED:
            return Note(
                "bad",
                _("The log is shorter than your checkpoint."),
                _(
                    "Your checkpoint says %(said)s events, and the log has %(has)s: events were "
                    "removed, or an older database was brought back. Keep your checkpoint safe."
                )
                % {"said": said, "has": has},
            )
        case Finding.OTHER_LOG:
            return Note("warn", _("This is a checkpoint of another log."), origin_of(checked))
        case Finding.UNSIGNED:
            return Note(
                "bad",
                _("No key of this log has signed this checkpoint."),
                _(
                    "It was changed, or made by somebody else, or the log no longer knows the key that "
                    "signed it. Compare its keys with those that you keep."
                ),
            )
    return Note("bad", _("This is no checkpoint."), fault_words(checked.why))


def origin_of(checked: Checked) -> str:
    """Of which log a checkpoint is."""
    return checked.head.origin if checked.head else ""
