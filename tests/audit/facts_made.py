"""Events made by the handful, and changed as only a database's administrator can."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, connections, transaction

from audit.events import record
from audit.models import Event
from tests.conftest import TESTER, server

MANY = """
    INSERT INTO audit_event (type, actor_kind, actor_id, pipeline, data, commitments)
    SELECT 'case.tested', 'system', 'tests', 'loan', jsonb_build_object('n', n, 'ö', '\\"€'), '{}'
    FROM generate_series(1, %s) n RETURNING id
"""


def events(count: int = 1) -> list[int]:
    """The ids of so many new events, of one transaction."""
    with connection.cursor() as cursor:
        cursor.execute(MANY, [count])
        return [id for (id,) in cursor.fetchall()]


def event() -> Event:
    """A new event, recorded as acts record theirs."""
    with transaction.atomic():
        return record("case.tested", by=TESTER)


@contextmanager
def apart() -> Iterator[psycopg.Connection[Any]]:
    """A connection of the application's role beside Django's; it begins a transaction by itself."""
    with psycopg.connect(**server(connections["default"])) as other:
        yield other


def event_apart(other: psycopg.Connection[Any]) -> int:
    """The id of a new event in the other connection's transaction."""
    row = other.execute(MANY, [1]).fetchone()
    assert row
    return int(row[0])


def as_administrator(*statements: str) -> None:
    """Statements of the tables' owner, who has taken the guards away and puts them back."""
    tables = ("audit_event", "audit_leaf", "audit_subtree", "audit_checkpoint")
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(
                "SELECT format('ALTER TABLE %%s ENABLE ALWAYS TRIGGER %%I', tgrelid::regclass, tgname)"
                " FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
                [table],
            )
            for (enable,) in cursor.fetchall():
                cursor.execute(enable)
