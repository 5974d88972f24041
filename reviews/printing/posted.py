"""A letter for a window envelope: the address where DIN 5008 (form B) and DL envelopes show it."""

import io
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Spacer

from reviews.adverse.letters import BULLET, LANGUAGE, Letter
from reviews.printing.letters import BOLD, REGULAR, letters, printable
from reviews.printing.sheets import INK, LINE, SOFT, paragraph

WIDTH, HEIGHT = A4
LEFT, RIGHT, BOTTOM = 25 * mm, 20 * mm, 22 * mm
WINDOW = (25 * mm, 45 * mm)
"""Where the address field begins, from the left and the top edge; it is 80 by 45 mm."""
BODY_TOP = 103.5 * mm
"""Where the words begin, under the address field."""
FOLDS = (105 * mm, 210 * mm)
"""Where the sheet is folded, from the top edge."""
WORDS = ParagraphStyle(
    "letter", fontName=REGULAR, fontSize=10, leading=14, textColor=INK, spaceAfter=3.2 * mm
)
ITEM = ParagraphStyle("letter-item", WORDS, leftIndent=5 * mm, bulletIndent=0, spaceAfter=1 * mm)


def posted(letter: Letter, *, title: str) -> bytes:
    """The letter as a PDF, the same bytes whenever it is printed."""
    letters()
    file = io.BytesIO()
    document = BaseDocTemplate(
        file, pagesize=A4, title=title, author=printable(letter.sender[0]), creator="Countersign",
        lang=LANGUAGE, invariant=1,
    )  # fmt: skip
    width = WIDTH - LEFT - RIGHT
    first = Frame(LEFT, BOTTOM, width, HEIGHT - BODY_TOP - BOTTOM, 0, 0, 0, 0)
    later = Frame(LEFT, BOTTOM, width, HEIGHT - 25 * mm - BOTTOM, 0, 0, 0, 0)
    document.addPageTemplates(
        [
            PageTemplate("first", [first], onPage=head_of(letter), autoNextPageTemplate="later"),
            PageTemplate("later", [later], onPage=foot_of(letter)),
        ]
    )
    document.build(body(letter.words))
    return file.getvalue()


def body(words: str) -> list[Flowable]:
    """The words as paragraphs; a line that is a reason stands by itself."""
    found: list[Flowable] = []
    for block in words.split("\n\n"):
        items = [line for line in block.splitlines() if line.startswith(BULLET)]
        if items:
            found += [paragraph(line, ITEM) for line in items]
            found.append(Spacer(1, 2.2 * mm))
        elif block.strip():
            found.append(paragraph(block.strip(), WORDS))
    return found


def head_of(letter: Letter) -> Any:
    """What the first page has: sender, address in the window, day, and marks for folding."""

    def draw(canvas: Canvas, document: Any) -> None:
        canvas.saveState()
        canvas.setFillColor(INK)
        for number, line in enumerate(letter.sender):
            canvas.setFont(BOLD if number == 0 else REGULAR, 12 if number == 0 else 9)
            canvas.drawString(LEFT, HEIGHT - (20 + 5 * number) * mm, printable(line))
        across, down = WINDOW
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 6.5)
        canvas.drawString(across, HEIGHT - down - 5 * mm, printable(" · ".join(letter.sender))[:95])
        canvas.setFillColor(INK)
        canvas.setFont(REGULAR, 10.5)
        for number, line in enumerate(letter.address[:6]):
            canvas.drawString(across, HEIGHT - down - (13 + 5 * number) * mm, printable(line)[:52])
        canvas.setFont(REGULAR, 10)
        canvas.drawRightString(WIDTH - RIGHT, HEIGHT - BODY_TOP + 9 * mm, printable(letter.day))
        canvas.setStrokeColor(LINE)
        for fold in FOLDS:
            canvas.line(5 * mm, HEIGHT - fold, 9 * mm, HEIGHT - fold)
        canvas.restoreState()
        foot_of(letter)(canvas, document)

    return draw


def foot_of(letter: Letter) -> Any:
    """What every page has: the reference and its number."""

    def draw(canvas: Canvas, document: Any) -> None:
        canvas.saveState()
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 7.5)
        canvas.drawString(LEFT, 12 * mm, printable(letter.reference))
        canvas.drawRightString(WIDTH - RIGHT, 12 * mm, str(canvas.getPageNumber()))
        canvas.restoreState()

    return draw
