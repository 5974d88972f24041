"""Receipts of many countries: printed by tills, worn in pockets, photographed, scanned or sent as PDF."""

import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from PIL import Image, ImageDraw

from config.demo.chance import pick
from config.demo.drawing import DPI, draw
from config.demo.printing import print_pdf
from config.demo.sheets import MM_PER_POINT, PAGE_HEIGHT, Mark, Rule, Sheet, Text
from config.demo.slips import Row, slip
from config.demo.tills import Category, till, tills
from config.demo.wear import Grade, clean, fade, folds, noise, perspective, shade, thin_scan, worn

GRADES: Mapping[Grade, float] = {"digital": 15, "clean": 30, "worn": 30, "poor": 25}
FACES = (
    ("Cousine-Regular", "Cousine-Bold"), ("Arimo-Regular", "Arimo-Bold"),
    ("CourierPrime-Regular", "CourierPrime-Bold"), ("Cousine-Bold", "Cousine-Bold"),
    ("WorkSans-Regular", "WorkSans-SemiBold"), ("LibreFranklin-Regular", "LibreFranklin-SemiBold"),
)  # fmt: skip
WIDTHS = (58.0, 72.0, 76.0)
"""Of a till's paper between its margins, mm; some are sent as letters of a wider kind."""
LETTER = 150.0
MARGIN = 6.0
DESKS = ((74, 56, 42), (52, 54, 58), (128, 120, 110), (96, 70, 48), (28, 30, 34))


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt as a file.

    `truth` has merchant, date, total, tax, currency and items in canonical form; None for what the
    receipt does not show. `category` is that of an expense.
    """

    truth: Mapping[str, str | None]
    blob: bytes
    filename: str
    media_type: str
    grade: Grade
    country: str
    category: Category


def receipt(seed: int, *, countries: Sequence[str] = (), on: date | None = None) -> Receipt:
    """A receipt of one of `countries`, `on` a day (any, where none is named); same seed, same bytes."""
    rng = random.Random(f"receipt {seed}")
    country = rng.choice(countries or tills())
    made = slip(till(country), rng, on)
    grade = pick(rng, GRADES)
    page = laid_out(made.rows, rng)
    if grade == "digital":
        ending, media_type = "pdf", "application/pdf"
        blob = print_pdf([page.sheet], "Receipt")
    else:
        ending, media_type = "jpg", "image/jpeg"
        blob = photographed(page, grade, rng)
    name = rng.choice((f"receipt-{seed}", f"IMG_{seed:04d}", f"scan{seed:03d}"))
    return Receipt(made.truth, blob, f"{name}.{ending}", media_type, grade, country, made.category)


@dataclass(frozen=True, slots=True)
class Printed:
    """A receipt on a sheet, and how much of it the paper covers, in mm from the upper left corner."""

    sheet: Sheet
    width: float
    height: float


def laid_out(rows: Sequence[Row], rng: random.Random) -> Printed:
    """The rows set on a strip of paper, or as a letter."""
    usual, bold = rng.choice(FACES)
    width = LETTER if rng.random() < 0.15 else rng.choice(WIDTHS)
    size = rng.uniform(8.5, 11) if width == LETTER else width / 72 * rng.uniform(7.4, 9.2)
    pitch = size * MM_PER_POINT * rng.uniform(1.25, 1.6)
    left, y = MARGIN, MARGIN + pitch
    marks: list[Mark] = []
    for row in rows:
        y += pitch * max(0.0, row.size - 1)
        marks += set_row(row, left, y, width, size, bold if row.bold else usual)
        y += pitch * (0.7 if not row.cells else 1.0)
    fit = min(1.0, (PAGE_HEIGHT - 2 * MARGIN) / y)
    sheet = Sheet([scaled(mark, fit) for mark in marks])
    return Printed(sheet, (width + 2 * MARGIN) * fit, (y + MARGIN) * fit)


def set_row(row: Row, left: float, y: float, width: float, size: float, face: str) -> list[Mark]:
    """One row's marks, its baseline at `y`."""
    if row.rule:
        return [Rule(left, y - 1, left + width, y - 1, 0.25, dashes=0.8)]
    return [
        Text(left + cell.x * width, y, cell.text, face, size * row.size, align=cell.align)
        for cell in row.cells
        if cell.text
    ]


def scaled(mark: Mark, by: float) -> Mark:
    """A mark nearer to the corner, and smaller, where a receipt is longer than a page."""
    match mark:
        case Text():
            return Text(mark.x * by, mark.y * by, mark.text, mark.face, mark.size * by,
                        align=mark.align)  # fmt: skip
        case Rule():
            return Rule(mark.x0 * by, mark.y0 * by, mark.x1 * by, mark.y1 * by, mark.width,
                        dashes=mark.dashes)  # fmt: skip
    return mark


def drawn(page: Printed, rng: random.Random) -> Image.Image:
    """The strip of paper as a picture, fresh from the till."""
    picture = draw(page.sheet, rng)
    scale = DPI / 25.4
    across = min(picture.width, round(page.width * scale))
    return picture.crop((0, 0, across, min(picture.height, round(page.height * scale))))


def photographed(page: Printed, grade: Grade, rng: random.Random) -> bytes:
    """The strip of paper, worn as its grade has it, as a JPEG."""
    picture = drawn(page, rng)
    if rng.random() < 0.5 and grade != "clean":
        picture = thermal(picture, rng)
    file = io.BytesIO()
    quality = {"clean": 90, "worn": 72, "poor": 55}.get(grade, 80)
    WEARS[grade](picture, rng).convert("RGB").save(file, "JPEG", quality=quality, dpi=(DPI, DPI))
    return file.getvalue()


def thermal(page: Image.Image, rng: random.Random) -> Image.Image:
    """Print that went pale unevenly, with streaks where the printer's head failed."""
    light = np.asarray(page.convert("L"), np.float32)
    bands = np.interp(
        np.arange(light.shape[0]), np.linspace(0, light.shape[0], 6),
        [rng.uniform(0.45, 1.0) for _ in range(6)],
    )  # fmt: skip
    pale = 255 - (255 - light) * bands[:, None]
    for _ in range(rng.randint(0, 2)):
        x = rng.randrange(light.shape[1])
        pale[:, x : x + rng.randint(1, 2)] = 250
    return Image.fromarray(pale.clip(0, 255).astype(np.uint8)).convert("RGB")


def snapshot(page: Image.Image, rng: random.Random) -> Image.Image:
    """Held on a desk before a phone: creased, at an angle, in uneven light."""
    if rng.random() < 0.6:
        page = folds(page, rng)
    desk = Image.new(
        "RGB", (round(page.width * 1.12), round(page.height * 1.06)), rng.choice(DESKS)
    )
    desk.paste(page, ((desk.width - page.width) // 2, (desk.height - page.height) // 2))
    pen = ImageDraw.Draw(desk)
    pen.line((0, desk.height - 3, desk.width, desk.height - 3), (20, 18, 16), 4)
    turned = shade(perspective(desk, rng), rng).rotate(
        rng.gauss(0, 1.2), Image.Resampling.BILINEAR, fillcolor=rng.choice(DESKS)
    )
    grown = turned.resize((round(turned.width * 1.3), round(turned.height * 1.3)))
    return noise(fade(grown, rng.uniform(0.7, 0.95), rng.randint(205, 245)), rng.uniform(3, 9), rng)


WEARS: Mapping[Grade, Callable[[Image.Image, random.Random], Image.Image]] = {
    "clean": clean,
    "worn": worn,
    "poor": lambda page, rng: rng.choice((snapshot, snapshot, thin_scan))(page, rng),
}
