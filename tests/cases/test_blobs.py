"""Sealed files and their transaction: no paper is lost, and what belongs to no case goes."""

import os
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import IntegrityError, OperationalError, connection
from uuid_utils.compat import uuid7

from audit import vault
from cases import blobs
from cases.models import Case
from tests.cases.loans import made_case
from tests.cases.test_intake import opened


def days_ago(days: int) -> uuid.UUID:
    """The id of a case that was made days ago."""
    return uuid.UUID(int=uuid7().int - (days * 24 * 3600 * 1000 << 80))


class Stubborn(FileSystemStorage):
    """A storage that is out of reach when it is to delete."""

    def delete(self, name: str) -> None:
        raise OSError("out of reach")


def test_papers_stay_where_the_answer_to_the_commit_is_lost(
    own_database: str, make_upstream: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = make_upstream()
    real = connection._commit  # type: ignore[attr-defined]  # Django's own; the stubs lack it

    def commit() -> None:
        real()
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(connection, "_commit", commit)
    with pytest.raises(OperationalError):
        opened(upstream)
    monkeypatch.undo()
    connection.close()
    case = Case.objects.get()
    document = case.documents.order_by("position")[0]
    assert blobs.fetch(vault.of(case.pk), f"document:{document.pk}", document.blob)


def test_papers_stay_after_any_commit_that_failed_until_they_are_swept(
    own_database: str, make_upstream: Any, tmp_path: Path
) -> None:
    """A commit that failed can't be told from one whose answer was lost."""
    upstream = make_upstream()
    with pytest.raises(IntegrityError), blobs.atomic():
        case = opened(upstream)
        Case.objects.filter(pk=case.pk).update(client_id=0)  # a deferred foreign key
    assert not Case.objects.exists()
    assert default_storage.exists(case.papers[0].blob)


def test_a_file_that_will_not_go_does_not_hide_what_went_wrong(
    db: None, settings: Any, tmp_path: Path
) -> None:
    options = {"BACKEND": "tests.cases.test_blobs.Stubborn", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": options}
    with pytest.raises(ZeroDivisionError), blobs.atomic():
        opened = vault.create(uuid7())
        name = blobs.store(opened, "document:1", b"paper")
        raise ZeroDivisionError
    assert default_storage.exists(name)


def test_only_files_of_old_cases_that_do_not_exist_are_forgotten(
    loan: Any, make_upstream: Any
) -> None:
    kept = made_case(make_upstream().client, pipeline=loan, id=days_ago(3)).pk
    gone, fresh = days_ago(2), uuid7()
    for folder in (kept, gone, fresh, "elsewhere", uuid.uuid4()):
        for name in ("one", "two"):
            default_storage.save(f"{folder}/{name}", ContentFile(b"sealed"))
    before = set(default_storage.listdir("")[0])
    assert blobs.forget_orphans() == 1
    assert before - set(default_storage.listdir("")[0]) == {str(gone)}
    assert blobs.forget_orphans() == 0


def test_a_file_and_its_directory_are_on_the_disk_once_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    media = tmp_path / "media"
    default_storage.save("case/one", ContentFile(b"sealed"))
    assert synced == [str(media / "case/one"), str(media / "case"), str(media)]
    default_storage.save("case/two", ContentFile(b"sealed"))
    assert synced[3:] == [str(media / "case/two"), str(media / "case")]
