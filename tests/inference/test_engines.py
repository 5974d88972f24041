"""Engines read drawn pages: words, boxes, lines and confidence; and the parts they are made of."""

import multiprocessing
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageChops

from inference.engines import (
    ENGINES,
    Engine,
    EngineUnavailable,
    engine,
    lines,
    read_crop,
    tesseract,
)
from inference.engines.characters import words_in
from inference.engines.lines import Quad, cut_out, in_reading_order, lines_in
from inference.engines.rapid import is_latin
from inference.engines.tesseract import TesseractCommand, at_reading_size
from inference.words import Box, PageWords
from tests.drawn import LETTER, page

WORDS = [word for line in LETTER for word in line.split()]


@pytest.fixture(params=[*ENGINES, "tesseract command"], scope="module")
def reader(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each way there is to read."""
    known = request.param in ENGINES
    yield engine(request.param) if known else TesseractCommand()


def letters(read: PageWords) -> str:
    """All that was read, run together: engines differ in where they see a narrow space."""
    return letters_of([word.text for word in read.words])


def letters_of(words: list[str]) -> str:
    return "".join(words)


def ink_in(image: Image.Image, box: Box) -> int:
    """How many dark pixels a box holds."""
    return int((np.asarray(image.crop(box)) < 128).sum())


def test_words_are_read_in_order_where_they_stand(reader: Engine) -> None:
    image = page()
    read = reader.read(image)
    assert letters(read) == letters_of(WORDS)
    assert (read.width, read.height) == image.size
    assert (read.engine, read.engine_version) == (reader.name, reader.version)
    assert all(0.5 < word.confidence <= 1 for word in read.words)
    ink = ink_in(image, (0, 0, *image.size))
    assert 0.95 * ink < sum(ink_in(image, word.box) for word in read.words) < 1.05 * ink


def test_words_of_a_leaning_colour_photograph_are_found(reader: Engine) -> None:
    photograph = page(paper=210, ink=60).rotate(1.2, fillcolor=210, expand=True).convert("RGB")
    texts = [word.text for word in reader.read(photograph).words]
    assert sum(word in texts for word in WORDS) > 0.9 * len(WORDS)


def test_an_empty_page_has_no_words(reader: Engine) -> None:
    assert reader.read(Image.new("RGB", (600, 800), "white")).words == ()


def test_a_tiny_picture_is_no_error(reader: Engine) -> None:
    assert reader.read(Image.new("L", (3, 2), 255)).words == ()
    assert len(reader.read_line(Image.new("L", (1, 1), 255))[0]) <= 1


def test_a_box_is_read_alone(reader: Engine) -> None:
    image = page()
    words = engine("rapidocr").read(image).words
    amount = next(word for word in words if word.text == "2,318.75")
    text, confidence = read_crop(reader, image, amount.box)
    assert text.replace(" ", "") == "2,318.75"
    assert confidence > 0.6


def test_a_box_outside_the_page_reads_as_nothing(reader: Engine) -> None:
    assert read_crop(reader, page(), (5000, 5000, 5100, 5020)) == ("", 0.0)


def test_confidence_falls_where_a_word_cannot_be_read(reader: Engine) -> None:
    clear = page(["Balance 2,318.75"], shape=(600, 200))
    noise = np.random.default_rng(1).integers(0, 256, (200, 600), dtype=np.uint8)
    spoiled = ImageChops.darker(clear, Image.fromarray(noise).point(lambda level: level * 1.1 + 60))
    box = (80, 80, 420, 115)
    assert read_crop(reader, spoiled, box)[1] < read_crop(reader, clear, box)[1]


def test_an_engine_is_built_once_in_a_process() -> None:
    assert engine("rapidocr") is engine("rapidocr")
    with pytest.raises(KeyError):
        engine("nobody's")


def read_in_child(results: "multiprocessing.SimpleQueue[str]") -> None:
    results.put(letters(engine("rapidocr").read(page())))


def test_an_engine_can_be_used_before_and_after_a_fork() -> None:
    engine("rapidocr").read(page())
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    child = context.Process(target=read_in_child, args=(results,))
    child.start()
    assert results.get() == letters_of(WORDS)
    child.join()
    results.close()


def test_threads_share_an_engine(reader: Engine) -> None:
    texts: list[str] = []

    def read() -> None:
        texts.append(letters(reader.read(page())))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == [letters_of(WORDS)] * 3


def test_the_runtime_cannot_report_to_its_maker() -> None:
    engine("rapidocr")
    assert sys.modules["openvino_telemetry"] is None


# ---------------------------------------------------------------- Tesseract's installation


def test_tesseract_reads_english_first() -> None:
    directory = tesseract.tessdata()
    assert tesseract.languages(directory)[0] == "eng"


def test_tesseracts_languages_are_those_installed(tmp_path: Path) -> None:
    for code in ("osd", "fra", "chi_sim", "eng", "spa", "deu"):
        (tmp_path / f"{code}.traineddata").touch()
    assert tesseract.languages(tmp_path) == ("eng", "deu", "fra")


def test_missing_languages_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EngineUnavailable, match="apt install"):
        tesseract.languages(tmp_path)
    monkeypatch.setattr(tesseract, "USUAL_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    with pytest.raises(EngineUnavailable, match="apt install tesseract-ocr"):
        tesseract.tessdata()


@pytest.mark.parametrize("size", [(30, 20), (700, 900), (2200, 100), (6000, 3000), (1, 9000)])
def test_tesseract_gets_pages_of_a_size_it_reads_well(size: tuple[int, int]) -> None:
    resized = at_reading_size(Image.new("L", size))
    assert 2000 <= max(resized.size) <= 2500
    assert min(resized.size) == pytest.approx(min(size) * max(resized.size) / max(size), abs=1)


# ---------------------------------------------------------------- lines and characters


def columns(answer: str, alphabet: str, sure: float = 0.9) -> NDArray[np.float32]:
    """The recogniser's answer that says `answer`, one column each; a dot says "nothing new"."""
    table = np.full((len(answer), len(alphabet) + 1), (1 - sure) / len(alphabet), np.float32)
    for at, character in enumerate(answer):
        table[at, 0 if character == "." else 1 + alphabet.index(character)] = sure
    return table


def test_repeated_columns_are_one_character_and_blanks_part_two() -> None:
    words = words_in(columns("a.bb.b. .cc.", "abc "), "abc ")
    assert [word.text for word in words] == ["abb", "c"]
    assert words[0].confidence == pytest.approx(0.9)
    assert words[0].begins < 1 < words[0].ends <= words[1].begins < 9 < words[1].ends


@given(st.text("abc. ", max_size=40))
def test_words_hold_every_character_once_and_do_not_overlap(answer: str) -> None:
    words = words_in(columns(answer, "abc "), "abc ")
    said = [one for one, before in zip(answer, "." + answer, strict=False) if one != before]
    assert "".join(word.text for word in words) == "".join(said).replace(".", "").replace(" ", "")
    for left, right in pairwise(words):
        assert left.begins < left.ends <= right.begins


def upright(left: float, top: float, right: float, bottom: float) -> Quad:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def test_a_blob_on_the_map_becomes_a_line_grown_back() -> None:
    text_map = np.zeros((100, 200), np.float32)
    text_map[40:50, 30:170] = 0.9
    (line,) = lines_in(text_map, width=400, height=200)
    (left, top), _, (right, bottom), _ = line
    assert 30 < left < 58 and 342 < right < 370
    assert 55 < top < 78 and 100 < bottom < 125
    text_map[40:50, 30:170] = 0.4  # seen, but not surely text
    assert lines_in(text_map, width=400, height=200) == []


def test_text_on_a_small_part_of_the_page_is_looked_at_closer() -> None:
    seen = np.zeros((100, 100), np.float32)
    assert lines.part_with_text(seen, 2000, 2000) is None
    seen[20:30, 40:50] = 1.0
    assert lines.part_with_text(seen, 2000, 2000) == (700, 300, 1100, 700)
    seen[2:98, 2:98] = 1.0
    assert lines.part_with_text(seen, 2000, 2000) is None


@pytest.mark.parametrize(
    ("size", "seen"),
    [((2400, 1697), (960, 672)), ((2400, 480), (1792, 352)), ((600, 400), (608, 384))],
)
def test_a_long_slip_is_looked_at_in_as_many_pixels_as_a_page(
    size: tuple[int, int], seen: tuple[int, int]
) -> None:
    assert lines.detector_input(np.zeros((*size, 3), np.uint8), 960).shape[2:] == seen


def test_lines_on_a_row_go_from_left_to_right() -> None:
    right = upright(300, 98, 400, 120)
    left = upright(10, 103, 200, 123)
    below = upright(5, 130, 100, 150)
    assert [id(line) for line in in_reading_order([below, right, left])] == [
        id(left),
        id(right),
        id(below),
    ]


def test_a_line_on_end_is_laid_down() -> None:
    lying = page(["Total 12.50"], shape=(300, 200))
    on_end = np.asarray(lying.transpose(Image.Transpose.ROTATE_270).convert("RGB"))
    cut, line = cut_out(on_end, upright(50, 60, 130, 280), 48)
    assert cut.shape[0] == 48 and cut.shape[1] > 100
    text, _ = engine("rapidocr").read_line(Image.fromarray(cut))
    assert text == "Total 12.50"
    assert tuple(line[0]) == (130, 60)


def test_latin_script_with_its_accents_and_currencies_is_kept() -> None:
    assert all(map(is_latin, "aZ0/ßéÅłżČ€£₹ —“"))
    assert not any(map(is_latin, "中あ한жΩ"))
