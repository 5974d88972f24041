"""Charts drawn by the server: where values come to stand."""

import math

import pytest

from reviews.presenting.lab.charts import Scale, axis, band, bars, ceiling, line, ticks

X = Scale(0, 10, 0, 100)
Y = Scale(0, 1, 50, 0)  # upwards


def test_a_scale_puts_values_in_place_and_what_is_outside_at_its_edge() -> None:
    assert [Y.at(0), Y.at(0.5), Y.at(1), Y.at(7)] == [50, 25, 0, 0]
    assert X.place(2.5) == "25"
    assert Scale(3, 3, 0, 10).at(3) == 5


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1)),
        (0, 0.05, (0, 0.01, 0.02, 0.03, 0.04, 0.05)),
        (0.5, 1, (0.5, 0.6, 0.7, 0.8, 0.9, 1)),
        (2, 2, (2,)),
    ],
)
def test_ticks_are_round_and_within(low: float, high: float, marks: tuple[float, ...]) -> None:
    assert ticks(low, high) == marks


def test_an_axis_ends_at_a_round_value_and_says_each_in_words() -> None:
    assert [ceiling(0.043), ceiling(0), ceiling(math.nan)] == [0.05, 1, 1]
    assert [(tick.at, tick.words) for tick in axis(Y, "{:.0%}".format, 2)] == [
        ("50", "0%"),
        ("25", "50%"),
        ("0", "100%"),
    ]


def test_a_line_and_a_band_leave_a_gap_where_there_is_no_figure() -> None:
    xs, ys = [0, 5, 6, 10], [0, 0.5, math.nan, 1]
    assert line(xs, ys, X, Y) == "M0 50 L50 25 M100 0"
    assert band([0, 10], [0, 0.5], [0.5, 1], X, Y) == "M0 25 L100 0 L100 25 L0 50 Z"
    assert line([], [], X, Y) == ""


def test_bars_stand_on_the_base_line_in_their_slots() -> None:
    (left, right) = bars([0.5, math.nan], X, Y)
    assert (left.x, left.y, left.width, left.height) == ("5", "25", "40", "25")
    assert right.height == "0"
