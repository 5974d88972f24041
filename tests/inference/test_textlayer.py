"""A PDF's own text is used where it is what a person sees, and nowhere else."""

import io

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from inference.engines import engine
from inference.textlayer import ENGINE, is_plausible, words_of
from inference.words import PageWords
from tests.drawn import A4, LETTER, page, pdf, write_lines


def drawn_pdf() -> tuple[Canvas, io.BytesIO]:
    written = io.BytesIO()
    return Canvas(written, pagesize=A4), written


def layer_of(blob: bytes) -> tuple[PageWords | None, Image.Image]:
    """The first page's words, and its picture at 150 dpi."""
    with pypdfium2.PdfDocument(blob) as document:
        document.init_forms()
        first = document[0]
        picture = first.render(scale=150 / 72).to_pil().convert("L")
        return words_of(first, np.asarray(picture)), picture


def finished(canvas: Canvas, written: io.BytesIO) -> PageWords | None:
    canvas.save()
    return layer_of(written.getvalue())[0]


def test_words_of_a_born_digital_page_stand_where_they_are_drawn() -> None:
    words, picture = layer_of(pdf(LETTER))
    assert words is not None
    assert words.engine == ENGINE
    assert [word.text for word in words.words] == " ".join(LETTER).split()
    dark = np.asarray(picture) < 128
    inside = sum(
        int(dark[top:bottom, left:right].sum())
        for left, top, right, bottom in (word.box for word in words.words)
    )
    assert inside > 0.98 * dark.sum()


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_follow_a_page_that_is_shown_turned(turn: int) -> None:
    with pypdfium2.PdfDocument(pdf(LETTER)) as document:
        document[0].set_rotation(turn)
        again = io.BytesIO()
        document.save(again)
    words, picture = layer_of(again.getvalue())
    assert words is not None
    seen = [picture.crop(word.box) for word in words.words]
    assert all((np.asarray(crop) < 128).any() for crop in seen)
    assert (words.width > words.height) == (turn != 180)


def test_the_layer_agrees_with_what_an_engine_reads() -> None:
    words, picture = layer_of(pdf(LETTER))
    read = engine("rapidocr").read(picture)
    assert words is not None
    assert "".join(w.text for w in read.words) == "".join(w.text for w in words.words)


def test_a_page_with_a_logo_keeps_its_words_and_one_with_a_scan_does_not() -> None:
    for side, sound in ((80, True), (400, False)):
        canvas, written = drawn_pdf()
        write_lines(canvas, LETTER)
        canvas.drawImage(ImageReader(page(["x"], shape=(300, 300))), 60, 100, side, side)
        assert (finished(canvas, written) is not None) == sound


def test_text_that_nobody_sees_is_not_used() -> None:
    canvas, written = drawn_pdf()
    write_lines(canvas, LETTER)
    canvas.setFillColorRGB(1, 1, 1)
    write_lines(canvas, ["Net pay 9,999.00"], top=200)
    assert finished(canvas, written) is None

    canvas, written = drawn_pdf()
    write_lines(canvas, LETTER)
    text = canvas.beginText(60, 200)
    text.setTextRenderMode(3)
    text.textLine("Net pay 9,999.00")
    canvas.drawText(text)
    assert finished(canvas, written) is None


def test_text_painted_over_is_not_used() -> None:
    canvas, written = drawn_pdf()
    write_lines(canvas, LETTER)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(50, 600, 400, 60, stroke=0, fill=1)
    assert finished(canvas, written) is None


def test_a_page_with_hardly_a_word_is_to_be_read() -> None:
    assert layer_of(pdf(["Page 1"]))[0] is None


def test_writing_in_latin_script_is_plausible() -> None:
    assert is_plausible("Müller & Søn – Übertrag: 1.234,50 € (½ Jahr) „ñandú“ ąćęłż")
    assert not is_plausible("")
    assert not is_plausible("\ue001\ue002 Total \ue003")
    assert not is_plausible("Total \ufffd\ufffd\ufffd")
    assert not is_plausible("\x01\x02\x03\x04")
    assert not is_plausible("Итого 100")


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), min_size=1))
def test_printable_ascii_is_plausible(text: str) -> None:
    assert is_plausible(text)
