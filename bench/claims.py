"""Claims and decisions: cycles a second with few and many waiting cases, one person and sixteen.

A cycle claims the most urgent case and decides it. The floor does the same with as many bare rows.
"""

import contextlib
import itertools
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connections
from django.db.models import Count
from redis import Redis

from accounts.models import User
from accounts.roles import Role
from bench import fill
from bench.bare import rows
from bench.database import database, use
from bench.measure import Pace, drive, heading, in_turns, line, pace
from reviews.claims import claim_next
from reviews.models import Claim, QueueEntry
from reviews.reviewing import Verdict, submit_review
from reviews.rights import rights_of

PEOPLE = (1, 16)
PROCESSES = 2
SECONDS = 1.0
ROUNDS = 3
VERDICT = Verdict(
    outcome="approve",
    reason_codes=("papers_confirm",),
    explanation="The statement shows savings that the score does not know of.",
)


@dataclass(frozen=True, slots=True)
class Ground:
    """How many cases wait in a database, and how many more of the most urgent are held."""

    waiting: int
    held: int = 0

    def __str__(self) -> str:
        """In words."""
        return f"{self.waiting:,} waiting" + (f", {self.held} held" if self.held else "")


GROUNDS = (Ground(1_000), Ground(20_000))
Side = tuple[Ground, int, str]


def run() -> None:
    """Measures all grounds in turns, and counts the cases that were handed out twice."""
    with contextlib.ExitStack() as stack:
        names = {ground: stack.enter_context(filled(ground)) for ground in GROUNDS}
        sides: dict[Side, Callable[[], Pace]] = {
            (ground, people, side): partial(cycles, side, name, ground, people)
            for people in PEOPLE
            for ground, name in names.items()
            for side in CYCLES
        }
        show(in_turns(sides, ROUNDS))
        print(f"handed out twice: {sum(doubles(name) for name in names.values())}")
        forget_rings()


def show(paces: dict[Side, Pace]) -> None:
    """Product beside floor, and each beside itself on other grounds."""
    heading("Claim and decide, acts alone: cycles a second")
    for ground, people in itertools.product(GROUNDS, PEOPLE):
        product, floor = paces[ground, people, "product"], paces[ground, people, "floor"]
        what = f"{ground}, {people} at once"
        line(what, product.per_second, floor.per_second, target="≥ 0.50")
        print(f"    p50 {product.p50:.1f} ms, p95 {product.p95:.1f} ms")
    for people, ground in itertools.product(PEOPLE, GROUNDS[1:]):
        few, many = paces[GROUNDS[0], people, "product"], paces[ground, people, "product"]
        what = f"1,000 beside {ground}, {people} at once"
        line(what, few.per_second, many.per_second, target="≤ 1.30")


@contextlib.contextmanager
def filled(ground: Ground) -> Iterator[str]:
    """A database with the ground's cases, its bare rows, and people to review."""
    with database(f"{ground.waiting}_{ground.held}") as name:
        fill.fill(ground.waiting + ground.held, held=ground.held)
        rows.lay_ground()
        rows.fill(ground.waiting + ground.held, held=ground.held)
        reviewers = [User(username=f"reviewer{number}", password="!") for number in range(max(PEOPLE))]
        group = Group.objects.get(name=Role.REVIEWER.value)
        group.user_set.set(User.objects.bulk_create(reviewers))
        yield name


def cycles(side: str, name: str, ground: Ground, people: int) -> Pace:
    """The pace of `people` who claim and decide, spread over processes as a server's would be."""
    use(name)
    top_up(ground)
    connections.close_all()
    shares = [range(first, people, PROCESSES) for first in range(min(people, PROCESSES))]
    with ProcessPoolExecutor(len(shares), multiprocessing.get_context("fork")) as pool:
        found = list(pool.map(CYCLES[side], shares))
    durations = [each for own, _ in found for each in own]
    return pace(durations, max(seconds for _, seconds in found))


def top_up(ground: Ground) -> None:
    """Fills up what earlier rounds took, where that is much."""
    missing = ground.waiting - QueueEntry.objects.filter(claim=None).count()
    if missing > ground.waiting // 10:
        fill.fill(missing)
        rows.fill(ground.waiting - rows.Waiting.objects.filter(claimed_by=None).count())


def product_cycles(numbers: Sequence[int]) -> tuple[list[float], float]:
    """The acts of the product, as the people with these numbers."""
    people = User.objects.filter(username__in=[f"reviewer{number}" for number in numbers])
    return drive([partial(product_cycle, person) for person in people], SECONDS)


def product_cycle(person: User) -> None:
    """One case claimed and decided."""
    claim = claim_next(reviewer=person, rights=rights_of(person), by=person.actor)
    assert claim is not None
    submit_review(
        fence=claim.pk,
        case_version=fill.VERSION,
        verdict=VERDICT,
        reviewer=person,
        by=person.actor,
    )


def floor_cycles(numbers: Sequence[int]) -> tuple[list[float], float]:
    """The floor's acts, as the people with these numbers."""
    return drive([partial(floor_cycle, number) for number in numbers], SECONDS)


def floor_cycle(person: int) -> None:
    """One row claimed and decided."""
    row = rows.claim_next(person)
    assert row is not None
    rows.decide(row, "approve")


CYCLES = {"product": product_cycles, "floor": floor_cycles}


def doubles(name: str) -> int:
    """How many cases were claimed more than once although nobody gave one back."""
    use(name)
    return Claim.objects.values("case").annotate(times=Count("pk")).filter(times__gt=1).count()


def forget_rings() -> None:
    """Takes away the doorbells that no worker of the bench answers."""
    redis = Redis.from_url(settings.REDIS_URL)
    for key in redis.scan_iter(f"{settings.REDIS_PREFIX}*"):
        redis.delete(key)
