"""What the database's administrators can do to the log, and how an export afterwards shows it.

The checkpoint was saved by the auditor before; the verifier is the one within the export.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from accounts.models import User
from accounts.roles import Role
from audit.models import Checkpoint
from audit.notes import verifier_key
from cases.models import Pipeline
from reviews.models import Export
from reviews.trail import exportfiles
from reviews.trail.exportjobs import ask_export
from reviews.trail.exportruns import make_export
from reviews.trail.selecting import Selection
from tests.audit.exported import verified
from tests.casefiles import decided_case
from tests.conftest import Upstream, server
from tests.reviews.sealers import sealing
from tests.seals import KEYS, seal_all

KEY = verifier_key("tests", KEYS["tests"])
GUARDED = ("audit_event", "audit_leaf", "audit_subtree", "audit_checkpoint", "audit_publication")
FORGET = "TRUNCATE audit_leaf, audit_subtree, audit_checkpoint, audit_publication"
CHOSEN = "(SELECT id FROM audit_event WHERE type = 'case.decided' ORDER BY id LIMIT 1)"
CHANGE = f'UPDATE audit_event SET data = data || \'{{"outcome": "decline"}}\' WHERE id = {CHOSEN}'  # noqa: S608  # names of our own
DROP = f"DELETE FROM audit_event WHERE id = {CHOSEN}"  # noqa: S608  # names of our own
SWAP = """
UPDATE audit_leaf SET hash = other.hash FROM audit_leaf other
WHERE audit_leaf.position IN (3, 4) AND other.position IN (3, 4)
    AND other.position <> audit_leaf.position
"""

ATTACKS = {
    "a changed event": ([CHANGE], "is not the one that the log has there"),
    "a changed event, all sealed anew": ([CHANGE, FORGET], "HISTORY WAS REWRITTEN"),
    "a deleted event": ([DROP], "is gone, and no event events.disposed"),
    "a deleted event, all sealed anew": ([DROP, FORGET], "HISTORY WAS REWRITTEN"),
    "no events any more": (["TRUNCATE audit_event"], "is gone, and no event events.disposed"),
    "a log that begins anew": (["TRUNCATE audit_event", FORGET], "taken away from its end"),
}


@pytest.fixture
def superuser(own_database: str) -> Any:
    """A connection as the cluster's own superuser, whom no grant stops."""
    try:
        mighty = psycopg.connect(**server(connections["owner"], user="postgres"), autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("these servers let nobody in as postgres")
    yield mighty
    mighty.close()


@pytest.fixture
def emil(own_database: str, make_person: Callable[..., User]) -> User:
    return make_person(Role.AUDITOR)


@pytest.fixture
def saved(own_database: str, make_upstream: Callable[[], Upstream], tmp_path: Path) -> Path:
    """A checkpoint that the auditor saved, over some cases."""
    pipeline, client = Pipeline.objects.get(slug="loan"), make_upstream().client
    for _ in range(3):
        decided_case(pipeline, client)
    path = tmp_path / "saved.txt"
    path.write_text(seal_all().note)
    return path


def checked(emil: User, saved: Path) -> tuple[int, str]:
    """What the verifier says of the whole trail, exported now."""
    with sealing():
        export = ask_export(Selection(), kind=Export.Kind.TRAIL, format="jsonl", by=emil)
        make_export(export.pk)
    export.refresh_from_db()
    assert export.error == ""
    path = saved.with_name("export.zip")
    path.write_bytes(b"".join(exportfiles.opened(export)))
    return verified(path, "--key", KEY, "--checkpoint", saved)


def test_a_log_that_nobody_touched_holds(emil: User, saved: Path) -> None:
    code, said = checked(emil, saved)
    assert code == 0, said
    assert "The log still begins with exactly the" in said


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_superuser_does_to_the_log_is_told(
    attack: str, superuser: psycopg.Connection[Any], emil: User, saved: Path
) -> None:
    """With the guards off, as a replica, and with the house's own key, which signs all of it again."""
    statements, sentence = ATTACKS[attack]
    superuser.execute("SET session_replication_role = replica")
    for table in GUARDED:
        superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    for statement in statements:
        superuser.execute(statement)
    if FORGET in statements:
        seal_all()
    code, said = checked(emil, saved)
    assert (code, sentence in said) == (1, True), said


def test_a_sealed_log_whose_hashes_were_changed_gets_no_signature(
    superuser: psycopg.Connection[Any], saved: Path
) -> None:
    """Only who has the key and takes the checks out of the sealer can go on from there."""
    before = Checkpoint.objects.count()
    superuser.execute("ALTER TABLE audit_leaf DISABLE TRIGGER ALL")
    superuser.execute(SWAP)
    with pytest.raises(RuntimeError, match="checkpoint"):
        seal_all()
    assert Checkpoint.objects.count() == before
