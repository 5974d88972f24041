"""How surely a receipt is known again, and told from another of the same shop."""

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import combinations
from pathlib import Path

from PIL import Image, ImageEnhance

from cases.definition import Definition, parse, read_toml
from cases.papers import Limits
from config.demo import wear
from config.demo.receipts import drawn, laid_out
from config.demo.slips import Slip, head
from config.demo.tills import till, tills
from inference import images
from inference.duplicates import NEAR, NEAREST, speaks_for_one
from inference.engines import engine
from inference.extraction import PageOfDocument, find_fields
from inference.likeness import BITS, apart, picture_bits
from inference.telling import Told, figures_of

SHOPS, READ = 60, 20
LIMITS = Limits(max_bytes=10**8, max_pages=1, max_pixels=10**8)
EXPENSES = Path("cases/pipelines/expense-claim/pipeline.toml")
Wear = Callable[[Image.Image, random.Random], Image.Image]


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture of a receipt: its bits, and what was read on it."""

    bits: int | None
    told: Told


def visit(shop: int, day: int) -> Image.Image:
    """A visit to a shop: the same goods each time, at another day and other prices."""
    like, today = lots(f"shop {shop}"), lots(f"shop {shop}, {day}")
    made = Slip(till(like.choice(tills())), "meals", like, "%s EUR")
    head(made)
    when = date(2026, 1, 1) + timedelta(days=day)
    made.pair(f"Date: {when:%d.%m.%Y} {today.randint(8, 21):02d}:{today.randint(0, 59):02d}")
    made.pair(f"Receipt no: {today.randint(10**6, 10**7)}")
    prices = [today.randint(150, 4900) for _ in range(like.randint(1, 6))]
    goods = list(made.till.shops["meals"]["goods"])
    for price in prices:
        made.pair(like.choice(goods), f"{price / 100:.2f}")
    made.pair("TOTAL", f"{sum(prices) / 100:.2f} EUR", 1.3)
    made.centred("Thank you")
    return drawn(laid_out(made.rows, lots(f"till {shop}")), lots(f"print {shop}"))


def lots(name: str) -> random.Random:
    """The chance that goes by a name."""
    return random.Random(name)  # noqa: S311 - inventing receipts is no cryptography


def encoded(page: Image.Image, rng: random.Random) -> Image.Image:
    """Stored once more, at a low quality."""
    return Image.open(io.BytesIO(jpeg(page, 35)))


def smaller(page: Image.Image, rng: random.Random) -> Image.Image:
    """At half its size."""
    return page.resize((page.width // 2, page.height // 2), Image.Resampling.LANCZOS)


def brighter(page: Image.Image, rng: random.Random) -> Image.Image:
    """Made brighter or darker."""
    return ImageEnhance.Brightness(page).enhance(rng.uniform(0.7, 1.3))


def cropped(page: Image.Image, rng: random.Random) -> Image.Image:
    """Cut by up to three hundredths on each side."""
    left, top, right, bottom = (rng.uniform(0, 0.03) for _ in range(4))
    width, height = page.size
    return page.crop(
        (int(width * left), int(height * top), int(width * (1 - right)), int(height * (1 - bottom)))
    )


def askew(page: Image.Image, rng: random.Random) -> Image.Image:
    """Turned by up to one degree."""
    paper = page.convert("RGB")
    degrees = rng.uniform(-1, 1)
    return paper.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


COPIES: Mapping[str, Wear] = {
    "encoded again": encoded,
    "half its size": smaller,
    "brighter or darker": brighter,
    "cropped by up to 3 %": cropped,
    "turned by up to 1°": askew,
}
"""Another file of the same picture."""
CHANGES: Mapping[str, Wear] = {
    "scanned twice": wear.clean,
    "scanned worn": wear.worn,
    "photographed": wear.photograph,
}
"""Another picture of the same paper."""


def run() -> None:
    """Prints how near pictures of one receipt and of others are, then what reading adds."""
    fresh = {shop: bits(taken(visit(shop, 1), wear.clean, shop)) for shop in range(SHOPS)}
    print(
        f"\nPictures of {SHOPS} receipts: share within {NEAREST} and within {NEAR} of {BITS} bits"
    )
    for name, change in COPIES.items():
        again = {shop: bits(taken(scanned(shop), change, shop + SHOPS)) for shop in fresh}
        tell(name, [far(fresh[shop], again[shop]) for shop in fresh])
    for name, change in CHANGES.items():
        again = {shop: bits(taken(visit(shop, 1), change, shop + SHOPS)) for shop in fresh}
        tell(name, [far(fresh[shop], again[shop]) for shop in fresh])
    photographs = {shop: bits(taken(visit(shop, 1), wear.photograph, shop)) for shop in fresh}
    again = {
        shop: bits(taken(visit(shop, 1), wear.photograph, shop + SHOPS)) for shop in photographs
    }
    tell("photographed twice", [far(photographs[shop], again[shop]) for shop in fresh])
    later = {shop: bits(taken(visit(shop, 2), wear.clean, shop)) for shop in fresh}
    tell("same shop and goods, another day", [far(fresh[shop], later[shop]) for shop in fresh])
    pairs = combinations(fresh.values(), 2)
    tell("another shop", [far(one, other) for one, other in pairs])
    tell_read()


def tell_read() -> None:
    """Prints what is known again where the fields were read too."""
    claims = parse(read_toml(EXPENSES.read_text())).with_copies({"receipt": 1})
    look = partial(seen, claims)
    first = [look(taken(visit(shop, 1), wear.clean, shop)) for shop in range(READ)]
    found, pairs = 0, 0
    print(f"\nWith what was read on {READ} receipts: known again")
    for name in ("scanned twice", "scanned worn", "photographed"):
        again = [look(taken(visit(shop, 1), CHANGES[name], shop + READ)) for shop in range(READ)]
        known = sum(same(claims, one, other) for one, other in zip(first, again, strict=True))
        found, pairs = found + known, pairs + READ
        print(f"  {name}: {known} of {READ}")
    later = [look(taken(visit(shop, 2), wear.clean, shop)) for shop in range(READ)]
    wrong = [same(claims, one, other) for one in first for other in later]
    wrong += [same(claims, one, other) for one, other in combinations(first, 2)]
    of_shop = sum(same(claims, one, other) for one, other in zip(first, later, strict=True))
    print(f"  the same shop and goods on another day, wrongly: {of_shop} of {READ}")
    print(f"  all {len(wrong)} pairs of two receipts, wrongly: {sum(wrong)}")
    print(f"  recall {found / pairs:.3f}, precision {found / max(1, found + sum(wrong)):.3f}")


def taken(page: Image.Image, change: Wear, seed: int) -> bytes:
    """A picture of a page as the product keeps it."""
    changed = change(page, lots(f"taken {seed}"))
    (kept,) = images.pages(jpeg(changed, 90), "image/jpeg", LIMITS)
    return kept.content


def jpeg(page: Image.Image, quality: int) -> bytes:
    """A picture as a file."""
    written = io.BytesIO()
    page.convert("RGB").save(written, "JPEG", quality=quality)
    return written.getvalue()


def scanned(shop: int) -> Image.Image:
    """The scan of a shop's receipt that others are compared with."""
    return wear.clean(visit(shop, 1), lots(f"taken {shop}"))


