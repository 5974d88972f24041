"""A page's quality: each measure answers to its own fault and to no other."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from inference.quality import Grey, edge_width, ink_contrast, is_poor, lean, letter_height, measure
from tests.drawn import LETTER, page

CLEAR = page(LETTER * 2, shape=(1000, 1100))


def grey(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image)


def blurred(radius: float) -> Image.Image:
    return CLEAR.filter(ImageFilter.GaussianBlur(radius))


def leaning(degrees: float) -> Image.Image:
    return CLEAR.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def test_a_clear_page_has_nothing_to_remark() -> None:
    quality = measure(grey(CLEAR), 200)
    assert quality.remarks == ()
    assert quality.score == 1
    assert quality.dpi == 200


@pytest.mark.parametrize(
    ("fault", "remark"),
    [
        (blurred(2.5), "out of focus"),
        (page(LETTER * 2, shape=(1000, 1100), ink=180, paper=220), "low contrast"),
        (CLEAR.resize((300, 330), Image.Resampling.LANCZOS), "small letters"),
        (leaning(4), "skewed"),
    ],
)
def test_a_fault_is_named_and_lowers_the_score(fault: Image.Image, remark: str) -> None:
    quality = measure(grey(fault), 200)
    assert remark in quality.remarks
    assert quality.score < 0.9
    assert is_poor(asdict(quality))


def test_a_page_is_poor_where_anything_is_remarked_of_it_or_it_was_never_measured() -> None:
    assert not is_poor(asdict(measure(grey(CLEAR), 200)))
    assert is_poor({"score": 0.9, "remarks": ["skewed"]})
    assert is_poor({})


def test_edges_widen_with_blur_whatever_is_on_the_page() -> None:
    for image in (CLEAR, page(["One word"])):
        widths = [
            edge_width(grey(image.filter(ImageFilter.GaussianBlur(radius))))
            for radius in (0, 1, 2, 3)
        ]
        assert widths == sorted(widths)
        assert widths[0] < 2.5 and widths[3] > 5


def test_flat_paper_around_thin_letters_is_no_blur() -> None:
    """A page made by a computer has no grain: beside its letters nothing changes from pixel to pixel."""
    thin = page(["i . l . i . l . i"] * 9)
    assert edge_width(grey(thin)) < 2.5
    assert measure(grey(thin), 200).remarks == ()
    assert edge_width(grey(thin.filter(ImageFilter.GaussianBlur(3)))) > 5


def test_blur_is_told_from_low_contrast() -> None:
    faint = page(LETTER * 2, shape=(1000, 1100), ink=160, paper=230)
    assert edge_width(grey(faint)) == pytest.approx(edge_width(grey(CLEAR)), rel=0.2)


def test_contrast_is_the_distance_of_ink_and_paper() -> None:
    half = np.full((100, 100), 200, np.uint8)
    half[:50] = 73
    assert ink_contrast(half) == pytest.approx(127 / 255, abs=0.01)
    assert ink_contrast(np.full((100, 100), 255, np.uint8)) == 0


@settings(max_examples=15, deadline=None)
@given(st.floats(-9, 9))
def test_lean_is_found_within_half_a_degree(degrees: float) -> None:
    assert lean(grey(leaning(degrees))) == pytest.approx(degrees, abs=0.5 + 1e-9)


def test_letters_are_measured_in_pixels() -> None:
    small, large = (letter_height(grey(page(size=size))) for size in (20, 40))
    assert large == pytest.approx(2 * small, rel=0.25)
    assert letter_height(np.full((100, 100), 255, np.uint8)) == 0


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60))))
def test_any_picture_has_a_quality(picture: Grey) -> None:
    quality = measure(picture, 100)
    assert 0 <= quality.score <= 1
    assert abs(quality.skew) <= 11
