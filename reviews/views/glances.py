"""Which pages were in view and for how long, as the viewer sends it with a verdict."""

from collections.abc import Mapping
from typing import Any

from reviews.views.working import number

PAGES_NOTED = 200
A_DAY = 86_400
"""Seconds that a page can have been in view at most."""


def seen_in(text: str) -> dict[int, int | None]:
    """Pages with their seconds as the viewer sends them: 1:41,2:0; or pages alone: 1,2."""
    found: dict[int, int | None] = {}
    for part in text.split(",")[:PAGES_NOTED]:
        page, timed, seconds = part.partition(":")
        if number(page):
            found[number(page)] = min(number(seconds), A_DAY) if timed else None
    return found


def opened_of(seen: Mapping[int, int | None]) -> dict[str, Any]:
    """What was in view, as a review keeps it."""
    seconds = {str(page): spent for page, spent in seen.items() if spent is not None}
    return {"pages": list(seen), **({"seconds": seconds} if seconds else {})}