def bits(page: bytes) -> int | None:
    """A page's bits."""
    return picture_bits(images.load(page))


def far(one: int | None, other: int | None) -> int:
    """In how many bits two pictures differ; in all where one has none."""
    return BITS if one is None or other is None else apart(one, other)


def tell(name: str, distances: list[int]) -> None:
    """Prints a line of the table."""
    shares = [sum(each <= bound for each in distances) for bound in (NEAREST, NEAR)]
    said = ", ".join(f"{share / len(distances):.4f}" for share in shares)
    print(f"  {name} ({len(distances)} pairs): {said}")


def seen(claims: Definition, page: bytes) -> Seen:
    """A page's bits and what is read on it."""
    words = engine("rapidocr").read(images.load(page))
    read = find_fields(claims.fields, [PageOfDocument("receipt", 0, words, 1.0, 1)])
    return Seen(
        bits(page),
        {
            each.name.partition("-")[0]: (each.value, each.confidence)
            for each in read
            if each.value is not None
        },
    )


def same(claims: Definition, one: Seen, other: Seen) -> bool:
    """Whether the product takes two pictures for one receipt."""
    paper = claims.document_spec("receipt")
    specs = [spec for spec in claims.fields if paper and spec.base in paper.told_by]
    figures = figures_of(specs, one.told)
    distance = far(one.bits, other.bits)
    near = distance <= NEAR and speaks_for_one(specs, one.told, other.told, distance)
    equal = figures is not None and figures == figures_of(specs, other.told)
    return near or (equal and speaks_for_one(specs, one.told, other.told, 0))
