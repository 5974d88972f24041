"""What the application's own role may do to the tables: tried as that role."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError

from audit.rights import BY_FUNCTION, FACTS, LIVING, WORKING, grant_application_rights
from cases.models import Pipeline
from tests.casefiles import decided_case


def tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in cursor.fetchall()}


def allowed(right: str) -> set[str]:
    """The tables on which the role of this connection has the right as a whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' AND has_table_privilege(current_user, oid, %s)",
            [right],
        )
        return {name for (name,) in cursor.fetchall()}


def attempt(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_table_is_of_exactly_one_kind(db: None) -> None:
    kinds = [*FACTS, *LIVING, *WORKING]
    assert sorted(kinds) == sorted(tables())


def test_the_role_can_do_what_the_kind_says_and_no_more(db: None) -> None:
    assert allowed("DELETE") == set(WORKING)
    assert allowed("UPDATE") == {*LIVING, *WORKING}
    assert allowed("SELECT") == tables()
    assert allowed("INSERT") == tables() - {*BY_FUNCTION, "audit_event", "audit_checkpoint"}
    assert allowed("TRUNCATE") == allowed("REFERENCES") == allowed("TRIGGER") == set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)


def test_of_a_fact_only_its_ending_can_be_written(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.column_privileges"
            " WHERE grantee = current_user AND privilege_type = 'UPDATE' AND table_name = ANY(%s)"
            " GROUP BY table_name",
            [list(FACTS)],
        )
        written = {table: set(columns) for table, columns in cursor.fetchall()}
    assert written == {table: set(columns) for table, columns in FACTS.items() if columns}


@pytest.mark.parametrize("table", [*FACTS, *LIVING])
def test_the_past_can_not_be_deleted(
    table: str, loan: Pipeline, make_upstream: Callable[..., Any]
) -> None:
    decided_case(loan, make_upstream().client)
    with pytest.raises(ProgrammingError, match=f"permission denied for table {table}"):
        attempt(f"DELETE FROM {table}")  # noqa: S608  # a name of our own
    with pytest.raises(ProgrammingError, match=f"permission denied for table {table}"):
        attempt(f"TRUNCATE {table} CASCADE")


def test_rights_that_were_once_granted_are_taken_back(own_database: str) -> None:
    role = connection.settings_dict["USER"]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"GRANT DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO {role}")
    assert allowed("DELETE") == tables()
    grant_application_rights(connections["owner"], role=role)
    assert allowed("DELETE") == set(WORKING)
    assert allowed("TRUNCATE") == set()
