"""The text that a PDF page brings along, where it can be trusted to be what a person sees on the page.

A layer that passes spares the page its OCR. One that says something else than the picture must not
pass: a payslip may be a picture of one salary with the text of another beneath it.
"""

import ctypes
import unicodedata
from importlib.metadata import version

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from inference import visible
from inference.words import Box, PageWords, Word

ENGINE = "pdf-text"

LARGE_PICTURE = 0.05
"""Of the page's area: a logo is smaller, a scan or a photographed paper is larger."""
IMPLAUSIBLE_SHARE = 0.02
CROSSED_SHARE = 0.03
"""Of a page's words: those without figures that a stroke crosses, as signatures', are left out."""
FEWEST_WORDS = 3

WRITTEN = {
    pdfium.FPDF_TEXTRENDERMODE_FILL,
    pdfium.FPDF_TEXTRENDERMODE_STROKE,
    pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE,
}
"""The other ways to render text leave it invisible, or make it the edge of something else."""

DRAWN_OVER = {
    pdfium.FPDF_ANNOT_WIDGET,
    pdfium.FPDF_ANNOT_FREETEXT,
    pdfium.FPDF_ANNOT_STAMP,
    pdfium.FPDF_ANNOT_INK,
}
"""Annotations that can show text of their own: a form's entries are not in the page's text."""


def words_of(page: pypdfium2.PdfPage, picture: NDArray[np.uint8]) -> PageWords | None:
    """The page's own words, boxes in pixels of `picture` (the page rendered, in grey); None if unsound."""
    height, width = picture.shape
    if _has_hidden_text(page) or _has_pictures(page) or _has_annotations(page):
        return None
    words = _words(page, width, height)
    text = "".join(word.text for word in words)
    if len(words) < FEWEST_WORDS or not is_plausible(text):
        return None
    seen = _seen(page, picture, words)
    if len(seen) < (1 - CROSSED_SHARE) * len(words) or _figures(seen) != _figures(words):
        return None
    return PageWords(tuple(seen), width, height, ENGINE, version("pypdfium2"))


def is_plausible(text: str) -> bool:
    """Whether text looks like writing in Latin script and not like a font without its code table."""
    strange = sum(not _is_usual(character) for character in text)
    return bool(text) and strange <= IMPLAUSIBLE_SHARE * len(text)


def _is_usual(character: str) -> bool:
    if character.isascii():
        return character.isprintable()
    category = unicodedata.category(character)
    if category.startswith("L"):
        return unicodedata.name(character, "").startswith("LATIN")
    return category[0] in "NPSM" and character != "\ufffd"


def _has_hidden_text(page: pypdfium2.PdfPage) -> bool:
    """Whether any text is there to be found and not to be seen, as beneath a scan that was read."""
    written = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=visible.DEEPEST)
    return any(pdfium.FPDFTextObj_GetTextRenderMode(each) not in WRITTEN for each in written)


def _seen(page: pypdfium2.PdfPage, picture: NDArray[np.uint8], words: list[Word]) -> list[Word]:
    """The words that are plainly what the picture shows; none where some share their place."""
    height, width = picture.shape
    text = visible.drawn(page, pdfium.FPDF_PAGEOBJ_TEXT, width, height)
    pictures = visible.drawn(page, pdfium.FPDF_PAGEOBJ_IMAGE, width, height)
    boxes = [word.box for word in words]
    if visible.overlapping(boxes) or any(visible.covers(pictures, box) for box in boxes):
        return []
    return [word for word in words if visible.is_plain(picture, text, word.box)]


def _figures(words: list[Word]) -> int:
    return sum(any(character.isdigit() for character in word.text) for word in words)


def _has_pictures(page: pypdfium2.PdfPage) -> bool:
    """Whether pictures together may hold text of their own."""
    width, height = page.get_size()
    covered = 0.0
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=5):
        left, bottom, right, top = picture.get_bounds()
        covered += (min(right, width) - max(left, 0)) * (min(top, height) - max(bottom, 0))
    return bool(covered > LARGE_PICTURE * width * height)


def _has_annotations(page: pypdfium2.PdfPage) -> bool:
    count = pdfium.FPDFPage_GetAnnotCount(page)
    return any(_annotation_kind(page, index) in DRAWN_OVER for index in range(count))


def _annotation_kind(page: pypdfium2.PdfPage, index: int) -> int:
    annotation = pdfium.FPDFPage_GetAnnot(page, index)
    try:
        return int(pdfium.FPDFAnnot_GetSubtype(annotation))
    finally:
        pdfium.FPDFPage_CloseAnnot(annotation)


def _words(page: pypdfium2.PdfPage, width: int, height: int) -> list[Word]:
    text_page = page.get_textpage()
    words: list[Word] = []
    letters: list[str] = []
    edges: list[tuple[float, float, float, float]] = []
    for index in range(text_page.count_chars() + 1):
        character = _character(text_page, index)
        if character.strip():
            letters.append(character)
            edges.append(text_page.get_charbox(index, loose=True))
        elif letters:
            words.append(Word("".join(letters), _on_picture(page, edges, width, height), 1.0))
            letters, edges = [], []
    text_page.close()
    return words


def _character(text_page: pypdfium2.PdfTextPage, index: int) -> str:
    code = pdfium.FPDFText_GetUnicode(text_page, index) if index < text_page.count_chars() else 0
    if pdfium.FPDFText_HasUnicodeMapError(text_page, index) == 1:
        return "\ufffd"
    return chr(code) if code else " "


def _on_picture(
    page: pypdfium2.PdfPage,
    edges: list[tuple[float, float, float, float]],
    width: int,
    height: int,
) -> Box:
    """The box around characters, from the page's points to pixels: rotation and crop included."""
    lefts, bottoms, rights, tops = zip(*edges, strict=True)
    x, y = ctypes.c_int(), ctypes.c_int()
    corners = []
    for across, up in ((min(lefts), max(tops)), (max(rights), min(bottoms))):
        pdfium.FPDF_PageToDevice(page, 0, 0, width, height, 0, across, up, x, y)
        corners.append((min(max(x.value, 0), width), min(max(y.value, 0), height)))
    (one, other), (two, another) = corners
    return min(one, two), min(other, another), max(one, two), max(other, another)
