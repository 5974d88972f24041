"""What the application's database role may do: everything but alter its own past."""

from django.db.backends.base.base import BaseDatabaseWrapper

from audit.models import Event

APPEND_ONLY = (Event._meta.db_table,)


def grant_application_rights(connection: BaseDatabaseWrapper, *, role: str) -> None:
    """Grants `role` its rights on all tables; on the append-only ones it can read and add alone."""
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"
        )
        for table in APPEND_ONLY:
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}")
