"""A directory: of another machine's, best, which takes files and gives none back."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from audit.places.naming import Place
from audit.places.parcel import NotPublished, Parcel
from audit.places.shelves import keep

READABLE = 0o644


def put(place: Place, parcel: Parcel) -> bytes:
    """Keeps a checkpoint in the directory; raises NotPublished."""
    try:
        keep(Directory(Path(unquote(urlsplit(place.url).path))), parcel)
    except OSError as error:
        raise NotPublished(f"the directory does not take it: {error.strerror}") from error
    return b""


class Directory:
    """A directory whose files come whole or not at all, and stay through a loss of power.

    One that is missing is not made: it would be the mount point of a share that is away, and what
    was to leave the house would stay in it.
    """

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError where there is no such directory."""
        if not path.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        self.path = path

    def read(self, name: str) -> bytes | None:
        """A file, None where there is none."""
        with contextlib.suppress(FileNotFoundError):
            return (self.path / name).read_bytes()
        return None

    def add(self, name: str, content: bytes) -> bool:
        """Adds a file; False where there is one of that name already."""
        with self.written(content) as scratch:
            try:
                os.link(scratch, self.path / name)
            except FileExistsError:
                return False
        return True

    def replace(self, name: str, content: bytes) -> None:
        """Puts a file in the place of the one that may be there."""
        with self.written(content) as scratch:
            scratch.replace(self.path / name)

    @contextlib.contextmanager
    def written(self, content: bytes) -> Iterator[Path]:
        """A scratch file with the content, on the disk; gone in the end, and the directory synced."""
        handle, name = tempfile.mkstemp(dir=self.path, prefix=".checkpoint-")
        scratch = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, READABLE)
                file.write(content)
                file.flush()
                os.fsync(handle)
            yield scratch
        finally:
            scratch.unlink(missing_ok=True)
        directory = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
