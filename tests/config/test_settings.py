"""Settings: a wrong or missing value stops the house at once, naming the variable."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

ROOT = Path(__file__).parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
PRODUCTION = {
    "COUNTERSIGN_MODE": "production",
    "COUNTERSIGN_SECRET_KEY": "k3" * 10 + "-Zq8" * 15,
    "COUNTERSIGN_MASTER_KEYS": f"2026-a:{KEY}",
    "COUNTERSIGN_HOSTS": "countersign.example.org",
    "COUNTERSIGN_ORIGIN": "countersign.example.org/trail",
    "DATABASE_URL": "postgresql://app:secret@db.example.org:5432/countersign",
    "DATABASE_OWNER_URL": "postgresql://owner:secret@db.example.org:5432/countersign",
    "REDIS_URL": "rediss://:secret@redis.example.org:6380/0",
}


def loaded(*command: str, without: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """A process that loads the settings under production's variables, changed."""
    given = {**PRODUCTION, **variables}
    given.pop(without, None)
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, *(command or ("-c", "import config.settings"))],
        cwd=ROOT,
        env=clean | given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_passes_djangos_deployment_checks_without_a_warning() -> None:
    done = loaded("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_in_production_every_process_hides_its_memory() -> None:
    get_dumpable = (
        "import ctypes, django; django.setup(); print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = loaded("-c", get_dumpable, DJANGO_SETTINGS_MODULE="config.settings")
    assert done.stdout == "0\n", done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("COUNTERSIGN_SECRET_KEY", None),
        ("COUNTERSIGN_SECRET_KEY", "demo-key"),
        ("COUNTERSIGN_MASTER_KEYS", f"demo:{KEY}"),
        ("COUNTERSIGN_HOSTS", None),
        ("COUNTERSIGN_MODE", "prod"),
        ("COUNTERSIGN_MODE", None),  # the demo's people can sign in: not beside a real database
        ("COUNTERSIGN_PROXIES", "-1"),
        ("COUNTERSIGN_PROXIES", "one"),
        ("DATABASE_URL", PRODUCTION["DATABASE_OWNER_URL"]),
        ("COUNTERSIGN_STORAGE", "ftp://files"),
        ("COUNTERSIGN_CHECKPOINTS", "ftp://files"),
        ("COUNTERSIGN_ORIGIN", None),
        ("COUNTERSIGN_ORIGIN", "our trail"),
    ],
)
def test_the_house_does_not_start_with_a_wrong_setting(variable: str, value: str | None) -> None:
    done = loaded(without=variable) if value is None else loaded(**{variable: value})
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert variable in last


@pytest.mark.parametrize("host", ["", "localhost", "127.0.0.1", "/run/postgresql"])
def test_the_demo_starts_beside_a_database_of_this_machine(host: str) -> None:
    url = "postgresql://{}@/countersign?host=" + host
    local = {"DATABASE_URL": url.format("app"), "DATABASE_OWNER_URL": url.format("owner")}
    assert loaded(COUNTERSIGN_MODE="demo", **local).returncode == 0


def test_with_nothing_configured_the_command_line_says_in_one_line_what_to_type() -> None:
    clean = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--tag", "two words"],
        cwd=ROOT, env=clean, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "python -m config.embedded run python manage.py check --tag 'two words'" in line


def test_a_mistake_in_what_is_configured_keeps_its_traceback() -> None:
    done = loaded("manage.py", "check", COUNTERSIGN_MODE="prod")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "embedded" not in done.stderr


# ---------------------------------------------------------------- each kind of variable

Read = Callable[..., Any]


def refused(monkeypatch: pytest.MonkeyPatch, read: Read, value: str | None, *rest: Any) -> None:
    if value is None:
        monkeypatch.delenv("A_VARIABLE", raising=False)
    else:
        monkeypatch.setenv("A_VARIABLE", value)
    with pytest.raises(ImproperlyConfigured, match="A_VARIABLE") as refusal:
        read("A_VARIABLE", *rest)
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("value", [None, ""])
def test_a_text_must_be_there(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    refused(monkeypatch, environment.text, value)


@pytest.mark.parametrize("value", ["", "0", "-5", "1.5", "ten", "1e3", " 7"])
def test_a_number_must_be_one(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    refused(monkeypatch, environment.number, value, 10)


def test_values_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_VARIABLE", "42")
    assert environment.number("A_VARIABLE", 1) == 42
    monkeypatch.setenv("A_VARIABLE", " a, b ,,c ")
    assert environment.words("A_VARIABLE") == ["a", "b", "c"]
    monkeypatch.delenv("A_VARIABLE")
    assert environment.number("A_VARIABLE", 1) == 1
    assert environment.number("A_VARIABLE", 0, least=0) == 0
    assert environment.text("A_VARIABLE", "x") == "x"
    assert environment.one_of("A_VARIABLE", ("x", "y"), "y") == "y"


@pytest.mark.parametrize(
    "value",
    [None, "", KEY, f":{KEY}", "a:secret", f"a:{KEY}x", "a:ü", f"a:{KEY[:20]}", f"a:{KEY},a:{KEY}",
     f"{'a' * 41}:{KEY}"],
)  # fmt: skip
def test_master_keys_have_an_id_and_32_bytes(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    refused(monkeypatch, environment.keys, value)


def test_the_first_master_key_is_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_VARIABLE", f"new:{KEY}, old:{base64.b64encode(bytes(32)).decode()}")
    found = environment.keys("A_VARIABLE")
    assert list(found) == ["new", "old"]
    assert found["new"] == bytes(range(32))


@pytest.mark.parametrize(
    "value",
    ["", "mysql://u@h/d", "postgresql://u@h", "postgresql://u@h/", "postgresql://h/d", "u@h/d",
     "postgresql://u:secret@h:port/d", "postgresql://u:se/cret@h/d", "postgresql://u:secret@[h/d"],
)  # fmt: skip
def test_a_database_has_a_user_a_place_and_a_name(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    refused(monkeypatch, environment.database, value)


def test_a_database_url_is_read_in_all_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_VARIABLE", "postgres://us%40er:p%2Fw@h:5433/d?sslmode=require")
    assert environment.database("A_VARIABLE") == {
        "ENGINE": "django.db.backends.postgresql", "NAME": "d", "USER": "us@er",
        "PASSWORD": "p/w", "HOST": "h", "PORT": "5433", "OPTIONS": {"sslmode": "require"},
    }  # fmt: skip
    monkeypatch.setenv("A_VARIABLE", "postgresql://u@/d?host=/run/postgres")
    assert environment.database("A_VARIABLE")["HOST"] == "/run/postgres"


@pytest.mark.parametrize("value", [None, "", "localhost:6379", "http://h", "unix:/s"])
def test_redis_is_an_address_or_a_socket(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    refused(monkeypatch, environment.redis, value)


def test_a_socket_is_spelled_for_redis_and_for_celery(monkeypatch: pytest.MonkeyPatch) -> None:
    for spelled in ("unix:///run/r.sock", "redis+socket:///run/r.sock"):
        monkeypatch.setenv("A_VARIABLE", spelled)
        assert environment.redis("A_VARIABLE") == (
            "unix:///run/r.sock",
            "redis+socket:///run/r.sock",
        )
    monkeypatch.setenv("A_VARIABLE", "rediss://h:1/0")
    assert environment.redis("A_VARIABLE") == ("rediss://h:1/0", "rediss://h:1/0")
