"""The verifier: whose signature counts, and what other programs would make of the same file."""

import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from audit import notes
from tests.audit.exported import (
    KEY,
    KEYS,
    NEW_KEY,
    ORIGIN,
    Log,
    event,
    members_of,
    verified,
    verifier_keys,
    zipped,
)

(STRANGE,) = verifier_keys(NEW_KEY)
LINES = [event(number) for number in range(12)]
LOG = Log(LINES)


def checked(tmp_path: Path, log: Log, saved: str, *keys: str, named: str = "") -> tuple[int, str]:
    """What the verifier says of the log's trail, whose file names one key more, beside a checkpoint."""
    _, members = members_of(log)
    members["seal/keys.txt"] += f"{named}\n".encode()
    kept = tmp_path / "saved.txt"
    kept.write_text(saved)
    asked = [each for key in keys for each in ("--key", key)]
    return verified(zipped(tmp_path / "x.zip", members), "--checkpoint", kept, *asked)


def test_without_a_key_those_count_that_signed_what_the_auditor_kept(tmp_path: Path) -> None:
    code, said = checked(tmp_path, LOG, LOG.note(9))
    assert (code, "those count that have signed your checkpoints" in said) == (0, True), said


@pytest.mark.parametrize("named", ["", KEY])
def test_a_stranger_who_goes_on_where_the_checkpoint_ends_signs_for_nobody(
    tmp_path: Path, named: str
) -> None:
    """Also where the file names the house's key beside the stranger's."""
    forged = Log([*LINES[:9], event(70), event(71)], keys=NEW_KEY)
    code, said = checked(tmp_path, forged, LOG.note(9), named=named)
    assert (code, "is signed by no key that counts" in said) == (1, True), said


SAID: dict[str, Any] = {
    "nothing": {},
    "nothing of who vouches": {"key": STRANGE},
    "no key": {"key": 7, "vouched": 7},
    "a word of its own": {
        "key": STRANGE,
        "vouched": notes.vouch(STRANGE, ORIGIN, NEW_KEY),
    },
    "a word for another log": {"key": STRANGE, "vouched": notes.vouch(STRANGE, "other", KEYS)},
    "a checkpoint's signature": {"key": STRANGE, "vouched": LOG.note()},
    "a false signature": {
        "key": STRANGE,
        "vouched": notes.vouch(KEY, ORIGIN, KEYS).replace(KEY, STRANGE),
    },
}


@pytest.mark.parametrize("said", SAID)
def test_an_event_alone_introduces_no_key(tmp_path: Path, said: str) -> None:
    """The application can record any event, and the sealer signs over it: it can't vouch for a key."""
    made_up = event(5, "seal_key.introduced", data=SAID[said], case=None)
    lines = [*LINES[:5], made_up, *LINES[6:]]
    kept = Log(lines).note()
    code, told = checked(tmp_path, Log([*lines, event(12)], keys=NEW_KEY), kept, KEY)
    assert (code, "is signed by no key that counts" in told) == (1, True), told
    code, told = checked(tmp_path, Log([*lines, event(12)]), kept, KEY)
    assert code == 0, told


@pytest.mark.parametrize("data", [{}, {"positions": "all"}, {"positions": [[1]]}])
def test_an_account_that_can_not_be_read_accounts_for_nothing(tmp_path: Path, data: Any) -> None:
    lines = [*LINES, event(12, "events.disposed", data=data, case=None)]
    assert checked(tmp_path, Log(lines), LOG.note(9), KEY)[0] == 0
    code, said = checked(tmp_path, Log(lines, gone=frozenset({1})), LOG.note(9), KEY)
    assert (code, "The event at position 1 is gone" in said) == (1, True), said


def test_events_that_a_kept_checkpoint_is_over_and_the_file_lacks_are_told(tmp_path: Path) -> None:
    whole, _ = members_of(LOG)
    code, said = checked(tmp_path, LOG, whole.note(), KEY)
    assert (code, "saved.txt is over 1 events that came after" in said) == (0, True), said
    assert "that came after" not in checked(tmp_path, LOG, LOG.note(), KEY)[1]


def second_name(name: str, shown: str) -> bytes:
    """Info-ZIP's Unicode Path (APPNOTE, 4.6.9): the name that programs show who know of it."""
    path = shown.encode()
    return struct.pack("<HHBL", 0x7075, 5 + len(path), 1, zlib.crc32(name.encode())) + path


def test_a_member_that_other_programs_show_under_another_name_is_told(tmp_path: Path) -> None:
    _, members = members_of(LOG)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            if name == "decisions.csv":
                info.extra = second_name(name, "old.csv")
            archive.writestr(info, content)
    code, said = verified(path, "--key", KEY)
    assert (code, "The member decisions.csv has what makes other programs" in said) == (1, True)


def test_a_second_proof_that_nobody_reads_is_told(tmp_path: Path) -> None:
    _, members = members_of(LOG)
    path = zipped(tmp_path / "x.zip", {**members, "seal/proofs.jsonl": b"case,outcome\r\n"})
    code, said = verified(path, "--key", KEY)
    assert (code, "proves its events twice" in said) == (1, True)
