"""The sweep and the broker: rung again for what nobody took, but not into a full house."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app
from django.conf import settings as django_settings

from cases import lifecycle, tasks
from cases.models import Pipeline, Status
from tests.casefiles import due_now, received_case
from tests.conftest import Upstream


@pytest.fixture
def broker(own_database: str) -> Iterator[None]:
    """An empty broker: nobody else rings it meanwhile."""
    with current_app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.queue_purge(current_app.conf.task_default_queue)
        yield
        channel.queue_purge(current_app.conf.task_default_queue)


def test_an_empty_broker_is_rung_again(broker: None, make_upstream: Callable[[], Upstream]) -> None:
    pipeline = Pipeline.objects.select_related("current").get(slug="loan")
    case = received_case(pipeline, make_upstream().client)
    before = lifecycle.unheard()
    due_now(case)
    tasks.sweep()
    assert lifecycle.unheard() == before + 1


def test_a_broker_that_is_full_is_left_alone(
    broker: None, make_upstream: Callable[[], Upstream], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline.objects.select_related("current").get(slug="loan")
    case = received_case(pipeline, make_upstream().client)
    monkeypatch.setattr(tasks, "MOST_RINGS", 1)
    due_now(case)
    before = lifecycle.unheard()
    tasks.sweep()
    assert lifecycle.unheard() == before == 1


def test_a_read_case_overtakes_one_that_is_not(broker: None) -> None:
    steps = {Status.RECEIVED: "first", Status.READ: "second"}
    for status, name in steps.items():
        lifecycle.ring(name, status)  # type: ignore[arg-type]  # any id will do
    with current_app.connection_for_write() as connection:
        queue = connection.SimpleQueue(current_app.conf.task_default_queue)
        heard = [queue.get(timeout=5).headers["task"] for _ in steps]
    assert heard == [django_settings.CASE_STEPS["read"], django_settings.CASE_STEPS["received"]]
