"""Cases as columns of numbers: what a replay and the lab's statistics go over. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MET, NOT_MET, FAILED, NOT_KNOWN = 1, 0, -1, -2
"""What is known of a rule: that it held or did not, could not be evaluated, or was never asked."""
LABEL_KINDS = ("", "review", "blind", "sample")
"""How a label came about, in the order of their codes; those of `Basis.Label`."""


class Rules(Mapping[int, NDArray[np.int8]]):
    """What each rule said of each case, by its key: kept once for all cases that it said the same of.

    `said` has of each rule what it said, one number for each kind of answer; `kinds` the cases' kinds.
    """

    def __init__(self, said: Mapping[int, NDArray[np.int8]], kinds: NDArray[np.intp]) -> None:
        """Takes the answers as they are."""
        self.said = said
        self.kinds = kinds

    def __getitem__(self, key: int) -> NDArray[np.int8]:
        """What a rule said of each case; raises KeyError where it was asked of none."""
        return self.said[key][self.kinds]

    def __iter__(self) -> Iterator[int]:
        """The keys of all rules that were ever asked."""
        return iter(self.said)

    def __len__(self) -> int:
        """How many rules were ever asked."""
        return len(self.said)


@dataclass(frozen=True, slots=True)
class Columns:
    """`n` cases, one in each place of every array: each case's last route within a window.

    `route` are ids, ascending; `case` the 16 bytes of its id; `routed_at` seconds since 1970. `predicted`
    and `label` are places in `outcomes`, -1 where there is none; `probabilities` (n, outcomes) NaN where
    none was given. `confidence` is the model's own, `doubts` a mask (`reviews.doubts.DOUBTS`).
    `fields_clear` and `fields_poor` (n, fields) are least confidences, NaN where none was found.
    `rules` are by `reviews.doubts.rule_key`; a rule that is not among them is known of no case.
    `segments` are by name: places in the names beside them, of which the empty one is not known.
    `label_kind` are places in LABEL_KINDS; `weight` is 0 without a label; `seconds` are those that people
    took, NaN where not known. `held` are those that a stop or the gate held back. `figures` are the upper
    ends of each model version's figures. `digest` tells whether two loads have given the same.
    """

    outcomes: tuple[str, ...]
    fields: tuple[str, ...]
    route: NDArray[np.int64]
    case: NDArray[np.void]
    routed_at: Floats
    model_version: NDArray[np.int64]
    policy_version: NDArray[np.int64]
    predicted: NDArray[np.int16]
    confidence: Floats
    probabilities: Floats
    doubts: NDArray[np.int32]
    fields_clear: Floats
    fields_poor: Floats
    label: NDArray[np.int16]
    label_kind: NDArray[np.int8]
    weight: Floats
    seconds: Floats
    held: Bools
    rules: Mapping[int, NDArray[np.int8]] = field(default_factory=dict)
    segments: Mapping[str, tuple[NDArray[Any], tuple[str, ...]]] = field(default_factory=dict)
    figures: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    digest: str = ""

    def __len__(self) -> int:
        """How many cases there are."""
        return len(self.route)

    def cases(self, places: Sequence[int] | NDArray[Any]) -> list[UUID]:
        """The ids of the cases in these places."""
        return [UUID(bytes=each.tobytes()) for each in self.case[places]]

    def rule(self, key: int) -> NDArray[np.int8]:
        """What is known of a rule, of each case."""
        found = self.rules.get(key)
        return np.full(len(self), NOT_KNOWN, np.int8) if found is None else found
