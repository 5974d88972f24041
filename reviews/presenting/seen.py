"""Papers that were seen before: how each was known again, and in which other case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cases.models import Case, Document, Page
from reviews.presenting.masks import Hidden
from reviews.presenting.papers import Sheet


@dataclass(frozen=True, slots=True)
class Seen:
    """One paper seen before. `case` is the other one, where the reader may see it; `sheet` and
    `other` are the pages that are alike, where there are pictures to show."""

    paper: str
    how: str
    case: Case | None
    sheet: Sheet | None
    other: Page | None


def seen_before(
    duplicates: Sequence[Mapping[str, Any]],
    sheets: Sequence[Sheet],
    elsewhere: Mapping[UUID, Document],
    hidden: Hidden,
) -> list[Seen]:
    """What an assessment found of the case's papers in others, in the order of the papers."""
    found = [one(each, sheets, elsewhere, hidden) for each in duplicates]
    return sorted(found, key=lambda each: each.sheet.number if each.sheet else 0)


def one(
    duplicate: Mapping[str, Any],
    sheets: Sequence[Sheet],
    elsewhere: Mapping[UUID, Document],
    hidden: Hidden,
) -> Seen:
    """One paper seen before."""
    own = [sheet for sheet in sheets if str(sheet.document) == duplicate["document"]]
    place = max(1, duplicate.get("page") or 1) - 1
    other = (
        elsewhere.get(UUID(duplicate["other_document"])) if duplicate["other_document"] else None
    )
    return Seen(
        paper=own[0].paper if own else "",
        how=how(duplicate["how"]),
        case=other.case if other else None,
        sheet=own[min(place, len(own) - 1)] if own else None,
        other=page_of(other, duplicate.get("other_page") or 1) if not hidden.papers else None,
    )


def how(known_by: str) -> str:
    """What the two papers have in common, in words."""
    words = {
        "file": _("the same file"),
        "content": _("the same content"),
        "image": _("nearly the same picture"),
    }
    return words.get(known_by, known_by)


def page_of(document: Document | None, number: int) -> Page | None:
    """A page of a paper that has a picture."""
    pages: list[Page] = list(document.pages.all()) if document else []
    return next((page for page in pages if page.number == number and page.blob), None)
