"""What goes to a place, and why it did not get there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from audit.notes import Head, NoteRefused, checkpoint_head


class NotPublished(Exception):
    """The place did not take the checkpoint; the message says why and holds no secret."""


class Contradicted(NotPublished):
    """What was published there before does not go together with the log: one of them was rewritten."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A checkpoint that goes outside.

    `key` is the same at each attempt. `root_at` gives the log's root at a size, None beyond its end.
    """

    key: str
    origin: str
    size: int
    root: bytes
    note: str
    made_at: datetime
    now: datetime
    root_at: Callable[[int], bytes | None]

    @property
    def name(self) -> str:
        """The name of its file: such names sort by size."""
        return f"checkpoint-{self.size:012}.txt"


def check_published(note: bytes, parcel: Parcel) -> Head:
    """What a note says that was published before; raises Contradicted where the log is not its sequel."""
    head = head_of(note)
    if head.origin != parcel.origin:
        raise Contradicted(f"another log was published there: {head.origin}"[:300])
    root = parcel.root_at(head.size)
    if root is None:
        raise Contradicted(f"{head.size} events were published there, more than the log has")
    if root != head.root:
        raise Contradicted(f"at {head.size} events another root was published there")
    return head


def head_of(note: bytes) -> Head:
    """What a published note says; raises Contradicted for what is none."""
    text, gap, _ = note.decode("utf-8", "replace").rpartition("\n\n")
    try:
        return checkpoint_head(f"{text}\n" if gap else "")
    except NoteRefused:
        raise Contradicted("what lies there is no checkpoint") from None
