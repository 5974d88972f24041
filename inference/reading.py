"""Reading a case: its pages, the fields on them, and where they differ from what was declared."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from PIL.Image import Image

from audit import vault
from audit.actors import system
from audit.vault import Vault
from cases import blobs, lifecycle
from cases.lifecycle import Step
from cases.models import Case, Page, Status
from inference import images
from inference.engines import UNREAD, engine, read_crop, second_engine
from inference.extraction import FoundField, PageOfDocument, Second, find_fields
from inference.fingerprints import fingerprints
from inference.mismatches import mismatches
from inference.models import FieldRead, Fingerprint
from inference.pages import read_pages
from inference.telling import numbered
from inference.words import Box


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page of a case with what extraction wants of it."""

    page: Page
    words: PageOfDocument


def read_case(case: Case, step: Step) -> None:
    """Does the step of reading. A page that can't be read leaves its fields unfound, for a person."""
    opened = vault.of(case.pk)
    pages = list(pages_of(case, opened, step))
    found = find_fields(
        case.definition.fields,
        [each.words for each in pages],
        second=second_opinion(pages, opened),
    )
    save_fields(case, found, [each.page for each in pages], opened, step)


def pages_of(case: Case, opened: Vault, step: Step) -> list[ReadPage]:
    """All pages of the case in order, read; those of papers that are only shown have no words."""
    first = engine(settings.READING_ENGINE)
    shown = {spec.kind for spec in case.definition.documents if not spec.read}
    pages: list[ReadPage] = []
    for document, number in numbered(case.documents.all()):
        reader = UNREAD if document.kind in shown else first
        for page, words in read_pages(document, opened, reader, step):
            place = PageOfDocument(document.kind, len(pages), words, page.quality["score"], number)
            pages.append(ReadPage(page, place))
    return pages


def second_opinion(pages: Sequence[ReadPage], opened: Vault) -> Second:
    """What another engine reads in a box; each page's picture is opened once, when first asked."""
    pictures: dict[int, Image] = {}

    def read(number: int, box: Box) -> tuple[str, float]:
        page, words = pages[number].page, pages[number].words.words
        if number not in pictures:
            content = blobs.fetch(opened, f"page:{page.pk}", page.blob)
            pictures[number] = images.load(content)
        other = engine(second_engine(words.engine, settings.READING_ENGINE))
        return read_crop(other, pictures[number], box)

    return read


def save_fields(
    case: Case, found: Sequence[FoundField], pages: Sequence[Page], opened: Vault, step: Step
) -> None:
    """Keeps the fields with their mismatches and what its papers are known again by, and moves the
    case on, in one transaction.
    """
    rows = rows_of(case, found, pages, opened)
    marks = fingerprints(case, found, pages, opened)
    with transaction.atomic():
        FieldRead.objects.filter(case=case).delete()
        FieldRead.objects.bulk_create(rows)
        Fingerprint.objects.filter(case=case).delete()
        Fingerprint.objects.bulk_create(marks)
        lifecycle.move(
            case,
            Status.READ,
            by=system("reading"),
            step=step,
            data={
                "pages": len(pages),
                "found": [row.name for row in rows if row.found],
                "mismatches": sorted(row.name for row in rows if row.mismatch),
            },
        )


def rows_of(
    case: Case, found: Sequence[FoundField], pages: Sequence[Page], opened: Vault
) -> list[FieldRead]:
    """The fields as rows not saved yet, each with how it differs from what was declared."""
    data = opened.open_json("data", case.sealed_data)
    differing = {
        each.field: each.kind
        for each in mismatches(case.definition.fields, data, found)
        if each.kind != "not found"
    }
    return [
        FieldRead(
            case=case,
            position=position,
            name=each.name,
            sealed_value=opened.seal_json(
                f"field:{each.name}", {"value": each.value, "text": each.text}
            ),
            found=each.value is not None,
            page=pages[each.page] if each.page is not None else None,
            box=each.box,
            confidence=each.confidence,
            signals={name: round(value, 4) for name, value in each.signals.items()},
            mismatch=differing.get(each.name, ""),
        )
        for position, each in enumerate(found)
    ]
