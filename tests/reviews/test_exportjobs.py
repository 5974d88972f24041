"""Exports as jobs: asked for, approved, made under a lease, sealed, checked by the log, and gone in time."""

import hashlib
import io
import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet
import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from accounts.roles import Role
from audit.models import Checkpoint, ClockTimestamp, Event
from cases.models import Case, Pipeline
from reviews.models import Export
from reviews.trail import exportfiles, exportruns, vouching
from reviews.trail.exportjobs import ask_export, cancel_export, look_after_exports
from reviews.trail.exportruns import make_export
from reviews.trail.selecting import Selection
from tests.casefiles import OVERRIDE, decided_case, reviewed_case
from tests.conftest import Upstream
from tests.reviews.sealers import sealing
from tests.seals import PATIENCE

Kind, Format, Status = Export.Kind, Export.Format, Export.Status


@pytest.fixture
def house(own_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A house with a sealer, which may wait for tests beside this one."""
    monkeypatch.setattr(exportruns, "PATIENCE", PATIENCE)
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


def checked(content: bytes, place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """What the verifier within the file says of it, run as an auditor does."""
    file, program = place / "export.zip", place / "verify.py"
    file.write_bytes(content)
    with zipfile.ZipFile(file) as archive:
        program.write_bytes(archive.read("verify.py"))
        key = archive.read("seal/keys.txt").decode().split()[0]
    command = [sys.executable, str(program), str(file), "--key", key, *more]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_trail_and_decisions_prove_themselves(
    house: None, pipeline: Pipeline, emil: User, case: Case, tmp_path: Path
) -> None:
    trail = made(Selection(), emil, Kind.TRAIL, "jsonl")
    found = checked(opened(trail), tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    kept = tmp_path / "kept.txt"
    kept.write_text(Checkpoint.objects.latest("id").note)
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
    vouched = Event.objects.filter(type="export.prepared").latest("id")
    assert vouched.data["manifest"] == hashlib.sha256(manifest).hexdigest()
    found = checked(content, tmp_path, "--checkpoint", str(kept))
    assert found.returncode == 0, "a checkpoint that was never published" + found.stdout
    assert OVERRIDE.explanation.encode() not in stored(export)


def test_reports_are_parquet_with_types_of_their_own(
    house: None, pipeline: Pipeline, emil: User, case: Case
) -> None:
    export = made(Selection(pipeline), emil, Kind.OVERRIDES, "parquet")
    with zipfile.ZipFile(io.BytesIO(opened(export))) as archive:
        table = pyarrow.parquet.read_table(io.BytesIO(archive.read("overrides.parquet")))
    (row,) = table.to_pylist()
    assert (row["side"], row["predicted"], row["outcome"]) == ("low side", "decline", "approve")
    assert row["decided_at"].tzinfo is not None
    assert (row["adverse"], row["explanations"][0]["text"]) == (False, "[masked]")


def test_a_case_is_its_file_to_read_and_its_events(
    house: None,
    pipeline: Pipeline,
    emil: User,
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("SMALL_LOG", 0), ("PROOF_BYTES", 1)):
        monkeypatch.setattr(vouching, name, value)  # as in a long log: a proof for each event
    export = made(Selection(pipeline, case=case.pk), emil, Kind.CASE, "pdf")
    assert (export.status, export.error) == (Status.DONE, "")
    content = opened(export)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("case.pdf").startswith(b"%PDF-")
        assert "seal/proofs.jsonl" in archive.namelist()
        lines = [json.loads(line) for line in archive.read("events.jsonl").splitlines()]
    assert {line["event"]["case"] for line in lines} == {str(case.pk)}
    assert checked(content, tmp_path).returncode == 0
    wrong = content.replace(b"case.pdf", b"case.pdx")
    assert checked(wrong, tmp_path).returncode != 0


def test_a_full_disk_leaves_no_file_and_says_so(
    house: None, pipeline: Pipeline, emil: User, case: Case
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        export = made(Selection(), emil, Kind.TRAIL, "jsonl")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (export.status, export.error) == (Status.FAILED, "The disk is full.")
    assert (export.blob, export.sealed_key, exportfiles.names()) == ("", None, [])
    assert Event.objects.filter(type="export.failed").count() == 1
    assert not Event.objects.filter(type="export.finished").exists()


def test_without_a_sealer_it_fails_in_words(
    pipeline: Pipeline, emil: User, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exportruns, "PATIENCE", 0.0)
    export = made(Selection(pipeline), emil)
    assert (export.status, export.error) == (Status.FAILED, exportruns.NO_SEALER)
    assert exportfiles.names() == []


def test_one_that_is_cancelled_half_way_leaves_nothing(
    house: None, pipeline: Pipeline, emil: User, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exportruns, "BEAT", 0.0)
    export = ask_export(Selection(pipeline), kind=Kind.DECISIONS, format="csv", by=emil)
    job = exportruns.take(export.pk)
    assert job
    job.wrote(1)
    cancel_export(export.pk, by=emil)
    with pytest.raises(exportruns.Overtaken):
        exportruns.make(job)
    job.line.close()
    export.refresh_from_db()
    assert (export.status, export.rows_made, exportfiles.names()) == (Status.CANCELLED, 1, [])
    assert not Event.objects.filter(type="export.prepared").exists()


def test_what_a_lost_worker_left_is_made_by_another(
    house: None, pipeline: Pipeline, emil: User, case: Case
) -> None:
    export = ask_export(Selection(pipeline), kind=Kind.DECISIONS, format="csv", by=emil)
    lost = exportruns.take(export.pk)
    assert lost
    assert exportruns.take(export.pk) is None
    Export.objects.filter(pk=export.pk).update(due_at=ClockTimestamp() - timedelta(seconds=1))
    make_export(export.pk)
    export.refresh_from_db()
    assert (export.status, export.attempts) == (Status.DONE, 2)
    with pytest.raises(exportruns.Overtaken):
        lost.beat()
    lost.line.close()
    Export.objects.filter(pk=export.pk).update(kept_until=ClockTimestamp())
    look_after_exports()
    export.refresh_from_db()
    assert (export.status, exportfiles.names()) == (Status.GONE, [])
