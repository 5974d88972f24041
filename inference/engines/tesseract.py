"""The second opinion and the light engine: Tesseract, inside this process where possible."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytesseract
from PIL import Image

from inference.engines.base import EngineUnavailable
from inference.words import PageWords, Word

try:
    import tesserocr
except ImportError:  # a platform that the wheel does not serve: the command does
    tesserocr = None

# Read by the command's OpenMP when it starts: left alone, two pages at once take ten times longer.
os.environ["OMP_THREAD_LIMIT"] = "1"

SHORTEST_SIDE_READ = 2000
LONGEST_SIDE_READ = 2500
"""Of the longer side in pixels: small print is read better when it is made larger first."""

UPRIGHT_ABOVE = 0.60
"""Upside down, pages are read with a mean confidence of .24 to .40, upright ones hardly below .60."""

LATIN = ("eng", "deu", "fra", "spa", "ita", "nld", "por")
MOST_LANGUAGES = 3
"""Every further language costs about a third more time."""

USUAL_PLACES = (
    "usr/share/tesseract-ocr/*/tessdata",
    "usr/share/tessdata",
    "usr/local/share/tessdata",
    "opt/homebrew/share/tessdata",
)


def tessdata() -> Path:
    """The directory of Tesseract's languages: as configured, as the command says, or the usual one.

    Raises EngineUnavailable where there is none.
    """
    usual = [place for pattern in USUAL_PLACES for place in Path("/").glob(pattern)]
    for place in (*_configured(), *_told_by_command(), *usual):
        if any(place.glob("*.traineddata")):
            return place
    raise EngineUnavailable("Tesseract's languages are not installed: apt install tesseract-ocr")


def languages(directory: Path) -> tuple[str, ...]:
    """The languages in Latin script to read with, of those in `directory`; English first."""
    there = [code for code in LATIN if (directory / f"{code}.traineddata").exists()]
    if not there:
        raise EngineUnavailable("Tesseract lacks English: apt install tesseract-ocr-eng")
    return tuple(there[:MOST_LANGUAGES])


def build() -> "Tesseract | TesseractCommand":
    """Tesseract inside this process, or through its command where that cannot be."""
    return TesseractCommand() if tesserocr is None else Tesseract()


class Tesseract:
    """Tesseract's library inside this process."""

    name = "tesseract"
    upright_above = UPRIGHT_ABOVE

    def __init__(self) -> None:
        directory = tessdata()
        known = languages(directory)
        release = tesserocr.tesseract_version().split()[1]
        self.version = f"{release}-{'+'.join(known)}"
        self._api = tesserocr.PyTessBaseAPI(path=f"{directory}/", lang="+".join(known))
        self._lock = threading.Lock()

    def read(self, image: Image.Image) -> PageWords:
        """The words on a page in reading order, boxes in pixels of `image`."""
        resized = at_reading_size(image)
        with self._lock:
            self._look_at(resized, tesserocr.PSM.AUTO)
            words = tuple(self._words(image.width / resized.width))
        return PageWords(words, image.width, image.height, self.name, self.version)

    def read_line(self, image: Image.Image) -> tuple[str, float]:
        """The text of a picture of one line, and its mean confidence."""
        with self._lock:
            self._look_at(with_margin(image), tesserocr.PSM.SINGLE_LINE)
            return as_line(tuple(self._words(1.0)))

    def _look_at(self, image: Image.Image, layout: int) -> None:
        self._api.SetPageSegMode(layout)
        self._api.SetImageBytes(image.tobytes(), image.width, image.height, 1, image.width)
        self._api.Recognize()

    def _words(self, scale: float) -> Iterator[Word]:
        level = tesserocr.RIL.WORD
        for found in tesserocr.iterate_level(self._api.GetIterator(), level):
            if found.Empty(level):
                continue
            text = found.GetUTF8Text(level).strip()
            if text:
                box = found.BoundingBox(level)
                yield _word(text, box, scale, found.Confidence(level))
        self._api.Clear()


class TesseractCommand:
    """Tesseract's command, a process for every page."""

    name = "tesseract"
    upright_above = UPRIGHT_ABOVE

    def __init__(self) -> None:
        known = languages(tessdata())
        self._languages = "+".join(known)
        self.version = f"{pytesseract.get_tesseract_version()}-{self._languages}"

    def read(self, image: Image.Image) -> PageWords:
        """The words on a page in reading order, boxes in pixels of `image`."""
        resized = at_reading_size(image)
        words = self._words(resized, 3, image.width / resized.width)
        return PageWords(words, image.width, image.height, self.name, self.version)

    def read_line(self, image: Image.Image) -> tuple[str, float]:
        """The text of a picture of one line, and its mean confidence."""
        return as_line(self._words(with_margin(image), 7, 1.0))

    def _words(self, image: Image.Image, layout: int, scale: float) -> tuple[Word, ...]:
        table = pytesseract.image_to_data(
            image,
            lang=self._languages,
            config=f"--psm {layout}",
            output_type=pytesseract.Output.DICT,
        )
        return tuple(
            _word(text.strip(), (left, top, left + width, top + height), scale, float(percent))
            for text, left, top, width, height, percent in zip(
                table["text"],
                table["left"],
                table["top"],
                table["width"],
                table["height"],
                table["conf"],
                strict=True,
            )
            if text.strip()
        )


def at_reading_size(image: Image.Image) -> Image.Image:
    """The page in grey, its longer side between 2,000 and 2,500 pixels."""
    longest = max(image.size)
    scale = min(LONGEST_SIDE_READ, max(SHORTEST_SIDE_READ, longest)) / longest
    grey = image.convert("L")
    if scale == 1:
        return grey
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return grey.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def with_margin(image: Image.Image, height: int = 48, margin: int = 10) -> Image.Image:
    """A line in grey with paper around it, or letters at the edge are lost; sizes in pixels."""
    width = max(1, round(image.width * height / image.height))
    line = image.convert("L").resize((width, height), Image.Resampling.BICUBIC)
    paper = int(sorted(line.tobytes())[int(width * height * 0.9)])
    framed = Image.new("L", (width + 2 * margin, height + 2 * margin), paper)
    framed.paste(line, (margin, margin))
    return framed


def as_line(words: Sequence[Word]) -> tuple[str, float]:
    """The words as one text, and their mean confidence; 0 where there are none."""
    if not words:
        return "", 0.0
    return " ".join(word.text for word in words), sum(w.confidence for w in words) / len(words)


def _word(text: str, box: Sequence[int], scale: float, percent: float) -> Word:
    left, top, right, bottom = (round(edge * scale) for edge in box)
    return Word(text, (left, top, right, bottom), min(1.0, max(0.0, percent / 100)))


def _configured() -> tuple[Path, ...]:
    place = os.environ.get("TESSDATA_PREFIX")
    return (Path(place), Path(place) / "tessdata") if place else ()


def _told_by_command() -> tuple[Path, ...]:
    try:
        told = subprocess.run(  # noqa: S603  # a command of the operator's own, no shell
            [pytesseract.pytesseract.tesseract_cmd, "--list-langs"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    quoted = re.search(r'"(.+)"', told)
    return (Path(quoted[1]),) if quoted else ()
