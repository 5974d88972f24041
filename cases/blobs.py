"""Sealed files: papers as they were sent, and their page images."""

import uuid

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from audit.vault import Vault


def store(vault: Vault, purpose: str, content: bytes) -> str:
    """Seals a file, stores it under a name that tells nothing, and returns the name."""
    name = f"{vault.case_id}/{uuid.uuid4().hex}"
    return default_storage.save(name, ContentFile(vault.seal(purpose, content)))


def fetch(vault: Vault, purpose: str, name: str) -> bytes:
    """A stored file, opened; raises FileNotFoundError, and CannotOpen where it was altered."""
    with default_storage.open(name) as file:
        return vault.open(purpose, file.read())
