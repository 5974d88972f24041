"""What `deploy/` offers an installation agrees with the project and with itself."""

import base64
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMMANDS = {
    "web": "gunicorn --config python:config.gunicorn config.wsgi",
    "worker": "celery --app config worker",
    "beat": "celery --app config beat",
    "sealer": "python manage.py sealer",
}


def example() -> dict[str, str]:
    """The example's variables, with the two that it leaves to the installation."""
    lines = (DEPLOY / "environment.example").read_text().splitlines()
    found = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    master = base64.b64encode(secrets.token_bytes(32)).decode()
    return found | {
        "COUNTERSIGN_SECRET_KEY": secrets.token_urlsafe(48),
        "COUNTERSIGN_MASTER_KEYS": f"2026a:{master}",
    }


def manage(*command: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_is_a_whole_and_safe_production() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", env=example())
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    "missing",
    [
        "COUNTERSIGN_HOSTS",
        "COUNTERSIGN_SECRET_KEY",
        "COUNTERSIGN_MASTER_KEYS",
        "DATABASE_URL",
        "REDIS_URL",
    ],
)
def test_each_missing_value_is_named(missing: str) -> None:
    variables = example()
    del variables[missing]
    done = manage("check", env=variables)
    assert done.returncode != 0
    assert f"{missing} is not set" in done.stderr


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("COUNTERSIGN_MODE", "prod"),
        ("COUNTERSIGN_SECRET_KEY", "demo-key"),
        ("COUNTERSIGN_MASTER_KEYS", "a:c2hvcnQ="),
        ("DATABASE_URL", "mysql://a@b/c"),
        ("REDIS_URL", "memcached://b"),
        ("COUNTERSIGN_STORAGE", "ftp://b/c"),
    ],
)
def test_each_wrong_value_is_named(name: str, wrong: str) -> None:
    done = manage("check", env=example() | {name: wrong})
    assert done.returncode != 0
    assert f"ImproperlyConfigured: {name}" in done.stderr


def test_procfile_units_and_containers_start_the_same_processes() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    image = (DEPLOY / "Dockerfile").read_text().replace('", "', " ").replace('"', "")
    procfile = dict(
        line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line
    )
    assert procfile.keys() == COMMANDS.keys()
    for name, command in COMMANDS.items():
        assert command in procfile[name]
        assert f"/{command}" in (DEPLOY / f"systemd/countersign-{name}.service").read_text()
        assert command in " ".join(services[name].get("command", [image]))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    units = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", units)
    for unit in units.glob("*.service"):
        unit.write_text(unit.read_text().replace("/opt/countersign/.venv/bin/", "/usr/bin/env "))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(unit) for unit in units.iterdir() if unit.is_file())],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
