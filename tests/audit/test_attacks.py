"""What somebody with the application's own role could try against the trail: each is refused."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from audit.events import record
from tests.conftest import TESTER

OWNER = settings.DATABASES["owner"]["USER"]
LOG = ("event", "leaf", "subtree", "checkpoint", "tombstone")
EVENT = "INSERT INTO audit_event (type, actor_kind, actor_id, data, commitments, pipeline"
VALUES = "VALUES ('case.forged', 'user', '1', '{}', '{}', ''"
ATTACKS = (
    *(f"DELETE FROM audit_{table}" for table in LOG),  # noqa: S608  # names of our own
    *(f"TRUNCATE audit_{table} CASCADE" for table in LOG),
    *(f"ALTER TABLE audit_{table} DISABLE TRIGGER ALL" for table in LOG),
    *(f"ALTER TABLE audit_{table} RENAME TO gone" for table in LOG),
    *(f"DROP TABLE audit_{table}" for table in LOG),
    *(f"LOCK TABLE audit_{table} IN ACCESS EXCLUSIVE MODE" for table in LOG),
    "UPDATE audit_event SET data = '{}'",
    "UPDATE audit_event SET at = at WHERE false",
    "UPDATE audit_leaf SET hash = sha256('')",
    "UPDATE audit_subtree SET hash = sha256('')",
    "UPDATE audit_checkpoint SET note = ''",
    "UPDATE audit_tombstone SET erased_at = now()",
    "UPDATE audit_publication SET checkpoint_id = checkpoint_id + 1",
    "DELETE FROM audit_publication",
    "MERGE INTO audit_event e USING audit_leaf l ON e.id = l.event_id WHEN MATCHED THEN DELETE",
    f"{EVENT}) {VALUES}) ON CONFLICT (id) DO UPDATE SET data = '{{}}'",
    "SELECT FROM audit_event FOR UPDATE",
    # an event of another time, another transaction, another place
    f"{EVENT}, at) {VALUES}, now() - interval '1 year')",
    f"{EVENT}, transaction) {VALUES}, 1)",
    f"{EVENT}, id) {VALUES}, 999999999)",
    f"{EVENT}, id) OVERRIDING SYSTEM VALUE {VALUES}, 1)",
    "COPY audit_event (id, at, transaction, type) FROM STDIN",
    # places taken in advance, and hashes of nothing
    "INSERT INTO audit_leaf (position, event_id, hash) VALUES (999, 1, sha256(''))",
    "INSERT INTO audit_subtree (level, number, hash) VALUES (8, 999, sha256(''))",
    "INSERT INTO audit_checkpoint (id, size, root, frontier, below, note) VALUES (1, 0, '', '', 0, '')",
    "INSERT INTO audit_checkpoint (made_at, size, root, frontier, below, note)"
    " VALUES (now() - interval '1 year', 0, '', '', 0, '')",
    # the numbers that come next
    "SELECT setval('audit_event_id_seq', 1)",
    "ALTER SEQUENCE audit_event_id_seq RESTART",
    "SELECT setval('audit_checkpoint_id_seq', 1)",
    # the guards, and what they are made of
    "SET session_replication_role = replica",
    "SET LOCAL session_replication_role = 'local'",
    "ALTER TABLE audit_event DISABLE TRIGGER audit_event_rows",
    "DROP TRIGGER audit_event_rows ON audit_event",
    "CREATE TRIGGER mine BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE RULE mine AS ON INSERT TO audit_event DO INSTEAD NOTHING",
    "CREATE POLICY mine ON audit_event",
    "DROP FUNCTION refuse_change() CASCADE",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE FUNCTION event_line(text) RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
    "DROP FUNCTION event_line(audit_event)",
    "DROP FUNCTION sequence_events(bigint)",
    "ALTER FUNCTION sequence_events(bigint) SECURITY INVOKER",
    "CREATE SCHEMA mine",
    "CREATE TEMPORARY TABLE audit_casekey (case_id uuid, destroyed_at timestamptz)",
    "CREATE TABLE audit_more ()",
    # somebody else's rights
    f"SET ROLE {OWNER}",
    f"SET SESSION AUTHORIZATION {OWNER}",
    f"GRANT {OWNER} TO CURRENT_USER",
    "GRANT DELETE ON audit_event TO CURRENT_USER; DELETE FROM audit_event",
    "ALTER TABLE audit_event OWNER TO CURRENT_USER",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "COPY audit_event TO PROGRAM 'true'",
    "SELECT pg_read_file('postgresql.conf')",
)
CHECKPOINT = """
    INSERT INTO audit_checkpoint (size, root, frontier, below, note)
    SELECT %s, %s, %s, %s, 'n' FROM audit_leaf
"""
TOMBSTONE = "INSERT INTO audit_tombstone (case_id) VALUES ('%s')"
LIES = (
    ("size", "0", "sha256('')", "''", "0"),
    ("size", "2", "hash", "hash", "0"),
    ("frontier", "1", "hash", "sha256(hash)", "0"),
    ("root", "1", "sha256(hash)", "hash", "0"),
    ("below", "1", "hash", "hash", "1::bigint << 60"),
)


def attempt(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_application_can_not(db: None, attack: str) -> None:
    with transaction.atomic():
        before = record("case.tested", by=TESTER)
    with pytest.raises(
        ProgrammingError, match=r"permission denied|must be|not exist|cannot insert"
    ):
        attempt(attack)
    before.refresh_from_db()


@pytest.mark.parametrize(("what", "lie"), [(what, lie) for what, *lie in LIES])
def test_a_checkpoint_says_what_is_so_or_is_refused(db: None, what: str, lie: list[str]) -> None:
    attempt("SELECT sequence_events(1)")
    attempt(CHECKPOINT % ("1", "hash", "hash", "0"))
    with pytest.raises(IntegrityError, match=f"checkpoint_is_true: its {what} is not"):
        attempt(CHECKPOINT % tuple(lie))


def test_who_sequences_by_hand_does_it_rightly_too(db: None) -> None:
    attempt("SELECT sequence_events(3)")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE hash = sha256('\\x00'::bytea || event_line(e)::bytea))"
            " FROM audit_leaf JOIN audit_event e ON e.id = event_id"
        )
        assert cursor.fetchone() == (3,)


def test_who_erases_tells_the_trail_of_it(db: None) -> None:
    case_id = uuid4()
    at_commit = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
    with pytest.raises(IntegrityError, match="erasure_is_told"):
        attempt(f"{TOMBSTONE % case_id}; {at_commit}")
    with transaction.atomic():
        attempt(TOMBSTONE % case_id)
        record("case.erased", by=TESTER, case_id=case_id)
        attempt(at_commit)
