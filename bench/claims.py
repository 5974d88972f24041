"""Claims and decisions over HTTP: cycles a second with few and many waiting cases.

A cycle judges one case and claims the next, as a signed-in reviewer does with one request: the
workbench's verdict leads on to the next case. The floor's reviewer needs two requests, without any
page; so the product's page is measured beside the cycle, and not in it. A verdict has its effect once
it can't be undone any more, by a worker: what one of them settles a second is measured by itself, of
the verdicts that the cycles have left behind. The floor's decision is all that the floor does.
"""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

import psycopg
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Count
from django.test import override_settings
from redis import Redis

from accounts.models import User
from accounts.roles import Role
from bench import fill
from bench.bare import ground as bare
from bench.database import as_owner, database, use
from bench.measure import Pace, drive, heading, in_turns, line, pace
from bench.web import FLOOR, PRODUCT, Client, server
from reviews.models import Claim, QueueEntry
from reviews.settling import settle_due

PEOPLE = (1, 16)
SECONDS = 1.0
VERDICTS = 500
"""How many verdicts are settled to measure it; the cycles leave more behind."""
ROUNDS = 3
FORM = "application/x-www-form-urlencoded"
CSRF = "0123456789abcdefghijABCDEFGHIJ01"
VERDICT = {
    "verdict": "approve",
    "reason:approve": "papers_confirm",
    "explanation": "The statement shows savings that the score does not know of.",
    "version": str(fill.VERSION),
    "confirmed": "yes",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """How many cases wait in a database, and how many more of the most urgent are held."""

    waiting: int
    held: int = 0

    def __str__(self) -> str:
        """In words."""
        return f"{self.waiting:,} waiting" + (f", {self.held} held" if self.held else "")


GROUNDS = (Ground(1_000), Ground(100_000), Ground(100_000, 500), Ground(1_000_000))
Side = tuple[Ground, int, str]


@dataclass
class Place:
    """A filled database and what serves it."""

    name: str
    ground: Ground
    product: int
    floor: int
    sessions: list[str]
    owner: psycopg.Connection


def run() -> None:
    """Measures all grounds in turns, and counts the cases that were handed out twice."""
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(place(ground)) for ground in GROUNDS]
        sides: dict[Side, Callable[[], Pace]] = {
            (place.ground, people, side): partial(cycles, place, people, make)
            for people, place in itertools.product(PEOPLE, places)
            for side, make in (("product", Reviewer), ("page", Reader), ("floor", FloorReviewer))
        }
        show(in_turns(sides, ROUNDS))
        heading("Verdicts that one worker settles, a second")
        for served in places:
            line(str(served.ground), settled(served), deciding(served), target="≥ 0.50")
        print(f"cases handed out twice: {sum(map(doubles, places))}")
    forget_rings()


def show(paces: dict[Side, Pace]) -> None:
    """Product beside floor, and each beside itself on other grounds."""
    heading("Claim and judge over HTTP, cycles a second")
    for ground, people in itertools.product(GROUNDS, PEOPLE):
        product, page, floor = (
            paces[ground, people, side] for side in ("product", "page", "floor")
        )
        what = f"{ground}, {people} at once"
        line(what, product.per_second, floor.per_second, target="≥ 0.50")
        print(
            f"    p50 {product.p50:.1f} ms, p95 {product.p95:.1f} ms; floor {floor.p50:.1f} and "
            f"{floor.p95:.1f}; with the case's page {page.p50:.1f} and {page.p95:.1f}"
        )
    for people, ground in itertools.product(PEOPLE, GROUNDS[1:]):
        few, many = paces[GROUNDS[0], people, "product"], paces[ground, people, "product"]
        what = f"1,000 beside {ground}, {people} at once"
        line(what, few.per_second, many.per_second, target="≤ 1.30")


