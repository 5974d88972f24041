"""Papers are judged by their content: what comes in, and why the rest does not."""

import hashlib
import io
import struct
import zipfile
import zlib

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from cases.papers import FORMATS, PDF, Limits, RefusedPaper, judge
from tests.drawn import encoded, page, pdf

LIMITS = Limits(max_bytes=2**23, max_pages=3, max_pixels=4_000_000)
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


def refusal(blob: bytes, limits: Limits = LIMITS) -> str:
    """The code with which a paper is refused."""
    with pytest.raises(RefusedPaper) as caught:
        judge(blob, limits)
    return caught.value.code


def archive() -> bytes:
    """A small ZIP."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("hidden.txt", "something else")
    return written.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A tiny file that says it is a picture of that size."""
    whole = b"\x89PNG\r\n\x1a\n"
    for kind, data in (
        (b"IHDR", struct.pack("!IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1000))),
        (b"IEND", b""),
    ):
        check = zlib.crc32(kind + data)
        whole += struct.pack("!I", len(data)) + kind + data + struct.pack("!I", check)
    return whole


def encrypted_pdf() -> bytes:
    written = io.BytesIO()
    canvas = Canvas(written, encrypt=StandardEncryption("user password", strength=128))
    canvas.drawString(100, 700, "Closed")
    canvas.save()
    return written.getvalue()


def pdf_with_picture(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    canvas = Canvas(written)
    canvas.drawImage(ImageReader(picture), 0, 0, 100, 100)
    canvas.save()
    return written.getvalue()


PAPERS = {
    **{media_type: encoded(page(), format) for media_type, format in FORMATS.items()},
    PDF: pdf(["One page"]),
}


@pytest.mark.parametrize("media_type", PAPERS)
def test_each_accepted_kind_is_known_by_its_content(media_type: str) -> None:
    blob = PAPERS[media_type]
    paper = judge(blob, LIMITS)
    assert (paper.media_type, paper.page_count) == (media_type, 1)
    assert paper.byte_count == len(blob)
    assert paper.sha256 == hashlib.sha256(blob).hexdigest()


def test_pages_are_counted() -> None:
    tiff = encoded(page(), "TIFF", save_all=True, append_images=[page(), page()])
    assert judge(tiff, LIMITS).page_count == 3
    assert judge(pdf(["One"], ["Two"]), LIMITS).page_count == 2


def test_variants_of_images_come_in() -> None:
    colour = Image.new("RGB", (200, 300), "white")
    for image, format in (
        (colour.convert("CMYK"), "JPEG"),
        (colour.convert("RGBA"), "PNG"),
        (colour.convert("P"), "PNG"),
        (colour.convert("1"), "TIFF"),
        (Image.new("I;16", (200, 300)), "PNG"),
    ):
        assert judge(encoded(image, format), LIMITS).page_count == 1
    assert judge(encoded(colour, "JPEG", progressive=True), LIMITS).page_count == 1
    assert judge(encoded(colour, "TIFF", compression="tiff_lzw"), LIMITS).page_count == 1


def test_a_file_that_is_empty_or_too_large_is_refused() -> None:
    assert refusal(b"") == "empty"
    assert refusal(PAPERS[PDF], Limits(max_bytes=100)) == "too_large"


@pytest.mark.parametrize(
    "blob",
    [b"plain text", HTML, archive(), encoded(page(), "GIF"), encoded(page(), "BMP"), b"\xff"],
)
def test_other_kinds_are_refused(blob: bytes) -> None:
    assert refusal(blob) == "unknown_type"


def test_an_animation_is_no_paper() -> None:
    dark = page(paper=100)
    for format in ("WEBP", "PNG"):
        moving = encoded(page(), format, save_all=True, append_images=[dark])
        assert refusal(moving) == "unknown_type"


def test_a_pdf_that_asks_for_a_password_is_refused() -> None:
    assert refusal(encrypted_pdf()) == "encrypted"


@pytest.mark.parametrize("media_type", PAPERS)
def test_a_file_cut_off_is_refused(media_type: str) -> None:
    blob = PAPERS[media_type]
    assert refusal(blob[: len(blob) * 2 // 3]) in ("truncated", "broken")


def test_what_is_missing_is_named_truncated() -> None:
    for media_type in ("image/jpeg", "image/png"):
        blob = PAPERS[media_type]
        assert refusal(blob[: len(blob) * 2 // 3]) == "truncated"


@pytest.mark.parametrize("media_type", PAPERS)
def test_a_file_of_which_only_the_beginning_is_right_is_refused(media_type: str) -> None:
    assert refusal(PAPERS[media_type][:16] + bytes(1000)) in ("broken", "truncated")


def test_too_many_pages_are_refused() -> None:
    assert refusal(pdf(*[["Page"]] * 4)) == "too_many_pages"
    tiff = encoded(page(), "TIFF", save_all=True, append_images=[page()] * 3)
    assert refusal(tiff) == "too_many_pages"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    assert refusal(png_of(2001, 2000)) == "too_many_pixels"
    assert refusal(png_of(60_000, 60_000)) == "too_many_pixels"


def test_a_pdf_with_too_large_a_page_or_picture_is_refused() -> None:
    assert refusal(pdf(["Wide"], size=(20_000, 500))) == "too_many_pixels"
    assert refusal(pdf_with_picture(Image.new("L", (2001, 2000)))) == "too_many_pixels"
    assert judge(pdf_with_picture(Image.new("L", (1000, 1000))), LIMITS).page_count == 1


@pytest.mark.parametrize(
    ("media_type", "other"),
    [
        *((media_type, archive()) for media_type in PAPERS),
        # A TIFF does not say where it ends, and no browser looks for HTML so far behind.
        *((media_type, HTML) for media_type in PAPERS if media_type != "image/tiff"),
        # A PDF behind a PDF is a later version of it.
        *((media_type, pdf(["Hidden"])) for media_type in FORMATS),
    ],
)
def test_something_else_behind_the_end_is_refused(media_type: str, other: bytes) -> None:
    assert refusal(PAPERS[media_type] + other) == "polyglot"


def test_a_pdf_behind_something_else_is_refused() -> None:
    assert refusal(b"GIF89a" + PAPERS[PDF]) == "polyglot"
    assert refusal(HTML + PAPERS[PDF]) == "polyglot"
    assert judge(b"\r\n" + PAPERS[PDF], LIMITS).page_count == 1


def test_a_picture_with_a_pdf_in_its_head_is_refused() -> None:
    picture = encoded(page(), "JPEG", comment=b"%PDF-1.7")
    assert refusal(picture) == "polyglot"


def test_what_cameras_append_is_no_polyglot() -> None:
    blob = PAPERS["image/jpeg"] + bytes(100) + b"SEFT maker's notes" + PAPERS["image/jpeg"]
    assert judge(blob, LIMITS).page_count == 1


def test_a_pdf_updated_in_place_comes_in() -> None:
    with pypdfium2.PdfDocument(PAPERS[PDF]) as document:
        again = io.BytesIO()
        document.save(again)
    assert judge(PAPERS[PDF] + again.getvalue(), LIMITS).media_type == PDF


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PAPERS)), st.data())
def test_damage_is_accepted_or_refused_but_never_an_error(
    media_type: str, data: st.DataObject
) -> None:
    blob = bytearray(PAPERS[media_type])
    for _ in range(data.draw(st.integers(1, 8))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert judge(bytes(blob), LIMITS).page_count >= 1
    except RefusedPaper as refused:
        assert refused.detail
