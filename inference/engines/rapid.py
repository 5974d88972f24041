"""The default engine: the PP-OCRv6 networks of RapidOCR, on one core, cut down to Latin script."""

import threading
import unicodedata
from functools import cached_property
from importlib.metadata import version

import cv2
import numpy as np
from PIL import Image

from inference.engines import characters, extents, lines, network
from inference.words import Box, PageWords, Word

DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNISER = "PP-OCRv6_rec_small.onnx"
RECIPE = "latin2"
"""Goes up with any change below that may change what is read."""

LONGEST_SIDE = 960
"""Of the detector's picture, in pixels: more costs time and finds no more lines on a page."""
LINE_HEIGHT = 48
LINE_WIDTH_STEP = 32
"""Lines are padded to a multiple: the network is prepared anew for every width that it meets."""
NARROWEST_LINE = 96
LEAST_CONFIDENCE = 0.5
"""A line below is a stain, a logo or a barcode."""

PUNCTUATION = "°§±·×÷–—‘’“”•…™№"

cv2.setNumThreads(1)


def is_latin(character: str) -> bool:
    """Whether a class of the recogniser is worth keeping for papers in Latin script."""
    return (
        character.isascii()
        or character in PUNCTUATION
        or unicodedata.category(character) == "Sc"
        or "\u00a0" <= character <= "\u024f"
        or "\u1e00" <= character <= "\u1eff"
    )


class RapidOcr:
    """PP-OCRv6 small: finds lines, then reads each."""

    name = "rapidocr"
    upright_above = 0.85  # upside down, pages are still read with .61 to .72, upright ones from .90

    def __init__(self) -> None:
        recogniser = network.load(RECOGNISER)
        known = network.alphabet(recogniser)
        kept = [index for index, character in enumerate(known) if is_latin(character)]
        network.keep_classes(recogniser, [characters.NOTHING_NEW, *(index + 1 for index in kept)])
        self._alphabet = "".join(known[index] for index in kept)
        self._recognise = network.Network(recogniser)
        self._lock = threading.Lock()
        self.version = f"{version('rapidocr')}-{RECIPE}-{self._recognise.precision}"

    @cached_property
    def _detect(self) -> network.Network:
        """Built with the first page: who reads single lines alone is spared it."""
        return network.Network(network.load(DETECTOR))

    def read(self, image: Image.Image) -> PageWords:
        """The words on a page in reading order, boxes in pixels of `image`."""
        page = _pixels(image)
        with self._lock:
            words = [word for line in self._lines_on(page) for word in self._words_on(page, line)]
        return PageWords(tuple(words), image.width, image.height, self.name, self.version)

    def read_line(self, image: Image.Image) -> tuple[str, float]:
        """The text of a picture of one line, and its mean confidence."""
        width, height = image.size
        whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        with self._lock:
            seen, _ = self._seen_on(lines.cut_out(_pixels(image), whole, LINE_HEIGHT)[0])
        return " ".join(word.text for word in seen), _mean_confidence(seen)

    def _lines_on(self, page: lines.Pixels) -> list[lines.Quad]:
        """The lines on a page; where text is only on a part of it, as seen when that part is closer."""
        height, width = page.shape[:2]
        text_map = self._map(page)
        part = lines.part_with_text(text_map, width, height)
        if part is None or max(width, height) <= LONGEST_SIDE:
            return lines.lines_in(text_map, width, height)
        left, top, right, bottom = part
        closer = self._map(page[top:bottom, left:right])
        offset = np.array([left, top], np.float32)
        return [line + offset for line in lines.lines_in(closer, right - left, bottom - top)]

    def _map(self, picture: lines.Pixels) -> lines.Floats:
        """Where the detector sees text on a picture."""
        text_map: lines.Floats = self._detect(lines.detector_input(picture, LONGEST_SIDE))[0, 0]
        return text_map

    def _words_on(self, page: lines.Pixels, line: lines.Quad) -> list[Word]:
        cut, line = lines.cut_out(page, line, LINE_HEIGHT)
        seen, column = self._seen_on(cut)
        if _mean_confidence(seen) < LEAST_CONFIDENCE:
            return []
        rough = [(word.begins * column, word.ends * column) for word in seen]
        found = extents.tightened(cut, rough, characters.mean_width(seen) * column)
        return [
            Word(
                word.text,
                _box_on(line, begins / cut.shape[1], ends / cut.shape[1]),
                word.confidence,
            )
            for word, (begins, ends) in zip(seen, found, strict=True)
        ]

    def _seen_on(self, cut: lines.Pixels) -> tuple[list[characters.SeenWord], float]:
        """The words on a straightened line, and how many pixels a column of the recogniser takes."""
        width = max(NARROWEST_LINE, -(-cut.shape[1] // LINE_WIDTH_STEP) * LINE_WIDTH_STEP)
        padded = np.zeros((1, 3, LINE_HEIGHT, width), np.float32)
        padded[..., : cut.shape[1]] = lines.network_input(cut)
        answer = self._recognise(padded)[0]
        return characters.words_in(answer, self._alphabet), width / len(answer)


def _pixels(image: Image.Image) -> lines.Pixels:
    """The picture in the order of colours that the networks were trained on: blue, green, red."""
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def _mean_confidence(seen: list[characters.SeenWord]) -> float:
    """Over the line's characters, as the networks' own pipeline does; 0 where nothing was seen."""
    count = sum(len(word.text) for word in seen)
    return sum(word.confidence * len(word.text) for word in seen) / count if count else 0.0


def _box_on(line: lines.Quad, begins: float, ends: float) -> Box:
    """The upright box around the part of a line between two fractions of its width."""
    top_left, top_right, bottom_right, bottom_left = line
    across = np.clip([begins, ends], 0.0, 1.0)[:, np.newaxis]
    corners = np.concatenate(
        [
            top_left + across * (top_right - top_left),
            bottom_left + across * (bottom_right - bottom_left),
        ]
    )
    left, top = np.floor(corners.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(corners.max(axis=0)).astype(int).tolist()
    return left, top, right, bottom
