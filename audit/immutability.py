"""Tables whose rows are facts: the database itself refuses to change them, whoever asks."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are facts', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""

UNLESS_ERASED = """
CREATE OR REPLACE FUNCTION refuse_change_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
    of_case uuid;
    erasable text;
BEGIN
    EXECUTE 'SELECT ' || TG_ARGV[0] INTO of_case USING OLD;
    IF EXISTS (SELECT FROM public.audit_casekey WHERE case_id = of_case AND destroyed_at IS NOT NULL) THEN
        FOREACH erasable IN ARRAY TG_ARGV[1:] LOOP
            IF after -> erasable IN ('"\\\\x"', '""', '[]', '{}', 'null') THEN
                before := before - erasable;
                after := after - erasable;
            END IF;
        END LOOP;
        IF before = after THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% of % is refused: its rows are facts', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """Refuses UPDATE, DELETE and TRUNCATE."""
    return guards(
        table,
        {
            "rows": "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
            "truncate": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
        },
    )


def unchangeable(table: str, *columns: str) -> migrations.RunSQL:
    """Refuses UPDATE, of `columns` or of any; a row can still go, with what it belongs to."""
    of = f" OF {', '.join(columns)}" if columns else ""
    return guards(table, {"rows": f"BEFORE UPDATE{of} ON {{table}} FOR EACH ROW"})


def unchangeable_until_erased(
    table: str, *columns: str, erasable: tuple[str, ...], case: str = "($1).case_id"
) -> migrations.RunSQL:
    """As `unchangeable`; but once its case is erased the `erasable` columns of a row may become empty.

    `case` is SQL for the case's id, `$1` being the row. What is empty is no bytes, no text, an empty
    list or object, or null. The case is erased where its key was destroyed.
    """
    of = f" OF {', '.join(columns)}" if columns else ""
    wanted = ", ".join(f"'{word}'" for word in (case, *erasable))
    return guards(
        table,
        {"sealed": f"BEFORE UPDATE{of} ON {{table}} FOR EACH ROW"},
        act=f"refuse_change_unless_erased({wanted})",
    )


def unchangeable_once(table: str, condition: str, ending: str = "finished") -> migrations.RunSQL:
    """Refuses UPDATE of a row that meets the SQL condition: OLD is the row, NEW what it would be.

    A table's triggers are told apart by the `ending` of their names.
    """
    when = f"BEFORE UPDATE ON {{table}} FOR EACH ROW WHEN ({condition})"
    return guards(table, {ending: when})


def guards(table: str, triggers: dict[str, str], act: str = "refuse_change()") -> migrations.RunSQL:
    """Triggers that refuse, by their name's ending. ALWAYS: a replica role does not get round it."""
    do, undo = [FUNCTION, UNLESS_ERASED], list[str]()
    for ending, when in triggers.items():
        name = f"{table}_{ending}"
        do.append(f"CREATE TRIGGER {name} {when.format(table=table)} EXECUTE FUNCTION {act};")
        do.append(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};")
        undo.append(f"DROP TRIGGER {name} ON {table};")
    return migrations.RunSQL(tuple(do), tuple(undo))
