"""Reasons of a route in the reader's language: made anew of what they say, by their codes."""

from collections.abc import Mapping
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
