"""Papers become pages: one upright, harmless picture each, at a size that people and engines can read.

What leaves here was decoded and encoded anew, so nothing of the paper's file lives on in it.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence

from cases import sandbox
from cases.papers import FORMATS, PDF, Limits
from inference import quality, textlayer
from inference.quality import Quality
from inference.words import PageWords, Word

LONGEST_SIDE = 2400
"""Of a page's picture, in pixels: holds an A4 page at 200 dpi (2,339)."""
DPI = 200
SMALLER = {"thumb": 240, "screen": 1600}
"""Of the same picture made smaller, in pixels of its longer side: for the strip of thumbnails, and
for a page at the width of a usual screen. Zoomed in, the page's own is shown."""
POINTS_PER_INCH = 72
MEDIA_TYPE = "image/jpeg"
"""WebP is a third smaller, but takes five times as long to write and to read again."""
PAGE_INCHES = 11.7
"""Of the longer side of A4: what a picture that does not tell its resolution is taken to show."""
PLAUSIBLE_DPI = range(100, 1201)
"""A camera writes 72 or 96 whatever it photographed."""

BOUNDS = sandbox.Bounds(memory=2 * 2**30, cpu_seconds=300, seconds=60)


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page: its picture (JPEG), size in pixels, quality, and its own text where that is sound."""

    content: bytes
    media_type: str
    width: int
    height: int
    quality: Quality
    words: PageWords | None


def render(blob: bytes, media_type: str, limits: Limits) -> Iterator[PageImage]:
    """The pages of a paper, one at a time, taken apart in the sandbox.

    `media_type` is the one found by `cases.papers.judge`. Raises SandboxDied for a paper that cannot
    be rendered within bounds.
    """
    return sandbox.stream(
        pages,
        blob,
        media_type,
        limits,
        bounds=BOUNDS,
        known=(PageImage, Quality, PageWords, Word),
    )


def load(page: bytes) -> Image.Image:
    """A page's picture as an engine wants it; only for what `render` made."""
    with Image.open(io.BytesIO(page), formats=["JPEG"]) as image:
        image.load()
        return image


def smaller(page: bytes) -> dict[str, bytes]:
    """A page's picture in the sizes of SMALLER that it is larger than; only for what `render` made."""
    with Image.open(io.BytesIO(page), formats=["JPEG"]) as image:
        whole = max(image.size)
    return {size: _shrunk(page, longest) for size, longest in SMALLER.items() if longest < whole}


def encode(image: Image.Image) -> bytes:
    """A picture as it is kept and shown."""
    written = io.BytesIO()
    image.save(written, "JPEG", quality=85, optimize=True)
    return written.getvalue()


def _shrunk(page: bytes, longest: int) -> bytes:
    with Image.open(io.BytesIO(page), formats=["JPEG"]) as image:
        image.thumbnail((longest, longest), Image.Resampling.BICUBIC, reducing_gap=2.0)
        return encode(image)


def turned(image: Image.Image, degrees: int) -> Image.Image:
    """The picture turned clockwise by a multiple of 90 degrees."""
    quarter = {
        90: Image.Transpose.ROTATE_270,
        180: Image.Transpose.ROTATE_180,
        270: Image.Transpose.ROTATE_90,
    }
    return image.transpose(quarter[degrees]) if degrees else image


# ---------------------------------------------------------------- in the sandbox


def pages(blob: bytes, media_type: str, limits: Limits) -> Iterator[PageImage]:
    """Like `render`, in this very process: call it for papers of your own making alone."""
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    if media_type == PDF:
        return _pages_of_pdf(blob, limits)
    return _pages_of_image(blob, FORMATS[media_type], limits)


def _pages_of_image(blob: bytes, kind: str, limits: Limits) -> Iterator[PageImage]:
    with Image.open(io.BytesIO(blob), formats=[kind]) as image:
        frames = ImageSequence.Iterator(image) if kind == "TIFF" else [image]
        for _, frame in zip(range(limits.max_pages), frames, strict=False):
            inches = _inches(frame)
            shrink = max(1.0, max(frame.size) / LONGEST_SIDE)
            # JPEG alone can be decoded smaller, which spares most of a large photograph's memory.
            frame.draft(None, (int(frame.width / shrink), int(frame.height / shrink)))
            page = normal(frame)
            yield _straightened(page, round(max(page.size) / inches))


def _pages_of_pdf(blob: bytes, limits: Limits) -> Iterator[PageImage]:
    with pypdfium2.PdfDocument(blob) as document:
        document.init_forms()  # what was filled in is drawn, and not only what was printed
        for index in range(min(len(document), limits.max_pages)):
            page = document[index]
            scale = min(DPI / POINTS_PER_INCH, LONGEST_SIDE / max(page.get_size()))
            picture = page.render(scale=scale).to_pil().convert("RGB")
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # sizes are rounded up when rendered
            words = textlayer.words_of(page, _grey(picture))
            dpi = round(scale * POINTS_PER_INCH)
            page.close()
            yield _page(picture, dpi, words) if words else _straightened(picture, dpi)


def normal(image: Image.Image) -> Image.Image:
    """An image as a page: turned as its camera says, in grey or RGB on white, not over 2,400 pixels."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda level: level * (1 / 256))
    if image.has_transparency_data:
        opaque = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", opaque.size, "white"), opaque)
    image = image.convert("L" if image.mode in ("1", "L", "I", "F") else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return image


def _straightened(image: Image.Image, dpi: int) -> PageImage:
    """The page, turned upright if it leans too far to be read well."""
    grey = _grey(image)
    lean = quality.lean(grey)
    if abs(lean) <= quality.SKEWED:
        return _page(image, dpi, None)
    paper = int(np.percentile(grey, 90))
    upright = image.rotate(
        lean, Image.Resampling.BICUBIC, expand=True, fillcolor=(paper,) * len(image.getbands())
    )
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _page(upright, dpi, None)


def _page(image: Image.Image, dpi: int, words: PageWords | None) -> PageImage:
    found = quality.measure(_grey(image), dpi)
    return PageImage(encode(image), MEDIA_TYPE, image.width, image.height, found, words)


def _inches(image: Image.Image) -> float:
    """The longer side of what the image shows, as it tells or as its kind of paper is long."""
    dpi = round(image.info.get("dpi", (0, 0))[0])
    return max(image.size) / dpi if dpi in PLAUSIBLE_DPI else PAGE_INCHES


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image.convert("L"))
