"""How alike two pages look: near where one is another picture of the other, far where it is not."""

import io
import random
from collections.abc import Callable
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from cases.papers import Limits
from config.demo import wear
from inference import images
from inference.duplicates import NEAR, NEAREST
from inference.likeness import BITS, apart, bands, masked, near_bands, picture_bits
from tests.expenses import visit

SHOPS = range(1, 7)
Change = Callable[[Image.Image], Image.Image]


def encoded_again(page: Image.Image) -> Image.Image:
    written = io.BytesIO()
    page.save(written, "JPEG", quality=35)
    return Image.open(io.BytesIO(written.getvalue()))


def cropped(page: Image.Image) -> Image.Image:
    width, height = page.size
    return page.crop((width // 50, height // 40, width - width // 50, height - height // 60))


def turned(page: Image.Image, degrees: float) -> Image.Image:
    """The page as the product keeps it where the paper lay askew."""
    askew = page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    written = io.BytesIO()
    askew.save(written, "JPEG", quality=90)
    limits = Limits(max_bytes=10**8, max_pages=1, max_pixels=10**8)
    (straight,) = images.pages(written.getvalue(), "image/jpeg", limits)
    return images.load(straight.content)


CHANGES: dict[str, Change] = {
    "encoded again": encoded_again,
    "smaller": lambda page: page.resize((page.width * 3 // 5, page.height * 3 // 5)),
    "larger": lambda page: page.resize((page.width * 2, page.height * 2)),
    "darker": lambda page: ImageEnhance.Brightness(page).enhance(0.7),
    "brighter": lambda page: ImageEnhance.Brightness(page).enhance(1.3),
    "cropped": cropped,
    "turned left": lambda page: turned(page, 1),
    "turned right": lambda page: turned(page, -1),
    "scanned": lambda page: wear.clean(page.convert("RGB"), random.Random(5)),
}


@cache
def bits_of(shop: int, day: int = 1) -> int:
    bits = picture_bits(visit(shop, day))
    assert bits is not None
    return bits


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_picture_of_the_same_page_is_near(change: Change) -> None:
    far = [apart(bits_of(shop), picture_bits(change(visit(shop, 1))) or 0) for shop in SHOPS]
    assert max(far) <= NEAR
    assert sorted(far)[len(far) // 2] <= NEAREST + 2


def test_pages_of_different_shops_are_far() -> None:
    assert min(apart(bits_of(one), bits_of(other)) for one, other in combinations(SHOPS, 2)) > NEAR


@pytest.mark.parametrize(
    "page",
    [
        Image.new("L", (600, 900), 255),
        Image.new("L", (600, 900), 0),
        Image.effect_noise((600, 900), 30),
        Image.linear_gradient("L").resize((600, 900)),
        Image.new("L", (1, 1), 0),
    ],
    ids=["white", "black", "noise", "shade", "a single pixel"],
)
def test_a_page_without_words_is_like_none(page: Image.Image) -> None:
    assert picture_bits(page) is None


WORDS = st.integers(0, 2**BITS - 1)


@given(WORDS, st.sets(st.integers(0, BITS - 1), max_size=7))
def test_what_differs_in_up_to_seven_bits_is_found_by_a_band(bits: int, turned: set[int]) -> None:
    other = bits ^ sum(1 << place for place in turned)
    assert apart(bits, other) == len(turned)
    assert set(near_bands(bits)) & set(bands(other))


@given(WORDS, WORDS, st.permutations(range(BITS)), WORDS)
def test_a_mask_leaves_distances_as_they_are(
    one: int, other: int, order: list[int], mask: int
) -> None:
    assert apart(masked(one, order, mask), masked(other, order, mask)) == apart(one, other)
