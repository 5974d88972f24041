"""Pages worn as scans and photographs are, in grades from clean to unreadable."""

import random
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from config.demo.chance import pick
from config.demo.drawing import DPI

Grade = Literal["digital", "clean", "worn", "poor", "unreadable"]
Wear = Callable[[Image.Image, random.Random], Image.Image]

TURNED = 0.05  # of worn and poor pages, those scanned sideways or upside down


def clean(page: Image.Image, rng: random.Random) -> Image.Image:
    """A flatbed scan of a fresh page: hardly skewed, a trace of noise, some in grey."""
    page = skew(page, rng.gauss(0, 0.25))
    if rng.random() < 0.4:
        page = page.convert("L")
    return noise(fade(page, rng.uniform(0.92, 1.0), rng.randint(246, 255)), 2.0, rng)


def worn(page: Image.Image, rng: random.Random) -> Image.Image:
    """A folded, spotted or copied page, scanned at 130 to 200 dpi."""
    page = rescale(page, rng.uniform(130, DPI))
    for damage, share in ((folds, 0.45), (coffee, 0.12), (speckles, 0.4), (shade, 0.3)):
        if rng.random() < share:
            page = damage(page, rng)
    if rng.random() < 0.35:
        page = page.convert("L")
    page = skew(page, rng.gauss(0, 0.9))
    page = page.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.7)))
    page = fade(page, rng.uniform(0.6, 0.95), rng.randint(228, 252))
    return turn(noise(page, rng.uniform(3, 9), rng), rng)


def poor(page: Image.Image, rng: random.Random) -> Image.Image:
    """A phone's photograph, a fax, or a scan at a low resolution."""
    return turn(pick(rng, {photograph: 5, fax: 2, thin_scan: 3})(page, rng), rng)


def photograph(page: Image.Image, rng: random.Random) -> Image.Image:
    """Taken with a phone at an angle, in uneven light, a little out of focus."""
    page = rescale(page, rng.uniform(115, 165))
    if rng.random() < 0.5:
        page = folds(page, rng)
    page = shade(perspective(page, rng), rng)
    page = page.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.2)))
    return noise(fade(page, rng.uniform(0.6, 0.9), rng.randint(205, 240)), rng.uniform(5, 12), rng)


def fax(page: Image.Image, rng: random.Random) -> Image.Image:
    """Sent by fax: coarse, black and white, with streaks and specks."""
    page = rescale(page.convert("L"), rng.uniform(110, 145))
    page = noise(skew(speckles(page, rng), rng.gauss(0, 0.8)), 22, rng)
    pen = ImageDraw.Draw(page)
    for _ in range(rng.randint(0, 3)):
        x = rng.randrange(page.width)
        pen.line((x, 0, x, page.height), fill=rng.choice((0, 255)))
    threshold = rng.randint(130, 185)
    return page.point([255 * (level > threshold) for level in range(256)])


def thin_scan(page: Image.Image, rng: random.Random) -> Image.Image:
    """Scanned pale and skewed at a low resolution."""
    page = rescale(speckles(page, rng), rng.uniform(85, 120))
    page = skew(page, rng.gauss(0, 2.0))
    return noise(fade(page, rng.uniform(0.35, 0.6), rng.randint(215, 250)), rng.uniform(5, 11), rng)


def unreadable(page: Image.Image, rng: random.Random) -> Image.Image:
    """Blurred, washed out, in the dark, or far too small: nobody can read it."""
    page = rescale(page, rng.uniform(60, 90))
    match rng.randrange(4):
        case 0:
            page = page.filter(ImageFilter.GaussianBlur(rng.uniform(4.5, 7)))
        case 1:
            page = fade(page, 0.05, 250)
        case 2:
            page = fade(page.filter(ImageFilter.GaussianBlur(1.5)), 0.12, 46)
        case _:
            page = rescale(page, DPI * 24 / 80)
    return noise(page, rng.uniform(7, 14), rng)


WEARS: dict[Grade, Wear] = {"clean": clean, "worn": worn, "poor": poor, "unreadable": unreadable}


def rescale(page: Image.Image, dpi: float) -> Image.Image:
    """The page as if scanned at `dpi` instead of 200."""
    size = (round(page.width * dpi / DPI), round(page.height * dpi / DPI))
    return page.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def skew(page: Image.Image, degrees: float) -> Image.Image:
    """The page turned by a few degrees on the glass."""
    white = 255 if page.mode == "L" else (255, 255, 255)
    return page.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=white)


def turn(page: Image.Image, rng: random.Random) -> Image.Image:
    """Once in a while the page sideways or upside down."""
    if rng.random() >= TURNED:
        return page
    turns = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
    return page.transpose(rng.choice(turns))


def fade(page: Image.Image, contrast: float, paper: int) -> Image.Image:
    """Ink weakened to `contrast` of its strength, on paper of brightness `paper`."""
    return page.point(
        [round(paper * (1 - contrast * (1 - level / 255))) for level in range(256)]
        * len(page.getbands())
    )


