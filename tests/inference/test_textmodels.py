"""A text model: each word's share is exact, its probabilities sound; what it can't read it refuses."""

import hashlib
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import runtimes
from inference.runtimes import BadFeatures, BadScore, Score
from inference.runtimes.answers import read_facts
from inference.runtimes.terms import terms_of, words_of
from inference.runtimes.textmodels import TextModel, from_files, text_model

DIRECTORY = Path(runtimes.__file__).parents[1] / "models/patient-urgency/1"
MODEL = from_files(read_facts(DIRECTORY), DIRECTORY)
SENTENCES = (
    "Hello, I have had a crushing pain in my chest since this morning",
    "no chest pain, not breathless",
    "My mum had a stroke in 2012",
    "I need my repeat prescription",
    "a runny nose for 3 days, temp 38.5",
    "CHEST pain. Chest tightness! chest",
    "I can’t breathe",
    "xyzzy frobnicate",
    "🙂 …",
)
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5).map("\n".join)


def answered(text: str) -> Score:
    return runtimes.score(MODEL, {}, text)


def small(**lines: tuple[float, ...]) -> TextModel:
    """A model of two outcomes with these points; `_` stands for the empty term."""
    rows = [f"{term.replace('_', ' ').strip()}\t{a}\t{b}" for term, (a, b) in lines.items()]
    table = "\n".join(["term\thigh\tlow", *rows, ""]).encode()
    facts: dict[str, Any] = {
        "name": "small",
        "version": 1,
        "outcomes": ["high", "low"],
        "known_share": 0.5,
        "table": {"sha256": hashlib.sha256(table).hexdigest()},
    }
    return text_model(facts, table)


# ------------------------------------------------------------ sound answers
@given(TEXTS)
def test_the_words_shares_add_up_to_the_log_odds_between_any_two_outcomes(text: str) -> None:
    try:
        answer = answered(text)
    except BadFeatures:
        return
    logs = {name: math.log(chance) for name, chance in answer.probabilities.items()}
    sums = {
        name: base + math.fsum(each.points[name] for each in answer.evidence)
        for name, base in zip(MODEL.outcomes, MODEL.intercept, strict=True)
    }
    for name in MODEL.outcomes:
        for other in MODEL.outcomes:
            assert logs[name] - logs[other] == pytest.approx(sums[name] - sums[other], abs=1e-9)


@given(st.text(max_size=300) | TEXTS)
def test_probabilities_add_up_and_evidence_lies_on_words_of_the_text(text: str) -> None:
    try:
        answer = answered(text)
    except BadFeatures:
        return
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert answer.confidence == max(answer.probabilities.values())
    assert answer.probabilities[answer.outcome] == answer.confidence
    end = 0
    for each in answer.evidence:
        assert end <= each.start < each.end <= len(text)
        assert text[each.start : each.end].strip() == text[each.start : each.end]
        end = each.end


def test_what_is_said_twice_counts_once_and_both_places_share_it() -> None:
    model = small(_=(0.0, 0.0), chest=(2.0, -2.0), now=(0.0, 0.0))
    once, twice = model.answer({}, "chest"), model.answer({}, "chest. Now chest")
    assert once.probabilities == twice.probabilities
    assert [each.points["high"] for each in twice.evidence] == [1.0, 1.0]


def test_a_pair_of_words_shares_its_points_between_them() -> None:
    model = small(_=(0.0, 0.0), chest=(0.0, 0.0), pain=(1.0, 0.0), chest_pain=(3.0, 0.0))
    chest, pain = model.answer({}, "my chest pain is chest pain").evidence[:2]
    assert (chest.points["high"], pain.points["high"]) == (0.75, 1.25)


def test_a_slip_of_the_pen_is_read_as_the_word_that_was_meant() -> None:
    right, slip = answered("I am vomiting blood"), answered("I am vomting blood")
    assert slip.probabilities == right.probabilities
    assert [each.end - each.start for each in slip.evidence] != [
        each.end - each.start for each in right.evidence
    ]


# ------------------------------------------------------------ terms
def test_what_is_denied_is_another_term_until_the_clause_or_a_turn_ends_it() -> None:
    terms = [term for term, _ in terms_of(words_of("No chest pain, fever. Not dizzy but sick"))]
    assert {"!chest", "!pain", "!chest !pain", "fever", "!dizzi", "sick"} <= set(terms)
    assert not {"chest", "!fever", "!sick", "!pain fever"} & set(terms)


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("bleeding bleeds", ["bleed", "bleed"]),
        ("breathing breathe", ["breath", "breath"]),
        ("I can’t, CAN'T", ["i", "cant", "cant"]),
        ("38.9 two 7 99", ["#fever", "#", "#", "#"]),
        ("sick", ["sick"]),
    ],
)
def test_words_are_known_by_their_stems(text: str, stems: list[str]) -> None:
    assert [word.stem for word in words_of(text)] == stems


# ------------------------------------------------------------ refused
@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "!!! … 🙂",
        "asdf qwer zxcv hjkl poiu",
        "Guten Tag, seit gestern Abend habe ich starke Schmerzen in der Brust und kaum Luft",
        "Dzień dobry, od wczoraj bardzo boli mnie brzuch i mam wysoką gorączkę",
        "Bonjour docteur, depuis hier soir j'ai très mal au ventre et je vomis sans arrêt",
        "a" * 30_000,
    ],
)
def test_of_what_it_does_not_understand_the_model_says_nothing(text: str) -> None:
    with pytest.raises(BadFeatures):
        answered(text)


def test_a_feature_beside_the_text_is_refused_by_name_alone() -> None:
    with pytest.raises(BadFeatures, match="age") as refusal:
        runtimes.score(MODEL, {"age": 4711}, "I have a cough")
    assert "4711" not in str(refusal.value)


@pytest.mark.parametrize("points", [(math.nan, 0.0), (math.inf, 0.0)])
def test_points_that_are_no_numbers_give_no_answer(points: tuple[float, float]) -> None:
    with pytest.raises(BadScore):
        small(_=(0.0, 0.0), chest=points).answer({}, "chest")


def test_a_table_that_was_changed_is_not_loaded(tmp_path: Path) -> None:
    for name in ("model.json", "points.tsv"):
        (tmp_path / name).write_bytes((DIRECTORY / name).read_bytes())
    assert runtimes.load(tmp_path) == MODEL
    table = tmp_path / "points.tsv"
    table.write_bytes(table.read_bytes().replace(b"chest", b"chess", 1))
    with pytest.raises(BadScore, match="not the file"):
        runtimes.load(tmp_path)
