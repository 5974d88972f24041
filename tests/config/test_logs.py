"""Logs: one JSON line each, with ids and types, never with anybody's data."""

import io
import json
import logging
import logging.config
import os
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from celery import shared_task

from config import logs

SECRET = "Wilhelmina Ößterreicher, DE89370400440532013000"


@pytest.fixture
def lines() -> Iterator[Any]:
    """What is written to the log from now on, line by line as JSON."""
    written = io.StringIO()
    configuration = logs.configuration(level="DEBUG")
    configuration["handlers"]["console"]["stream"] = written
    kept = {name: logging.getLogger(name) for name in (None, "celery", "django")}
    before = {
        name: (list(each.handlers), each.level, each.propagate) for name, each in kept.items()
    }
    logging.config.dictConfig(configuration)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    for name, (handlers, level, propagate) in before.items():
        kept[name].handlers[:] = handlers
        kept[name].setLevel(level)
        kept[name].propagate = propagate


def fail() -> None:
    try:
        os.environ[SECRET]
    except KeyError as error:
        raise ValueError(f"can't read {SECRET}") from error


def test_our_own_lines_carry_event_level_time_and_ids(lines: Any) -> None:
    structlog.get_logger("countersign.test").info("case_read", case="018f", pages=3)
    (line,) = lines()
    assert {key: line[key] for key in ("event", "case", "pages", "level", "logger")} == {
        "event": "case_read", "case": "018f", "pages": 3, "level": "info",
        "logger": "countersign.test",
    }  # fmt: skip
    assert line["timestamp"].endswith("Z")


def test_an_exception_is_told_by_type_and_place_alone(lines: Any) -> None:
    try:
        fail()
    except ValueError as error:
        structlog.get_logger("countersign.test").error("step_failed", exc_info=error)
        structlog.get_logger("countersign.test").exception("step_failed")
        logging.getLogger("django.request").error("Internal: %s", "/x", exc_info=True)
        logging.getLogger("some.library").exception("Task %s failed: %r", "read", error)
    told = lines()
    assert len(told) == 4
    for line in told:
        assert line["error"] == "ValueError"
        assert line["at"][-1].startswith("test_logs.py:")
        assert line["at"][-1].endswith("in fail")
        assert not any(part in json.dumps(line, ensure_ascii=False) for part in SECRET.split(", "))


def test_a_librarys_ordinary_lines_are_kept_whole(lines: Any) -> None:
    logging.getLogger("some.library").warning("%s pages", 3)
    assert lines()[0]["event"] == "3 pages"


@shared_task
def failing_task() -> None:
    """A task that fails as no step may."""
    fail()


def test_a_task_that_fails_tells_no_value(lines: Any) -> None:
    from celery.app.trace import build_tracer  # noqa: PLC0415  # part of what is tested

    tracer = build_tracer(failing_task.name, failing_task, app=failing_task.app)
    tracer("some-id", [], {}, {"id": "some-id"})
    told = json.dumps(lines(), ensure_ascii=False)
    assert "ValueError" in told
    assert not any(part in told for part in SECRET.split(", "))
