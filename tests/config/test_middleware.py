"""What every page of a signed-in person has in common."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role


@pytest.mark.django_db
def test_no_cache_keeps_what_a_signed_in_person_saw(
    client: Client, make_person: Callable[..., User]
) -> None:
    client.force_login(make_person(Role.REVIEWER))
    assert client.get("/").headers["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
def test_a_script_whose_session_has_ended_is_told_and_not_led_away(client: Client) -> None:
    page = "/cases/0198c0de-0000-7000-8000-000000000000/"
    answer = client.post(f"{page}draft/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert not answer.content
    assert "HX-Redirect" not in answer.headers


@pytest.mark.django_db
def test_a_person_whose_session_has_ended_is_redirected_as_ever(client: Client) -> None:
    answer = client.get("/cases/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/login/?next=/cases/"
