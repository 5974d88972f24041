"""What of a PDF page's text is plainly seen on its picture: nothing over it, under it or instead of it.

The page is drawn a second time with one kind of object alone. Where the picture shows exactly this
drawing in one ink on one paper, what stands there is that text and nothing else.
"""

from collections.abc import Collection

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from inference.words import Box

Grey = NDArray[np.uint8]

DEEPEST = 15
"""Levels of forms within forms; what is nested deeper is drawn with every kind, and so not hidden."""
LEAST_CONTRAST = 24
"""Grey levels (0–255) between ink and paper of a word that can be seen."""
OTHERWISE = 0.5
"""Of the contrast: what a pixel may differ from the drawing, so that a red full stop may stand there."""
SMALLEST = 8
"""Pixels, of a word's height at 200 dpi: smaller is 3 points, which no paper is printed in."""
BESIDE = 0.2
"""Of a word's height: the room beside it that must be blank, where another figure could stand."""
INKED = 32
"""Coverage (0–255) from which a pixel is of a letter and not of its edge."""


def drawn(page: pypdfium2.PdfPage, kind: int, width: int, height: int) -> Grey:
    """How far each pixel is covered (0–255) by the page's objects of one kind, whatever their colour."""
    others = [
        each
        for each in page.get_objects(max_depth=DEEPEST)
        if each.type not in (kind, pdfium.FPDF_PAGEOBJ_FORM)
    ]
    _switch(others, active=0)
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, pdfium.FPDFBitmap_BGRA)
    bitmap.fill_rect((0, 0, 0, 0), 0, 0, width, height)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, 0)
    _switch(others, active=1)
    coverage: Grey = bitmap.to_numpy()[..., 3].copy()
    return coverage


def is_plain(picture: Grey, text: Grey, box: Box) -> bool:
    """Whether the picture shows in `box` the page's text as it was drawn alone, and nothing else.

    A line ruled right through the box is no other text: signatures and forms have them.
    """
    if box[3] - box[1] < SMALLEST:
        return False
    around = _around(text, box)
    share, seen = text[around] / 255.0, picture[around].astype(float)
    if not share.any() or share.all():
        return False
    paper, ink = np.median(seen[share == 0]), np.median(seen[share >= 0.9 * share.max()])
    contrast = abs(paper - ink)
    differs = np.abs(seen - (paper + share * (ink - paper))) > OTHERWISE * contrast
    ruled = (differs | (share > 0)).all(axis=1)
    return bool(contrast >= LEAST_CONTRAST and not differs[~ruled].any())


def covers(drawing: Grey, box: Box) -> bool:
    """Whether any of a drawing reaches into the box."""
    left, top, right, bottom = box
    return bool(drawing[top : bottom + 1, left : right + 1].any())


def overlapping(boxes: Collection[Box]) -> bool:
    """Whether any two words stand in the same place: more than 40 % of the smaller one's."""
    left, top, right, bottom = np.array(list(boxes), dtype=float).T
    across = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    down = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
    shared = across.clip(0) * down.clip(0)
    area = (right - left) * (bottom - top)
    np.fill_diagonal(shared, 0)
    return bool((shared > 0.4 * np.minimum.outer(area, area)).any())


def _around(text: Grey, box: Box) -> tuple[slice, slice]:
    """The rows that the box's letters take, and its columns with a little room."""
    left, top, right, bottom = box
    beside = round((bottom - top) * BESIDE)
    inked = np.flatnonzero((text[top : bottom + 1, left : right + 1] >= INKED).any(axis=1))
    first, last = (inked[0], inked[-1]) if len(inked) else (0, 0)
    return (
        slice(top + int(first), top + int(last) + 1),
        slice(max(0, left - beside), right + 1 + beside),
    )


def _switch(objects: Collection[pypdfium2.PdfObject], active: int) -> None:
    for each in objects:
        pdfium.FPDFPageObj_SetIsActive(each, active)
