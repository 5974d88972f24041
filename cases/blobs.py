"""Sealed files: papers as they were sent, and their page images."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from audit.vault import Vault

stored_here: ContextVar[list[str] | None] = ContextVar("stored_here", default=None)


@contextmanager
def atomic() -> Iterator[None]:
    """A transaction that files belong to: those stored within go again if it does not commit.

    One within another has no savepoint of its own: if it fails, all of it does.
    """
    around, names = stored_here.get(), list[str]()
    token = stored_here.set(names)
    try:
        with transaction.atomic(savepoint=around is None):
            yield
    except BaseException:
        for name in names:
            default_storage.delete(name)
        raise
    finally:
        stored_here.reset(token)
    if around is not None:
        around += names


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
