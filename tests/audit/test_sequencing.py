"""Places in the log: each event gets one, once, in order, however transactions overlap."""

from itertools import pairwise

import pytest
from django.db import connection, transaction

from audit import sealing
from audit.merkle import leaf_hash
from audit.models import Checkpoint, Event, Leaf
from audit.sealing import seal
from audit.sequencing import alone
from tests.audit.facts_made import apart, as_administrator, event, event_apart, events
from tests.seals import KEYS, seal_all, unsealed
from tests.threads import in_threads

NUMBER = """
    SELECT l.position, e.transaction, e.id, event_line(e), l.hash
    FROM audit_leaf l JOIN audit_event e ON e.id = l.event_id ORDER BY l.position
"""


def log() -> list[tuple[int, int, int]]:
    """Place, transaction and id of each event of the log, whose leaf is the hash of its line."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBER)
        rows = cursor.fetchall()
    assert [row[0] for row in rows] == list(range(Leaf.objects.count()))
    assert all(leaf_hash(line.encode()) == bytes(hash) for *_, line, hash in rows)
    return [row[:3] for row in rows]


def test_events_get_their_places_in_the_order_of_their_transactions(log_database: str) -> None:
    seal_all()
    made = [*events(3), event().pk, *events(2)]
    seal_all()
    found = log()
    assert [id for _, _, id in found][-6:] == made
    assert found == sorted(found, key=lambda row: row[1:])
    assert len(found) == Event.objects.count()


def test_a_late_commit_is_neither_skipped_nor_overtaken(log_database: str) -> None:
    seal_all()
    with apart() as slow, apart() as undone:
        late, lost = event_apart(slow), event_apart(undone)
        early = event().pk
        assert seal(keys=KEYS) is None, "what began before is still under way"
        undone.rollback()
        assert seal(keys=KEYS) is None
        assert not Leaf.objects.filter(event_id__in=[late, lost, early]).exists()
        slow.commit()
    seal_all()
    assert [id for _, _, id in log()][-2:] == [late, early]


def test_nothing_is_sealed_twice_or_left_out_by_sealers_at_once(log_database: str) -> None:
    def work(number: int) -> None:
        for _ in range(6):
            if number < 3:
                seal(keys=KEYS)
            else:
                event()

    in_threads(6, work)
    seal_all()
    assert len(log()) == Event.objects.count()
    sizes = list(Checkpoint.objects.order_by("id").values_list("size", flat=True))
    assert all(before < after for before, after in pairwise(sizes))


def test_a_second_sealer_returns_at_once(log_database: str) -> None:
    event()
    with apart() as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtext('countersign trail'))")
        with transaction.atomic():
            assert not alone()
        assert seal(keys=KEYS) is None
    assert unsealed()


def test_a_backlog_is_taken_in_parts_even_through_a_transaction(
    log_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_all()
    before = Checkpoint.objects.latest("id").size
    for _ in range(3):
        events(5)
    monkeypatch.setattr(sealing, "MOST", 7)
    seal_all()
    sizes = list(Checkpoint.objects.order_by("id").values_list("size", flat=True))
    assert sizes[-3:] == [before + 7, before + 14, before + 15]
    assert log() == sorted(log(), key=lambda row: row[1:])


def test_a_log_restored_in_another_cluster_goes_on(log_database: str) -> None:
    """There transactions begin anew: what was not sealed has numbers from far ahead, the log's, too."""
    seal_all()
    old, new = events(2), event().pk
    change = "UPDATE audit_event SET transaction = transaction + 1000000000 WHERE id"
    as_administrator(
        f"{change} IN ({old[0]}, {old[1]})",
        "UPDATE audit_checkpoint SET below = below + 1000000000",
    )
    seal_all()
    assert {old[0], old[1], new} <= {id for _, _, id in log()[-3:]}
    then = event().pk
    seal_all()
    assert log()[-1][2] == then
    assert unsealed() == 0


def test_what_came_before_the_counter_caught_up_with_the_log_is_not_left_out(
    log_database: str,
) -> None:
    """The sealer was away from the restore until this cluster's numbers had passed the log's."""
    seal_all()
    early = events(2)
    as_administrator(
        "UPDATE audit_event SET transaction = 3 WHERE id > (SELECT max(event_id) FROM audit_leaf)"
    )
    late = event().pk
    seal_all()
    assert {*early, late} <= {id for _, _, id in log()[-3:]}
    assert unsealed() == 0


def test_an_event_of_a_transaction_yet_to_come_is_not_left_out(log_database: str) -> None:
    seal_all()
    (strange,) = events()
    as_administrator(
        "UPDATE audit_event SET transaction = 10 ^ 12 WHERE id = (SELECT max(id) FROM audit_event)"
    )
    seal_all()
    assert log()[-1][2] == strange
    events(2)
    seal_all()
    assert len(log()) == Event.objects.count()
