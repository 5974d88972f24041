"""Papers become upright, harmless page images of a size to read, one at a time."""

import io
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageStat
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from cases.papers import PDF, Limits
from cases.sandbox import SandboxDied
from inference.images import LONGEST_SIDE, PageImage, encode, load, normal, render, turned
from inference.quality import lean
from tests.drawn import A4, LETTER, encoded, page, pdf

LIMITS = Limits()
ORIENTATION = 0x0112
MAKER = 0x010F


def pages(blob: bytes, media_type: str, limits: Limits = LIMITS) -> list[PageImage]:
    return list(render(blob, media_type, limits))


def only(blob: bytes, media_type: str) -> PageImage:
    (one,) = pages(blob, media_type)
    return one


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures in grey levels."""
    return float(
        ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean[0]
    )


@pytest.mark.parametrize(
    ("format", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("TIFF", "image/tiff"), ("WEBP", "image/webp")],
)
def test_each_kind_of_image_becomes_a_page(format: str, media_type: str) -> None:
    drawn = page()
    one = only(encoded(drawn, format), media_type)
    assert (one.width, one.height) == drawn.size == load(one.content).size
    assert difference(load(one.content), drawn) < 3
    assert one.words is None
    assert one.content.startswith(b"\xff\xd8") and one.media_type == "image/jpeg"


def test_a_large_photograph_is_made_smaller_in_its_shape() -> None:
    one = only(encoded(Image.new("RGB", (6000, 3000), "white"), "JPEG"), "image/jpeg")
    assert (one.width, one.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)


def test_the_cameras_turn_is_applied_and_what_it_wrote_is_gone() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Mary Hopper's telephone"
    drawn = page()
    sideways = encoded(drawn.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)
    one = only(sideways, "image/jpeg")
    assert difference(load(one.content), drawn) < 3
    assert not load(one.content).getexif()
    assert b"Mary" not in one.content


def test_every_page_of_a_tiff_comes_in_order() -> None:
    drawn = [page([f"Page {number}"], shape=(400 + number, 300)) for number in range(3)]
    blob = encoded(drawn[0], "TIFF", save_all=True, append_images=drawn[1:])
    assert [one.width for one in pages(blob, "image/tiff")] == [400, 401, 402]
    assert len(pages(blob, "image/tiff", replace(LIMITS, max_pages=2))) == 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_every_mode_of_colour_shows_dark_ink_on_light_paper(mode: str) -> None:
    drawn = page()
    if mode == "I;16":
        wide = (np.asarray(drawn).astype(np.uint16) * 257).copy()
        converted = Image.frombytes("I;16", drawn.size, wide.tobytes())
    else:
        converted = drawn.convert("RGB").convert(mode) if mode == "P" else drawn.convert(mode)
    shown = normal(converted)
    assert shown.mode in ("L", "RGB")
    assert difference(shown, drawn) < 3


def test_what_is_transparent_shows_white_paper() -> None:
    clear = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    assert load(only(encoded(clear), "image/png").content).getpixel((150, 150)) == (255, 255, 255)


@pytest.mark.parametrize("degrees", [-6, -2.5, 3, 8])
def test_a_leaning_page_is_straightened(degrees: float) -> None:
    leaning = page(LETTER * 2, shape=(1000, 1100)).rotate(-degrees, expand=True, fillcolor=255)
    assert lean(np.asarray(leaning)) == pytest.approx(degrees, abs=0.7)
    straight = load(only(encoded(leaning), "image/png").content)
    assert abs(lean(np.asarray(straight.convert("L")))) < 0.7


def test_resolution_is_told_or_guessed() -> None:
    drawn = page(shape=(1654, 2339))
    assert only(encoded(drawn, "PNG", dpi=(300, 300)), "image/png").quality.dpi == 300
    guessed = only(encoded(drawn, "PNG", dpi=(72, 72)), "image/png")
    assert guessed.quality.dpi == 200  # as if it were A4


# ---------------------------------------------------------------- PDF


def filled_form() -> bytes:
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4)
    canvas.drawString(60, 780, "Name of applicant")
    canvas.acroForm.textfield(name="applicant", value="Mary Hopper", x=60, y=600, width=300)
    canvas.save()
    return written.getvalue()


def scan(picture: Image.Image, hidden: str = "") -> bytes:
    """A PDF page that is one picture, perhaps with text beneath it that nobody sees."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4)
    for number in range(8 if hidden else 0):
        canvas.drawString(60, 780 - 20 * number, hidden)
    canvas.drawImage(ImageReader(picture), 0, 0, *A4)
    canvas.save()
    return written.getvalue()


def test_a_pdf_page_is_drawn_at_200_dpi_with_its_own_words() -> None:
    one = only(pdf(LETTER), PDF)
    assert (one.width, one.height) == (1653, 2339)
    assert one.quality.dpi == 200
    assert one.words is not None
    assert [word.text for word in one.words.words] == " ".join(LETTER).split()
    assert (one.words.width, one.words.height) == (one.width, one.height)


def test_a_huge_pdf_page_is_drawn_no_larger_than_others() -> None:
    one = only(pdf(LETTER, size=(14_000, 9_000)), PDF)
    assert (one.width, one.height) == (LONGEST_SIDE, round(LONGEST_SIDE * 9 / 14))


def test_what_was_filled_into_a_form_is_drawn() -> None:
    empty = load(only(pdf(["Name of applicant"]), PDF).content)
    filled = only(filled_form(), PDF)
    entry = (60 * 200 // 72, (842 - 640) * 200 // 72, 1100, (842 - 600) * 200 // 72)
    assert difference(load(filled.content).crop(entry), empty.crop(entry)) > 5
    assert filled.words is None  # they would lack the entry


def test_a_scan_in_a_pdf_is_to_be_read() -> None:
    assert only(scan(page(shape=(1654, 2339))), PDF).words is None
    forged = only(scan(page(shape=(1654, 2339)), hidden="Net pay 9,999.00 by bank transfer"), PDF)
    assert forged.words is None


def test_pages_come_one_at_a_time() -> None:
    blob = pdf(*[LETTER] * 60)
    assert len(list(islice(render(blob, PDF, LIMITS), 2))) == 2


def test_a_paper_that_cannot_be_rendered_ends_in_the_sandboxs_error() -> None:
    with pytest.raises(SandboxDied):
        pages(b"%PDF-1.7 nothing", PDF)


def test_a_turned_picture_is_kept_and_loaded_again() -> None:
    drawn = page()
    for degrees, size in ((0, drawn.size), (90, drawn.size[::-1]), (180, drawn.size)):
        assert load(encode(turned(drawn, degrees))).size == size
    corner: Any = Image.new("L", (30, 20), 255)
    corner.putpixel((0, 0), 0)
    assert turned(corner, 90).getpixel((19, 0)) == 0
