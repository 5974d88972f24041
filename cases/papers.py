"""Judging an uploaded paper by its content: what it is, and whether it may come in.

The name and the media type that the sender claims count for nothing here.
"""

import hashlib
import io
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageSequence

from cases import sandbox
from cases.polyglots import is_polyglot

Image.init()  # the readers of all formats, here and not once more in every child
PDF = "application/pdf"
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/tiff": "TIFF", "image/webp": "WEBP"}
"""Media types of images, and Pillow's name for each."""

LONGEST_PDF_SIDE = 14_400
"""Points: the largest page that a PDF reader need support (ISO 32000-1, annex C)."""

BOUNDS = sandbox.Bounds(memory=1536 * 2**20, cpu_seconds=30, seconds=30)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted: bytes of the file, its pages, and pixels of any one picture."""

    max_bytes: int = 30 * 2**20
    max_pages: int = 100
    max_pixels: int = 150_000_000


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that may come in."""

    media_type: str
    page_count: int
    byte_count: int
    sha256: str


class RefusedPaper(Exception):
    """A paper that may not come in.

    `code` is one of empty, too_large, unknown_type, encrypted, broken, truncated, too_many_pages,
    too_many_pixels and polyglot; `detail` says it in words and quotes nothing of the paper.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def judge(blob: bytes, limits: Limits) -> Paper:
    """The paper that `blob` is; raises RefusedPaper with the reason where it may not come in."""
    if not blob:
        raise RefusedPaper("empty", "The file is empty.")
    if len(blob) > limits.max_bytes:
        raise RefusedPaper("too_large", f"The file is larger than {limits.max_bytes:,} bytes.")
    media_type = media_type_of(blob)
    if is_polyglot(blob, media_type):
        raise RefusedPaper("polyglot", "The file can also be read as another kind of file.")
    try:
        pages = sandbox.run(
            count_pages, blob, media_type, limits, bounds=BOUNDS, known=(RefusedPaper,)
        )
    except sandbox.SandboxTimedOut:
        raise RefusedPaper("broken", "Decoding the file takes too long.") from None
    except sandbox.SandboxDied:
        raise RefusedPaper("broken", "The file cannot be decoded.") from None
    return Paper(media_type, pages, len(blob), hashlib.sha256(blob).hexdigest())


def media_type_of(blob: bytes) -> str:
    """The media type that the file's first bytes tell; raises RefusedPaper for one not accepted."""
    if blob[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if blob[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if blob[:4] in (b"II*\0", b"MM\0*"):
        return "image/tiff"
    if blob[:4] == b"RIFF" and blob[8:12] == b"WEBP":
        return "image/webp"
    if blob[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\f\0").startswith(b"%PDF-"):
        return PDF
    if b"%PDF-" in blob[:1024]:
        raise RefusedPaper("polyglot", "Something else stands before the PDF's beginning.")
    raise RefusedPaper("unknown_type", "The file is no PDF, JPEG, PNG, TIFF or WebP.")


# ---------------------------------------------------------------- in the sandbox


def count_pages(blob: bytes, media_type: str, limits: Limits) -> int:
    """How many pages the paper has, each of them decoded or at least opened; raises RefusedPaper."""
    if media_type == PDF:
        return _pages_of_pdf(blob, limits)
    return _pages_of_image(blob, media_type, limits)


def _pages_of_image(blob: bytes, media_type: str, limits: Limits) -> int:
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    count = 0
    try:
        with Image.open(io.BytesIO(blob), formats=[FORMATS[media_type]]) as image:
            if media_type != "image/tiff" and getattr(image, "is_animated", False):
                raise RefusedPaper("unknown_type", "An animated image is no paper.")
            for frame in ImageSequence.Iterator(image) if media_type == "image/tiff" else [image]:
                count += 1
                _check_count(count, limits)
                _check_pixels(frame.width * frame.height, limits)
                frame.draft("L", (frame.width // 8, frame.height // 8))
                frame.load()
    except Image.DecompressionBombError:
        raise _too_many_pixels(limits) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise _undecodable(str(error)) from None
    return count


def _pages_of_pdf(blob: bytes, limits: Limits) -> int:
    try:
        with pypdfium2.PdfDocument(blob) as document:
            count = len(document)
            _check_count(count, limits)
            for index in range(count):
                _check_pdf_page(document[index], limits)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise RefusedPaper("encrypted", "The PDF asks for a password.") from None
        cut_off = b"%%EOF" not in blob[-2048:]
        raise _undecodable("truncated" if cut_off else "") from None
    if not count:
        raise RefusedPaper("broken", "The PDF has no pages.")
    return count


def _check_pdf_page(page: pypdfium2.PdfPage, limits: Limits) -> None:
    width, height = page.get_size()
    if not (0 < width <= LONGEST_PDF_SIDE and 0 < height <= LONGEST_PDF_SIDE):
        raise _too_many_pixels(limits)
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=5):
        across, down = picture.get_px_size()
        _check_pixels(across * down, limits)
    page.close()


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.max_pages:
        raise RefusedPaper("too_many_pages", f"The file has more than {limits.max_pages} pages.")


def _check_pixels(pixels: int, limits: Limits) -> None:
    if pixels > limits.max_pixels:
        raise _too_many_pixels(limits)


def _too_many_pixels(limits: Limits) -> RefusedPaper:
    return RefusedPaper(
        "too_many_pixels", f"A page or a picture has more than {limits.max_pixels:,} pixels."
    )


def _undecodable(why: str) -> RefusedPaper:
    if "truncated" in why:
        return RefusedPaper("truncated", "The end of the file is missing.")
    return RefusedPaper("broken", "The file cannot be decoded.")
