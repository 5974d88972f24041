"""People and their roles: who somebody is to an act, and what a group lets them do."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.utils import IntegrityError
from django.test import RequestFactory

from accounts.adapter import ClosedHouse
from accounts.models import User
from accounts.roles import Role, give_role, grant, has_role, take_role, withdraw
from audit.models import Event
from cases.models import Pipeline
from tests.casefiles import TESTER

Person = Callable[..., User]


def last(type: str) -> Event:
    return Event.objects.filter(type=type).latest("id")


def test_every_role_is_a_group(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {role.value for role in Role}


def test_a_person_acts_by_number_and_is_shown_by_name(db: None, make_person: Person) -> None:
    person = make_person(username="mina", first_name="Wilhelmina", last_name="Quandt")
    assert (person.actor.kind, person.actor.id) == ("user", str(person.pk))
    assert person.shown_name == "Wilhelmina Quandt"
    assert make_person(username="plain").shown_name == "plain"


def test_a_role_is_given_and_taken_as_events(db: None, make_person: Person) -> None:
    person = make_person()
    assert not has_role(person, Role.AUDITOR)
    give_role(Role.AUDITOR, to=person, by=TESTER)
    assert has_role(person, Role.AUDITOR)
    assert has_role(person, Role.OPERATOR, Role.AUDITOR)
    assert not has_role(person, Role.OPERATOR)
    assert last("account.role_given").data == {"user": person.pk, "role": "auditor"}
    take_role(Role.AUDITOR, away_from=person, by=TESTER)
    assert not has_role(person, Role.AUDITOR)
    assert last("account.role_taken").data == {"user": person.pk, "role": "auditor"}


def test_whoever_left_has_no_role(db: None, make_person: Person) -> None:
    person = make_person(Role.OPERATOR)
    person.is_active = False
    assert not has_role(person, Role.OPERATOR)


def test_a_superuser_has_no_role_by_that_alone(db: None, make_person: Person) -> None:
    root = make_person(is_superuser=True)
    assert not any(has_role(root, role) for role in Role)


def test_a_right_on_one_object_is_granted_and_withdrawn_as_events(
    loan: Pipeline, make_person: Person
) -> None:
    person, group = make_person(), Group.objects.get(name=Role.OPERATOR.value)
    for to, name in ((person, f"user:{person.pk}"), (group, f"group:{group.pk}")):
        grant("audit", on=loan, to=to, by=TESTER)
        expected = {"right": "audit", "on": f"cases.pipeline:{loan.pk}", "to": name}
        assert last("account.right_granted").data == expected
        withdraw("audit", on=loan, to=to, by=TESTER)
        assert last("account.right_withdrawn").data == expected
    assert not User.objects.get(pk=person.pk).has_perm("audit", loan)


def test_nobody_signs_up_by_themselves() -> None:
    assert not ClosedHouse().is_open_for_signup(RequestFactory().get("/"))


def test_one_name_is_one_person(db: None, make_person: Person) -> None:
    make_person(username="mina")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_person(username="mina")
