"""The explanation of the score: it adds up, strongest first, and says what is wrong with its input."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cases.definition import Definition, parse, read_toml
from inference.models import Model, ModelVersion, Prediction
from reviews.calibrating import as_routed, calibrated_probabilities
from reviews.models import Route
from reviews.presenting.arrows import arrows, whole
from reviews.presenting.doubts import doubts
from reviews.presenting.fields import ReadField
from reviews.presenting.scores import FOLDED, SHOWN, Score, movement, score

RAW = read_toml((settings.BASE_DIR / "cases" / "pipelines" / "loan" / "pipeline.toml").read_text())
LOAN: Definition = parse(RAW)
MINIMUMS = {spec.name: 0.8 for spec in LOAN.fields}


def part(feature: str, points: float, **differs: bool) -> dict[str, Any]:
    return {
        "feature": feature,
        "points": points,
        "missing": False,
        "outside_range": False,
    } | differs


def viewed(
    *contributions: dict[str, Any],
    read: dict[str, ReadField] | None = None,
    words: dict[str, dict[str, Any]] | None = None,
    outcome: str = "decline",
    routed_at: float = 0.62,
) -> Score:
    """The view of a prediction of 0.62, with what was read and said of the fields."""
    prediction = Prediction(
        model_version=ModelVersion(model=Model(name="card"), number=1, facts={"intercept": 0.5}),
        outcome=outcome,
        confidence=0.62,
        probabilities={"approve": 0.38, "decline": 0.62},
        contributions=contributions,
    )
    return score(
        as_routed(prediction, Route(confidence=routed_at)),
        LOAN,
        LOAN.own_model,
        stated=prediction,
        words={
            "amount": ["Amount", "Amount 8,450 EUR", ""],
            "purpose": ["Purpose", "Purpose car", ""],
        },
        thresholds={"approve": 0.85},
        doubts=doubts(LOAN, read or {"amount": SURE}, MINIMUMS, words or {}),
    )


SURE = ReadField("8450.00", found=True, confidence=0.97, mismatch="")


def points_of(weights: Sequence[str]) -> int:
    return sum(int(weight.replace("−", "-")) for weight in weights)


@given(st.floats(-3, 3), st.lists(st.floats(-2, 2), max_size=40))
def test_what_is_shown_adds_up_to_the_sum_that_is_shown(base: float, points: list[float]) -> None:
    moved = movement(base, [part(f"f{n}", value) for n, value in enumerate(points)], {}, {})
    shown = [moved.base.weight, *(each.weight for each in moved.factors), moved.rest.weight]
    assert points_of(shown) == points_of([moved.total.weight])
    assert abs(points_of([moved.total.weight]) - 100 * (base + sum(points))) <= 0.51
    assert sum(each.points for each in moved.folded) == points_of([moved.rest.weight])


@given(st.lists(st.floats(-1e4, 1e4), max_size=60))
def test_whole_numbers_stay_beside_what_they_stand_for(parts: list[float]) -> None:
    assert all(abs(number - value) < 1 for number, value in zip(whole(parts), parts, strict=True))


@given(st.integers(-300, 300), st.lists(st.integers(-200, 200), max_size=20))
def test_each_arrow_starts_where_the_last_one_ended(base: int, parts: list[int]) -> None:
    drawn = arrows(base, parts)
    starts = [float(one.corners.split(",")[0]) for one in drawn]
    assert starts[1:-1] == [one.end for one in drawn[:-2]]
    assert drawn[-1].end == drawn[-2].end
    assert all(0 <= one.end <= 160 for one in drawn)


def test_the_strongest_come_first_and_the_weak_are_folded() -> None:
    view = viewed(*(part(f"f{n}", 0.1 * n) for n in range(1, SHOWN + FOLDED + 1)))
    shown = [each.points for each in view.factors]
    assert shown == sorted(shown, reverse=True)
    assert len(shown) == SHOWN
    assert len(view.folded) == FOLDED


def test_few_weak_factors_are_not_worth_folding() -> None:
    view = viewed(*(part(f"f{n}", 0.1 * n) for n in range(1, SHOWN + FOLDED)))
    assert view.folded == ()


def test_points_away_from_the_outcome_speak_against_it() -> None:
    strong, weak = viewed(part("purpose", 0.2), part("amount", -0.6)).factors
    assert (strong.label, strong.fact, strong.weight) == ("Amount", "8,450 EUR", "−60")
    assert (strong.push, strong.share, weak.push, weak.share) == (
        "speaks against",
        75,
        "speaks for",
        25,
    )


def test_a_missing_input_is_shown_though_it_counts_nothing_and_is_said_at_once() -> None:
    weak = [part(f"f{n}", 0.1) for n in range(SHOWN + FOLDED)]
    view = viewed(*weak, part("purpose", 0.0, missing=True))
    (missing,) = [each for each in view.factors if each.feature == "purpose"]
    assert missing.notes == ("missing, so it counts nothing",)
    assert missing.push == "counts neither way"
    assert view.caution == f"1 of {len(weak) + 1} inputs is missing."


def test_a_strong_input_outside_of_what_the_model_knows_is_said_at_once() -> None:
    view = viewed(part("amount", -0.6, outside_range=True))
    assert view.factors[0].notes == ("outside of what the model knows",)
    assert "a strong factor is in doubt, Amount" in view.caution


def test_a_weak_doubt_stands_beside_its_factor_alone() -> None:
    view = viewed(part("purpose", 2.0), part("amount", -0.1, outside_range=True))
    assert view.caution == ""
    assert view.factors[1].notes


@pytest.mark.parametrize(
    ("read", "word", "words"),
    [
        (SURE, None, ()),
        (ReadField("9450.00", True, 0.95, "differs"), None, ("its paper says 9,450.00",)),
        (ReadField("9450.00", True, 0.95, "unsure"), None, ("its paper may say 9,450.00",)),
        (ReadField("8450.00", True, 0.7, ""), None, ("read at 0.70 on its paper",)),
        (ReadField("8450.00", True, 0.7, ""), "confirmed", ()),
        (ReadField("9450.00", True, 0.95, "differs"), "confirmed", ("its paper says 9,450.00",)),
        (ReadField(None, False, 0, ""), None, ("not found on the papers",)),
        (ReadField("9450.00", True, 0.95, ""), "illegible", ("illegible on its paper",)),
        (ReadField("9450.00", True, 0.95, "differs"), "corrected", ("corrected to 7,000.00",)),
    ],
)
def test_an_input_that_its_paper_does_not_bear_out_is_in_doubt(
    read: ReadField, word: str | None, words: tuple[str, ...]
) -> None:
    said = {"amount": {"kind": word, "value": "7000.00" if word == "corrected" else None}}
    (factor,) = viewed(
        part("amount", -0.6), read={"amount": read}, words=said if word else {}
    ).factors
    assert factor.notes == words
    assert factor.field == "amount"


def test_a_personal_value_is_not_told_in_passing() -> None:
    personal = parse({**RAW, "fields": [{**each, "personal": True} for each in RAW["fields"]]})
    differs = {"amount": ReadField("9450.00", True, 0.95, "differs")}
    said = doubts(personal, differs, MINIMUMS, {})
    assert said["amount"].words == "its paper differs"


# ---------------------------------------------------------------- calibrated


def test_the_view_is_as_calibrated_and_the_points_stay_the_models() -> None:
    view = viewed(routed_at=0.55)
    assert view.lead.startswith("0.55 for")
    assert view.calibrated == "0.62 by the model, 0.55 as calibrated."
    assert view.value_at == 180.0, "of approve, at 0.45 of 400"
    assert view.probability == "0.38"


def test_nothing_is_said_of_a_calibration_that_changes_nothing_that_is_shown() -> None:
    assert viewed(routed_at=0.6201).calibrated == viewed().calibrated == ""


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=6).filter(sum),
    st.floats(0, 1),
    st.integers(0, 1),
)
def test_calibrated_probabilities_add_up_and_keep_the_order_of_the_others(
    parts: list[float], confidence: float, which: int
) -> None:
    stated = {str(place): each / sum(parts) for place, each in enumerate(parts)}
    made = calibrated_probabilities(str(which), confidence, stated)
    assert made[str(which)] == confidence
    assert sum(made.values()) == pytest.approx(1)
    others = [name for name in stated if name != str(which)]
    by_stated = sorted(others, key=lambda name: stated[name])
    assert [made[name] for name in by_stated] == sorted(made[name] for name in others)
