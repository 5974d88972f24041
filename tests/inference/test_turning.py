"""Pages that lie on their side or upside down are read upright, others are left alone."""

import pytest
from PIL import Image

from inference.engines import ENGINES, engine
from inference.images import MEDIA_TYPE, PageImage, encode, load, turned
from inference.quality import Quality
from inference.turning import lean, read_upright, reads_badly
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


def on_lines(slope: float) -> PageWords:
    """Four lines of five words each, that go down by `slope` pixels for each to the right."""
    return words(
        *(
            (x, round(100 + 40 * row + slope * x), x + 80, round(120 + 40 * row + slope * x))
            for row in range(4)
            for x in range(0, 500, 90)
        )
    )


@pytest.mark.parametrize(("slope", "degrees"), [(0.0, 0.0), (0.02, 0.0), (0.1, 5.7), (-0.1, -5.7)])
def test_lines_that_lean_far_show_it_by_their_words(slope: float, degrees: float) -> None:
    assert lean(on_lines(slope)) == pytest.approx(degrees, abs=0.6)


def test_a_small_receipt_that_leans_on_a_large_picture_is_read_upright() -> None:
    desk = Image.new("RGB", (2400, 2400), (90, 70, 50))
    slip = DRAWN.convert("RGB").resize((800, 880))
    desk.paste(slip.rotate(-7, expand=True, fillcolor=(90, 70, 50)), (700, 600))
    quality = Quality(2.0, 0.6, 0.0, 20.0, 200, 1.0, ())
    photographed = PageImage(encode(desk), MEDIA_TYPE, 2400, 2400, quality, None)
    read, content = read_upright(engine("rapidocr"), photographed)
    assert load(content).size == (read.width, read.height)
    assert lean(read) == 0.0
    texts = [word.text for word in read.words]
    assert sum(word in texts for word in " ".join(LETTER).split()) > 30
