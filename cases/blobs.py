"""Sealed files: papers as they were sent, and their page images."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from audit.vault import Vault
from cases.models import Case

log = structlog.get_logger("countersign.blobs")
stored_here: ContextVar[list[str] | None] = ContextVar("stored_here", default=None)

ORPHAN_AGE = timedelta(days=1)
"""How old a case's directory is at least before it may count as that of a case never committed."""

BATCH = 1000


@contextmanager
def atomic() -> Iterator[None]:
    """A transaction that files belong to: those stored within go again if the block fails.

    One within another has no savepoint of its own: if it fails, all of it does. Where the block ends
    well and the commit fails, its files stay: the database may have committed and only its answer
    be lost, and papers are gone for good while files too many are not (`forget_orphans`).
    """
    around, names, ended_well = stored_here.get(), list[str](), False
    token = stored_here.set(names)
    try:
        with transaction.atomic(savepoint=around is None):
            yield
            ended_well = True
    except BaseException:
        if not ended_well:
            discard(names)
        raise
    finally:
        stored_here.reset(token)
    if around is not None:
        around += names


def discard(names: Iterable[str]) -> None:
    """Deletes stored files; one that won't go is left, so that the first error stays the one seen."""
    for name in names:
        try:
            default_storage.delete(name)
        except Exception as error:  # whatever a storage raises
            log.warning("file_left_behind", file=name, error=type(error).__name__)


def store(vault: Vault, purpose: str, content: bytes) -> str:
    """Seals a file, stores it under a name that tells nothing, and returns the name."""
    name = default_storage.save(
        f"{vault.case_id}/{uuid.uuid4().hex}", ContentFile(vault.seal(purpose, content))
    )
    names = stored_here.get()
    if names is not None:
        names.append(name)
    return name


def fetch(vault: Vault, purpose: str, name: str) -> bytes:
    """A stored file, opened; raises FileNotFoundError, and CannotOpen where it was altered."""
    with default_storage.open(name) as file:
        return vault.open(purpose, file.read())


def forget_orphans() -> int:
    """Deletes the files of cases that were never committed, or erased; returns how many cases those were."""
    names, _ = default_storage.listdir("")
    newest = datetime.now(UTC) - ORPHAN_AGE
    found = [case_id for name in names for case_id in case_ids(name)]
    count = 0
    for start in range(0, len(found), BATCH):
        some = found[start : start + BATCH]
        erased = dict(Case.objects.filter(pk__in=some).values_list("pk", "erased_at"))
        for case_id in some:
            if erased[case_id] if case_id in erased else born(case_id) < newest:
                forget_files(case_id)
                count += 1
    return count


def forget_files(case_id: UUID) -> None:
    """Deletes all files of a case; what won't go now is found again by `forget_orphans`."""
    try:
        _, files = default_storage.listdir(str(case_id))
    except FileNotFoundError:  # it had none
        return
    except Exception as error:  # whatever a storage raises
        log.warning("files_left_behind", case=str(case_id), error=type(error).__name__)
        return
    discard([*(f"{case_id}/{file}" for file in files), str(case_id)])


def case_ids(name: str) -> Iterator[UUID]:
    """The case whose directory has this name; nothing of what is no directory of a case."""
    with suppress(ValueError):
        case_id = UUID(name)
        if case_id.version == 7 and str(case_id) == name:
            yield case_id


def born(case_id: UUID) -> datetime:
    """When a case's id was made: a UUIDv7 begins with the milliseconds since 1970 (RFC 9562)."""
    return datetime.fromtimestamp((case_id.int >> 80) / 1000, UTC)
