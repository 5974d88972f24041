"""Who acts: every act names its actor as `by=`."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "client", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an upstream client or the system itself, by plain id: names stay out of the log."""

    kind: ActorKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def system(part: str) -> Actor:
    """The part of the system that acts by itself, such as `policy` or `sweep`."""
    return Actor("system", part)
