"""What every page may show of the house itself."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from config.demo.accounts import PASSWORD, groups

TRANSLATED = {path.name for path in (settings.BASE_DIR / "locale").iterdir() if path.is_dir()}
"""The languages other than English, each with the words of its scripts in static/js/words."""


def spoken(request: HttpRequest) -> dict[str, object]:
    """The page's language, and whether its scripts need a catalogue to speak it."""
    language = get_language() or settings.LANGUAGE_CODE
    words = f"js/words/{language}.js" if language in TRANSLATED else ""
    return {"language": language, "words": words}


def house(request: HttpRequest) -> dict[str, object]:
    """Whether this is the demo, so that its pages can say so, and who can sign in to it."""
    if not settings.DEMO:
        return {"demo": False}
    return {"demo": True, "demo_groups": groups(), "demo_password": PASSWORD}
