"""Tombstones outside the database: written once, in a place of their own, and told apart."""

import json
import uuid
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from audit import tombstones, vault
from config import environment
from tests.keys import destroy_key


@pytest.mark.parametrize(
    ("files", "beside"),
    [
        ("file:///var/lib/countersign/media", "file:///var/lib/countersign/tombstones"),
        ("file:///media/", "file:///tombstones"),
        ("s3://bucket/sealed/media", "s3://bucket/sealed/tombstones"),
        ("s3://bucket", "s3://bucket/tombstones"),
    ],
)
def test_their_place_is_beside_the_sealed_files_unless_it_is_named(files: str, beside: str) -> None:
    assert environment.beside(files, "tombstones") == beside


@pytest.mark.parametrize("wrong", ["/tombstones", "ftp://host/x", "s3://", "file://"])
def test_a_place_that_is_none_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_TOMBSTONES", wrong)
    with pytest.raises(ImproperlyConfigured, match="COUNTERSIGN_TOMBSTONES"):
        environment.storage("COUNTERSIGN_TOMBSTONES", "file:///tombstones")


def test_a_line_says_which_case_and_disposal_and_nothing_else(tmp_path: Path) -> None:
    case_id = uuid.uuid4()
    for _ in "ab":
        tombstones.write(case_id, "begun", disposal=7)
    (line,) = (tmp_path / "tombstones" / "begun").iterdir()
    assert json.loads(line.read_text()) == {"case": str(case_id), "disposal": 7}
    assert tombstones.disposal_of(case_id) == 7


def test_only_what_the_database_does_not_know_has_come_back(db: None) -> None:
    known, back, unsure = (vault.create(uuid.uuid4()).case_id for _ in range(3))
    destroy_key(known)
    for each in (known, back):
        tombstones.write(each, "erased")
    for each in (back, unsure):
        tombstones.write(each, "begun", disposal=1)
    assert [*tombstones.returned()] == [back]
    assert [*tombstones.undecided()] == [unsure]
    assert tombstones.complete() == 0