def noise(page: Image.Image, sigma: float, rng: random.Random) -> Image.Image:
    """The sensor's noise, of `sigma` levels of 255, the same in all channels."""
    top, left = rng.randrange(512), rng.randrange(512)
    height, width = page.height, page.width
    tiles = np.tile(_grain(), (height // 512 + 2, width // 512 + 2))
    grain = tiles[top : top + height, left : left + width] * np.float32(sigma)
    levels = np.asarray(page, dtype=np.int16)
    grain = grain.astype(np.int16)
    levels = levels + (grain if levels.ndim == 2 else grain[..., None])
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


@lru_cache(maxsize=1)
def _grain() -> NDArray[np.float32]:
    return np.random.default_rng(5).standard_normal((512, 512), dtype=np.float32)


def shade(page: Image.Image, rng: random.Random) -> Image.Image:
    """Uneven light: a corner in shadow, a hand's shadow across."""
    darkest = rng.randint(95, 180)
    light = np.array([[rng.randint(darkest, 255) for _ in range(2)] for _ in range(3)], np.uint8)
    return _multiply(page, Image.fromarray(light).resize(page.size, Image.Resampling.BICUBIC))


def folds(page: Image.Image, rng: random.Random) -> Image.Image:
    """The creases of a letter folded in three, or once across."""
    light = Image.new("L", (8, page.height), 255)
    pen = ImageDraw.Draw(light)
    for share in rng.choice(((1 / 3, 2 / 3), (1 / 2,))):
        y = round(page.height * (share + rng.uniform(-0.01, 0.01)))
        pen.line((0, y, 8, y), rng.randint(140, 205), rng.choice((1, 2, 3)))
        pen.rectangle((0, y + 3, 8, y + rng.randint(10, 30)), rng.randint(225, 244))
    light = light.filter(ImageFilter.GaussianBlur(1.2))
    return _multiply(page, light.resize(page.size, Image.Resampling.BILINEAR))


def coffee(page: Image.Image, rng: random.Random) -> Image.Image:
    """The ring of a cup."""
    across = round(page.width * rng.uniform(0.28, 0.4))
    ring = Image.new("L", (across, across), 0)
    pen = ImageDraw.Draw(ring)
    pen.ellipse((8, 8, across - 9, across - 9), fill=26, outline=rng.randint(90, 140), width=7)
    pen.arc((14, 10, across - 12, across - 14), rng.randrange(360), rng.randrange(360), 170, 10)
    ring = ring.filter(ImageFilter.GaussianBlur(2))
    corner = (rng.randrange(page.width - across), rng.randrange(page.height - across))
    brown = (120, 84, 50) if page.mode == "RGB" else 96
    under = page.crop((*corner, corner[0] + across, corner[1] + across))
    page = page.copy()
    page.paste(ImageChops.multiply(under, Image.new(page.mode, under.size, brown)), corner, ring)
    return page


def speckles(page: Image.Image, rng: random.Random) -> Image.Image:
    """Dust and toner: small dark dots."""
    page = page.copy()
    pen = ImageDraw.Draw(page)
    for _ in range(rng.randint(40, 260)):
        x, y = rng.randrange(page.width), rng.randrange(page.height)
        size = rng.choice((0, 0, 0, 1, 1, 2))
        level = rng.randint(40, 170)
        pen.ellipse((x, y, x + size, y + size), level if page.mode == "L" else (level,) * 3)
    return page


def perspective(page: Image.Image, rng: random.Random) -> Image.Image:
    """The page lying on a desk, seen at an angle, its edges on the picture."""
    width, height = page.size
    reach = 0.045
    corners = [
        (x * width + sign_x * rng.uniform(0.005, reach) * width,
         y * height + sign_y * rng.uniform(0.005, reach) * height)
        for x, y, sign_x, sign_y in ((0, 0, 1, 1), (1, 0, -1, 1), (1, 1, -1, -1), (0, 1, 1, -1))
    ]  # fmt: skip
    flat = [(0, 0), (width, 0), (width, height), (0, height)]
    desk = rng.choice(((74, 56, 42), (52, 54, 58), (128, 120, 110), (96, 70, 48)))
    return page.transform(
        page.size,
        Image.Transform.PERSPECTIVE,
        _homography(corners, flat),
        Image.Resampling.BILINEAR,
        fillcolor=desk,
    )


def _homography(seen: list[tuple[float, float]], flat: list[tuple[int, int]]) -> tuple[float, ...]:
    """The eight coefficients that take points as `seen` to where they are when `flat`."""
    rows, targets = [], []
    for (x, y), (u, v) in zip(seen, flat, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        targets += [u, v]
    return tuple(float(c) for c in np.linalg.solve(np.array(rows), np.array(targets)))


def _multiply(page: Image.Image, light: Image.Image) -> Image.Image:
    return ImageChops.multiply(page, light.convert(page.mode))
