"""The pages that a reviewer waits for, among many cases, beside a bare list of 50 rows."""

from collections.abc import Callable
from functools import partial

from bench.claims import FORM, Ground, Place, Reviewer, forget_rings, place
from bench.measure import Pace, drive, in_turns, pace
from bench.web import Client

GROUND = Ground(100_000)
SECONDS = 2.0
ROUNDS = 3
FLOOR = "bare list"


def run() -> None:
    """Asks for each page in turns, one person at a time."""
    with place(GROUND) as served:
        reviewer = Reviewer(served, 0)
        held = reviewer.client.post("/start/", b"", kind=FORM).headers["location"]
        paths = {
            "list of cases": "/cases/",
            "the same, filtered": "/cases/?queue=loan-papers&status=in_review",
            "home": "/",
            "case page": held,
        }
        sides: dict[str, Callable[[], Pace]] = {
            title: partial(asked, served, path) for title, path in paths.items()
        }
        sides[FLOOR] = partial(asked_bare, served)
        show(in_turns(sides, ROUNDS))
    forget_rings()


def show(paces: dict[str, Pace]) -> None:
    """Each page's milliseconds."""
    print(f"\nPages among {GROUND}, one person, milliseconds\n{'':44}{'p50':>12}{'p95':>12}")
    for title, found in paces.items():
        print(f"{title:44}{found.p50:12.1f}{found.p95:12.1f}")


def asked(served: Place, path: str) -> Pace:
    """The pace of one signed-in person who asks for the page."""
    client = Reviewer(served, 0).client
    return pace(*drive([partial(client.get, path)], SECONDS))


def asked_bare(served: Place) -> Pace:
    """The pace of the floor's list."""
    return pace(*drive([partial(Client(served.floor).get, "/list")], SECONDS))
