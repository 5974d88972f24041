"""The kept files of exports: sealed, each under a key of its own, for a day."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import IO
from uuid import UUID

import structlog
from django.core.files.base import File
from django.core.files.storage import default_storage

from audit import vault
from reviews.models import Export
from reviews.trail import sealedfiles

log = structlog.get_logger("countersign.exports")

FOLDER = "exports"
KEPT = timedelta(hours=24)
ORPHAN_AGE = timedelta(hours=1)
"""How old a file is at least before it may count as one whose worker was lost."""


def store(export: Export, token: UUID, file: IO[bytes]) -> str:
    """Keeps a sealed file; returns its name. Raises OSError where the disk is full, and keeps nothing."""
    name = f"{FOLDER}/{export.pk}-{token.hex}"
    file.seek(0)
    try:
        return default_storage.save(name, File(file))
    except BaseException:
        discard([name])
        raise


def sealed_key(export: Export, key: bytes) -> bytes:
    """The key of an export's file, sealed for the house."""
    return vault.seal_for_house(f"export:{export.pk}", key)


def is_there(export: Export) -> bool:
    """Whether an export's file is in its place."""
    return bool(export.blob) and default_storage.exists(export.blob)


def opened(export: Export) -> Iterator[bytes]:
    """A kept file, piece by piece; raises FileNotFoundError, CannotOpen."""
    key = vault.open_for_house(f"export:{export.pk}", bytes(export.sealed_key or b""))
    with default_storage.open(export.blob) as file:
        yield from sealedfiles.opened(file, key)


def discard(names: Iterable[str]) -> None:
    """Deletes files; one that won't go is left for the next round."""
    for name in names:
        try:
            default_storage.delete(name)
        except Exception as error:  # whatever a storage raises
            log.warning("file_left_behind", file=name, error=type(error).__name__)


def forget_orphans() -> None:
    """Deletes the files that no export names, once nobody can still be writing them."""
    kept = set(Export.objects.exclude(blob="").values_list("blob", flat=True))
    oldest = datetime.now(UTC) - ORPHAN_AGE
    discard(
        name
        for name in names()
        if name not in kept and default_storage.get_modified_time(name) < oldest
    )


def names() -> list[str]:
    """The names of all files that are kept."""
    try:
        _, found = default_storage.listdir(FOLDER)
    except FileNotFoundError:  # nothing was kept yet
        return []
    return [f"{FOLDER}/{name}" for name in found]
