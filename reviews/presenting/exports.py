"""What was exported, in words."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from reviews.presenting import formats


def filter_words(chosen: Mapping[str, str]) -> list[str]:
    """Which cases an export took, of those of its pipeline; `chosen` is the filter as recorded."""
    words = []
    if since := chosen.get("since"):
        words.append(_("from %(day)s") % {"day": formats.day(date.fromisoformat(since))})
    if until := chosen.get("until"):
        words.append(_("until %(day)s") % {"day": formats.day(date.fromisoformat(until))})
    if outcome := chosen.get("outcome"):
        words.append(_("only %(outcome)s") % {"outcome": _(outcome.replace("_", " "))})
    if purpose := chosen.get("purpose"):
        words.append(_("for %(purpose)s") % {"purpose": _(purpose)})
    return words or [_("all")]
