"""The pages for when something is wrong: each says what happened and where to go."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.models import Pipeline


@pytest.fixture
def reviewer(loan: Pipeline, make_person: Callable[..., User]) -> Client:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(make_person(Role.REVIEWER))
    return client


def failing(error: Exception) -> Callable[..., Any]:
    def refuse(*_: Any) -> Any:
        raise error

    return refuse


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere/", 404, "There is nothing here"),
        ("/board/", 403, "You may not open this"),
    ],
)
def test_what_is_missing_or_forbidden_is_said(
    reviewer: Client, path: str, status: int, words: str
) -> None:
    answer = reviewer.get(path)
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_form_out_of_date_is_said(reviewer: Client) -> None:
    answer = reviewer.post("/start/")
    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("gone"), 503, "Closed for a moment"),
        (RuntimeError("secret"), 500, "Something broke on our side"),
    ],
)
def test_a_failure_tells_nothing_of_itself(
    reviewer: Client, error: Exception, status: int, words: str
) -> None:
    with connection.execute_wrapper(failing(error)):
        answer = reviewer.get("/account/login/")
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert str(error) not in answer.content.decode()
