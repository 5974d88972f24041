"""Pages that lie on their side, upside down or askew: read first, and turned only where that shows."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import atan, degrees
from statistics import median

from PIL import Image

from inference.engines import Engine
from inference.images import LONGEST_SIDE, PageImage, encode, load, turned
from inference.words import PageWords, Word

FEWEST_WORDS = 10

CLEARLY_BETTER = 1.25
"""How much more a turned page must say, so that an almost empty page stays as it was sent."""

FEWEST_LETTERS = 3
"""Of a word whose shape tells how it lies."""

MOST_LEAN = 2.0
"""Degrees by which lines may lean and still be told from each other."""

FEWEST_NEIGHBOURS = 8


def read_upright(engine: Engine, page: PageImage) -> tuple[PageWords, bytes]:
    """The page's words, and its picture as it was read: turned where another direction reads better."""
    image = load(page.content)
    best, quarter = engine.read(image), 0
    if reads_badly(best, engine.upright_above):
        for turn in (90, 180, 270):
            words = engine.read(turned(image, turn))
            if weight(words) > CLEARLY_BETTER * weight(best):
                best, quarter = words, turn
    leaning = lean(best)
    if not quarter and not leaning:
        return best, page.content
    upright = straightened(turned(image, quarter), leaning)
    return engine.read(upright) if leaning else best, encode(upright)


def reads_badly(words: PageWords, upright_above: float) -> bool:
    """Whether so little was read, or so many words on end, that the page may lie the wrong way."""
    flat = [word for word in words.words if not stands_on_end(word)]
    return (
        len(words.words) < FEWEST_WORDS
        or mean_confidence(words) < upright_above
        or 2 * len(flat) < len(words.words)
    )


def stands_on_end(word: Word) -> bool:
    """Whether a word runs up or down the page: engines read such lines well, people don't."""
    left, top, right, bottom = word.box
    return len(word.text) >= FEWEST_LETTERS and bottom - top > right - left


def mean_confidence(words: PageWords) -> float:
    """The engine's own confidence over the page's words; 0 where it has none."""
    return sum(word.confidence for word in words.words) / max(1, len(words.words))


def weight(words: PageWords) -> float:
    """How much a page says, each letter counted by how sure the engine was of it."""
    return sum(
        len(word.text) * word.confidence**2 for word in words.words if not stands_on_end(word)
    )


def lean(words: PageWords) -> float:
    """Degrees, clockwise positive, by which most lines of words lean; 0 where it is little or they disagree.

    A receipt that is a small part of a photograph shows it here alone.
    """
    slopes = list(slopes_between(words.words))
    if len(slopes) < FEWEST_NEIGHBOURS:
        return 0.0
    usual = median(slopes)
    apart = median(abs(slope - usual) for slope in slopes)
    leaning = degrees(atan(usual))
    return leaning if abs(leaning) > MOST_LEAN and apart < abs(usual) / 2 else 0.0


def slopes_between(words: Sequence[Word]) -> Iterator[float]:
    """How far down each word's right neighbour on its line stands, for each pixel to the right."""
    for one, other in pairwise(words):
        height = one.box[3] - one.box[1]
        across = sum(other.box[::2]) / 2 - sum(one.box[::2]) / 2
        down = sum(other.box[1::2]) / 2 - sum(one.box[1::2]) / 2
        if 0 < other.box[0] - one.box[2] + height < 3 * height and abs(down) < across / 2:
            yield down / across


def straightened(image: Image.Image, leaning: float) -> Image.Image:
    """The picture turned back by the degrees that its lines lean."""
    if not leaning:
        return image
    paper = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    upright = image.rotate(leaning, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return upright
