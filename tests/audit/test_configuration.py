"""Changes of configuration: each is an event, in its own transaction, by whoever made it."""

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.models import ApiClient, ApiKey, User
from accounts.roles import Role
from audit.acting import acting, middleware
from audit.events import OutsideTransaction
from audit.models import Event
from cases.models import Pipeline, PipelineVersion, Webhook
from inference.models import Model, ModelVersion
from reviews.models import PolicyVersion, Queue

Person = Callable[..., User]


def events_of(kind: str) -> list[Event]:
    return list(Event.objects.filter(type__startswith=f"configuration.{kind}_"))


def test_every_configuration_model_is_watched() -> None:
    watched = set(auditlog.get_models()) - {LogEntry}
    assert watched == {
        User, ApiClient, ApiKey, Pipeline, PipelineVersion, Webhook, Model, ModelVersion, Queue,
        PolicyVersion,
    }  # fmt: skip


def test_making_changing_and_deleting_are_events(
    db: None, make_upstream: Callable[..., Any]
) -> None:
    hook = Webhook.objects.create(client=make_upstream().client, url="https://one.example/")
    hook.url = "https://two.example/"
    hook.save()
    hook.save()  # nothing changed, nothing happened
    number = str(hook.pk)
    hook.delete()
    made, changed, deleted = events_of("webhook")[-3:]
    assert [each.type.rpartition("_")[2] for each in (made, changed, deleted)] == [
        "created", "changed", "deleted",
    ]  # fmt: skip
    assert changed.data == {
        "id": number,
        "changes": {"url": ["https://one.example/", "https://two.example/"]},
    }
    assert {each.actor_id for each in (made, changed, deleted)} == {"configuration"}


def test_the_actor_is_who_sent_the_request(loan: Pipeline, make_person: Person) -> None:
    admin, other = make_person(Role.PIPELINE_ADMIN), make_person()

    def view(request: HttpRequest) -> HttpResponse:
        loan.name = f"Renamed by {request.user.pk}"
        loan.save()
        return HttpResponse()

    for person in (admin, other):
        request = RequestFactory().post("/")
        request.user = person
        middleware(view)(request)
    assert [each.actor_id for each in events_of("pipeline")[-2:]] == [str(admin.pk), str(other.pk)]
    loan.name = "Renamed by nobody"
    loan.save()
    last = events_of("pipeline")[-1]
    assert (last.actor_kind, last.actor_id) == ("system", "configuration")


def test_a_worker_can_say_for_whom_it_acts(loan: Pipeline, make_person: Person) -> None:
    person = make_person()
    with acting(person.actor):
        loan.name = "Renamed"
        loan.save()
    assert events_of("pipeline")[-1].actor_id == str(person.pk)


def test_no_event_holds_a_name_a_password_or_a_digest(db: None, make_person: Person) -> None:
    person = make_person(username="wilhelmina", first_name="Wilhelmina", email="w@example.org")
    person.username, person.is_staff = "mina", True
    person.save()
    made, changed = events_of("user")[-2:]
    assert changed.data["changes"] == {"is_staff": ["False", "True"]}
    assert set(made.data["changes"]) == {"is_active", "is_superuser", "is_staff"}
    watched = {
        model: auditlog.get_model_fields(model)["exclude_fields"] for model in auditlog.get_models()
    }
    assert "digest" in watched[ApiKey]
    assert "sealed_secrets" in watched[Webhook]


def test_no_column_of_a_note_names_a_person(db: None, make_person: Person) -> None:
    admin = make_person(username="wilhelmina", first_name="Wilma", email="wq@example.org")
    with acting(admin.actor):
        person = make_person(username="theodor", last_name="Quandt", email="tq@example.org")
        person.username, person.email, person.is_active = "theo", "theo@example.org", False
        person.set_password("something else")
        person.save()
    noted = [row for row in LogEntry.objects.values() if row["object_pk"] == str(person.pk)]
    assert {row["actor_id"] for row in noted} == {admin.pk}
    assert {row["object_repr"] for row in noted} == {f"user {person.pk}"}
    told = repr(noted) + repr(list(Event.objects.values()))
    for name in ("wilhelmina", "Wilma", "theo", "Quandt", "example.org", person.password):
        assert name not in told


def test_a_change_outside_of_a_transaction_says_so(own_database: str) -> None:
    loan = Pipeline.objects.get(slug="loan")
    before = Event.objects.count()
    with pytest.raises(OutsideTransaction):
        Queue.objects.create(pipeline=loan, slug="extra", name="Extra")
    assert Event.objects.count() == before


def test_djangos_own_commands_record_what_they_do(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")
    call_command(
        "createsuperuser", "--no-input", username="root", email="root@example.org", verbosity=0
    )
    root = User.objects.get(username="root")
    (made,) = events_of("user")
    assert made.data["id"] == str(root.pk)
    assert made.data["changes"]["is_superuser"] == ["None", "True"]
