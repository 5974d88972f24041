"""What printed documents are made of beside paragraphs: facts, tables and a scale."""

from collections.abc import Sequence
from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from reviews.printing.letters import BOLD, REGULAR, printable
from reviews.printing.sheets import (
    FIGURE,
    INK,
    INSIDE,
    LINE,
    SHADE,
    SMALL,
    SOFT,
    STRONG,
    TEXT,
    paragraph,
)

Cell = str | Flowable
NAME = ParagraphStyle("name", TEXT, fontSize=8, textColor=SOFT)
HEAD = ParagraphStyle("table-head", SMALL, fontName=BOLD)
HEAD_FIGURE = ParagraphStyle("table-head-figure", HEAD, alignment=2)
TIGHT = (
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ("LEFTPADDING", (0, 0), (-1, -1), 2),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
)


def gap(height: float = 3 * mm) -> Flowable:
    """Empty space, in points."""
    return Spacer(1, height)


def facts(rows: Sequence[tuple[str, Cell]], first: float = 0.27) -> list[Flowable]:
    """Names with their values, a line for each; `first` is the share of the width that names get."""
    if not rows:
        return []
    cells = [[paragraph(name, NAME), celled(value, TEXT)] for name, value in rows]
    widths = [INSIDE * first, INSIDE * (1 - first)]
    return [Table(cells, widths, style=TableStyle(TIGHT), splitInRow=1), gap(2 * mm)]


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    shares: Sequence[float],
    *,
    figures: Sequence[int] = (),
) -> list[Flowable]:
    """A table whose head stands on each page; `shares` are its columns' of the width.

    `figures` are the places of the columns that hold numbers.
    """
    if not rows:
        return []
    head = [
        paragraph(text, HEAD_FIGURE if place in figures else HEAD)
        for place, text in enumerate(heads)
    ]
    body = [
        [celled(cell, FIGURE if place in figures else TEXT) for place, cell in enumerate(row)]
        for row in rows
    ]
    whole = sum(shares)
    return [
        Table(
            [head, *body],
            [INSIDE * share / whole for share in shares],
            style=TableStyle([*TIGHT, ("BACKGROUND", (0, 0), (-1, 0), SHADE)]),
            repeatRows=1,
            splitInRow=1,
        ),
        gap(2 * mm),
    ]


def celled(value: Cell, style: ParagraphStyle) -> Flowable:
    """A cell: what is drawn as it is, text as a paragraph."""
    return value if isinstance(value, Flowable) else paragraph(value, style)


def strong(text: object) -> Flowable:
    """A line that stands out."""
    return paragraph(text, STRONG)


class Scale(Flowable):
    """A scale from 0 to 1 with a value as a bar and bounds as marks, each with its words."""

    HIGH = 15 * mm

    def __init__(self, value: float, said: str, bounds: Sequence[tuple[float, str]]) -> None:
        super().__init__()
        self.value, self.said, self.bounds = value, said, bounds

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """As wide as there is room."""
        self.across = min(width, INSIDE)
        return self.across, self.HIGH

    def draw(self) -> None:
        """The track, the bar, and each mark with its words under it."""
        canvas: Any = self.canv
        track = self.HIGH - 9 * mm
        canvas.setFillColor(LINE)
        canvas.rect(0, track, self.across, 3 * mm, stroke=0, fill=1)
        canvas.setFillColor(SOFT)
        canvas.rect(0, track, self.across * self.value, 3 * mm, stroke=0, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont(REGULAR, 7.5)
        self.words(self.value, track + 5.2 * mm, self.said)
        for place, (bound, said) in enumerate(self.bounds):
            canvas.setFillColor(INK)
            canvas.rect(self.across * bound - 0.6, track - 1.2 * mm, 1.2, 5.4 * mm, 0, 1)
            self.words(bound, track - (4.2 + 3.2 * (place % 2)) * mm, said)

    def words(self, at: float, height: float, text: str) -> None:
        """Words beside a place on the scale, on the side that has room."""
        canvas: Any = self.canv
        draw = canvas.drawRightString if at > 0.5 else canvas.drawString
        draw(self.across * at, height, printable(text))
