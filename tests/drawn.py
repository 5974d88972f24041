"""Papers that tests draw for themselves."""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

A4 = (595, 842)
LETTER = (
    "Countersign Bank, Harbour Street 12",
    "Statement of account for Mary Hopper",
    "Account number 4711 0815, opened in 2019",
    "Opening balance 1,204.50 on 1 March 2026",
    "Salary paid by Northwind Trading 3,150.00",
    "Rent for the flat in Mill Lane 980.00",
    "Closing balance 2,318.75 on 31 March 2026",
    "Please tell us within six weeks of any mistake",
)


def page(
    lines: Sequence[str] = LETTER,
    *,
    size: int = 30,
    shape: tuple[int, int] = (1000, 900),
    ink: int = 0,
    paper: int = 255,
) -> Image.Image:
    """A grey page with lines of text, `size` pixels high."""
    image = Image.new("L", shape, paper)
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((80, 80 + number * 2 * size), line, fill=ink, font=ImageFont.load_default(size))
    return image


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """The image as a file of `format`."""
    written = io.BytesIO()
    image.save(written, format, **options)
    return written.getvalue()


def pdf(*pages: Sequence[str], size: tuple[float, float] = A4) -> bytes:
    """A born-digital PDF with lines of text on each page; sizes are in points."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=size)
    for lines in pages:
        write_lines(canvas, lines)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def write_lines(canvas: Canvas, lines: Sequence[str], top: float = 780) -> None:
    """Lines of text on a PDF page that is being drawn, from `top` downwards."""
    for number, line in enumerate(lines):
        canvas.drawString(60, top - 24 * number, line)
