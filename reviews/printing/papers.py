"""Pages of papers as they were shown, with the boxes of the fields that were read, numbered."""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from reviews.presenting.papers import Mark
from reviews.printing.letters import BOLD, printable
from reviews.printing.sheets import HEIGHT, INSIDE, LINE, MARGIN

LONGEST = 1700
"""Pixels of a printed page's longer side: about 170 to the inch of A4."""
TALLEST = HEIGHT - 2 * MARGIN - 32 * mm
"""Points: what is left of a page under the paper's heading."""
COLOURS = {
    "bad": HexColor("#b3261e"),
    "warn": HexColor("#9a6700"),
    "settled": HexColor("#1a7f37"),
    "fine": HexColor("#0b5fb0"),
}
TAG = 7.0


class Picture(Flowable):
    """One page; `marks` are in pixels of the page as it is kept, each with its field's number."""

    def __init__(
        self, content: bytes, size: tuple[int, int], marks: Sequence[tuple[int, Mark]]
    ) -> None:
        super().__init__()
        self.content, self.size, self.marks = content, size, marks
        across, down = size
        self.scale = min(INSIDE / across, TALLEST / down)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """The page at the size that fits."""
        across, down = self.size
        return across * self.scale, down * self.scale

    def draw(self) -> None:
        """The picture, its edge, and the boxes over it."""
        across, down = self.wrap(0, 0)
        canvas: Any = self.canv
        canvas.drawImage(ImageReader(io.BytesIO(shrunk(self.content))), 0, 0, across, down)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.rect(0, 0, across, down)
        for number, mark in self.marks:
            self.box(number, mark, down)

    def box(self, number: int, mark: Mark, down: float) -> None:
        """A field's box, and its number at the upper left corner."""
        canvas: Any = self.canv
        colour: Color = COLOURS[mark.state]
        left, width, height = (each * self.scale for each in (mark.x, mark.width, mark.height))
        top = down - mark.y * self.scale
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(0.9)
        canvas.rect(left, top - height, width, height)
        tag, text = TAG if number < 10 else TAG * 1.5, printable(number)
        canvas.setFillColor(colour)
        canvas.rect(left - tag, top - TAG - 1, tag, TAG + 1, 0, 1)
        canvas.setFillColor(white)
        canvas.setFont(BOLD, 6)
        canvas.drawCentredString(left - tag / 2, top - TAG + 1, text)


def shrunk(content: bytes) -> bytes:
    """A page's picture as a JPEG for print; one that is no larger and a JPEG stays as it is."""
    with Image.open(io.BytesIO(content)) as image:
        if image.format == "JPEG" and max(image.size) <= LONGEST:
            return content
        image.thumbnail((LONGEST, LONGEST))
        written = io.BytesIO()
        image.convert("RGB").save(written, "JPEG", quality=80)
    return written.getvalue()
