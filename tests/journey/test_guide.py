"""The commands of the API's guide work as they stand there, beside a running house."""

import re
import subprocess
import sys

from django.conf import settings

from accounts.models import ApiClient, ApiKey
from audit.models import Event
from cases.models import Case, Status, Webhook
from tests.processes import House

ROOT = settings.BASE_DIR

SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
STRICT = """
set -euo pipefail
curl() {
  case "$*" in
    */decision) command curl "$@" ;;
    *) command curl --fail-with-body "$@" ;;
  esac
}
"""
"""Each command has to succeed, but for asking after a decision that is not there yet."""


def test_every_command_of_the_guide_does_what_it_says(house: House) -> None:
    house.start_web(COUNTERSIGN_WEBHOOK_LOOPBACK="allowed")
    commands = "\n".join(SHELL_BLOCK.findall((ROOT / "docs" / "api.md").read_text()))
    assert commands.count("curl ") >= 9
    here = commands.replace("http://localhost:8000", house.url)
    here = here.replace(".venv/bin/python", sys.executable).replace("wait=10", "wait=1")
    done = subprocess.run(
        ["bash", "-c", STRICT + here], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "/problems/not-decided" in done.stdout
    case = Case.objects.get(client=ApiClient.objects.get(name="Loan portal"))
    assert (case.reference, case.status) == ("SB-2026-0417", Status.WITHDRAWN)
    assert not Webhook.objects.exists()
    told = set(Event.objects.filter(type__startswith="webhook.").values_list("type", flat=True))
    assert told == {"webhook.made", "webhook.secret_rotated", "webhook.deleted"}
    old, new = ApiKey.objects.order_by("pk")
    assert old.revoked_at is not None
    assert new.revoked_at is None
