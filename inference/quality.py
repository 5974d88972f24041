"""How good a picture of a page is: what a reviewer should know before trusting what was read from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


def _(words: str) -> str:
    """Marks words to be translated where they are shown: pages are measured where no Django is."""
    return words


LONGEST_SIDE = 1000
"""Skew and contrast show at this size, in pixels, and take a fraction of the time."""

MOST_SKEW = 10.0
"""Degrees; a page that leans further is rather a photograph at an angle."""

FEWEST_LETTERS = 20

WIDEST = 9
"""Pixels across what is looked at around an edge; one that took longer from ink to paper is none."""

BLURRED = 3.5
LOW_CONTRAST = 0.35
SMALL_LETTERS = 9.0
SKEWED = 1.5


@dataclass(frozen=True, slots=True)
class Quality:
    """A page's measures, each in the unit of its function; `score` sums them up from 0 to 1 (best).

    `dpi` is in pixels per inch, a guess where a photograph does not tell; `letters` counts whatever
    the guess.
    """

    blur: float
    contrast: float
    skew: float
    letters: float
    dpi: int
    score: float
    remarks: tuple[str, ...]


def measure(grey: Grey, dpi: int) -> Quality:
    """The quality of a page given in grey; `dpi` is its resolution in pixels per inch."""
    small = _at_most(grey, LONGEST_SIDE)
    blur, contrast, skew = edge_width(grey), ink_contrast(small), lean(small)
    letters = letter_height(grey)
    remarks = {
        _("out of focus"): blur > BLURRED,
        _("low contrast"): contrast < LOW_CONTRAST,
        _("small letters"): 0 < letters < SMALL_LETTERS,
        _("skewed"): abs(skew) > SKEWED,
    }
    score = min(
        _between(blur, worst=8.0, best=2.5),
        _between(contrast, worst=0.05, best=0.5),
        _between(letters or SMALL_LETTERS, worst=4.0, best=SMALL_LETTERS),
        _between(abs(skew), worst=MOST_SKEW, best=SKEWED),
    )
    return Quality(
        round(blur, 2),
        round(contrast, 3),
        round(skew, 2),
        round(letters, 1),
        dpi,
        round(score, 3),
        tuple(remark for remark, applies in remarks.items() if applies),
    )


def is_poor(quality: Mapping[str, Any]) -> bool:
    """Whether a page, by its measures as `Page.quality` keeps them, is a poor one: anything is remarked.

    It is what reviewers are told of the page, too. One that was never measured is poor: nobody knows it
    to be clear. Confidence in what was read is calibrated for clear and for poor pages apart.
    """
    return not quality or bool(quality.get("remarks"))


def edge_width(grey: Grey) -> float:
    """How many pixels the strong edges take from ink to paper: about 2 where sharp, 4 and more blurred.

    Unlike the variance of the Laplacian it does not depend on how much is printed on the page. A page
    without any edges has no blur to speak of.
    """
    window = np.ones((WIDEST, WIDEST), np.uint8)
    range_around = cv2.subtract(cv2.dilate(grey, window), cv2.erode(grey, window))
    steps = np.maximum(np.abs(_steps(grey, axis=0)), np.abs(_steps(grey, axis=1)))
    strongest = cv2.dilate(steps.astype(np.float32), np.ones((5, 5), np.uint8))
    on_edge = (steps == strongest) & (range_around >= max(24, int(range_around.max()) // 3))
    on_edge &= steps * WIDEST >= range_around  # flat paper beside a letter is no edge of it
    if not on_edge.any():
        return 1.0
    return float(np.median(range_around[on_edge] / np.maximum(steps[on_edge], 1.0)))


def ink_contrast(grey: Grey) -> float:
    """How much darker ink is than paper, from 0 to 1: the means on both sides of Otsu's threshold."""
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink, paper = grey[grey <= threshold], grey[grey > threshold]
    if not ink.size or not paper.size:
        return 0.0
    return float(paper.mean() - ink.mean()) / 255


def letter_height(grey: Grey) -> float:
    """The median height in pixels of what may be letters; 0 where there is hardly any."""
    _, _, boxes, _ = cv2.connectedComponentsWithStats(_ink(grey), connectivity=8)
    heights = boxes[1:, cv2.CC_STAT_HEIGHT]
    widths = boxes[1:, cv2.CC_STAT_WIDTH]
    sizes = (heights >= 4) & (heights <= 100) & (widths >= 2) & (widths <= 3 * heights)
    return float(np.median(heights[sizes])) if sizes.sum() >= FEWEST_LETTERS else 0.0


def lean(grey: Grey) -> float:
    """Degrees by which the lines of text lean, clockwise positive, within ±10.

    The rows of a page that stands straight differ most from their neighbours: lines, then gaps.
    """
    ink = _ink(_at_most(grey, LONGEST_SIDE // 2))
    coarse = max(np.arange(-MOST_SKEW, MOST_SKEW + 0.5), key=lambda turn: _stripes(ink, turn))
    fine = max(np.arange(coarse - 0.9, coarse + 0.95, 0.1), key=lambda turn: _stripes(ink, turn))
    upright = _stripes(ink, 0.0)
    return float(fine) if _stripes(ink, fine) > 1.1 * upright else 0.0


def _steps(grey: Grey, axis: int) -> NDArray[np.float32]:
    """From each pixel to the next but one, halved: the slope of the brightness."""
    kernel = np.array([[-0.5, 0, 0.5]], np.float32)
    return np.asarray(cv2.filter2D(grey, cv2.CV_32F, kernel if axis else kernel.T), np.float32)


def _ink(grey: Grey) -> Grey:
    """White where the page is darker than its surroundings, whatever the light on it."""
    return np.asarray(
        cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 15),
        np.uint8,
    )


def _stripes(ink: Grey, turn: float) -> float:
    """How strongly the rows alternate when the page is turned back by `turn` degrees."""
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0)
    rows = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_NEAREST).sum(axis=1)
    return float((np.diff(rows.astype(np.float64)) ** 2).sum())


def _at_most(grey: Grey, longest: int) -> Grey:
    scale = longest / max(grey.shape)
    if scale >= 1:
        return grey
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _between(value: float, *, worst: float, best: float) -> float:
    return min(1.0, max(0.0, (value - worst) / (best - worst)))
