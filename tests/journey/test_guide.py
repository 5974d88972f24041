"""The commands of the API's guide work as they stand there, beside a running house."""

import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from accounts.models import ApiClient, ApiKey
from audit.models import Event
from cases.models import Case, Status, Webhook
from reviews.models import Queue
from tests.processes import House
from tests.seals import seal_all

ROOT = settings.BASE_DIR

SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
STRICT = """
set -euo pipefail
curl() {
  case "$*" in
    */decision | */reply | */receipt | */notice | */notice/sent | */contest) command curl "$@" ;;
    *) command curl --fail-with-body "$@" ;;
  esac
}
"""
"""Each command has to succeed, but for asking after what is not there yet."""

WRITTEN = ("notice.pdf", "saved.txt", "newest.txt", "proof.json")
"""What the commands write: the project's directory is not the place for it here."""


def commands_of(page: str, url: str) -> str:
    """The commands of a page of the documents, for this house."""
    commands = "\n".join(SHELL_BLOCK.findall((ROOT / "docs" / page).read_text()))
    here = commands.replace("http://localhost:8000", url)
    return here.replace(".venv/bin/python", sys.executable).replace("wait=10", "wait=1")


def typed(commands: str) -> str:
    """What the commands print, typed one after the other in the project's directory."""
    done = subprocess.run(
        ["bash", "-c", STRICT + commands], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_every_command_of_the_guide_does_what_it_says(house: House, tmp_path: Path) -> None:
    house.start_web(COUNTERSIGN_WEBHOOK_LOOPBACK="allowed")
    seal_all(settings.SEAL_KEYS)
    commands = commands_of("api.md", house.url)
    for name in WRITTEN:
        commands = commands.replace(name, str(tmp_path / name))
    assert commands.count("curl ") >= 9
    assert "/problems/not-decided" in typed(commands)
    case = Case.objects.get(client=ApiClient.objects.get(name="Loan portal"))
    assert (case.reference, case.status) == ("SB-2026-0417", Status.WITHDRAWN)
    assert not Webhook.objects.exists()
    told = set(Event.objects.filter(type__startswith="webhook.").values_list("type", flat=True))
    assert told == {"webhook.made", "webhook.secret_rotated", "webhook.deleted"}
    old, new = ApiKey.objects.filter(client__name="Loan portal").order_by("pk")
    assert old.revoked_at is not None
    assert new.revoked_at is None


def test_every_command_of_the_walk_through_does_what_it_says(house: House, tmp_path: Path) -> None:
    house.start_web()
    commands = commands_of("first-pipeline.md", house.url)
    said = typed(commands.replace("my-pipelines", str(tmp_path)))
    line = (tmp_path / "slip.toml").read_text().split("amuont")[0].count("\n") + 1
    told = f"slip.toml:{line}: fields.1.declared: the schema has nothing at '/request/amuont'"
    assert told in said
    assert told in (ROOT / "docs" / "first-pipeline.md").read_text()
    case = Case.objects.get(reference="P-2026-0001")
    assert (case.pipeline.slug, case.status) == ("parking-permit", Status.RECEIVED)
    assert Queue.objects.filter(pipeline=case.pipeline).count() == 3
    assert "/problems/not-decided" in said
