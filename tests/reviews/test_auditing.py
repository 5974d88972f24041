"""docs/auditing.md does what it says: its commands are run as they stand there."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from cases.models import Decision, Pipeline
from reviews.models import Export
from reviews.trail import exportfiles
from reviews.trail.exportjobs import ask_export
from reviews.trail.exportruns import make_export
from reviews.trail.receipts import receipt_of
from reviews.trail.selecting import Selection
from tests.audit.outside import Authority
from tests.casefiles import decided_case
from tests.conftest import Upstream
from tests.reviews.sealers import sealing
from tests.seals import seal_all

PAGE = settings.BASE_DIR / "docs" / "auditing.md"


@pytest.fixture
def desk(
    own_database: str, make_person: Callable[..., User], make_upstream: Callable[[], Upstream],
    client: Client, tmp_path: Path,
) -> Path:  # fmt: skip
    """What the auditor has fetched: keys, checkpoints, a trail, a receipt, a proof and a timestamp."""
    emil, upstream = make_person(Role.AUDITOR), make_upstream()
    client.force_login(emil)
    pipeline = Pipeline.objects.get(slug="loan")
    case = decided_case(pipeline, upstream.client)
    old = seal_all()
    decided_case(pipeline, upstream.client)
    with sealing():
        export = ask_export(Selection(), kind=Export.Kind.TRAIL, format="jsonl", by=emil)
        make_export(export.pk)
    export.refresh_from_db()
    new = seal_all()
    pages = {
        f"checkpoint-{old.size:012}.txt": reverse("trail_checkpoint", args=[old.pk]),
        "old.txt": reverse("trail_checkpoint", args=[old.pk]),
        "new.txt": reverse("trail_checkpoint", args=[new.pk]),
        "checkpoint.txt": reverse("trail_checkpoint", args=[new.pk]),
        "proof.json": reverse("trail_proof", args=[new.pk, old.size]),
        "keys.txt": reverse("trail_keys"),
    }
    files = {name: client.get(address).content for name, address in pages.items()}
    files["trail.zip"] = b"".join(exportfiles.opened(export))
    files["receipt.json"] = json.dumps(receipt_of(Decision.objects.get(case=case))).encode()
    folder = tmp_path / "desk"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    stamp(folder, tmp_path / "authority")
    return folder


def stamp(folder: Path, place: Path) -> None:
    """An authority's timestamp of the checkpoint."""
    authority = Authority(place)
    question = ["-data", "checkpoint.txt", "-sha256", "-cert", "-out", str(place / "asked")]
    subprocess.run(["openssl", "ts", "-query", *question], cwd=folder, check=True)
    headers = {"content-type": "application/timestamp-query"}
    _, answer = authority.reply(headers, (place / "asked").read_bytes())
    (folder / "checkpoint.tsr").write_bytes(answer)
    (folder / "roots.pem").write_bytes((place / "root.pem").read_bytes())


def test_the_page_works_as_written(desk: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 6
    program = Path(sys.executable).parent
    (program_of_desk := desk.parent / "bin").mkdir()
    (program_of_desk / "python3").symlink_to(program / "python")
    path = f"{program_of_desk}:{program}:{os.environ['PATH']}"
    said = [run(block, desk, path) for block in blocks]
    assert "VERDICT: all that was checked holds." in said[1]
    assert "The log still begins with exactly the" in said[1]
    assert "without a gap" in said[1]
    assert "It was refused, as it should be." in said[2]
    assert "The event at position" in said[2]
    assert "The log still begins with exactly the" in said[3]
    assert "RECEIPT OF A DECISION" in said[4]
    assert "Verification: OK" in said[5]


def run(block: str, folder: Path, path: str) -> str:
    """What a block of commands says; it must end well, each of its commands."""
    environment: dict[str, Any] = {**os.environ, "PATH": path}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr
