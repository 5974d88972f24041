"""The vault: what is sealed for one case and purpose opens there and nowhere else."""

import os
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit import vault
from audit.models import CaseKey
from audit.vault import CannotOpen, Vault, canonical
from tests.keys import destroy_key

ONE = Vault(uuid.UUID(int=1), bytes(range(32)))
OTHER_CASE = Vault(uuid.UUID(int=2), ONE.key)
OTHER_KEY = Vault(ONE.case_id, bytes(32))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=10,
)  # fmt: skip


@given(st.text(), st.binary())
def test_what_was_sealed_is_opened_again(purpose: str, plain: bytes) -> None:
    purpose = purpose.encode("utf-8", "replace").decode()
    sealed = ONE.seal(purpose, plain)
    assert ONE.open(purpose, sealed) == plain
    assert ONE.open(purpose, memoryview(sealed)) == plain  # as the database hands it back


@given(JSON)
def test_json_comes_back_as_it_was(value: Any) -> None:
    assert ONE.open_json("data", ONE.seal_json("data", value)) == value


def test_the_same_is_never_sealed_the_same_way_twice() -> None:
    assert len({ONE.seal("data", b"approve") for _ in range(50)}) == 50


@pytest.mark.parametrize("opener", [OTHER_CASE, OTHER_KEY], ids=["another case", "another key"])
def test_a_foreign_vault_opens_nothing(opener: Vault) -> None:
    with pytest.raises(CannotOpen):
        opener.open("data", ONE.seal("data", b"secret"))


@given(st.text(max_size=5), st.text(max_size=5))
def test_a_sealed_value_opens_in_its_own_place_alone(purpose: str, other: str) -> None:
    if purpose.encode("utf-8", "replace") == other.encode("utf-8", "replace"):
        return
    purpose, other = (word.encode("utf-8", "replace").decode() for word in (purpose, other))
    with pytest.raises(CannotOpen):
        ONE.open(other, ONE.seal(purpose, b"secret"))


@given(st.data())
def test_an_altered_or_cut_value_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(ONE.seal("data", b"secret"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    altered = (
        bytes(sealed[:at]) + bytes([sealed[at] ^ data.draw(st.integers(1, 255))]) + sealed[at + 1 :]
    )
    for broken in (altered, bytes(sealed[:at]), bytes(sealed) + b"\0"):
        with pytest.raises(CannotOpen) as refusal:
            ONE.open("data", broken)
        assert "secret" not in str(refusal.value)


def test_the_key_shows_in_no_text() -> None:
    shown = f"{ONE!r} {ONE} {[ONE]}"
    assert ONE.key.hex() not in shown
    assert repr(ONE.key) not in shown
    assert "key" not in shown


def test_a_commitment_is_of_its_value_place_and_case() -> None:
    commitment = ONE.commitment("data", {"a": 1, "b": 2})
    assert commitment == ONE.commitment("data", {"b": 2, "a": 1})
    others = [
        ONE.commitment("data", {"a": 1, "b": 3}),
        ONE.commitment("input", {"a": 1, "b": 2}),
        OTHER_CASE.commitment("data", {"a": 1, "b": 2}),
        OTHER_KEY.commitment("data", {"a": 1, "b": 2}),
    ]
    assert commitment not in others
    assert len(commitment) == 64


def test_json_has_one_spelling() -> None:
    assert canonical({"b": [1, 2.5, None], "a": "ü"}) == '{"a":"ü","b":[1,2.5,null]}'.encode()
    for unspeakable in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            canonical({"a": unspeakable})


def test_a_case_has_one_key(db: None) -> None:
    case_id = uuid.uuid4()
    made = vault.create(case_id)
    assert vault.of(case_id) == made
    assert made.key not in bytes(CaseKey.objects.get(pk=case_id).wrapped or b"")
    with pytest.raises(IntegrityError), transaction.atomic():
        vault.create(case_id)


def test_a_destroyed_key_opens_nothing_and_stays_destroyed(db: None) -> None:
    gone, kept = vault.create(uuid.uuid4()), vault.create(uuid.uuid4())
    destroy_key(gone.case_id)
    with pytest.raises(CannotOpen, match="has no key"):
        vault.of(gone.case_id)
    assert vault.of_many([gone.case_id, kept.case_id]) == {kept.case_id: kept}
    when = CaseKey.objects.get(pk=gone.case_id).destroyed_at
    destroy_key(gone.case_id)
    assert CaseKey.objects.get(pk=gone.case_id).destroyed_at == when
    with pytest.raises(IntegrityError, match="goes_with_a_tombstone"), transaction.atomic():
        CaseKey.objects.filter(pk=gone.case_id).update(wrapped=b"back again")


def test_keys_of_many_cases_are_one_query(db: None) -> None:
    made = [vault.create(uuid.uuid4()) for _ in range(5)]
    with CaptureQueriesContext(connection) as queries:
        assert len(vault.of_many(each.case_id for each in made)) == 5
    assert len(queries) == 1


def test_a_new_master_key_leaves_old_cases_open(db: None, settings: Any) -> None:
    old = dict(settings.MASTER_KEYS)
    before = vault.create(uuid.uuid4())
    recognised = vault.house_digest("page", b"content")
    settings.MASTER_KEYS = {"new": os.urandom(32), **old}
    after = vault.create(uuid.uuid4())
    assert vault.of(before.case_id) == before
    assert vault.of(after.case_id) == after
    assert CaseKey.objects.get(pk=after.case_id).master_key == "new"
    assert vault.house_digest("page", b"content") == recognised
    settings.MASTER_KEYS = old
    with pytest.raises(CannotOpen, match="needs master key new"):
        vault.of(after.case_id)


def test_a_wrapped_key_serves_its_own_case_and_master_alone(db: None, settings: Any) -> None:
    one, two = vault.create(uuid.uuid4()), vault.create(uuid.uuid4())
    wrapped = CaseKey.objects.get(pk=one.case_id).wrapped
    CaseKey.objects.filter(pk=two.case_id).update(wrapped=wrapped)
    with pytest.raises(CannotOpen):
        vault.of(two.case_id)
    CaseKey.objects.filter(pk=two.case_id).update(wrapped=b"short")
    with pytest.raises(CannotOpen):
        vault.of(two.case_id)
    settings.MASTER_KEYS = {name: os.urandom(32) for name in settings.MASTER_KEYS}
    with pytest.raises(CannotOpen):
        vault.of(one.case_id)


def test_a_digest_of_the_house_tells_nothing_without_its_key(settings: Any) -> None:
    here = vault.house_digest("page", b"content")
    assert here != vault.house_digest("document", b"content")
    settings.MASTER_KEYS = {"another": os.urandom(32)}
    assert here != vault.house_digest("page", b"content")
