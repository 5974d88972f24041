"""What a decision's way, run again, has otherwise than it was recorded. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isclose, isnan

ROUNDING = 1e-6
"""Probabilities that differ by less differ by the rounding of another processor."""
UNRUNNABLE = frozenset({"erased", "not_by_policy", "read_again", "read_elsewhere"})
"""Codes that say why nothing could be compared; all others say what differs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: a code for the log, and the values for its words. None of them is personal."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said: its likeliest outcome, and how probable it holds each."""

    outcome: str
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Way:
    """Where a policy sent a case and by what: as it was recorded, or as it is now.

    `outcome` is empty where it went to people. `reasons` are codes with the field that each is about;
    `clear` and `poor` the least confidences by field, NaN where none was found; `rules` what each rule
    said; `doubts` the bits of `reviews.doubts`.
    """

    outcome: str
    queue: str
    second: str
    confidence: float | None
    reasons: Sequence[tuple[str, str]]
    flags: Sequence[str]
    clear: Mapping[str, float]
    poor: Mapping[str, float]
    rules: Mapping[str, bool | None]
    doubts: int


def between_answers(then: Answer, now: Answer) -> Iterator[Difference]:
    """What a model says otherwise of the same input."""
    if then.outcome != now.outcome:
        yield Difference("outcome", {"then": then.outcome, "now": now.outcome})
    names = sorted(then.probabilities.keys() | now.probabilities.keys())
    apart = {
        name: distance(then.probabilities.get(name), now.probabilities.get(name)) for name in names
    }
    most = max(names, key=lambda name: apart[name], default="")
    if most and apart[most] > ROUNDING:
        yield Difference("probabilities", {"by": apart[most], "outcome": most})


def distance(one: float | None, other: float | None) -> float:
    """How far two probabilities are apart: infinitely where one is missing or no number."""
    if one is None or other is None or isnan(one) or isnan(other):
        return inf
    return abs(one - other)


def between_ways(then: Way, now: Way) -> Iterator[Difference]:
    """What a policy makes otherwise of the same case, its causes first and the route last."""
    yield from of_fields(then, now)
    yield from of_rules(then.rules, now.rules)
    if sorted(then.flags) != sorted(now.flags):
        apart = {*then.flags} ^ {*now.flags}
        yield Difference("flags", {"names": ", ".join(sorted(apart))})
    if then.doubts != now.doubts:
        yield Difference("doubts")
    if not same_number(then.confidence, now.confidence):
        yield Difference("confidence", {"then": then.confidence, "now": now.confidence})
    if (then.outcome, then.queue, then.second) != (now.outcome, now.queue, now.second):
        yield Difference("route", {"then": told(then), "now": told(now)})
    if (gone := {*then.reasons} - {*now.reasons}) | (new := {*now.reasons} - {*then.reasons}):
        yield Difference("reasons", {"gone": listed(gone), "new": listed(new)})


def of_fields(then: Way, now: Way) -> Iterator[Difference]:
    """Fields that were read with another confidence, on clear pages or on poor ones."""
    for before, after in ((then.clear, now.clear), (then.poor, now.poor)):
        for name in sorted(before.keys() | after.keys()):
            was, is_now = before.get(name), after.get(name)
            if not same_number(was, is_now):
                yield Difference("field", {"field": name, "then": was, "now": is_now})


def of_rules(
    then: Mapping[str, bool | None], now: Mapping[str, bool | None]
) -> Iterator[Difference]:
    """Rules that say something else now; None where one can't be evaluated."""
    for rule in sorted(now):
        if rule in then and then[rule] != now[rule]:
            yield Difference("rule", {"rule": rule, "then": then[rule], "now": now[rule]})


def same_number(one: float | None, other: float | None) -> bool:
    """Whether two numbers are the same; NaN is none, as None is."""
    missing = [each is None or isnan(each) for each in (one, other)]
    if any(missing):
        return all(missing)
    return isclose(one or 0.0, other or 0.0, rel_tol=0, abs_tol=ROUNDING)


def told(way: Way) -> str:
    """A route in plain ids."""
    return way.outcome or way.queue + (f" + {way.second}" if way.second else "")


def listed(reasons: set[tuple[str, str]]) -> str:
    """Reasons by their codes."""
    return ", ".join(sorted(f"{code} ({name})" if name else code for code, name in reasons))
