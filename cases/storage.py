"""Sealed files on a disk of the house: there to stay before the row that names them is committed."""

import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class DurableFiles(FileSystemStorage):
    """Django's files in a directory; a saved one outlives a power cut, as a committed row does."""

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        """Saves a file and waits for the disk."""
        folder = Path(self.path(name or content.name)).parent
        new = not folder.exists()
        saved = super().save(name, content, max_length)
        for place in (Path(self.path(saved)), folder, *([folder.parent] if new else [])):
            flush(place)
        return saved


def flush(place: Path) -> None:
    """Has the system write a file, or a directory's list of names, to the disk."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
