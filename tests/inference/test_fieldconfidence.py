"""The confidence of fields: a probability, fitted, that moves the way its signals point."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.fieldconfidence import RAW, confidence, fitted, inputs

SOUND = {
    "word": 0.99, "weakest": 0.99, "page": 0.98, "quality": 1.0, "parse": 1.0, "holds": 0.0, "breaks": 0.0,
    "sums": 0.0, "labelled": 1.0, "label_match": 1.0, "label_whole": 1.0, "place": 0.95, "score": 0.95,
    "rival": 0.0, "again": 0.0, "second": 1.0, "agrees": 1.0, "contradicts": 0.0,
    "alike": 1.0, "second_word": 0.95,
}  # fmt: skip
ALONE = SOUND | {"second": 0.0, "agrees": 0.0, "alike": 0.0, "second_word": 0.0}
CONTRADICTED = SOUND | {"agrees": 0.0, "contradicts": 1.0, "alike": 0.4, "second_word": 0.0}
FIGURES = ["money", "date", "id", "percentage", "integer"]
ENGINES = ["rapidocr", "tesseract", "another"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["money", "date", "name", "id", "percentage", "integer"])
def test_a_sound_reading_is_believed_and_one_contradicted_is_not(engine: str, kind: str) -> None:
    assert confidence(SOUND, kind, engine) > 0.85
    assert confidence(CONTRADICTED, kind, engine) < confidence(SOUND, kind, engine)


def test_an_amount_that_the_second_engine_contradicts_is_doubted_more_than_one_it_never_saw() -> (
    None
):
    assert confidence(CONTRADICTED, "money", "rapidocr") < confidence(ALONE, "money", "rapidocr")


@pytest.mark.parametrize("engine", ["rapidocr", "tesseract"])
@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("contradicts", [0.0, 1.0])
def test_figures_that_engines_differ_on_are_believed_as_often_as_such_were_right(
    engine: str, kind: str, contradicts: float
) -> None:
    way = "contradicted" if contradicts else "unread"
    bound = fitted()["engines"][engine]["seconded"]["bounds"][way]
    assert bound["most"] == pytest.approx((bound["right"] + 1) / (bound["fields"] + 2), abs=1e-4)
    differing = CONTRADICTED | {"contradicts": contradicts}
    assert confidence(differing, kind, engine) <= bound["most"]


@pytest.mark.parametrize("kind", [*FIGURES, "name"])
def test_a_layer_belied_by_the_picture_is_under_any_sensible_minimum(kind: str) -> None:
    assert confidence(SOUND, kind, "pdf-text") > 0.95
    assert confidence(CONTRADICTED, kind, "pdf-text") <= 0.5
    unread = CONTRADICTED | {"contradicts": 0.0, "alike": 0.0}
    assert confidence(unread, kind, "pdf-text") <= 0.5


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "worse", [{"rival": 0.95}, {"parse": 0.4, "score": 0.6}, {"place": 0.4, "score": 0.4},
              {"labelled": 0.0, "label_match": 0.0, "label_whole": 0.0, "place": 0.0, "score": 0.4}],
)  # fmt: skip
def test_a_weaker_finding_is_believed_less(engine: str, worse: dict[str, float]) -> None:
    for signals in (SOUND, ALONE):
        assert confidence(signals | worse, "money", engine) < confidence(signals, "money", engine)


@pytest.mark.parametrize("engine", ["rapidocr", "tesseract"])
def test_doubtful_words_count_by_the_engines_own_scale(engine: str) -> None:
    blurred = {"word": 0.6, "weakest": 0.5, "page": 0.7}
    assert confidence(ALONE | blurred, "money", engine) < confidence(ALONE, "money", engine)


def test_an_unknown_engines_own_figures_count_nothing() -> None:
    assert not RAW & set(fitted()["engines"]["any"]["seconded"]["weights"])
    assert confidence(SOUND | {"word": 0.1}, "money", "another") == confidence(
        SOUND, "money", "another"
    )


def test_the_fit_says_what_it_rests_on_and_how_it_did_on_pages_held_out() -> None:
    for engine in ("rapidocr", "tesseract", "any"):
        for setting in ("seconded", "alone"):
            figures = fitted()["engines"][engine][setting]["held_out"]
            assert figures["fields"] > 300
            assert figures["ece"] <= 0.03
            assert figures["auc"] >= 0.85
    seconded = fitted()["engines"]["rapidocr"]["seconded"]
    assert seconded["held_out"]["auc"] >= 0.9
    differing = seconded["held_out_differing"]
    assert differing["fields"] > 100
    assert differing["stated"] <= differing["right"]


@given(st.dictionaries(st.sampled_from(sorted(SOUND)), st.floats(0, 1)))
def test_any_signals_give_a_probability(changed: dict[str, float]) -> None:
    signals = SOUND | changed
    assert 0 < confidence(signals, "date", "rapidocr") < 1
    assert all(-1 <= value <= 1 for value in inputs(signals, "date", "rapidocr").values())
