"""The papers that an applicant sends: printed, filled in, worn, and saved as people save them."""

import io
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import ExifTags, Image

from config.demo.applicants import Applicant
from config.demo.chance import pick
from config.demo.drawing import DPI, draw
from config.demo.forms import application_form
from config.demo.payslips import payslip
from config.demo.printing import print_pdf
from config.demo.sheets import Sheet, Text
from config.demo.statements import bank_statement, long_statement
from config.demo.styles import NAMES
from config.demo.wear import WEARS, Grade

# The shares of the grades, the same for each kind of paper.
GRADES: Mapping[Grade, float] = {
    "digital": 0.25,
    "clean": 0.30,
    "worn": 0.27,
    "poor": 0.14,
    "unreadable": 0.04,
}

KINDS: Mapping[str, tuple[str, ...]] = {  # the fields that each kind of paper can show
    "application": ("applicant_name", "date_of_birth", "amount", "duration_months"),
    "payslip": ("employer", "employee_name", "net_income", "pay_date"),
    "bank_statement": ("account_holder", "iban", "closing_balance", "interest_rate"),
}

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "tif": "image/tiff",
    "webp": "image/webp",
}
FORMATS: Mapping[Grade, Mapping[str, float]] = {
    "clean": {"pdf": 35, "jpg": 25, "png": 15, "tif": 15, "webp": 10},
    "worn": {"jpg": 50, "pdf": 30, "tif": 10, "webp": 10},
    "poor": {"jpg": 70, "pdf": 15, "webp": 15},
    "unreadable": {"jpg": 80, "pdf": 20},
}
JPEG_QUALITY: Mapping[Grade, tuple[int, int]] = {
    "clean": (82, 92),
    "worn": (52, 78),
    "poor": (34, 55),
    "unreadable": (20, 40),
}
PENS = 0.5  # of application forms on paper, those filled in by hand
ON_ITS_SIDE = 0.2  # of poor JPEGs, those that only EXIF turns upright
BILEVEL = 0.5  # of clean TIFFs, those scanned in black and white


@dataclass(frozen=True, slots=True)
class DemoPaper:
    """One file as sent, and what stands on it.

    `truth` has every field that the kind of paper can show, in canonical form (names as printed);
    None where this one does not show it.
    """

    kind: str
    filename: str
    media_type: str
    blob: bytes
    grade: Grade
    truth: Mapping[str, str | None]


def papers(applicant: Applicant, seed: int) -> list[DemoPaper]:
    """The applicant's application form, payslip and bank statement; same seed, same bytes."""
    return [paper(kind, applicant, seed) for kind in KINDS]


def paper(kind: str, applicant: Applicant, seed: int) -> DemoPaper:
    """One paper of `kind`; raises KeyError for a kind that the demo does not know."""
    rng = random.Random(f"{kind} {seed}")
    grade = pick(rng, GRADES)
    return _saved(kind, _sheets(kind, applicant, grade, rng), applicant, grade, rng)


def unreadable_payslip(applicant: Applicant, seed: int) -> DemoPaper:
    """A payslip so worn that nobody can read it."""
    rng = random.Random(f"unreadable {seed}")
    return _saved("payslip", payslip(applicant, rng), applicant, "unreadable", rng)


def twelve_pages(applicant: Applicant, seed: int) -> DemoPaper:
    """A bank statement of twelve pages, as banks' programs print it."""
    rng = random.Random(f"twelve {seed}")
    return _saved("bank_statement", long_statement(applicant, rng), applicant, "digital", rng)


def _saved(
    kind: str, sheets: Sequence[Sheet], applicant: Applicant, grade: Grade, rng: random.Random
) -> DemoPaper:
    """The sheets as a file of that grade."""
    if grade == "digital":
        ending, blob = "pdf", print_pdf(sheets, kind.replace("_", " ").capitalize())
    else:
        pages = [WEARS[grade](draw(sheet, rng), rng) for sheet in sheets]
        ending = pick(rng, FORMATS[grade])
        if len(pages) > 1 and ending != "tif":
            ending = "pdf"
        blob = _encoded(pages, ending, grade, rng)
    return DemoPaper(
        kind=kind,
        filename=f"{_stem(kind, rng)}.{ending}",
        media_type=MEDIA_TYPES[ending],
        blob=blob,
        grade=grade,
        truth=_truth(kind, sheets, applicant),
    )


def _sheets(kind: str, applicant: Applicant, grade: Grade, rng: random.Random) -> list[Sheet]:
    match kind:
        case "application":
            return application_form(applicant, rng, 0 if grade == "digital" else PENS)
        case "payslip":
            return payslip(applicant, rng)
    return bank_statement(applicant, rng)


def _truth(kind: str, sheets: Sequence[Sheet], applicant: Applicant) -> dict[str, str | None]:
    printed = {
        mark.field: mark.text
        for sheet in sheets
        for mark in sheet.marks
        if isinstance(mark, Text) and mark.field
    }
    truth: dict[str, str | None] = dict.fromkeys(KINDS[kind])
    for field, text in printed.items():
        truth[field] = text if field in NAMES else applicant.shown[field]
    return truth


def _encoded(pages: list[Image.Image], ending: str, grade: Grade, rng: random.Random) -> bytes:
    """The pages in one file of the format that `ending` names."""
    file = io.BytesIO()
    first, rest = pages[0], pages[1:]
    quality = rng.randint(*JPEG_QUALITY[grade])
    match ending:
        case "pdf":
            then = time.gmtime(1_774_000_000)  # Pillow would write the current time
            first.save(file, "PDF", save_all=True, append_images=rest, resolution=DPI,
                       quality=quality, creationDate=then, modDate=then)  # fmt: skip
        case "tif" if grade == "clean" and rng.random() < BILEVEL:
            black = [page.convert("L").point(_threshold) for page in pages]
            bilevel = [page.convert("1", dither=Image.Dither.NONE) for page in black]
            bilevel[0].save(file, "TIFF", save_all=True, append_images=bilevel[1:],
                            compression="group4", dpi=(DPI, DPI))  # fmt: skip
        case "tif":
            first.save(file, "TIFF", save_all=True, append_images=rest,
                       compression="jpeg", quality=quality, dpi=(DPI, DPI))  # fmt: skip
        case "png":
            first.convert("L").save(file, "PNG", compress_level=1, dpi=(DPI, DPI))
        case "webp":
            first.save(file, "WEBP", quality=quality, method=0)
        case _:
            picture, exif = _as_phones_do(first, grade, rng)
            picture.save(file, "JPEG", quality=quality, dpi=(DPI, DPI), exif=exif)
    return file.getvalue()


def _as_phones_do(
    page: Image.Image, grade: Grade, rng: random.Random
) -> tuple[Image.Image, Image.Exif]:
    """Some phones keep the sensor's way up and say in EXIF how to turn the picture."""
    exif = Image.Exif()
    if grade == "poor" and rng.random() < ON_ITS_SIDE:
        exif[ExifTags.Base.Orientation] = 6  # to be turned clockwise by 90 degrees
        return page.transpose(Image.Transpose.ROTATE_90), exif
    return page, exif


def _threshold(level: int) -> int:
    return 255 * (level > 175)


def _stem(kind: str, rng: random.Random) -> str:
    """What people call such a file."""
    number = rng.randint(1, 9999)
    photo = f"IMG_202603{number % 28 + 1:02d}_{number:04d}"
    return rng.choice((kind.replace("_", "-"), f"scan_{number:04d}", photo))