@contextlib.contextmanager
def place(ground: Ground) -> Iterator[Place]:
    """A database with the ground's cases, its bare rows, people to review, and both servers."""
    with database(f"{ground.waiting}_{ground.held}") as name:
        fill.fill(ground.waiting + ground.held, held=ground.held)
        bare.lay_ground()
        bare.fill(ground.waiting + ground.held, held=ground.held)
        sessions = [session(f"reviewer{number}") for number in range(max(PEOPLE))]
        with server(PRODUCT) as product, server(FLOOR) as floor, as_owner() as owner:
            yield Place(name, ground, product, floor, sessions, owner)


def session(username: str) -> str:
    """The key of a new reviewer's session, as signing in makes it."""
    person = User.objects.create_user(username, password=None)
    person.groups.add(Group.objects.get(name=Role.REVIEWER.value))
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def cycles(place: Place, people: int, make: Callable[[Place, int], Callable[[], None]]) -> Pace:
    """The pace of so many reviewers on a place, each with a connection of their own."""
    use(place.name)
    top_up(place.ground)
    return pace(*drive([make(place, number) for number in range(people)], SECONDS))


def settled(place: Place) -> float:
    """How many of the verdicts that wait to be settled a worker settles a second, one by one."""
    use(place.name)
    with override_settings(UNDO_SECONDS=0):
        began = time.perf_counter()
        count = settle_due(VERDICTS)
    return count / (time.perf_counter() - began)


def deciding(place: Place) -> float:
    """How many rows one person of the floor claims and decides a second."""
    return cycles(place, 1, FloorReviewer).per_second


def top_up(ground: Ground) -> None:
    """Fills up what earlier rounds took, where that is much."""
    missing = ground.waiting - QueueEntry.objects.filter(claim=None).count()
    if missing > ground.waiting // 10:
        fill.fill(missing)
    missing = ground.waiting - bare.waiting()
    if missing > ground.waiting // 10:
        bare.fill(missing)


@dataclass
class Reviewer:
    """A reviewer of the product, on their way from case to case."""

    place: Place
    number: int
    client: Client = field(init=False)
    at: str = ""

    def __post_init__(self) -> None:
        """Signs in."""
        cookies = f"sessionid={self.place.sessions[self.number]}; csrftoken={CSRF}"
        headers = {"Cookie": cookies, "X-CSRFToken": CSRF}
        self.client = Client(self.place.product, headers)

    def __call__(self) -> None:
        """One case decided and the next one claimed; at first one claimed alone."""
        if not self.at:
            self.at = self.client.post("/start/", b"", kind=FORM).headers["location"]
            return
        form = urlencode({**VERDICT, "fence": self.fence()}).encode()
        self.at = self.client.post(f"{self.at}verdict/", form, kind=FORM).headers["location"]

    def fence(self) -> str:
        """The number of the claim on the case, which the case's page carries."""
        case_id = self.at.rstrip("/").rpartition("/")[2]
        found = self.place.owner.execute(
            "SELECT id FROM reviews_claim WHERE case_id = %s AND ended_at IS NULL", [case_id]
        ).fetchone()
        assert found is not None, f"nobody holds {self.at}"
        return str(found[0])


class Reader(Reviewer):
    """A reviewer who has the page of every case shown as well."""

    def __call__(self) -> None:
        """The same, and the page."""
        super().__call__()
        self.client.get(self.at)


@dataclass
class FloorReviewer:
    """A reviewer of the floor."""

    place: Place
    number: int
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        """Nobody has to sign in."""
        self.client = Client(self.place.floor)

    def __call__(self) -> None:
        """One row claimed and decided."""
        claimed = self.client.post(
            "/claim", b'{"person": %d}' % self.number, kind="application/json"
        )
        body = claimed.body.replace(b"}", b', "outcome": "approve"}')
        self.client.post("/decide", body, kind="application/json")


def doubles(place: Place) -> int:
    """How many cases were claimed more than once although nobody gave one back."""
    use(place.name)
    return Claim.objects.values("case").annotate(times=Count("pk")).filter(times__gt=1).count()


def forget_rings() -> None:
    """Takes away the doorbells that no worker of the bench answers."""
    redis = Redis.from_url(settings.REDIS_URL)
    for key in redis.scan_iter(f"{settings.REDIS_PREFIX}*"):
        redis.delete(key)
