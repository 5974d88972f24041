"""A PDF whose text says something else than its page shows is read from the page."""

import io
from collections.abc import Callable
from typing import Literal

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from cases.definition import FieldSpec
from cases.papers import PDF, Limits
from inference import images
from inference.engines import engine, read_crop
from inference.extraction import PageOfDocument, find_fields
from inference.images import PageImage
from inference.textlayer import ENGINE
from inference.words import Box, PageWords, Word
from tests.drawn import A4, write_lines

PAYSLIP = (
    "Northwind Trading Ltd, Harbour Street 12",
    "Payslip of Mary Hopper for March 2026",
    "Gross salary 1,300.00",
    "Income tax 200.00",
    "Pension 100.00",
)
NET = FieldSpec("net_income", "Net income", "money", ("Net pay",), document="payslip")
WHERE = 60, 620
AMOUNT = 160, 620


def payslip(forge: Callable[[Canvas], None]) -> PageImage:
    """The page of a payslip, its net pay drawn by `forge`."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4)
    write_lines(canvas, PAYSLIP)
    canvas.drawString(*WHERE, "Net pay")
    forge(canvas)
    canvas.save()
    return next(images.pages(written.getvalue(), PDF, Limits()))


def picture(canvas: Canvas, text: str, grounds: tuple[int, int, int, int] = (255,) * 4) -> None:
    """A small picture of figures: 0.2 % of the page."""
    drawn = Image.new("RGBA", (240, 56), grounds)
    ImageDraw.Draw(drawn).text((4, 8), text, "black", ImageFont.load_default(40))
    canvas.drawImage(ImageReader(drawn), AMOUNT[0] - 2, AMOUNT[1] - 4, 60, 14, mask="auto")


def written(canvas: Canvas, text: str, mode: Literal[0, 3, 7] = 0, size: float = 12) -> None:
    line = canvas.beginText(*AMOUNT)
    line.setFont("Helvetica", size)
    line.setTextRenderMode(mode)
    line.textLine(text)
    canvas.drawText(line)


def invisible_under_a_picture(canvas: Canvas) -> None:
    written(canvas, "9,000.00", mode=3)
    picture(canvas, "1,000.00")


def clipping_beside_a_picture(canvas: Canvas) -> None:
    picture(canvas, "1,000.00")
    written(canvas, "9,000.00", mode=7)


def visible_under_a_picture(canvas: Canvas) -> None:
    written(canvas, "9,000.00")
    picture(canvas, "1,000.00")


def over_a_picture_that_shows_nothing(canvas: Canvas) -> None:
    picture(canvas, "")
    written(canvas, "9,000.00")


def invisible_words_among_many(canvas: Canvas) -> None:
    for number in range(40):
        canvas.drawString(60, 580 - 12 * number, "plain words")
    written(canvas, "thousand", mode=3)


def white_under_a_clear_picture(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    written(canvas, "9,000.00")
    picture(canvas, "1,000.00", (255, 255, 255, 0))


def tiny_under_a_picture(canvas: Canvas) -> None:
    written(canvas, "9,000.00", size=1)
    picture(canvas, "1,000.00", (255, 255, 255, 0))


def transparent(canvas: Canvas) -> None:
    canvas.setFillAlpha(0)
    written(canvas, "9,000.00")


def under_a_white_rectangle(canvas: Canvas) -> None:
    written(canvas, "9,000.00")
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(AMOUNT[0] - 2, AMOUNT[1] - 4, 60, 14, stroke=0, fill=1)


def one_figure_under_a_white_rectangle(canvas: Canvas) -> None:
    written(canvas, "9,000.00")
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(AMOUNT[0] - 1, AMOUNT[1] - 2, 7.5, 12, stroke=0, fill=1)


def a_figure_added_by_strokes(canvas: Canvas) -> None:
    written(canvas, "9,000.00")
    canvas.rect(AMOUNT[0] - 3, AMOUNT[1], 1, 9, stroke=0, fill=1)


def white_on_black_of_other_figures(canvas: Canvas) -> None:
    written(canvas, "1,000.00")
    canvas.setFillColorRGB(1, 1, 1)
    written(canvas, "9,000.00")


def in_the_place_of_other_text(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setFillAlpha(0)
    written(canvas, "9,000.00")
    canvas.restoreState()
    written(canvas, "1,000.00")


def outside_a_clip(canvas: Canvas) -> None:
    clip = canvas.beginPath()
    clip.rect(0, 0, 10, 10)
    canvas.clipPath(clip, stroke=0, fill=0)
    written(canvas, "9,000.00")


def inside_a_form(canvas: Canvas) -> None:
    canvas.beginForm("net")
    invisible_under_a_picture(canvas)
    canvas.endForm()
    canvas.doForm("net")


FORGERIES = (
    invisible_under_a_picture,
    clipping_beside_a_picture,
    visible_under_a_picture,
    over_a_picture_that_shows_nothing,
    invisible_words_among_many,
    white_under_a_clear_picture,
    tiny_under_a_picture,
    transparent,
    under_a_white_rectangle,
    one_figure_under_a_white_rectangle,
    a_figure_added_by_strokes,
    white_on_black_of_other_figures,
    in_the_place_of_other_text,
    outside_a_clip,
    inside_a_form,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_text_that_is_not_what_the_page_shows_is_not_used(forge: Callable[[Canvas], None]) -> None:
    assert payslip(forge).words is None


def test_the_same_payslip_in_honest_text_is_used_with_its_logo_lines_and_coloured_rows() -> None:
    def honest(canvas: Canvas) -> None:
        written(canvas, "9,000.00")
        canvas.line(60, 612, 400, 612)
        canvas.setFillColorRGB(0.1, 0.2, 0.5)
        canvas.rect(50, 560, 400, 20, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(60, 566, "Paid on 31 March 2026")
        canvas.drawImage(ImageReader(Image.new("RGB", (90, 40), "navy")), 400, 780, 90, 40)

    words = payslip(honest).words
    assert words is not None
    assert words.engine == ENGINE
    assert {"9,000.00", "2026"} <= {word.text for word in words.words}


def test_a_word_that_a_stroke_crosses_is_left_out_and_a_figure_crossed_is_to_be_read() -> None:
    def signed(canvas: Canvas) -> None:
        for number in range(40):
            canvas.drawString(60, 580 - 12 * number, "plain words")
        canvas.drawString(*AMOUNT, "9,000.00")
        canvas.line(65, 776, 90, 790)

    def crossed(canvas: Canvas) -> None:
        signed(canvas)
        canvas.line(165, 616, 190, 632)

    words = payslip(signed).words
    assert words is not None
    assert "Northwind" not in {word.text for word in words.words}
    assert payslip(crossed).words is None


def test_the_engine_reads_what_a_forged_payslip_shows() -> None:
    page = payslip(invisible_under_a_picture)
    words = engine("rapidocr").read(images.load(page.content))
    (found,) = find_fields([NET], [PageOfDocument("payslip", 0, words, page.quality.score)])
    assert found.value == "1000.00"


@pytest.mark.parametrize(("stated", "below"), [("9,000.00", 0.55), ("1,000.00", 1.0)])
def test_a_layer_that_an_engine_contradicts_is_not_believed(stated: str, below: float) -> None:
    """Fonts can show one figure for the letter of another: no check of the page's objects sees it."""
    page = payslip(lambda canvas: written(canvas, "1,000.00"))
    assert page.words is not None
    layer = tuple(
        Word(stated, word.box, 1.0) if word.text == "1,000.00" else word
        for word in page.words.words
    )
    told = PageWords(layer, page.width, page.height, ENGINE, "1")

    def second(_: int, box: Box) -> tuple[str, float]:
        return read_crop(engine("rapidocr"), images.load(page.content), box)

    (found,) = find_fields(
        [NET], [PageOfDocument("payslip", 0, told, page.quality.score)], second=second
    )
    assert found.value == stated.replace(",", "")
    assert below - 0.25 < found.confidence < below
