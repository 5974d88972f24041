"""The papers in the viewer: sheets with the boxes of the fields that were read on them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from cases.definition import Definition
from cases.models import Document, Page
from inference.images import SMALLER
from reviews.presenting.fields import FieldRow, ReadField

MARGIN = 6
"""Pixels between a word and the box drawn around it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A field's box on a sheet, in pixels of the page image."""

    name: str
    label: str
    state: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as shown; without `page` when no image could be made of it.

    `paper` is what its paper is called. Where a case may bring several of the kind, the first page of
    each has that for a `label` beside its number.
    """

    number: int
    title: str
    paper: str
    label: str
    document: UUID
    original: bool
    page: Page | None
    quality: str
    marks: tuple[Mark, ...]

    @property
    def screen_width(self) -> int:
        """Pixels across the picture for the screen, which may be the page's own."""
        if self.page is None or not self.page.screen:
            return self.page.width if self.page else 0
        longest = max(self.page.width, self.page.height)
        return round(self.page.width * SMALLER["screen"] / longest)

    @property
    def to_settle(self) -> int:
        """How many fields on it wait for the reviewer's word."""
        return sum(mark.state in ("bad", "warn") for mark in self.marks)


def page_numbers(documents: Sequence[Document]) -> dict[UUID, int]:
    """The number of each page over the whole case, from 1."""
    pages = [page for document in documents for page in slots(document)]
    return {page.pk: number for number, page in enumerate(pages, 1) if page is not None}


def sheets(
    documents: Sequence[Document], definition: Definition, rows: Sequence[FieldRow]
) -> list[Sheet]:
    """All pages of a case in order."""
    marks = marks_by_page(rows)
    shown: list[Sheet] = []
    for document, name, numbered in named(documents, definition):
        for position, page in enumerate(slots(document), 1):
            number = len(shown) + 1
            shown.append(
                Sheet(
                    number=number,
                    title=title(name, position, document.page_count),
                    paper=name,
                    label=name if numbered and position == 1 else "",
                    document=document.pk,
                    original=position == 1,
                    page=page,
                    quality=defect(page) if page else "",
                    marks=tuple(marks.get(number, ())),
                )
            )
    return shown


def named(
    documents: Sequence[Document], definition: Definition
) -> Iterator[tuple[Document, str, bool]]:
    """Each paper with what it is called, and whether it is one of several of its kind: Receipt 2."""
    specs = {spec.kind: spec for spec in definition.documents}
    counted: Counter[str] = Counter()
    for document in documents:
        counted[document.kind] += 1
        spec = specs.get(document.kind)
        name = spec.name if spec else document.kind.replace("_", " ").capitalize()
        several = spec is not None and spec.several
        yield document, f"{name} {counted[document.kind]}" if several else name, several


def first_pages(documents: Sequence[Document]) -> dict[tuple[str, int], int]:
    """The number of the first page of each paper, by its kind and which of the kind it is."""
    first, counted, number = {}, Counter[str](), 1
    for document in documents:
        counted[document.kind] += 1
        first[document.kind, counted[document.kind]] = number
        number += len(slots(document))
    return first


def title(name: str, position: int, pages: int) -> str:
    """What a sheet is called; its place in the paper where that has several pages."""
    if pages == 1:
        return name
    place = {"paper": name, "page": position, "pages": pages}
    return gettext("%(paper)s, page %(page)s of %(pages)s") % place


def slots(document: Document) -> list[Page | None]:
    """A document's pages in order, None for each of which there is no image."""
    pages: dict[int, Page] = {page.number: page for page in document.pages.all()}
    return [pages.get(number) for number in range(1, max(document.page_count, *pages, 1) + 1)]


def placed(
    read: ReadField, word: Mapping[str, Any] | None, numbers: Mapping[UUID, int]
) -> ReadField:
    """A field with the place that its reviewer had read again, where they had; `word` is theirs."""
    if word is None or not word.get("page"):
        return read
    return replace(read, page=numbers.get(UUID(word["page"])), box=tuple(word["box"]))


def marks_by_page(rows: Sequence[FieldRow]) -> dict[int, list[Mark]]:
    """The boxes of each page."""
    found: dict[int, list[Mark]] = {}
    for row in rows:
        if row.box is None or row.page is None:
            continue
        left, top, right, bottom = row.box
        found.setdefault(row.page, []).append(
            Mark(
                name=row.name,
                label=row.label,
                state=row.state,
                x=left - MARGIN,
                y=top - MARGIN,
                width=right - left + 2 * MARGIN,
                height=bottom - top + 2 * MARGIN,
            )
        )
    return found


def defect(page: Page) -> str:
    """What is bad about a page, in words; empty where it reads well."""
    remarks: list[str] = page.quality.get("remarks", [])
    words = ", ".join(gettext(remark) for remark in remarks)
    return words[:1].upper() + words[1:]
