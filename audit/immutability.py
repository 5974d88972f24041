"""Tables whose rows are facts: the database itself refuses to change them, whoever asks."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are facts', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """Refuses UPDATE, DELETE and TRUNCATE. ENABLE ALWAYS: a replica role does not get round it."""
    return guarded(table, "UPDATE OR DELETE", truncate=True)


def unchangeable(table: str, *columns: str) -> migrations.RunSQL:
    """Refuses UPDATE, of `columns` or of any; a row can still go, with what it belongs to."""
    of = f" OF {', '.join(columns)}" if columns else ""
    return guarded(table, f"UPDATE{of}", truncate=False)


def guarded(table: str, actions: str, *, truncate: bool) -> migrations.RunSQL:
    """The triggers that refuse `actions` on `table`."""
    statements = [
        FUNCTION,
        f"CREATE TRIGGER {table}_rows BEFORE {actions} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change();",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_rows;",
    ]
    undo = [f"DROP TRIGGER {table}_rows ON {table};"]
    if truncate:
        statements += [
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_truncate;",
        ]
        undo.append(f"DROP TRIGGER {table}_truncate ON {table};")
    return migrations.RunSQL(tuple(statements), tuple(undo))
