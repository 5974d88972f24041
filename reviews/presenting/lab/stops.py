"""Stops in words: what is stopped, since when, by whom and why. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from reviews.models import Stop
from reviews.presenting.formats import clock, short_moment
from reviews.presenting.words import name
from reviews.stopping import Scope, scope_of


@dataclass(frozen=True, slots=True)
class Stopped:
    """A stop that holds: `may_lift` is whether the reader may lift it, `why_not` why they may not."""

    pk: int
    what: str
    words: str
    reason: str
    since: datetime
    may_lift: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A stop that is over."""

    what: str
    since: datetime
    by: str
    reason: str
    until: datetime
    lifted_by: str
    lifted_reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be stopped, by the key of its scope."""

    key: str
    label: str


def stopped(stop: Stop, now: datetime, *, may_lift: bool = False, why_not: str = "") -> Stopped:
    """A stop that holds as a line; the moment is a clock time where that is today's."""
    return Stopped(
        pk=stop.pk,
        what=what(scope_of(stop)),
        words=sentence(scope_of(stop)) % said(stop, now),
        reason=stop.reason,
        since=stop.stopped_at,
        may_lift=may_lift,
        why_not=why_not,
    )


def what(scope: Scope) -> str:
    """What is stopped, or can be, to begin a line with."""
    if scope.model:
        return _("Model %(name)s") % {"name": scope.name}
    return name(scope.name) if scope.pipeline else _("The whole house")


def sentence(scope: Scope) -> str:
    """What is stopped since when and by whom, with places for these."""
    if scope.pipeline:
        return _("Automatic decisions of %(what)s are stopped since %(since)s by %(name)s")
    if scope.model:
        return _(
            "Automatic decisions by the model %(what)s are stopped since %(since)s by %(name)s"
        )
    return _("All automatic decisions are stopped since %(since)s by %(name)s")


def said(stop: Stop, now: datetime) -> dict[str, str]:
    """What fills the sentence."""
    today = localtime(stop.stopped_at).date() == localtime(now).date()
    since = clock(stop.stopped_at) if today else short_moment(stop.stopped_at)
    return {"what": name(scope_of(stop).name), "since": since, "name": stop.stopped_by.shown_name}


def past(stops: Iterable[Stop]) -> list[Past]:
    """Stops that are over, as lines."""
    return [
        Past(
            what=what(scope_of(stop)),
            since=stop.stopped_at,
            by=stop.stopped_by.shown_name,
            reason=stop.reason,
            until=stop.lifted_at,
            lifted_by=stop.lifted_by.shown_name,
            lifted_reason=stop.lifted_reason,
        )
        for stop in stops
        if stop.lifted_at and stop.lifted_by
    ]


def choices(scopes: Iterable[Scope]) -> list[Choice]:
    """What can be stopped."""
    return [Choice(scope.key, what(scope)) for scope in scopes]


def asked(scope: Scope) -> str:
    """The question before something is stopped."""
    if scope.pipeline:
        return _("Stop automatic decisions of %(what)s?") % {"what": name(scope.name)}
    if scope.model:
        return _("Stop automatic decisions by the model %(what)s?") % {"what": scope.name}
    return _("Stop all automatic decisions?")
