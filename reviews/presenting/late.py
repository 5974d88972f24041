"""A write that came too late: what happened meanwhile, and what was sent, so that nothing is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from reviews.presenting.data import Item
from reviews.presenting.histories import Entry


@dataclass(frozen=True, slots=True)
class LatePage:
    """What the reviewer sees; with `claimable` they can take the case again, their draft with it."""

    case_id: UUID
    reference: str
    changed: str
    timeline: Sequence[Entry]
    sent: Sequence[Item]
    claimable: bool
