"""Pages that lie on their side or upside down: read first, and turned only if that reads badly."""

from inference.engines import Engine
from inference.images import PageImage, encode, load, turned
from inference.words import PageWords, Word

FEWEST_WORDS = 10

CLEARLY_BETTER = 1.25
"""How much more a turned page must say, so that an almost empty page stays as it was sent."""

FEWEST_LETTERS = 3
"""Of a word whose shape tells how it lies."""


def read_upright(engine: Engine, page: PageImage) -> tuple[PageWords, bytes]:
    """The page's words, and its picture as it was read: turned where another direction reads better."""
    image = load(page.content)
    best, degrees = engine.read(image), 0
    if not reads_badly(best, engine.upright_above):
        return best, page.content
    for turn in (90, 180, 270):
        words = engine.read(turned(image, turn))
        if weight(words) > CLEARLY_BETTER * weight(best):
            best, degrees = words, turn
    return best, encode(turned(image, degrees)) if degrees else page.content


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
