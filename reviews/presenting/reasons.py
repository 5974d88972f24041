"""Reasons of a route in the reader's language: made anew of what they say, by their codes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reviews.presenting.formats import decimals
from reviews.presenting.words import inside, name
from reviews.reasons import INSIDE, PLACES, SAYS


def reason_words(reason: Mapping[str, Any]) -> str:
    """A reason as a route keeps it; where it has no values its text is looked up as it is."""
    values = dict(reason.get("values") or ())
    code = reason["code"]
    if not values or code not in SAYS:
        return _(reason["text"])
    return _(SAYS[code]) % {place: spoken(value, code) for place, value in values.items()}


def spoken(value: float | str, code: str) -> str:
    """A value as it stands in the sentence: numbers by locale, names as the pipeline's catalogue has them."""
    if not isinstance(value, str):
        return decimals(value, PLACES.get(code, 2))
    return inside(name(value)) if code in INSIDE else name(value)


SEVERAL: Mapping[str, tuple[str, str]] = {
    "flag": ("label", gettext_noop("These flags are raised: %(labels)s and %(last)s")),
    "paper_unread": ("paper", gettext_noop("Pages of %(papers)s and %(last)s could not be read")),
}
"""Reasons that are one where there are several: the value by which they differ, and the words."""


def said_once(reasons: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The reasons, where several flags, or papers that could not be read, are one in place of the first."""
    said = list(reasons)
    for code in SEVERAL:
        alike = [reason for reason in said if reason["code"] == code]
        if len(alike) > 1:
            said = [together(alike) if reason is alike[0] else reason for reason in said]
            said = [reason for reason in said if reason not in alike[1:]]
    return said


def together(alike: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Reasons of one code as one."""
    place, words = SEVERAL[alike[0]["code"]]
    *others, last = [name(dict(reason["values"])[place]) for reason in alike]
    text = _(words) % {f"{place}s": ", ".join(others), "last": last}
    return {**alike[0], "text": text, "values": ()}
