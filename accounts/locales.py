"""The language, the formats and the time zone in which a person reads."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language, get_supported_language_variant

from accounts.models import User


def language_of(person: User) -> str | None:
    """The language that a person chose, as settings.LANGUAGES has it; None: as their browser asks.

    A locale that is spoken here no more counts as none.
    """
    try:
        return get_supported_language_variant(person.locale.lower()) if person.locale else None
    except LookupError:
        return None


def zone_of(person: User) -> ZoneInfo | None:
    """The time zone that a person chose; None: the house's own, and where there is none of that name."""
    try:
        return ZoneInfo(person.time_zone) if person.time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def locale_now() -> Locale:
    """The locale of the active language, by which values are written and read."""
    return LOCALES.get(get_language() or "", LOCALES[settings.LANGUAGE_CODE])


def day_order() -> str:
    """The order of a day's figures in the active locale: "mdy" or "dmy"."""
    pattern = locale_now().date_formats["short"].pattern
    return "mdy" if pattern.index("M") < pattern.index("d") else "dmy"


REGIONS = {"de": "de_DE"}
"""Where a language without a country is spoken by default."""
LOCALES = {
    language: Locale.parse(REGIONS.get(language, language), sep="-" if "-" in language else "_")
    for language, _ in settings.LANGUAGES
}
"""The locale of each language of the pages."""
