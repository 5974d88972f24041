"""Checkpoints: signed by each key, over a log that was looked at; keys and clocks that change are told."""

import base64
import signal
import time
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from audit import notes
from audit.actors import system
from audit.checking import keys_of_the_log, waiting_events
from audit.events import record
from audit.merkle import root_of, verify_consistency, verify_inclusion
from audit.models import Checkpoint, Event, Leaf, Subtree
from audit.notes import Head, verifier_key
from audit.proving import (
    LogBroken,
    NotSealed,
    consistency,
    inclusion,
    latest_checkpoint,
    sealed_upto,
)
from audit.sealing import TrailContradictsItself, seal
from audit.visits import note_read
from tests.audit.facts_made import as_administrator, event, events
from tests.processes import House, eventually
from tests.seals import KEYS, PATIENCE, seal_all, unsealed

ORIGIN = "localhost/trail"
KEY = verifier_key("tests", KEYS["tests"])
BASE64 = "tests:" + base64.b64encode(KEYS["tests"]).decode()
NEW = {"new": bytes(31) + b"n"}
TAMPERED = (
    "UPDATE audit_leaf SET hash = sha256(hash) WHERE position > 255 AND position % 256 = 0",
    "DELETE FROM audit_leaf WHERE position = (SELECT max(position) FROM audit_leaf)",
    "TRUNCATE audit_leaf",
    "UPDATE audit_checkpoint SET root = sha256(root)",
    "UPDATE audit_checkpoint SET frontier = sha256(frontier)",
    "UPDATE audit_checkpoint SET size = size - 1",
    "UPDATE audit_checkpoint SET note = replace(note, 'localhost', 'elsewhere')",
    "UPDATE audit_checkpoint SET note = 'none'",
)


def told(type: str) -> list[dict[str, Any]]:
    return list(Event.objects.filter(type=type).values_list("data", flat=True))


def test_a_checkpoint_is_a_signed_note_over_all_leaves(log_database: str) -> None:
    events(600)
    checkpoint = seal_all()
    opened = notes.opened(checkpoint.note, [KEY])
    hashes = [bytes(hash) for hash in Leaf.objects.values_list("hash", flat=True)]
    assert notes.checkpoint_head(opened.text) == Head(ORIGIN, len(hashes), root_of(hashes))
    assert bytes(checkpoint.root) == root_of(hashes)
    found = Subtree.objects.filter(level=8).order_by("number").values_list("hash", flat=True)
    assert [bytes(hash) for hash in found] == [
        root_of(hashes[256 * number :][:256]) for number in range(len(hashes) // 256)
    ]
    assert seal(keys=KEYS) is None, "nothing is new"


def test_what_is_proven_verifies(log_database: str) -> None:
    old = seal_all()
    ids = events(300)
    with pytest.raises(NotSealed):
        inclusion(ids[0], old)
    assert not sealed_upto(ids[0])
    checkpoint = seal_all()
    root = bytes(checkpoint.root)
    for id in (ids[0], ids[150], ids[299]):
        found, leaf = inclusion(id, checkpoint), Leaf.objects.get(event_id=id)
        assert found.position == leaf.position
        assert verify_inclusion(bytes(leaf.hash), leaf.position, checkpoint.size, found.path, root)
    path = consistency(old.size, checkpoint)
    assert verify_consistency(old.size, bytes(old.root), checkpoint.size, root, path)
    assert latest_checkpoint() == checkpoint
    assert sealed_upto(ids[0])
    with pytest.raises(ValueError, match="does not begin with"):
        consistency(checkpoint.size + 1, checkpoint)
    checkpoint.size += 1
    with pytest.raises(LogBroken):
        inclusion(ids[299], checkpoint)


def test_a_key_that_is_new_is_told_and_so_is_one_that_was_lost(log_database: str) -> None:
    seal_all()
    seal_all({**NEW, **KEYS})
    rotated = Checkpoint.objects.latest("id")
    assert notes.opened(rotated.note, [KEY]).signed_by == (KEY,)
    (new,) = (verifier_key(*each) for each in NEW.items())
    assert notes.opened(rotated.note, [new]).signed_by == (new,)
    lost = seal_all({"after": bytes(32)})
    with pytest.raises(notes.NoteRefused):
        notes.opened(lost.note, [KEY, new])
    before, with_old, without = (
        (each["key"], each["signed_by_before"], each["vouched"])
        for each in told("seal_key.introduced")
    )
    assert before == (KEY, False, "")
    assert with_old[:2] == (new, True)
    assert notes.opened(with_old[2], [KEY]).text == f"countersign-key/1\n{ORIGIN}\n{new}\n"
    after = verifier_key("after", bytes(32))
    assert without == (after, False, "")
    made_up = verifier_key("made-up", bytes(32))
    with transaction.atomic():
        said = {"key": made_up, "signed_by_before": True, "vouched": notes.vouch(KEY, ORIGIN, NEW)}
        record("seal_key.introduced", by=system("application"), data=said)
    assert [(each.key, each.signed_by_before, each.signs) for each in keys_of_the_log()] == [
        (made_up, False, False),
        (after, False, True),
        (new, True, False),
        (KEY, False, False),
    ]
    seal_all()


def test_a_clock_that_was_set_back_is_told_once_and_sealing_goes_on(log_database: str) -> None:
    seal_all()
    as_administrator("UPDATE audit_checkpoint SET made_at = made_at + interval '1 hour'")
    before = Checkpoint.objects.latest("id").pk
    event()
    for _ in range(3):
        seal(keys=KEYS)
    seal_all()
    (found,) = told("clock.set_back")
    assert found["checkpoint"] == before
    assert 3500 < found["seconds"] <= 3600


def test_a_clock_that_was_set_back_hides_no_read(log_database: str) -> None:
    read: dict[str, Any] = {"by": system("reader"), "case_id": uuid4(), "pipeline": "", "data": {}}
    for _ in range(2):
        note_read("case.opened", **read)
        assert Event.objects.filter(case_id=read["case_id"]).count() == 1
    as_administrator(
        "UPDATE audit_event SET at = at + interval '1 hour' WHERE type = 'case.opened'"
    )
    note_read("case.opened", **read)
    assert Event.objects.filter(case_id=read["case_id"]).count() == 2


def test_nothing_is_signed_under_a_log_that_was_changed(log_database: str) -> None:
    last = seal_all()
    tables = ("audit_leaf", "audit_checkpoint")
    as_administrator(*(f"CREATE TABLE kept_{table} AS TABLE {table}" for table in tables))
    event()
    for attack in TAMPERED:
        as_administrator(attack)
        with pytest.raises(TrailContradictsItself):
            seal(keys=KEYS)
        as_administrator(
            "TRUNCATE audit_leaf, audit_checkpoint CASCADE",
            *(f"INSERT INTO {table} TABLE kept_{table}" for table in tables),
        )
    assert Checkpoint.objects.latest("id") == last
    assert seal_all().size == last.size + 1


def test_a_stranger_whose_key_the_log_does_not_know_is_no_one_to_build_on(
    log_database: str,
) -> None:
    checkpoint = seal_all()
    text = notes.checkpoint_text(ORIGIN, checkpoint.size, bytes(checkpoint.root))
    forged = notes.sign(text, {"stranger": bytes(32)})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_checkpoint (size, root, frontier, below, note)"
            " SELECT size, root, frontier, below, %s FROM audit_checkpoint WHERE id = %s",
            [forged, checkpoint.pk],
        )
    with pytest.raises(TrailContradictsItself, match="no key that is known"):
        seal(keys=KEYS)
    as_administrator(
        "DELETE FROM audit_checkpoint WHERE id = (SELECT max(id) FROM audit_checkpoint)"
    )


