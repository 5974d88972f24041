"""Start-up checks: what the house needs and can't do without, said before the first case does."""

import shutil
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string


@register(Tags.security, deploy=True)
def database_asks_for_a_password(**_: Any) -> list[CheckMessage]:
    """In production PostgreSQL is asked for a password or reached through a socket."""
    default = settings.DATABASES["default"]
    if default["HOST"] and not default["HOST"].startswith("/") and not default["PASSWORD"]:
        return [Warning("DATABASE_URL has no password.", id="countersign.W001")]
    return []


@register()
def tesseract_is_there(**_: Any) -> list[CheckMessage]:
    """The second opinion needs Tesseract's language data, which its package brings."""
    if shutil.which("tesseract") is None:
        return [
            Error(
                "Tesseract is not installed.",
                hint="apt-get install tesseract-ocr",
                id="countersign.E001",
            )
        ]
    return []


@register()
def steps_are_tasks(**_: Any) -> list[CheckMessage]:
    """Every step of a case must name a task that exists."""
    found: list[CheckMessage] = []
    for status, path in settings.CASE_STEPS.items():
        try:
            import_string(path)
        except ImportError:
            found.append(Error(f"CASE_STEPS[{status!r}]: no {path}.", id="countersign.E002"))
    return found
