"""Deadlines and spans of time as people say them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from reviews.models import Hold
from reviews.presenting.formats import short_day

RED = timedelta(minutes=30)
AMBER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline in words, and the class that colours it: amber under 2 h, red under 30 min."""

    at: datetime
    words: str
    css: str


def midnight(at: datetime) -> datetime:
    """When the day of `at` began, where its time zone is."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def due(at: datetime, now: datetime) -> Due:
    """A deadline as seen from `now`."""
    left = at - now
    if left < timedelta(0):
        return Due(at, _("%(span)s late") % {"span": span(-left)}, "due-bad")
    css = "due-bad" if left < RED else "due-warn" if left < AMBER else ""
    return Due(at, _("%(span)s left") % {"span": span(left)}, css)


def due_unless_held(at: datetime, now: datetime, hold: Hold | None) -> Due:
    """A deadline as seen from `now`; while the case is on hold it rests, and says why."""
    if hold is None:
        return due(at, now)
    since = short_day(hold.held_at)
    if hold.kind == Hold.Kind.QUESTION:
        words = _("Paused since %(day)s: waits for the upstream") % {"day": since}
    else:
        until = {"day": since, "until": short_day(hold.follow_up_at)}
        words = _("Paused since %(day)s: on hold until %(until)s") % until
    return Due(at, words, "due-paused")


def span(length: timedelta) -> str:
    """A length of time with as much detail as it deserves: 40 s, 18 min, 3 h 5 min, 2 d 4 h."""
    seconds = max(0, int(length.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        parts = {"days": days, "hours": hours}
        return (_("%(days)d d %(hours)d h") if hours and days < 7 else _("%(days)d d")) % parts
    if hours:
        parts = {"hours": hours, "minutes": minutes}
        whole = _("%(hours)d h %(minutes)d min") if minutes and hours < 6 else _("%(hours)d h")
        return whole % parts
    if minutes:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(seconds)d s") % {"seconds": seconds}
