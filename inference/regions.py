"""Reading one place on a page again, as a person drew it: in the sandbox, so that nothing waits long.

The child builds its engine anew (0.2 s, which neither a fork nor a thread could share safely) and is
ended by the kernel if it hangs; the web process keeps its memory and its threads.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cases import sandbox
from inference.engines import rapid
from inference.engines.base import Engine
from inference.words import Box, Word

BOUNDS = sandbox.Bounds(memory=2 * 2**30, cpu_seconds=5, seconds=5)
SMALLEST = 6
"""Pixels of a side: nobody can read less."""
AROUND = 0.5
"""Of the region's height: what the finder of lines wants to see beyond it."""
LEAST_INK = 0.004
"""Of a row of pixels: less is dirt."""
LOW = 0.4
"""Of the highest band of ink: a rule, an accent or what the box cuts off is lower than a line."""
LEGIBLE = 0.6
"""The raw confidence below which what was read is likely a stain, a ruling or handwriting."""


class UnreadableRegion(Exception):
    """The region could not be read at all: the engine died, or took too long."""


@dataclass(frozen=True, slots=True)
class RegionText:
    """What stands in a region, and the engine's raw confidence (0–1); empty where nothing does."""

    text: str
    confidence: float

    @property
    def legible(self) -> bool:
        """Whether the engine saw letters there, and did not merely guess."""
        return bool(self.text) and self.confidence >= LEGIBLE


def read_region(page: bytes, box: Box) -> RegionText:
    """What stands in `box` of a page's picture (JPEG, by ourselves); raises UnreadableRegion."""
    try:
        read: RegionText = sandbox.run(_read, page, box, bounds=BOUNDS, known=(RegionText,))
    except sandbox.SandboxDied as died:
        raise UnreadableRegion(str(died)) from died
    return read


def within(box: Sequence[int], width: int, height: int) -> Box | None:
    """A region cut to the page that it was drawn on; None where too little of it is left."""
    left, top, right, bottom = box
    cut = (max(0, left), max(0, top), min(width, right), min(height, bottom))
    wide, high = cut[2] - cut[0], cut[3] - cut[1]
    return cut if wide >= SMALLEST and high >= SMALLEST else None


# ---------------------------------------------------------------- in the sandbox


def _read(page: bytes, box: Box) -> RegionText:
    with Image.open(io.BytesIO(page)) as image:
        return read_with(rapid.RapidOcr(), image.convert("RGB"), box)


def read_with(engine: Engine, image: Image.Image, box: Box) -> RegionText:
    """What `engine` reads in `box`: as one line, unless there is more than one in it."""
    crop = image.crop(box)
    if bands(np.asarray(crop.convert("L"))) < 2:
        return RegionText(*engine.read_line(crop))
    words = words_inside(engine, image, box)
    if not any(below(first, second) for first, second in pairwise(words)):
        return RegionText(*engine.read_line(crop))
    mean = sum(word.confidence for word in words) / len(words)
    return RegionText(" ".join(word.text for word in words), mean)


def bands(grey: NDArray[np.uint8]) -> int:
    """How many rows of ink stand one over another, those that are much lower than the highest left out.

    One is a line of text for certain; two may be a line and part of another, or its accents.
    """
    dark = grey < (int(grey.min()) + int(np.median(grey))) / 2
    inked = dark.mean(axis=1) > LEAST_INK
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    heights = edges[1::2] - edges[::2]
    return int((heights >= LOW * heights.max(initial=0)).sum())


def words_inside(engine: Engine, image: Image.Image, box: Box) -> list[Word]:
    """The words whose middle lies in `box`, boxes in pixels of what surrounds it."""
    left, top, right, bottom = box
    margin = round((bottom - top) * AROUND)
    corner = (max(0, left - margin), max(0, top - margin))
    seen = image.crop(
        (*corner, min(image.width, right + margin), min(image.height, bottom + margin))
    )
    return [
        word
        for word in engine.read(seen).words
        if left <= corner[0] + (word.box[0] + word.box[2]) / 2 <= right
        and top <= corner[1] + (word.box[1] + word.box[3]) / 2 <= bottom
    ]


def below(first: Word, second: Word) -> bool:
    """Whether a word stands on a lower line than the one before it."""
    return second.box[1] > (first.box[1] + first.box[3]) / 2
