"""The doubts that no policy takes away, and what rules are known by: shared by bases and replays. Pure."""

from collections.abc import Mapping
from hashlib import sha256

from reviews.routing import ANSWER

DOUBTS = (
    "flag",
    "unlooked",
    "urgent",
    "failure",
    "asked",
    "paper_unread",
    "paper_unseen",
    "field_missing",
    "no_consent",
    "unusable",
    "failed",
    "gate",
    "stopped",
)
"""In the order of their bits in a basis. With `failed` no policy was asked at all; the last two held
back a case that the policy would have decided."""
BITS: Mapping[str, int] = {name: 1 << place for place, name in enumerate(DOUBTS)}
HELD = BITS["gate"] | BITS["stopped"]


def mask_of(*names: str) -> int:
    """The bits of the doubts named."""
    return sum(BITS[name] for name in names)


def rule_key(text: str, calibration: int | None = None) -> int:
    """What a rule is known by: 64 bits, signed, of the SHA-256 of its text.

    Where it asks for the model's answer it is another rule under each calibration (by its number).
    """
    under = calibration if calibration is not None and ANSWER.search(text) else ""
    digest = sha256(f"{under}:{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
