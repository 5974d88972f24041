"""Reasons of a route in the reader's language: made anew of what they say, by their codes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from reviews.presenting.formats import decimals
from reviews.presenting.words import inside
from reviews.routing import INSIDE, PLACES, SAYS


def reason_words(reason: Mapping[str, Any]) -> str:
    """A reason as a route keeps it; where it has no values its text is looked up as it is."""
    values = dict(reason.get("values") or ())
    code = reason["code"]
    if not values or code not in SAYS:
        return _(reason["text"])
    return _(SAYS[code]) % {name: spoken(value, code) for name, value in values.items()}


def spoken(value: float | str, code: str) -> str:
    """A value as it stands in the sentence: numbers by locale, names as the pipeline's catalogue has them."""
    if not isinstance(value, str):
        return decimals(value, PLACES.get(code, 2))
    return inside(_(value)) if code in INSIDE else _(value)


def said_once(reasons: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The reasons, where those of several papers that could not be read are one in place of the first."""
    unread = [reason for reason in reasons if reason["code"] == "paper_unread"]
    if len(unread) < 2:
        return list(reasons)
    names = [dict(reason["values"])["paper"] for reason in unread]
    *papers, last = [_(name) for name in names]
    words = _("Pages of %(papers)s and %(last)s could not be read")
    text = words % {"papers": ", ".join(papers), "last": last}
    one = {**unread[0], "text": text, "values": ()}
    rest = [one if reason is unread[0] else reason for reason in reasons]
    return [reason for reason in rest if reason not in unread[1:]]
