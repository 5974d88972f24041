"""Which cases another policy would send elsewhere: from where, to where. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reviews.lab.columns import Columns
from reviews.lab.replay import Replayed

DECIDED, QUEUE, UNKNOWN = "decided", "queue", "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case ends: decided with an outcome, in a queue (by its slug), or not known."""

    kind: str
    name: str = ""

    @property
    def key(self) -> str:
        """How an address names it."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Moves:
    """Where each case ends under two policies: places in `places`; `counts` are of each from and to."""

    places: tuple[Place, ...]
    before: NDArray[np.intp]
    after: NDArray[np.intp]
    counts: NDArray[np.intp]

    @property
    def moved(self) -> int:
        """How many cases end elsewhere; what is not known of a case is no move."""
        return int(self.counts.sum() - np.trace(self.counts) - self.unknown)

    @property
    def unknown(self) -> int:
        """Of how many cases one of the policies says nothing yet, where the other does."""
        last = len(self.places) - 1
        return int(self.counts[last, :last].sum() + self.counts[:last, last].sum())

    def kinds(self) -> list[tuple[Place, Place, int]]:
        """The kinds of move that there are, the most frequent first."""
        last = len(self.places) - 1
        found = [
            (self.places[here], self.places[there], int(self.counts[here, there]))
            for here, there in np.argwhere(self.counts[:last, :last])
            if here != there
        ]
        return sorted(found, key=lambda kind: -kind[2])

    def those(self, before: str = "", after: str = "") -> NDArray[np.intp]:
        """The cases that move, of one kind where `before` and `after` are keys, the newest first."""
        last = len(self.places) - 1
        wanted = (self.before != self.after) & (self.before != last) & (self.after != last)
        keys = np.asarray([place.key for place in self.places])
        if before:
            wanted &= keys[self.before] == before
        if after:
            wanted &= keys[self.after] == after
        return np.flatnonzero(wanted)[::-1]


def moves_of(columns: Columns, before: Replayed, after: Replayed) -> Moves:
    """Where each case ends under the one policy and under the other."""
    queues = sorted({*before.queues, *after.queues})
    places = (
        *(Place(DECIDED, name) for name in columns.outcomes),
        *(Place(QUEUE, name) for name in queues),
        Place(UNKNOWN),
    )
    first, second = (ends(columns, each, queues) for each in (before, after))
    size = len(places)
    counts = np.bincount(first * size + second, minlength=size * size).reshape(size, size)
    return Moves(places, first, second, counts)


def ends(columns: Columns, replayed: Replayed, queues: list[str]) -> NDArray[np.intp]:
    """Where each case ends: outcomes first, then queues in this order, and what is not known last."""
    first = len(columns.outcomes)
    known = np.asarray([first + queues.index(name) for name in replayed.queues] or [0], np.intp)
    found = np.full(len(columns), first + len(queues), np.intp)
    waits = replayed.queue >= 0
    found[waits] = known[replayed.queue[waits]]
    found[replayed.automatic] = replayed.outcome[replayed.automatic]
    return found
