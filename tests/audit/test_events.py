"""Events: facts that nobody changes, whoever they are to the database."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import Error, IntegrityError, ProgrammingError

from audit.actors import Actor, system
from audit.events import OutsideTransaction, record
from audit.models import Event
from tests.casefiles import TESTER
from tests.conftest import server

ATTACKS = (
    "UPDATE audit_event SET type = 'case.forged'",
    "UPDATE audit_event SET at = at WHERE false OR id > 0",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
    "TRUNCATE audit_event RESTART IDENTITY CASCADE",
)


Attacked = BaseDatabaseWrapper | psycopg.Connection[Any]


@pytest.fixture
def superuser(own_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the cluster's own superuser, whom no grant stops."""
    try:
        mighty = psycopg.connect(**server(connections["owner"], user="postgres"), autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("these servers let nobody in as postgres")
    yield mighty
    mighty.close()


def attempt(attacked: Attacked, statement: str) -> None:
    with attacked.cursor() as cursor:
        cursor.execute(statement)


def a_fact() -> Event:
    with transaction.atomic():
        return record("case.tested", by=TESTER)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_application_cannot_change_an_event(db: None, attack: str) -> None:
    a_fact()
    with pytest.raises(ProgrammingError), transaction.atomic():
        attempt(connection, attack)
    assert Event.objects.filter(type="case.tested").exists()


@pytest.mark.parametrize("how", ["DISABLE TRIGGER ALL", "DISABLE TRIGGER USER", "RENAME TO gone"])
def test_the_application_cannot_lift_the_guard(db: None, how: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        attempt(connection, f"ALTER TABLE audit_event {how}")


def test_neither_owner_nor_superuser_changes_an_event(
    superuser: psycopg.Connection[Any],
) -> None:
    fact = a_fact()
    attempt(superuser, "SET session_replication_role = replica")
    for attacked in (connections["owner"], superuser):
        for attack in ATTACKS:
            with pytest.raises((Error, psycopg.Error), match="its rows are facts"):
                attempt(attacked, attack)
    assert Event.objects.get(pk=fact.pk).type == "case.tested"


def test_the_owner_cannot_pose_as_a_replica(own_database: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        attempt(connections["owner"], "SET session_replication_role = replica")


def test_an_event_outside_of_a_transaction_is_refused(own_database: str) -> None:
    before = Event.objects.count()
    with pytest.raises(OutsideTransaction, match=r"case\.tested"):
        record("case.tested", by=TESTER)
    assert Event.objects.count() == before


def test_an_event_goes_when_its_change_is_rolled_back(db: None) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("case.tested", by=TESTER)
        raise ZeroDivisionError
    assert not Event.objects.filter(type="case.tested").exists()


def test_events_carry_the_databases_time_and_transaction(db: None) -> None:
    with transaction.atomic():
        first, second = (record("case.tested", by=Actor("user", "7")) for _ in range(2))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint, clock_timestamp()")
            number, now = cursor.fetchone()
    assert first.transaction == second.transaction == number
    assert first.at < second.at < now
    assert first.pk < second.pk
    assert (second.actor_kind, second.actor_id) == ("user", "7")


@pytest.mark.parametrize("type", ["case", "Case.received", "case.received!", "case received", ""])
def test_an_event_has_a_name_of_two_words(db: None, type: str) -> None:
    with pytest.raises(IntegrityError, match="event_type_shape"), transaction.atomic():
        record(type, by=TESTER)


def test_an_actor_is_a_person_a_client_or_the_system(db: None) -> None:
    assert str(system("sweep")) == "system:sweep"
    with pytest.raises(IntegrityError, match="event_actor_kind"), transaction.atomic():
        record("case.tested", by=Actor("robot", "1"))  # type: ignore[arg-type]
