"""Measuring the product beside its floor: in turns within one run, medians, and their ratio.

Absolute figures belong to the machine and the minute; the ratio of two sides that took turns is what
can be compared.
"""

import contextlib
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Side = TypeVar("Side")
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast something went: a second, and how long each took in milliseconds."""

    per_second: float
    p50: float
    p95: float


def pace(durations: Sequence[float], seconds: float) -> Pace:
    """The pace of things done within `seconds`, from how many seconds each took (at least two)."""
    cuts = statistics.quantiles(durations, n=20, method="inclusive")
    return Pace(len(durations) / seconds, cuts[9] * 1000, cuts[18] * 1000)


def drive(people: Sequence[Callable[[], object]], seconds: float) -> tuple[list[float], float]:
    """Lets each of `people` act again and again for `seconds`, all at once, after one act each.

    A slow one acts FEWEST times all the same. Returns how many seconds each act took, and how long
    it all lasted. An act's error ends the run.
    """
    durations: list[list[float]] = [[] for _ in people]
    errors: list[Exception] = []
    ready = threading.Barrier(len(people) + 1)

    def act_on(number: int) -> None:
        try:
            people[number]()
            ready.wait()
            end = time.perf_counter() + seconds
            while not errors:
                start = time.perf_counter()
                if start > end and len(durations[number]) >= FEWEST:
                    break
                people[number]()
                durations[number].append(time.perf_counter() - start)
        except Exception as error:
            errors.append(error)
            ready.abort()

    threads = [threading.Thread(target=act_on, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    with contextlib.suppress(threading.BrokenBarrierError):
        ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [each for own in durations for each in own], time.perf_counter() - began


def in_turns(sides: Mapping[Side, Callable[[], Pace]], rounds: int) -> dict[Side, Pace]:
    """Measures every side `rounds` times in turns, after one round to warm up; the medians."""
    taken: dict[Side, list[Pace]] = {side: [] for side in sides}
    for number in range(rounds + 1):
        for side, measure in sides.items():
            found = measure()
            if number:
                taken[side].append(found)
    return {side: median(paces) for side, paces in taken.items()}


def median(paces: Sequence[Pace]) -> Pace:
    """The median of each figure."""
    return Pace(
        statistics.median(each.per_second for each in paces),
        statistics.median(each.p50 for each in paces),
        statistics.median(each.p95 for each in paces),
    )


def heading(title: str) -> None:
    """A title above figures, with the columns that `line` fills."""
    print(f"\n{title}\n{'':44}{'product':>12}{'floor':>12}{'ratio':>8}  target", flush=True)


def line(what: str, product: float, floor: float, *, target: str = "") -> None:
    """One figure beside its floor."""
    print(f"{what:44}{product:12,.1f}{floor:12,.1f}{product / floor:8.2f}  {target}", flush=True)
