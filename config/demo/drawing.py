"""Sheets drawn as pixels: what a printer and a rubber stamp leave on paper."""

import math
import random

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from config.demo.sheets import (
    MM_PER_POINT,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Mark,
    Panel,
    Rule,
    Shape,
    Sheet,
    Stamp,
    Stroke,
    Text,
    typeface,
)

DPI = 200
SCALE = DPI / 25.4  # pixels per mm
ANCHORS = {"left": "ls", "right": "rs", "centre": "ms"}


def draw(sheet: Sheet, rng: random.Random) -> Image.Image:
    """The sheet as an RGB image of an A4 page at 200 dpi; `rng` varies how stamps take ink."""
    size = (round(PAGE_WIDTH * SCALE), round(PAGE_HEIGHT * SCALE))
    page = Image.new("RGB", size, (255, 255, 255))
    pen = ImageDraw.Draw(page)
    for mark in sheet.marks:
        _draw_mark(pen, mark)
    for later in sheet.added:
        if isinstance(later, Stamp):
            _press(page, later, rng)
        else:
            _draw_mark(pen, later)
    return page


def _pixels(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def _draw_mark(pen: ImageDraw.ImageDraw, mark: Mark) -> None:
    match mark:
        case Text(x, y, text, face, size, ink, align):
            font = typeface(face, max(6, round(size * MM_PER_POINT * SCALE)))
            pen.text((x * SCALE, y * SCALE), text, ink, font, anchor=ANCHORS[align])
        case Rule():
            _draw_rule(pen, mark)
        case Panel(x0, y0, x1, y1, fill, edge, width, radius):
            pen.rounded_rectangle(
                _pixels((x0, y0), (x1, y1)), radius * SCALE, fill, edge, _line(width)
            )
        case Shape(points, ink):
            pen.polygon(_pixels(*points), ink)
        case Stroke(points, width, ink):
            pen.line(_pixels(*points), ink, _line(width), joint="curve")


def _line(width: float) -> int:
    return max(1, round(width * SCALE))


def _draw_rule(pen: ImageDraw.ImageDraw, rule: Rule) -> None:
    length = math.dist((rule.x0, rule.y0), (rule.x1, rule.y1))
    pieces = round(length / rule.dashes / 2) if rule.dashes else 1
    inked = 0.5 / pieces if rule.dashes else 1.0
    for piece in range(pieces):
        ends = (piece / pieces, piece / pieces + inked)
        points = [
            (rule.x0 + (rule.x1 - rule.x0) * t, rule.y0 + (rule.y1 - rule.y0) * t) for t in ends
        ]
        pen.line(_pixels(*points), rule.ink, _line(rule.width))


def _press(page: Image.Image, stamp: Stamp, rng: random.Random) -> None:
    """Multiply the stamp into the page, paler where the rubber had less ink."""
    mask = _rubber(stamp)
    grain = np.random.default_rng(rng.getrandbits(32))
    coarse = Image.fromarray(grain.integers(90, 235, (9, 9), dtype=np.uint8))
    mask = ImageChops.multiply(mask, coarse.resize(mask.size, Image.Resampling.BICUBIC))
    mask = mask.rotate(stamp.angle, Image.Resampling.BICUBIC, expand=True)
    corner = (
        round(stamp.x * SCALE - mask.width / 2),
        round(stamp.y * SCALE - mask.height / 2),
    )
    area = (*corner, corner[0] + mask.width, corner[1] + mask.height)
    under = page.crop(area)
    inked = ImageChops.multiply(under, Image.new("RGB", under.size, stamp.ink))
    page.paste(inked, corner, mask)


def _rubber(stamp: Stamp) -> Image.Image:
    """The stamp's face as a mask: framed lines of text, the first one large."""
    fonts = [typeface("Arimo-Bold", 40 if n == 0 else 26) for n in range(len(stamp.lines))]
    widest = max(f.getlength(line) for f, line in zip(fonts, stamp.lines, strict=True))
    height = 50 + 34 * len(stamp.lines) + 20
    width = round(widest) + 70
    size = (max(width, 300),) * 2 if stamp.round else (width, height)
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    frame = (4, 4, size[0] - 5, size[1] - 5)
    if stamp.round:
        pen.ellipse(frame, outline=255, width=5)
        pen.ellipse((18, 18, size[0] - 19, size[1] - 19), outline=255, width=2)
    else:
        pen.rounded_rectangle(frame, 14, outline=255, width=5)
    y = (size[1] - 36 * (len(stamp.lines) - 1)) / 2
    for font, line in zip(fonts, stamp.lines, strict=True):
        pen.text((size[0] / 2, y), line, 255, font, anchor="mm")
        y += 40
    return mask
