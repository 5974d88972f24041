"""Appointments in words: for the person who is to come, and for the reviewer who proposes one."""

from datetime import timedelta, timezone

from babel import Locale
from babel.dates import format_skeleton, format_time
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.locales import locale_now
from reviews.models import Slot

TOLD_IN = Locale.parse("en_GB")
"""The language of replies: their templates' own, whichever their reviewer reads in."""


def told_time(slot: Slot) -> str:
    """A slot as a reply names it, by the clinic's own clock: Monday 1 March 2027, 09:30, at the Mill."""
    at = slot.starts_at.astimezone(timezone(timedelta(minutes=slot.utc_minutes)))
    day = format_skeleton("yMMMMEEEEd", at, tzinfo=at.tzinfo, locale=TOLD_IN)
    time = format_time(at, "HH:mm", tzinfo=at.tzinfo, locale=TOLD_IN)
    return f"{day}, {time}" + (f", {slot.place}" if slot.place else "")


def day_and_time(slot: Slot) -> str:
    """A slot's time for who proposes it, where they are: Mon 1 Mar, 9:30."""
    at, locale = localtime(slot.starts_at), locale_now()
    day = format_skeleton("MMMEd", at, tzinfo=at.tzinfo, locale=locale)
    return f"{day}, {format_time(at, 'short', tzinfo=at.tzinfo, locale=locale)}"


def at_the_clinic(slot: Slot) -> str:
    """What the clinic's clock shows then, where the reader's shows something else; else empty."""
    there = slot.starts_at.astimezone(timezone(timedelta(minutes=slot.utc_minutes)))
    if there.utcoffset() == localtime(slot.starts_at).utcoffset():
        return ""
    time = format_time(there, "short", tzinfo=there.tzinfo, locale=locale_now())
    return _("%(time)s at the clinic") % {"time": time}
