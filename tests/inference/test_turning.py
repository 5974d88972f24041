"""Pages that lie on their side or upside down are read upright, others are left alone."""

import pytest

from inference.engines import ENGINES, engine
from inference.images import MEDIA_TYPE, PageImage, encode, load, turned
from inference.quality import Quality
from inference.turning import read_upright, reads_badly
from inference.words import PageWords, Word
from tests.drawn import LETTER, page

DRAWN = page(LETTER * 2, shape=(1000, 1100))


def as_page(degrees: int) -> PageImage:
    image = turned(DRAWN, degrees)
    quality = Quality(2.0, 0.6, 0.0, 20.0, 200, 1.0, ())
    return PageImage(encode(image), MEDIA_TYPE, image.width, image.height, quality, None)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_page_is_read_upright_however_it_lies(name: str, degrees: int) -> None:
    words, content = read_upright(engine(name), as_page(degrees))
    assert load(content).size == DRAWN.size == (words.width, words.height)
    texts = [word.text for word in words.words]
    assert sum(word in texts for word in " ".join(LETTER).split()) > 40


def test_an_upright_page_keeps_its_picture_as_it_is() -> None:
    upright = as_page(0)
    assert read_upright(engine("rapidocr"), upright)[1] is upright.content


def words(*boxes: tuple[int, int, int, int], confidence: float = 0.95) -> PageWords:
    found = tuple(Word("word", box, confidence) for box in boxes)
    return PageWords(found, 1000, 1000, "engine", "1")


def test_what_makes_a_reading_doubtful() -> None:
    lying, standing = (10, 10, 80, 30), (10, 10, 30, 80)
    assert not reads_badly(words(*[lying] * 20), 0.9)
    assert reads_badly(words(*[lying] * 3), 0.9)
    assert reads_badly(words(*[lying] * 20, confidence=0.8), 0.9)
    assert reads_badly(words(*[standing] * 12, *[lying] * 8), 0.9)
    assert not reads_badly(words(*[standing] * 8, *[lying] * 12), 0.9)
