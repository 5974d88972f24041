"""A printed page as a list of marks in millimetres, before anybody draws it.

The same sheet is drawn as pixels (`drawing`) and as a PDF with a text layer (`printing`), so that
both show the same paper.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont

FONTS = Path(__file__).parent / "fonts"
PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0  # A4, mm
MM_PER_POINT = 25.4 / 72

Ink = tuple[int, int, int]
Align = Literal["left", "right", "centre"]

BLACK: Ink = (24, 24, 28)
GREY: Ink = (96, 98, 104)
PALE: Ink = (196, 199, 204)
WHITE: Ink = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; `y` is its baseline, `size` in points; `field` names the value it shows."""

    x: float
    y: float
    text: str
    face: str
    size: float
    ink: Ink = BLACK
    align: Align = "left"
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line; `dashes` is the length of its dashes and gaps in mm, 0 for a solid one."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float = 0.2
    ink: Ink = BLACK
    dashes: float = 0.0


@dataclass(frozen=True, slots=True)
class Panel:
    """A rectangle, filled, edged or both, with corners of `radius`."""

    x0: float
    y0: float
    x1: float
    y1: float
    fill: Ink | None = None
    edge: Ink | None = None
    width: float = 0.2
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon, the stuff of logos."""

    points: tuple[tuple[float, float], ...]
    ink: Ink


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line of a pen through `points`."""

    points: tuple[tuple[float, float], ...]
    width: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class Stamp:
    """A rubber stamp: lines of text in a frame about (x, y), turned by `angle` degrees."""

    x: float
    y: float
    lines: tuple[str, ...]
    angle: float
    ink: Ink
    round: bool


Mark = Text | Rule | Panel | Shape | Stroke


@dataclass(slots=True)
class Sheet:
    """One page: what is printed or filled in, and what others stamp and note on it afterwards."""

    marks: list[Mark] = field(default_factory=list)
    added: list[Stamp | Text] = field(default_factory=list)

    def add(self, *marks: Mark) -> None:
        """Put `marks` on the sheet, over what is there."""
        self.marks.extend(marks)


@lru_cache(maxsize=512)
def typeface(face: str, pixels: int) -> ImageFont.FreeTypeFont:
    """The font file of `face` at a size in pixels; raises OSError where there is none."""
    return ImageFont.truetype(FONTS / f"{face}.ttf", pixels, layout_engine=ImageFont.Layout.BASIC)


def text_width(text: str, face: str, size: float) -> float:
    """The width in mm of `text` set in `face` at `size` points."""
    return typeface(face, 200).getlength(text) / 200 * size * MM_PER_POINT


def fitting(text: str, face: str, size: float, width: float) -> float:
    """The size in points, at most `size`, at which `text` is no wider than `width` mm."""
    return min(size, size * width / max(text_width(text, face, size), 0.01))
