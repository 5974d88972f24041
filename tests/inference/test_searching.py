"""Words are found as a person types them, not as they were printed."""

import pytest

from inference.searching import occurrences
from inference.words import PageWords, Word


def page(*lines: str) -> PageWords:
    """A page with these lines, each letter 10 pixels wide and 20 high."""
    words = []
    for row, line in enumerate(lines):
        at = 0
        for text in line.split():
            words.append(Word(text, (at, 40 * row, at + 10 * len(text), 40 * row + 20), 0.9))
            at += 10 * (len(text) + 1)
    return PageWords(tuple(words), 1000, 1000, "drawn", "1")


@pytest.mark.parametrize(
    ("printed", "typed"),
    [
        ("2.310,75", "2310.75"),
        ("2310.75", "2.310,75"),
        ("2 310,75", "2310.75"),
        ("Jürgen MÜLLER", "jurgen muller"),
        ("Straße", "strasse"),
        ("van den Broek", "den broek"),
        ("NL91 ABNA 0417 1643 00", "NL91ABNA0417"),
        ("NL91ABNA0417164300", "NL91 ABNA"),
        ("(1,204.50)", "1204"),
        ("Noord-Nederlandse", "noord nederlandse"),
    ],
)
def test_found(printed: str, typed: str) -> None:
    assert len(list(occurrences(page("before", printed, "after"), typed))) == 1


@pytest.mark.parametrize(
    ("printed", "typed"),
    [
        ("23 1075", "3107"),  # only what begins a word goes on in the next
        ("hand in", "din"),
        ("one two", "two one"),
        ("23 1075", ""),
        ("23 1075", "…"),
    ],
)
def test_not_found(printed: str, typed: str) -> None:
    assert list(occurrences(page(printed), typed)) == []


def test_words_on_a_line_share_a_box_and_a_line_has_its_own() -> None:
    (boxes,) = occurrences(page("the closing", "balance of March"), "closing balance of")
    assert boxes == ((40, 0, 110, 20), (0, 40, 100, 60))


def test_every_occurrence_is_found_once() -> None:
    assert len(list(occurrences(page("aaaa aa", "x aaaa"), "aa"))) == 5
