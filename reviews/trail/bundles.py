"""The file that proves itself: a ZIP of what was asked for, its manifest, and the log's word for it.

Streamed into whatever seals it, at constant memory: only names and hashes are kept. What each part is
for stands in docs/exports.md and in the README within.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from audit.vault import canonical

FORMAT = "countersign-export/1"
LEVEL = 6
Content = Iterable[tuple[bytes, int]]
"""Chunks of a file, each with how many rows end in it."""


class Out(Protocol):
    """What takes a bundle's bytes as they come; knows their number and SHA-256."""

    size: int
    digest: Any

    def write(self, data: Any, /) -> int: ...
    def flush(self) -> None: ...
    def finish(self) -> None: ...


@dataclass
class Bundle:
    """A ZIP being written, and what its manifest is to name. `wrote` hears of rows as they go by."""

    out: Out
    made_at: datetime
    wrote: Callable[[int], None]
    files: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.zip = zipfile.ZipFile(self.out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)  # type: ignore[call-overload]  # write and flush are all that is called

    def add(self, name: str, content: Content) -> None:
        """Adds a file that the manifest names."""
        digest, size, rows = hashlib.sha256(), 0, 0
        for chunk, ended in self.written(name, content):
            digest.update(chunk)
            size += len(chunk)
            rows += ended
        self.files.append({"name": name, "sha256": digest.hexdigest(), "size": size, "rows": rows})

    def add_manifest(self, facts: Mapping[str, Any]) -> str:
        """Adds the manifest of what was added so far; returns its SHA-256."""
        manifest = canonical({"format": FORMAT, **facts, "files": self.files})
        self.add_seal("manifest.json", [manifest])
        return hashlib.sha256(manifest).hexdigest()

    def add_seal(self, name: str, content: Iterable[bytes]) -> None:
        """Adds a file that no manifest names: the manifest itself, and what comes after it."""
        for _ in self.written(name, ((chunk, 0) for chunk in content)):
            pass

    def written(self, name: str, content: Content) -> Iterator[tuple[bytes, int]]:
        """Writes a member; the chunks go by."""
        info = zipfile.ZipInfo(name, self.made_at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self.zip.open(info, "w", force_zip64=True) as member:
            for chunk, ended in content:
                member.write(chunk)
                self.wrote(ended)
                yield chunk, ended

    def finish(self) -> None:
        """Writes the directory, and the last sealed piece."""
        self.zip.close()
        self.out.finish()

    @property
    def rows(self) -> int:
        """How many rows the named files have."""
        return sum(each["rows"] for each in self.files)
