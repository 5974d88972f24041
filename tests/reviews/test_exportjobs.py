"""Exports as jobs: asked for, approved, made under a lease, sealed, checked by the log, and gone in time."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.models import Case, Pipeline
from reviews.models import Export
from reviews.trail import exportfiles
from reviews.trail.exportjobs import ask_export
from reviews.trail.exportruns import make_export
from reviews.trail.selecting import Selection
from tests.casefiles import OVERRIDE, decided_case, reviewed_case
from tests.conftest import Upstream
from tests.reviews.sealers import sealing

Kind, Format, Status = Export.Kind, Export.Format, Export.Status


@pytest.fixture
def house(own_database: str) -> Iterator[None]:
    with sealing():
        yield


@pytest.fixture
def pipeline(own_database: str) -> Pipeline:
    return Pipeline.objects.select_related("current").get(slug="loan")


@pytest.fixture
def emil(own_database: str, make_person: Callable[..., User]) -> User:
    return make_person(Role.AUDITOR)


@pytest.fixture
def case(
    pipeline: Pipeline, make_upstream: Callable[[], Upstream], make_person: Callable[..., User]
) -> Case:
    client = make_upstream().client
    decided_case(pipeline, client)
    return reviewed_case(
        pipeline, client, make_person(Role.REVIEWER), verdict=OVERRIDE, predicted="decline"
    )


def made(selection: Selection, by: User, kind: str = Kind.DECISIONS, format: str = "csv") -> Export:
    export = ask_export(selection, kind=kind, format=format, by=by)
    make_export(export.pk)
    export.refresh_from_db()
    return export


def opened(export: Export) -> bytes:
    return b"".join(exportfiles.opened(export))


def stored(export: Export) -> bytes:
    with default_storage.open(export.blob) as file:
        return bytes(file.read())


def checked(content: bytes, place: Path) -> subprocess.CompletedProcess[str]:
    """What the verifier within the file says of it, run as an auditor does."""
    file, program = place / "export.zip", place / "verify.py"
    file.write_bytes(content)
    with zipfile.ZipFile(file) as archive:
        program.write_bytes(archive.read("verify.py"))
        key = archive.read("seal/keys.txt").decode().split()[0]
    return subprocess.run(
        [sys.executable, str(program), str(file), "--key", key], capture_output=True, text=True
    )


def test_a_trail_and_decisions_prove_themselves(
    house: None, pipeline: Pipeline, emil: User, case: Case, tmp_path: Path
) -> None:
    export = made(Selection(pipeline, purpose="Audit sample", events=True), emil)
    assert (export.status, export.error) == (Status.DONE, "")
    content = opened(export)
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = archive.read("manifest.json")
        files = {each["name"]: each for each in json.loads(manifest)["files"]}
        for name, each in files.items():
            assert each["sha256"] == hashlib.sha256(archive.read(name)).hexdigest()
        assert (
            files["decisions.csv"]["rows"] == export.row_count - files["events.jsonl"]["rows"] == 2
        )
        assert OVERRIDE.explanation in archive.read("decisions.csv").decode()
    vouched = Event.objects.get(type="export.prepared")
    assert vouched.data["manifest"] == hashlib.sha256(manifest).hexdigest()
    found = checked(content, tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    trail = made(Selection(), emil, Kind.TRAIL, "jsonl")
    found = checked(opened(trail), tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    assert OVERRIDE.explanation.encode() not in stored(export)
