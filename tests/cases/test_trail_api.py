"""The API of the trail: checkpoints as they are signed, proofs that hold, and plain refusals."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Scope
from audit import notes, sealing
from audit.merkle import verify_consistency, verify_inclusion
from audit.models import Checkpoint, Event, Leaf
from tests.audit.checkpoints import KEYS, checkpoint
from tests.cases.loans import decided, made_case

pytestmark = pytest.mark.django_db
TRAIL = "/api/v1/trail"


@pytest.fixture
def headers(make_upstream: Any) -> dict[str, str]:
    """Those of a client whose key reads the trail."""
    found: dict[str, str] = make_upstream(scopes=[Scope.TRAIL]).headers
    return found


@pytest.fixture
def sealed(db: None) -> list[Checkpoint]:
    """Two checkpoints of the log."""
    sealing.tell_what_changed(KEYS)
    return [checkpoint(7), checkpoint(6)]


def test_a_key_needs_the_scope(client: Client, make_upstream: Any) -> None:
    others = make_upstream(scopes=[each for each in Scope if each != Scope.TRAIL]).headers
    for address in (
        "checkpoint",
        "checkpoint/5",
        "inclusion?event=1",
        "consistency?from=1",
        "keys",
    ):
        assert client.get(f"{TRAIL}/{address}", headers=others).status_code == 403
        assert client.get(f"{TRAIL}/{address}").status_code == 401


def test_the_newest_checkpoint_is_read_byte_for_byte_and_once(
    client: Client, headers: dict[str, str], sealed: list[Checkpoint]
) -> None:
    answer = client.get(f"{TRAIL}/checkpoint", headers=headers)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content == sealed[1].note.encode()
    public = [notes.verifier_key(name, seed) for name, seed in KEYS.items()]
    assert notes.opened(answer.content.decode(), public).signed_by == tuple(public)
    known = {**headers, "If-None-Match": answer["ETag"]}
    again = client.get(f"{TRAIL}/checkpoint", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    older = client.get(f"{TRAIL}/checkpoint/{sealed[0].size}", headers=known)
    assert older.content == sealed[0].note.encode()
    for size in (sealed[0].size + 1, 10**30):
        answer = client.get(f"{TRAIL}/checkpoint/{size}", headers=headers)
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/not-found"


def test_proofs_hold(client: Client, headers: dict[str, str], sealed: list[Checkpoint]) -> None:
    old, new = sealed
    leaf = Leaf.objects.get(position=3)
    shown = client.get(f"{TRAIL}/inclusion?event={leaf.event_id}", headers=headers).json()
    path = [bytes.fromhex(each) for each in shown["path"]]
    assert shown["checkpoint"] == new.note
    assert verify_inclusion(bytes.fromhex(shown["leaf"]), 3, new.size, path, bytes(new.root))
    for query in (f"from={old.size}", f"from={old.size}&to={new.size}"):
        shown = client.get(f"{TRAIL}/consistency?{query}", headers=headers).json()
        path = [bytes.fromhex(each) for each in shown["path"]]
        assert verify_consistency(old.size, bytes(old.root), new.size, bytes(new.root), path)
        assert (shown["old_size"], shown["new_size"], shown["checkpoint"]) == (
            old.size, new.size, new.note,
        )  # fmt: skip


def test_what_is_not_sealed_has_no_proof_yet(
    client: Client, make_upstream: Any, sealed: list[Checkpoint], loan: Any
) -> None:
    upstream, other = make_upstream(scopes=[Scope.TRAIL]), make_upstream(scopes=[Scope.TRAIL])
    case = made_case(upstream.client, pipeline=loan)
    decided(case)
    assert Event.objects.filter(case_id=case.pk, type="case.decided").exists()
    for asked in (f"case={case.pk}", f"case={UUID(int=1)}", "event=9223372036854775807"):
        answer = client.get(f"{TRAIL}/inclusion?{asked}", headers=upstream.headers)
        assert answer.status_code == 404
    assert client.get(f"{TRAIL}/inclusion?case={case.pk}", headers=other.headers).status_code == 404


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("inclusion", "event"),
        ("inclusion?event=one", "event"),
        ("inclusion?event=1&case=00000000-0000-0000-0000-000000000001", "event"),
        ("inclusion?case=mine", "case"),
        ("consistency", "from"),
        ("consistency?from=99999999", "from"),
        ("consistency?from=-1", "from"),
        ("consistency?from=1&until=2", "until"),
    ],
)
def test_wrong_questions_are_answered_by_problems(
    client: Client, headers: dict[str, str], sealed: list[Checkpoint], address: str, parameter: str
) -> None:
    answer = client.get(f"{TRAIL}/{address}", headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_keys_are_listed_and_nothing_is_before_the_first_checkpoint(
    client: Client, headers: dict[str, str]
) -> None:
    assert client.get(f"{TRAIL}/checkpoint", headers=headers).status_code == 404
    assert client.get(f"{TRAIL}/keys", headers=headers).json() == {"items": []}
    sealing.tell_what_changed(KEYS)
    checkpoint()
    (key,) = client.get(f"{TRAIL}/keys", headers=headers).json()["items"]
    assert key["key"] == notes.verifier_key(*next(iter(KEYS.items())))
    assert key["signs"] is True
