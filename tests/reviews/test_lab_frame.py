"""The lab's frame: who may see it, and what it says of a pipeline on every page."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from cases.models import Pipeline
from inference.models import ModelVersion
from reviews.models import GateCheck, Stop

pytestmark = pytest.mark.django_db
OVERVIEW = "/lab/loan/"


@pytest.fixture
def admin(client: Client, make_person: Callable[..., User]) -> User:
    """A pipeline admin, signed in."""
    person = make_person(Role.PIPELINE_ADMIN, first_name="Dóra")
    client.force_login(person)
    return person


@pytest.mark.parametrize("address", ["/lab/", OVERVIEW])
def test_reviewers_find_no_lab(
    client: Client, make_person: Callable[..., User], loan: Pipeline, address: str
) -> None:
    client.force_login(make_person(Role.REVIEWER, Role.SENIOR_REVIEWER))
    assert client.get(address).status_code == 404
    assert 'href="/lab/"' not in client.get("/").content.decode()


@pytest.mark.parametrize("address", ["/lab/", OVERVIEW])
def test_an_auditor_reads_it(
    client: Client, make_person: Callable[..., User], loan: Pipeline, address: str
) -> None:
    client.force_login(make_person(Role.AUDITOR))
    answer = client.get(address)
    assert answer.status_code == 200
    assert "Small-business loan" in answer.content.decode()
    assert 'href="/lab/"' in client.get("/").content.decode()


def test_only_tabs_that_there_are_are_shown(client: Client, admin: User, loan: Pipeline) -> None:
    page = client.get(OVERVIEW).content.decode()
    assert f'<a href="{reverse("lab_pipeline", args=["loan"])}" aria-current="page">' in page


def test_a_stop_and_a_closed_gate_are_said_on_each_page(
    client: Client, admin: User, loan: Pipeline
) -> None:
    assert "lab-banner" not in client.get(OVERVIEW).content.decode()
    Stop.objects.create(pipeline=loan, reason="A wrong batch", stopped_by=admin)
    scores = ModelVersion.objects.get(model__name="german-credit-scorecard", number=1)
    GateCheck.objects.create(pipeline=loan, model_version=scores, days=90, labels=3)
    page = client.get(OVERVIEW).content.decode()
    assert "Automatic decisions of Small-business loan are stopped since" in page
    assert "A wrong batch" in page
    assert "The gate is closed: 3 of the 149 labels given unseen that it takes" in page
