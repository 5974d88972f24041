"""A case's whole file, printed: for a file that leaves the house, or to be put before somebody."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from itertools import chain
from uuid import UUID

import structlog
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from reportlab.platypus import Flowable, PageBreak

from accounts.locales import language_of
from accounts.models import User
from audit.vault import Vault
from cases.models import Page
from inference.pages import picture_of
from reviews.presenting.papers import Sheet
from reviews.printing import casebook, modelview
from reviews.printing.papers import Picture
from reviews.printing.sheets import SMALL, Around, Heading, paragraph, printed
from reviews.trail.wholefile import Erased, Remains, WholeFile, remains, whole_file

log = structlog.get_logger("countersign.casepdf")


def case_pdf(case_id: UUID, *, reader: User, purpose: str = "") -> bytes:
    """The file of a case as a PDF, in the reader's language, its times in UTC, masked as it is from them.

    Of an erased case it says that, and what is left. A `purpose` that the pipeline knows takes the
    masks away. The same state of the case gives the same bytes. Raises Http404 where the reader may
    not see the case, MayHaveToJudge, and CannotOpen where a master key is missing.
    """
    language = language_of(reader) or translation.get_language()
    with translation.override(language), timezone.override(UTC):
        try:
            return print_whole(whole_file(case_id, reader=reader, purpose=purpose))
        except Erased:
            return print_remains(remains(case_id, reader=reader))


def print_whole(whole: WholeFile) -> bytes:
    """A case's file."""
    case = whole.file.case
    around = Around(
        title=_("Case %(reference)s") % {"reference": case.reference},
        subject=whole.file.definition.name,
        foot=casebook.foot(whole.placed),
    )
    sections = (
        casebook.cover(whole),
        casebook.data(whole),
        casebook.fields(whole),
        casebook.found(whole),
        modelview.view(whole),
        modelview.policy(whole),
        casebook.reviews(whole),
        casebook.earlier(whole),
        casebook.happened(whole.page.history),
        papers(whole),
    )
    return printed([*chain(*sections)], around)


def print_remains(left: Remains) -> bytes:
    """What is left of an erased case."""
    around = Around(
        title=_("Case %s") % left.case.pk,
        subject=_(left.case.definition.name),
        foot=casebook.foot(left.placed),
    )
    return printed([*casebook.left(left)], around)


def papers(whole: WholeFile) -> Iterator[Flowable]:
    """Each page of the papers as shown, on a page of its own."""
    sheets, hidden = whole.page.sheets, whole.file.hidden.papers
    if not sheets:
        return
    if not hidden:
        yield PageBreak()
    yield Heading(_("Papers"))
    if hidden:
        yield paragraph(_("Masked: %s") % "; ".join(sheet.title for sheet in sheets))
        return
    numbers = casebook.numbers_of(whole.page.rows)
    for place, sheet in enumerate(sheets):
        if place:
            yield PageBreak()
        yield from paper(sheet, whole.file.opened, numbers)


def paper(sheet: Sheet, opened: Vault, numbers: Mapping[str, int]) -> Iterator[Flowable]:
    """One page with its boxes, or that there is no picture of it."""
    place = {"number": sheet.number, "title": sheet.title}
    yield Heading(_("Page %(number)s: %(title)s") % place, 1)
    if sheet.quality:
        yield paragraph(sheet.quality, SMALL)
    content = kept(sheet.page, opened)
    if sheet.page is None or content is None:
        yield paragraph(_("There is no picture of this page."))
        return
    marks = [(numbers[mark.name], mark) for mark in sheet.marks]
    yield Picture(content, (sheet.page.width, sheet.page.height), marks)


def kept(page: Page | None, opened: Vault) -> bytes | None:
    """A page's picture; None where none was made, or its file is missing."""
    if page is None or not page.blob:
        return None
    try:
        return picture_of(page, opened)
    except FileNotFoundError:
        log.error("page_file_missing", page=str(page.pk))
        return None
