"""NEWS2: every boundary value of every line of the Royal College of Physicians' chart."""

from pathlib import Path
from typing import Any

import pytest

from cases.definition import ParameterSpec, TableSpec, parse, read_toml
from inference.tables import tables

ROOT = Path(__file__).parents[2]
PATIENT_MESSAGE = parse(
    read_toml((ROOT / "cases/pipelines/patient-message/pipeline.toml").read_text(encoding="utf-8"))
)
ALL = {
    "respiration_rate": 16,
    "oxygen_saturation": 97,
    "on_oxygen": False,
    "systolic": 125,
    "pulse": 70,
    "consciousness": "alert",
    "temperature": 37.0,
}


def known(vitals: dict[str, Any], *, years: float = 40.0, **patient: Any) -> dict[str, Any]:
    return {
        "data": {"patient": patient, "vitals": vitals},
        "age": {"years": years, "days": years * 365},
    }


def news2(**vitals: Any) -> dict[str, Any]:
    measured = {name: value for name, value in (ALL | vitals).items() if value is not None}
    return tables(PATIENT_MESSAGE.tables, known(measured))["news2"]


def points(name: str, **vitals: Any) -> Any:
    (line,) = [line for line in news2(**vitals)["lines"] if line["name"] == name]
    return line["points"]


BANDS: dict[str, list[tuple[float, float, int]]] = {
    # each: the least and the greatest value of a band, and its points
    "respiration_rate": [(0, 8, 3), (9, 11, 1), (12, 20, 0), (21, 24, 2), (25, 100, 3)],
    "oxygen_saturation": [(0, 91, 3), (92, 93, 2), (94, 95, 1), (96, 100, 0)],
    "systolic": [(0, 90, 3), (91, 100, 2), (101, 110, 1), (111, 219, 0), (220, 400, 3)],
    "pulse": [(0, 40, 3), (41, 50, 1), (51, 90, 0), (91, 110, 1), (111, 130, 2), (131, 400, 3)],
    "temperature": [
        (20, 35.0, 3),
        (35.1, 36.0, 1),
        (36.1, 38.0, 0),
        (38.1, 39.0, 1),
        (39.1, 45, 2),
    ],
}


@pytest.mark.parametrize("name", BANDS)
def test_every_boundary_value_has_the_points_of_its_band(name: str) -> None:
    for least, greatest, expected in BANDS[name]:
        for value in (least, greatest):
            assert points(name, **{name: value}) == expected, value


SCALE_2 = [(0, 83, 3), (84, 85, 2), (86, 87, 1), (88, 92, 0)]


@pytest.mark.parametrize(
    ("on_oxygen", "above"),
    [
        (True, [(93, 94, 1), (95, 96, 2), (97, 100, 3)]),
        (False, [(93, 100, 0)]),
        (None, [(93, 100, 0)]),
    ],
)
def test_scale_2_counts_too_much_oxygen_where_it_is_given(
    on_oxygen: bool | None, above: list[tuple[int, int, int]]
) -> None:
    for least, greatest, expected in SCALE_2 + above:
        for value in (least, greatest):
            vitals = {"oxygen_saturation": value, "oxygen_target_88_92": True}
            assert points("oxygen_saturation", **vitals, on_oxygen=on_oxygen) == expected, value


def test_oxygen_and_consciousness_have_their_points() -> None:
    assert [points("on_oxygen", on_oxygen=given) for given in (False, True)] == [0, 2]
    states = ("alert", "confusion", "voice", "pain", "unresponsive")
    assert [points("consciousness", consciousness=state) for state in states] == [0, 3, 3, 3, 3]


def test_points_add_up_and_the_highest_is_said() -> None:
    found = news2(respiration_rate=25, pulse=91, temperature=39.1, on_oxygen=True)
    assert (found["points"], found["highest"], found["missing"]) == (8, 3, [])
    assert (news2()["points"], news2()["highest"]) == (0, 0)


@pytest.mark.parametrize(
    ("name", "value", "rounded", "expected"),
    [
        ("temperature", 38.04, 38.0, 0),
        ("temperature", 38.05, 38.1, 1),
        ("temperature", 36.05, 36.1, 0),
        ("temperature", 35.04, 35.0, 3),
        ("pulse", 90.5, 91.0, 1),
        ("respiration_rate", 24.4, 24.0, 2),
        ("oxygen_saturation", 91.5, 92.0, 2),
    ],
)
def test_a_value_between_is_rounded_as_on_the_chart_and_the_line_says_so(
    name: str, value: float, rounded: float, expected: int
) -> None:
    (line,) = [line for line in news2(**{name: value})["lines"] if line["name"] == name]
    assert (line["value"], line["rounded"], line["points"]) == (value, rounded, expected)
    assert "rounded" not in next(
        each for each in news2(pulse=90)["lines"] if each["name"] == "pulse"
    )


def test_what_was_not_measured_is_missing_and_counts_nothing() -> None:
    found = tables(PATIENT_MESSAGE.tables, known({"pulse": 131}))["news2"]
    assert found["points"] == 3
    assert found["missing"] == [name for name in ALL if name != "pulse"]
    nothing = {"data": {"patient": {}}, "age": {"years": 40.0, "days": 1.0}}
    assert tables(PATIENT_MESSAGE.tables, nothing)["news2"]["missing"] == list(ALL)


@pytest.mark.parametrize(
    ("years", "patient", "there"),
    [
        (16.0, {}, True),
        (15.0, {}, False),
        (-1.0, {}, True),
        (30.0, {"pregnant": True}, False),
        (30.0, {"pregnant": False}, True),
    ],
)
def test_the_chart_is_for_adults_who_are_not_pregnant(
    years: float, patient: dict[str, Any], there: bool
) -> None:
    found = tables(PATIENT_MESSAGE.tables, known(ALL, years=years, **patient))
    assert ("news2" in found) is there


@pytest.mark.parametrize(
    ("value", "expected"), [("high", 2), ("purple", None), (True, 1), (7.0, None), (None, 0)]
)
def test_words_have_points_and_what_has_none_is_missing(value: Any, expected: int | None) -> None:
    line = ParameterSpec("a", "A", "/a", points={"low": 0, "high": 2, "true": 1}, default="low")
    found = tables((TableSpec("t", "T", "A source", (line,)),), {"data": {"a": value}, "age": {}})
    assert found["t"]["lines"][0]["points"] == expected
    assert found["t"]["missing"] == (["a"] if expected is None else [])


def test_a_line_whose_condition_fails_is_not_left_out() -> None:
    line = ParameterSpec("a", "A", "/a", when="data.a > 'x'", bands=((1.0, 0), (2.0, 1)))
    found = tables((TableSpec("t", "T", "A source", (line,)),), {"data": {"a": 9.0}, "age": {}})
    assert found["t"]["points"] == 1  # what is above the last bound has its points
