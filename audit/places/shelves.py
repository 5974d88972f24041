"""Keeping checkpoints where files are kept: one for each size, and the latest.

None is ever written over by another: what was published at a size stays, and a log that is not the
sequel of what lies there is not published beside it.
"""

from typing import Protocol

from audit.places.parcel import Parcel, check_published

LATEST = "latest.txt"


class Shelf(Protocol):
    """Where files are kept by their names."""

    def read(self, name: str) -> bytes | None:
        """A file, None where there is none."""

    def add(self, name: str, content: bytes) -> bool:
        """Adds a file whole or not at all; False where there is one of that name already."""

    def replace(self, name: str, content: bytes) -> None:
        """Puts a file in the place of the one that may be there, whole or not at all."""


def keep(shelf: Shelf, parcel: Parcel) -> None:
    """Keeps a checkpoint; twice is as good as once. Raises Contradicted."""
    note = parcel.note.encode()
    before = shelf.read(LATEST)
    reached = check_published(before, parcel).size if before is not None else -1
    if not shelf.add(parcel.name, note):
        check_published(shelf.read(parcel.name) or b"", parcel)
    if reached < parcel.size:
        shelf.replace(LATEST, note)
