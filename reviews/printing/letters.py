"""The letters that a PDF is printed in; what has none of its own is printed as its code."""

from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
SOFT_HYPHEN = "\u00ad"


@cache
def letters() -> frozenset[int]:
    """The code points that can be printed; both fonts are there to be used afterwards."""
    fonts = [TTFont(face, FONTS / f"{face}.ttf") for face in (REGULAR, BOLD)]
    for font in fonts:
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR)
    return frozenset.intersection(*(frozenset(font.face.charToGlyph) for font in fonts))


def printable(text: object) -> str:
    """A text with `[U+4E2D]` in the place of each letter that the fonts lack, of none that is shown.

    So it is with scripts that read from the right, whose order a printout could not keep.
    """
    known = letters()
    return "".join(
        each if ord(each) in known or each in "\n\t" else f"[U+{ord(each):04X}]"
        for each in str(text)
        if each != SOFT_HYPHEN
    )


def marked_up(text: object) -> str:
    """A text for a paragraph: printable, its lines kept, and nothing in it taken for markup."""
    return escape(printable(text)).replace("\n", "<br/>").replace("\t", "&nbsp;&nbsp;")
