"""Sheets printed as a PDF with a text layer, as a payroll or a bank's own system makes them."""

import io
from collections.abc import Sequence
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from config.demo.sheets import (
    FONTS,
    MM_PER_POINT,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Ink,
    Mark,
    Panel,
    Rule,
    Shape,
    Sheet,
    Stroke,
    Text,
)

POINTS_PER_MM = 1 / MM_PER_POINT


def print_pdf(sheets: Sequence[Sheet], title: str) -> bytes:
    """The sheets as one PDF, the same bytes each time; what is added to paper is left out."""
    file = io.BytesIO()
    size = (PAGE_WIDTH * POINTS_PER_MM, PAGE_HEIGHT * POINTS_PER_MM)
    canvas = Canvas(file, pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    for sheet in sheets:
        for mark in sheet.marks:
            _print_mark(canvas, mark)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@cache
def _registered(face: str) -> str:
    pdfmetrics.registerFont(TTFont(face, FONTS / f"{face}.ttf"))
    return face


def _point(x: float, y: float) -> tuple[float, float]:
    """PDF counts points upwards from the lower left corner."""
    return x * POINTS_PER_MM, (PAGE_HEIGHT - y) * POINTS_PER_MM


def _colour(ink: Ink) -> tuple[float, float, float]:
    return ink[0] / 255, ink[1] / 255, ink[2] / 255


def _print_mark(canvas: Canvas, mark: Mark) -> None:
    match mark:
        case Text():
            _print_text(canvas, mark)
        case Rule(x0, y0, x1, y1, width, ink, dashes):
            canvas.setStrokeColorRGB(*_colour(ink))
            canvas.setLineWidth(width * POINTS_PER_MM)
            canvas.setDash([dashes * POINTS_PER_MM] * 2 if dashes else [])
            canvas.line(*_point(x0, y0), *_point(x1, y1))
            canvas.setDash([])
        case Panel():
            _print_panel(canvas, mark)
        case Shape(points, ink):
            canvas.setFillColorRGB(*_colour(ink))
            _trace(canvas, points, fill=1)
        case Stroke(points, width, ink):
            canvas.setStrokeColorRGB(*_colour(ink))
            canvas.setLineWidth(width * POINTS_PER_MM)
            _trace(canvas, points, fill=0)


def _print_text(canvas: Canvas, mark: Text) -> None:
    canvas.setFillColorRGB(*_colour(mark.ink))
    canvas.setFont(_registered(mark.face), mark.size)
    x, y = _point(mark.x, mark.y)
    match mark.align:
        case "left":
            canvas.drawString(x, y, mark.text)
        case "right":
            canvas.drawRightString(x, y, mark.text)
        case "centre":
            canvas.drawCentredString(x, y, mark.text)


def _print_panel(canvas: Canvas, panel: Panel) -> None:
    if panel.fill:
        canvas.setFillColorRGB(*_colour(panel.fill))
    if panel.edge:
        canvas.setStrokeColorRGB(*_colour(panel.edge))
        canvas.setLineWidth(panel.width * POINTS_PER_MM)
    x, y = _point(panel.x0, panel.y1)
    canvas.roundRect(
        x,
        y,
        (panel.x1 - panel.x0) * POINTS_PER_MM,
        (panel.y1 - panel.y0) * POINTS_PER_MM,
        panel.radius * POINTS_PER_MM,
        fill=int(panel.fill is not None),
        stroke=int(panel.edge is not None),
    )


def _trace(canvas: Canvas, points: Sequence[tuple[float, float]], *, fill: int) -> None:
    path = canvas.beginPath()
    path.moveTo(*_point(*points[0]))
    for point in points[1:]:
        path.lineTo(*_point(*point))
    canvas.drawPath(path, fill=fill, stroke=1 - fill)
