"""The control that stops: on the lab's pages and the board, in two steps, and said wherever it matters."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.models import Pipeline
from reviews.models import Stop

FORM = {"scope": "pipeline:loan", "reason": "The bureau is down"}
SAID = "Automatic decisions of Small-business loan are stopped since"


@pytest.fixture
def admin(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN, first_name="Dóra", last_name="Szentgyörgyi")


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_it_is_stopped_in_two_steps_and_said_to_all_who_work_there(
    client: Client, admin: User, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    senior, operator = make_person(Role.SENIOR_REVIEWER), make_person(Role.OPERATOR)
    client.force_login(admin)
    assert 'action="/lab/stops/stop/"' in text(client, "/lab/loan/")
    asked = client.post("/lab/stops/stop/", FORM)
    assert "Stop automatic decisions of Small-business loan?" in asked.content.decode()
    assert not Stop.objects.exists()
    client.post("/lab/stops/stop/", {**FORM, "confirmed": "yes"})
    assert Stop.objects.get().stopped_by == admin
    for page in ("/", "/lab/", "/lab/loan/", "/lab/stops/"):
        assert SAID in text(client, page)
        assert "Dóra Szentgyörgyi" in text(client, page)
    client.force_login(senior)
    for page in ("/", "/board/", "/board/now/"):
        assert SAID in text(client, page)
        assert "/lab/stops/" not in text(client, page)
    client.force_login(operator)
    assert SAID in text(client, "/lab/stops/")


def test_a_supervisor_who_configures_finds_it_on_the_board(
    client: Client, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    both = make_person(Role.SENIOR_REVIEWER, Role.PIPELINE_ADMIN)
    client.force_login(both)
    assert 'value="pipeline:loan"' in text(client, "/board/")


def test_who_may_not_is_told_of_nothing(
    client: Client, loan: Pipeline, admin: User, make_person: Callable[..., User]
) -> None:
    stop = Stop.objects.create(pipeline=loan, reason="Why", stopped_by=admin)
    client.force_login(make_person(Role.REVIEWER))
    assert client.get("/lab/stops/").status_code == 404
    sent = {"scope": "house", "reason": "Mine", "confirmed": "yes"}
    assert client.post("/lab/stops/stop/", sent).status_code == 404
    assert client.post(f"/lab/stops/{stop.pk}/lift/", {"reason": "Mine"}).status_code == 404
    client.force_login(make_person(Role.AUDITOR))
    page = text(client, "/lab/stops/")
    assert SAID in page
    assert "<textarea" not in page
    assert Stop.objects.filter(lifted_at=None).count() == 1


def test_it_is_lifted_with_a_reason_and_stays_on_record(
    client: Client, loan: Pipeline, admin: User
) -> None:
    stop = Stop.objects.create(pipeline=loan, reason="Why", stopped_by=admin)
    client.force_login(admin)
    address = f"/lab/stops/{stop.pk}/lift/"
    assert client.post(address, {"reason": " "}).status_code == 422
    answer = client.post(address, {"reason": "It is up again"}, follow=True)
    page = answer.content.decode()
    assert "The stop is lifted" in page
    assert "It is up again" in page
    assert client.post(address, {"reason": "Again"}, follow=True).status_code == 200
    assert client.post("/lab/stops/stop/", {**FORM, "scope": "pipeline:none"}).status_code == 404


def test_an_operator_stops_from_the_command_line(
    loan: Pipeline, make_person: Callable[..., User]
) -> None:
    operator, other = make_person(Role.OPERATOR), make_person(Role.PIPELINE_ADMIN)
    reviewer = make_person(Role.REVIEWER)

    def automation(*args: str) -> str:
        out = StringIO()
        call_command("automation", *args, stdout=out)
        return out.getvalue()

    said: list[Any] = ["--by", operator.username, "--reason", "Disk full"]
    assert "house" in automation("stop", *said)
    with pytest.raises(CommandError, match="already"):
        automation("stop", *said)
    assert "Disk full" in automation("show")
    with pytest.raises(CommandError, match="somebody else"):
        automation("resume", "house", *said)
    automation("resume", "house", "--by", other.username, "--reason", "Space again")
    assert "Nothing is stopped" in automation("show")
    automation("stop", "pipeline:loan", *said)
    with pytest.raises(CommandError, match="may not"):
        automation("resume", "pipeline:loan", "--by", reviewer.username, "--reason", "No")
    with pytest.raises(CommandError, match="no model:x"):
        automation("stop", "model:x", *said)
