"""Start-up checks: what is missing is said before the first case finds out."""

from typing import Any

import pytest

from config import checks


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


def test_this_house_has_what_it_needs() -> None:
    assert checks.steps_are_tasks() == []
    assert checks.database_asks_for_a_password() == []


def test_without_tesseract_it_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (message,) = checks.tesseract_is_there()
    assert message.id == "countersign.E001"
    assert "apt-get install" in str(message.hint)


@pytest.mark.parametrize("path", ["nowhere.tasks.read", "cases.tasks.nothing", "nodots"])
def test_a_step_that_is_no_task_is_an_error(settings: Any, path: str) -> None:
    settings.CASE_STEPS = {**settings.CASE_STEPS, "read": path}
    (message,) = checks.steps_are_tasks()
    assert message.id == "countersign.E002"
    assert path in message.msg


@pytest.mark.parametrize(
    ("host", "password", "expected"),
    [("db.example.org", "", ["countersign.W001"]), ("db.example.org", "x", []), ("/run", "", [])],
)
def test_a_database_across_the_network_wants_a_password(
    settings: Any, monkeypatch: pytest.MonkeyPatch, host: str, password: str, expected: list[str]
) -> None:
    changed = {**settings.DATABASES["default"], "HOST": host, "PASSWORD": password}
    monkeypatch.setitem(settings.DATABASES, "default", changed)
    assert ids(checks.database_asks_for_a_password()) == expected