def test_the_command_seals_what_there_is(log_database: str, settings: Any) -> None:
    settings.SEAL_KEYS = KEYS
    event()

    def sealed() -> bool:
        call_command("sealer", "--once")
        return unsealed() == 0

    eventually(sealed, "all events to be sealed", PATIENCE)
    settings.LOG_ORIGIN = "another/trail"
    with pytest.raises(CommandError, match="The trail contradicts itself") as refused:
        call_command("sealer", "--once")
    assert refused.value.returncode == 3


@pytest.mark.parametrize(("keys", "words"), [({}, "is not set"), ({"a b": bytes(32)}, "spaces")])
def test_without_a_proper_key_it_does_not_start(
    keys: dict[str, bytes], words: str, settings: Any
) -> None:
    settings.SEAL_KEYS = keys
    with pytest.raises(CommandError, match=f"COUNTERSIGN_SEAL_KEYS.*{words}"):
        call_command("sealer", "--once")


@pytest.mark.timeout(400)
def test_the_process_goes_on_after_the_database_was_away_and_ends_at_once(house: House) -> None:
    event()
    sealer = house.start(
        "sealer", "django", "sealer", "--every", "0.05", COUNTERSIGN_SEAL_KEYS=BASE64
    )
    eventually(lambda: unsealed() == 0, "the first checkpoint", PATIENCE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )
        assert cursor.fetchall()
    event()
    eventually(lambda: unsealed() == 0, "the event to be sealed", PATIENCE)
    began = time.monotonic()
    sealer.send_signal(signal.SIGTERM)
    assert sealer.wait(timeout=30) == 0
    assert "database_is_away" in (house.logs / "sealer.log").read_text()
    assert time.monotonic() - began < 20


def test_health_tells_when_the_trail_is_behind(log_database: str, client: Client) -> None:
    checkpoint = seal_all()
    found = client.get("/health/trail")
    assert (found.status_code, found.json()["status"]) == (200, "ok")
    assert found.json()["checkpoint"]["size"] == checkpoint.size
    event()
    as_administrator("UPDATE audit_event SET at = at - interval '2 minutes'")
    found = client.get("/health/trail")
    assert (found.status_code, found.json()["status"]) == (503, "behind")
    assert found.json()["unsealed_seconds"] >= 120
    seal_all()
    assert client.get("/health/trail").status_code == 200


def test_health_tells_of_what_waits_in_a_restored_database(
    log_database: str, client: Client
) -> None:
    """Its cluster gives numbers of transactions that are behind the last checkpoint's."""
    seal_all()
    as_administrator("UPDATE audit_checkpoint SET below = below + 1000000000")
    assert (client.get("/health/trail").status_code, waiting_events().count) == (200, 0)
    late = event().pk
    as_administrator(
        f"UPDATE audit_event SET at = at - interval '2 minutes' WHERE id = {late}"  # noqa: S608  # a number
    )
    found = client.get("/health/trail")
    assert (found.status_code, found.json()["status"]) == (503, "behind")
    assert (waiting_events().count, waiting_events().since) == (1, Event.objects.get(pk=late).at)
    seal_all()
    assert (client.get("/health/trail").status_code, waiting_events().count) == (200, 0)
