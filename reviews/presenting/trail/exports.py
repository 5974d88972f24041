"""Exports in words: what each kind holds, what was chosen, and how far it is. Pure."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from reviews.presenting import formats

LEADS: Mapping[str, Any] = {
    "decisions": lazy(
        "Every decision chosen, with its prediction, reviewers, reasons and explanations. A CSV is for "
        "spreadsheets; JSON Lines and Parquet are for programs, with lists, numbers and times as such."
    ),
    "overrides": lazy(
        "Decisions in which people differed from the model: on the high side (against the person, where "
        "the model was for them), or on the low side (the reverse), and what came of it later."
    ),
    "segments": lazy(
        "How many decisions of each declared segment were automatic, adverse and overridden, with the "
        "four-fifths ratio of the favourable ones."
    ),
    "thresholds": lazy(
        "The policy versions that came into force: who drafted and who signed each, and what it changed."
    ),
    "access": lazy("Who opened which case, paper or masked field, when, and for what purpose."),
    "models": lazy(
        "Releases registered, calibrations fitted, what live labels showed, and when automatic decisions "
        "were stopped."
    ),
    "case": lazy(
        "All of one case as a PDF to read, with its papers and the fields on them, and its events."
    ),
    "trail": lazy(
        "All events of the whole house with the hash of each: who has this file can check any checkpoint "
        "of the log, and needs us for nothing."
    ),
}
TONES = {"asked": "warn", "running": "accent", "done": "ok", "failed": "bad"}


class Progress(NamedTuple):
    """How far an export is: rows made, of how many, where that is known."""

    made: int
    expected: int | None

    @property
    def words(self) -> str:
        """The same in words."""
        if not self.expected:
            return _("%(made)s rows") % {"made": formats.count(self.made)}
        named = {"made": formats.count(self.made), "all": formats.count(self.expected)}
        return _("%(made)s of %(all)s rows") % named


def truth(yes: Any, no: Any) -> Callable[[str], str]:
    """Words for a yes and for a no."""
    return lambda value: str(yes if value == "true" else no)


def on(words: Any, name: str) -> Callable[[str], str]:
    """Words that name a value."""
    return lambda value: str(words) % {name: value}


SAID: Mapping[str, Callable[[str], str]] = {
    "since": lambda value: _("from %(day)s") % {"day": formats.day(date.fromisoformat(value))},
    "until": lambda value: _("until %(day)s") % {"day": formats.day(date.fromisoformat(value))},
    "outcome": lambda value: _("only %(outcome)s") % {"outcome": _(value.replace("_", " "))},
    "override": truth(lazy("overridden"), lazy("not overridden")),
    "policy_version": on(lazy("under policy %(number)s"), "number"),
    "model_version": on(lazy("of model %(model)s"), "model"),
    "superseded": truth(lazy("with superseded ones"), lazy("without superseded ones")),
    "events": truth(lazy("with events"), lazy("without events")),
    "case": lambda value: _("one case"),
    "reviewer": lambda value: _("one person"),
    "purpose": lambda value: _("for %(purpose)s") % {"purpose": _(value)},
}


def filter_words(chosen: Mapping[str, str]) -> list[str]:
    """What an export was narrowed to, of all of its pipeline; `chosen` is the filter as recorded."""
    words = [SAID[name](value) for name, value in chosen.items() if name in SAID]
    return words or [_("all")]
