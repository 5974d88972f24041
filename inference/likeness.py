"""How alike two pages look: 64 bits of how their words are spread, and how many of them differ. Pure.

A page's words are found as patches of ink of a word's size, which leaves out what lies around the
paper, its shadows and folds. Framed by their own extent they are brought to one size, and the signs of
64 coefficients of their cosine transform are the bits: 16 frequencies down the page by 4 across it.
The lowest are left out: nearly all receipts have a head in the middle and amounts on the right.

Hamming distance tells how alike two pages are. To be looked up, the bits are cut into four bands of 16:
two pages that differ in up to 7 bits have a band that is the same but for one bit.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 800
"""Of the longer side of the page, in pixels, where its words are looked for."""
DARKER = (0.12, 12)
"""Ink is darker than the paper around it: by a share, and by so many of 256 steps at least."""
AROUND = 31
LETTER_HEIGHT, LETTER_WIDTH, LETTER_AREA = (4, 40), (1, 100), 8
"""Of a letter, or of letters that touch: in pixels."""
JOINED = (11, 3)
WORD = {"height": 5, "width": 14, "slim": 1.2, "filled": 0.4}
"""Of a word: in pixels, as width by height, and as the share of its box."""
FEWEST = 6
"""Words without which a page is as good as blank, and like every other such page."""
OUTLYING = 0.002
ROWS, COLUMNS = 64, 32
DOWN, ACROSS = slice(4, 20), slice(0, 4)
BAND = 16
BITS = 64

Grey = NDArray[np.uint8]
Mask = NDArray[np.uint8]


def picture_bits(page: Image.Image) -> int | None:
    """The 64 bits of a page's picture; None where it has too few words to be told from a blank one."""
    mask = words_on(np.asarray(page.convert("L")))
    if mask is None:
        return None
    framed = cv2.resize(frame(mask), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    signs = cv2.dct(framed.astype(np.float32))[DOWN, ACROSS].ravel() > 0
    return int.from_bytes(np.packbits(signs).tobytes(), "big")


def apart(one: int, other: int) -> int:
    """In how many bits two pages differ (0–64)."""
    return (one ^ other).bit_count()


def bands(bits: int) -> list[int]:
    """The four bands, each with its place in its upper bits, so that one list holds them all."""
    return [place << BAND | bits >> BAND * place & (1 << BAND) - 1 for place in range(BITS // BAND)]


def near_bands(bits: int) -> list[int]:
    """The bands and all that differ from one of them in one bit."""
    near = [[band, *(band ^ 1 << bit for bit in range(BAND))] for band in bands(bits)]
    return [each for group in near for each in group]


def masked(bits: int, order: Sequence[int], mask: int) -> int:
    """The bits in another order and some turned round: distances stay as they are."""
    shuffled = sum((bits >> source & 1) << place for place, source in enumerate(order))
    return shuffled ^ mask


def words_on(grey: Grey) -> Mask | None:
    """The words on a page as patches of 1 on 0; None where there are too few."""
    scale = SIDE / max(grey.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    sized = cv2.GaussianBlur(cv2.resize(grey, size, interpolation=way), (3, 3), 0)
    ink = patches(letters(inked(sized.astype(np.uint8))))
    return ink if ink is not None and ink.any() else None


def inked(grey: Grey) -> Mask:
    """Where a page is darker than the paper around."""
    paper = cv2.medianBlur(grey, AROUND).astype(np.int16)
    share, least = DARKER
    darker: Mask = (paper - grey > np.maximum(least, share * paper)).astype(np.uint8)
    return darker


def letters(ink: Mask) -> Mask:
    """The ink that is in pieces of a letter's size and not cut by the page's edge."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, width, height, area = stats.T
    kept = (area >= LETTER_AREA) & within(height, LETTER_HEIGHT) & within(width, LETTER_WIDTH)
    kept &= (left > 0) & (top > 0)
    kept &= (left + width < ink.shape[1]) & (top + height < ink.shape[0])
    return chosen(labels, kept)


def patches(ink: Mask) -> Mask | None:
    """Letters joined to words, without specks; None where there are too few of them."""
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones(JOINED[::-1], np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    _, _, width, height, area = stats.T
    kept = (width >= WORD["width"]) & (height >= WORD["height"])
    kept &= (width >= WORD["slim"] * height) & (area >= WORD["filled"] * width * height)
    return chosen(labels, kept) if kept[1:].sum() >= FEWEST else None


def within(values: NDArray[np.int32], ends: tuple[int, int]) -> NDArray[np.bool_]:
    """Which values lie between two ends."""
    between: NDArray[np.bool_] = (values >= ends[0]) & (values <= ends[1])
    return between


def chosen(labels: NDArray[Any], kept: NDArray[np.bool_]) -> Mask:
    """The patches that are kept, without the ground, which has the first label."""
    kept[0] = False
    mask: Mask = kept[labels].astype(np.uint8)
    return mask


def frame(mask: Mask) -> NDArray[np.float32]:
    """What lies within the extent of the words, save for the outermost bit of them."""
    down, across = (ends(mask.sum(axis=axis)) for axis in (1, 0))
    return mask[down, across].astype(np.float32)


def ends(profile: NDArray[np.uint64]) -> slice:
    """Where a profile's mass begins and ends, without what lies outside of nearly all of it."""
    share = np.cumsum(profile) / profile.sum()
    first, last = np.searchsorted(share, [OUTLYING, 1 - OUTLYING])
    return slice(int(first), int(last) + 1)
