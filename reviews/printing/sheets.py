"""A printed document: A4 with a running head and foot, "page 3 of 14", bookmarks, title and language."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from reviews.printing.letters import BOLD, REGULAR, letters, marked_up, printable

WIDTH, HEIGHT = A4
MARGIN = 18 * mm
INSIDE = WIDTH - 2 * MARGIN
"""Points across what is printed."""
INK, SOFT, LINE = HexColor("#1b1f24"), HexColor("#59636e"), HexColor("#c9d1d9")
SHADE = HexColor("#f3f5f7")

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9, leading=12.5, textColor=INK)
SMALL = ParagraphStyle("small", TEXT, fontSize=7.5, leading=10, textColor=SOFT)
STRONG = ParagraphStyle("strong", TEXT, fontName=BOLD)
FIGURE = ParagraphStyle("figure", TEXT, alignment=2)
QUOTE = ParagraphStyle("quote", TEXT, leftIndent=4 * mm, spaceBefore=2, spaceAfter=4)
TITLE = ParagraphStyle("title", TEXT, fontName=BOLD, fontSize=19, leading=24, spaceAfter=4 * mm)
HEADS = (
    ParagraphStyle(
        "head", TEXT, fontName=BOLD, fontSize=13, leading=17, spaceBefore=7 * mm, spaceAfter=2 * mm
    ),
    ParagraphStyle(
        "part", TEXT, fontName=BOLD, fontSize=10, leading=14, spaceBefore=4 * mm, spaceAfter=1 * mm
    ),
)
for head in HEADS:
    head.keepWithNext = 1


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around each page: what the document is, and what its last line says of it."""

    title: str
    subject: str
    foot: str


def paragraph(text: object, style: ParagraphStyle = TEXT) -> Paragraph:
    """A text as a paragraph; its own line breaks stay."""
    letters()
    return Paragraph(marked_up(text), style)


class Heading(Paragraph):
    """A heading that the document's bookmarks name; `level` 0 or 1."""

    def __init__(self, text: object, level: int = 0, style: ParagraphStyle | None = None) -> None:
        letters()
        super().__init__(marked_up(text), style or HEADS[level])
        self.words, self.level = printable(text), level


def printed(flowables: Sequence[Flowable], around: Around) -> bytes:
    """The document as a PDF (1.4), the same bytes whenever it is printed."""
    letters()
    file = io.BytesIO()
    document = Document(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN + 6 * mm,
        bottomMargin=MARGIN + 4 * mm,
        title=around.title,
        subject=around.subject,
        author="Countersign",
        creator="Countersign",
        lang=get_language() or "en",
        invariant=1,
    )
    document.build(list(flowables), canvasmaker=numbered(around))
    return file.getvalue()


class Document(BaseDocTemplate):
    """A document whose headings become bookmarks."""

    def __init__(self, file: io.BytesIO, **options: Any) -> None:
        super().__init__(file, **options)
        frame = Frame(
            self.leftMargin, self.bottomMargin, self.width, self.height, 0, 0, 0, 0, id="page"
        )
        self.addPageTemplates(PageTemplate("page", [frame]))
        self.named = 0

    def afterFlowable(self, flowable: Flowable) -> None:
        """Notes where a heading came to stand."""
        if not isinstance(flowable, Heading):
            return
        self.named += 1
        key = f"part-{self.named}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(flowable.words, key, flowable.level, closed=flowable.level == 0)


def numbered(around: Around) -> type[Canvas]:
    """A canvas that writes head and foot once it knows how many pages there are."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            """Keeps the page for later."""
            self.pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # its stubs leave it out

        def save(self) -> None:
            """Writes all pages, each with its number."""
            for number, page in enumerate(self.pages, 1):
                self.__dict__.update(page)
                margins(self, around, number, len(self.pages))
                super().showPage()
            super().save()

    return Numbered


def margins(canvas: Canvas, around: Around, number: int, pages: int) -> None:
    """Head and foot of one page."""
    canvas.saveState()
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, HEIGHT - MARGIN, WIDTH - MARGIN, HEIGHT - MARGIN)
    canvas.line(MARGIN, MARGIN, WIDTH - MARGIN, MARGIN)
    canvas.setFillColor(SOFT)
    canvas.setFont(REGULAR, 7.5)
    canvas.drawString(MARGIN, HEIGHT - MARGIN + 2 * mm, printable(around.title))
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - MARGIN + 2 * mm, printable(around.subject))
    canvas.drawString(MARGIN, MARGIN - 4 * mm, printable(around.foot))
    words = _("page %(number)s of %(pages)s") % {"number": number, "pages": pages}
    canvas.drawRightString(WIDTH - MARGIN, MARGIN - 4 * mm, printable(words))
    canvas.restoreState()
