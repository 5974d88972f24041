"""The platform admin's pages: roles by their acts, facts untouched, nobody else inside."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.models import Pipeline
from reviews.models import Queue


@pytest.fixture
def admin(client: Client, loan: Pipeline) -> User:
    user = User.objects.create_superuser("root", password="correct horse battery")
    client.force_login(user)
    return user


def test_a_role_is_given_and_taken_as_an_event(
    client: Client, admin: User, make_person: Callable[..., User]
) -> None:
    person = make_person(Role.REVIEWER)
    form = {"username": person.username, "is_active": "on", "roles": ["auditor"]}
    answer = client.post(f"/admin/accounts/user/{person.pk}/change/", form)
    assert answer.status_code == 302
    assert list(person.groups.values_list("name", flat=True)) == ["auditor"]
    events = Event.objects.filter(type__startswith="account.role", data__user=person.pk)
    assert [(event.type, event.data["role"]) for event in events] == [
        ("account.role_given", "auditor"),
        ("account.role_taken", "reviewer"),
    ]
    assert {event.actor_id for event in events} == {str(admin.pk)}


def test_a_queue_can_be_renamed_and_that_is_an_event(client: Client, admin: User) -> None:
    queue = Queue.objects.get(slug="loan-review")
    client.post(f"/admin/reviews/queue/{queue.pk}/change/", {"name": "Borderline loans"})
    queue.refresh_from_db()
    assert queue.name == "Borderline loans"
    assert Event.objects.filter(type="configuration.queue_changed").exists()


@pytest.mark.parametrize(
    "model", ["cases/pipeline", "cases/pipelineversion", "reviews/policyversion"]
)
def test_facts_are_only_looked_at(client: Client, admin: User, model: str) -> None:
    assert client.get(f"/admin/{model}/").status_code == 200
    assert client.get(f"/admin/{model}/add/").status_code == 403


def test_nobody_else_enters(
    client: Client, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    client.force_login(make_person(Role.PIPELINE_ADMIN))
    assert client.get("/admin/", follow=True).status_code == 403
    client.logout()
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/account/login/")
