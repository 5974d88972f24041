"""The platform admin's pages: roles by their acts, facts untouched, nobody else inside."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin as admin_pages
from django.test import Client

from accounts.keys import recognise
from accounts.models import User
from accounts.roles import Role, give_role, take_role
from audit.models import Event
from cases.models import Case, Pipeline
from config.permissions import PERMISSIONS, permit_roles
from reviews.models import Queue
from reviews.rights import rights_of
from tests.casefiles import quarantined_case, received_case
from tests.conftest import TESTER, Upstream


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


def test_emergency_access_is_granted_as_an_event(
    client: Client, admin: User, make_person: Callable[..., User], loan: Pipeline
) -> None:
    person = make_person()
    page = f"/admin/cases/pipeline/{loan.pk}/change/"
    assert person.username in client.get(page).content.decode()
    client.post(page, {"break_glass": [f"user:{person.pk}"]})
    assert rights_of(person).may_pipeline("break_glass", loan.pk)
    event = Event.objects.get(type="account.right_granted", data__to=f"user:{person.pk}")
    assert (event.data["right"], event.actor_id) == ("break_glass", str(admin.pk))
    client.post(page, {})
    assert not rights_of(person).pipelines


@pytest.mark.parametrize(
    "model", ["cases/pipeline", "cases/pipelineversion", "reviews/policyversion"]
)
def test_facts_are_only_looked_at(client: Client, admin: User, model: str) -> None:
    assert client.get(f"/admin/{model}/").status_code == 200
    assert client.get(f"/admin/{model}/add/").status_code == 403


def test_nobody_else_enters(
    client: Client, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    person = make_person()
    for role in (Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AUDITOR):
        give_role(role, to=person, by=TESTER)
    client.force_login(person)
    assert "/admin/" not in client.get("/").content.decode()
    assert client.get("/admin/", follow=True).status_code == 403
    client.logout()
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/account/login/")


def inside(client: Client, role: Role, make_person: Callable[..., User]) -> User:
    """Somebody with a role, signed in."""
    person = make_person()
    give_role(role, to=person, by=TESTER)
    client.force_login(person)
    return person


def test_a_platform_admin_works_through_the_role_alone(
    client: Client, loan: Pipeline, make_person: Callable[..., User], admin: User
) -> None:
    platform = inside(client, Role.PLATFORM_ADMIN, make_person)
    assert not platform.is_superuser
    assert 'href="/admin/"' in client.get("/").content.decode()
    new = {"username": "nora", "password1": "a horse of battery", "password2": "a horse of battery"}
    assert (
        client.post("/admin/accounts/user/add/", new | {"usable_password": "true"}).status_code
        == 302
    )
    nora = User.objects.get(username="nora")
    form = {"username": "nora", "is_active": "on", "email": "n@example.org", "roles": ["operator"]}
    assert client.post(f"/admin/accounts/user/{nora.pk}/change/", form).status_code == 302
    assert User.objects.filter(pk=nora.pk, is_staff=True).exists()
    form |= {"roles": []}
    client.post(f"/admin/accounts/user/{nora.pk}/change/", form)
    assert User.objects.filter(pk=nora.pk, is_staff=False).exists()
    words = {"password1": "other horse battery", "password2": "other horse battery"}
    page = f"/admin/accounts/user/{nora.pk}/password/"
    assert client.post(page, words | {"usable_password": "true"}).status_code == 302
    about = Event.objects.filter(type__in=["account.password_changed", "account.details_changed"])
    assert [
        (event.type.partition(".")[2], event.actor_id, event.data["user"]) for event in about
    ] == [
        ("details_changed", str(platform.pk), nora.pk),
        ("password_changed", str(platform.pk), nora.pk),
    ]
    root = f"/admin/accounts/user/{admin.pk}/"
    assert client.post(f"{root}change/", {"username": "mine"}).status_code == 403
    assert client.post(f"{root}password/", words).status_code == 403


def test_a_lost_second_factor_is_removed_by_the_platform_admin(
    client: Client, make_person: Callable[..., User], admin: User
) -> None:
    platform, person = inside(client, Role.PLATFORM_ADMIN, make_person), make_person()
    for owner in (person, admin):
        TOTP.activate(owner, "a secret")
    chosen = {"_selected_action": [person.pk, admin.pk], "action": "remove_second_factor"}
    assert client.post("/admin/accounts/user/", chosen).status_code == 302
    assert [factor.user for factor in Authenticator.objects.all()] == [admin]
    (event,) = Event.objects.filter(type="account.second_factor_removed")
    assert (event.actor_id, event.data) == (
        str(platform.pk),
        {"user": person.pk, "kind": "totp"},
    )


def test_keys_are_made_and_ended_by_the_platform_admin(
    client: Client,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Upstream],
    db: None,
) -> None:
    platform, upstream = inside(client, Role.PLATFORM_ADMIN, make_person), make_upstream()
    chosen = {"_selected_action": [upstream.client.pk]}
    page = client.post("/admin/accounts/apiclient/", chosen | {"action": "new_key"})
    key = page.content.decode().partition("<code>")[2].partition("</code>")[0]
    found = recognise(key)
    assert found is not None
    assert found.client == upstream.client
    assert "no-store" in page["Cache-Control"]
    client.post("/admin/accounts/apiclient/", chosen | {"action": "revoke_keys"})
    assert recognise(key) is recognise(upstream.key) is None
    events = Event.objects.filter(type__startswith="client.key", actor_id=str(platform.pk))
    assert {event.type for event in events} == {
        "client.keys_rotated", "client.key_made", "client.key_revoked",
    }  # fmt: skip


def test_a_pipeline_admin_opens_queues_of_their_own_pipelines(
    client: Client, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    dora, person = inside(client, Role.PIPELINE_ADMIN, make_person), make_person()
    queue = Queue.objects.get(slug="loan-review")
    other = Pipeline.objects.create(slug="other", name="Other")
    closed = Queue.objects.create(pipeline=other, slug="closed", name="Closed")
    page = f"/admin/reviews/queue/{queue.pk}/change/"
    held = client.get(page).context["adminform"].form.initial
    form = {"name": "Loans", **{right: held[right] for right in ("second_review", "supervise")}}
    form["review"] = [*held["review"], f"user:{person.pk}"]
    assert client.post(page, form).status_code == 302
    assert rights_of(person).may("review", queue.pk)
    (event,) = Event.objects.filter(type="account.right_granted", data__to=f"user:{person.pk}")
    assert event.actor_id == str(dora.pk)
    assert client.post(page, form | {"review": held["review"]}).status_code == 302
    assert not rights_of(person).may("review", queue.pk)
    for to in (f"user:{dora.pk}", "user:0", "group:0"):
        assert client.post(page, form | {"review": [to]}).status_code == 200, to
    assert not rights_of(dora).queues
    elsewhere = f"/admin/reviews/queue/{closed.pk}/change/"
    assert client.get(elsewhere).status_code == 200
    assert client.post(elsewhere, form).status_code == 403
    assert client.get("/admin/accounts/user/").status_code == 403


def test_an_operator_sees_what_failed_and_nothing_of_whom(
    client: Client,
    loan: Pipeline,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Upstream],
) -> None:
    inside(client, Role.OPERATOR, make_person)
    upstream = make_upstream().client
    failed, fine = quarantined_case(loan, upstream), received_case(loan, upstream)
    Case.objects.update(reference="Quandt")
    listed = client.get("/admin/cases/case/").content.decode()
    shown = client.get(f"/admin/cases/case/{failed.pk}/change/").content.decode()
    assert str(failed.pk) in listed
    assert str(fine.pk) not in listed
    assert "Quandt" not in listed + shown
    assert client.post(f"/admin/cases/case/{failed.pk}/change/", {}).status_code == 403
    assert client.get("/admin/reviews/queue/").status_code == 403


def test_secrets_and_counts_of_signing_in_have_no_page() -> None:
    shown = {model._meta.label for model in admin_pages.site._registry}
    assert shown == {
        "accounts.User", "accounts.ApiClient", "auditlog.LogEntry", "cases.Case",
        "cases.Pipeline", "cases.PipelineVersion", "reviews.Queue", "reviews.PolicyVersion",
    }  # fmt: skip


def test_a_superuser_keeps_the_admin_whatever_their_roles(db: None) -> None:
    root = User.objects.create_superuser("root")
    give_role(Role.OPERATOR, to=root, by=TESTER)
    take_role(Role.OPERATOR, away_from=root, by=TESTER)
    root.refresh_from_db()
    assert root.is_staff


def test_roles_are_permitted_once_and_that_is_an_event(db: None) -> None:
    before = Event.objects.filter(type="account.role_permitted").count()
    assert before == len(PERMISSIONS)
    permit_roles(by=TESTER)
    assert Event.objects.filter(type="account.role_permitted").count() == before
