"""The verifier: what holds is said to hold, and each way to cheat is caught and named."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import notes
from tests.audit.exported import (
    CASE_FILE,
    KEY,
    KEYS,
    LOG,
    NEW_KEY,
    ORIGIN,
    PICKED,
    TRAIL,
    WHOLE,
    Log,
    check,
    event,
    members_of,
    verified,
    verifier_keys,
    vouched,
)


def lines(members: Mapping[str, bytes]) -> list[bytes]:
    return members["events.jsonl"].splitlines(keepends=True)


def test_a_whole_trail_holds(tmp_path: Path) -> None:
    code, said = check(tmp_path, TRAIL, LOG.note(9), LOG.note(16))
    assert code == 0, said
    assert "All 24 events, from 2026-11-20T08:00:00.000000Z to 2026-11-20T08:00:23" in said
    assert "The log still begins with exactly the 9 events of saved-0.txt." in said
    assert "The log still begins with exactly the 16 events of saved-1.txt." in said
    assert "The log vouches for manifest.json" in said
    assert said.endswith("VERDICT: all that was checked holds.")


@pytest.mark.parametrize("paths", [True, False])
def test_a_selection_holds_and_says_what_it_does_not_prove(tmp_path: Path, paths: bool) -> None:
    _, members = members_of(LOG, kind="case", picked=PICKED, paths=paths)
    code, said = check(tmp_path, members, LOG.note(7))
    assert code == 0, said
    assert "4 events" in said
    assert "The log still begins with exactly the 7 events" in said
    assert "not that nothing else happened" in said


def changed(entries: list[bytes]) -> list[bytes]:
    return [*entries[:2], entries[2].replace(b"user:7", b"user:8"), *entries[3:]]


def reordered(entries: list[bytes]) -> list[bytes]:
    return [entries[0], entries[2], entries[1], *entries[3:]]


def exchanged(entries: list[bytes]) -> list[bytes]:
    """In each other's places, each with the other's position."""
    first, second = (each.partition(b",")[2] for each in entries[1:3])
    places = [each.partition(b",")[0] for each in entries[1:3]]
    return [entries[0], places[0] + b"," + second, places[1] + b"," + first, *entries[3:]]


def missing(entries: list[bytes]) -> list[bytes]:
    return [*entries[:1], *entries[2:]]


def added(entries: list[bytes]) -> list[bytes]:
    made_up = b'{"position":%d,"event":%s}\n' % (len(entries) + 40, event(99))
    return [*entries, made_up]


def doubled(entries: list[bytes]) -> list[bytes]:
    return [*entries[:2], entries[1], *entries[2:]]


def truncated(entries: list[bytes]) -> list[bytes]:
    return entries[:-1]


def broken_off(entries: list[bytes]) -> list[bytes]:
    return [*entries[:-1], entries[-1][:-9]]


def with_more_said(entries: list[bytes]) -> list[bytes]:
    return [entries[0][:-2] + b',"event":{}}\n', *entries[1:]]


def disposed(entries: list[bytes]) -> list[bytes]:
    log = replace(LOG, gone=frozenset({1}))
    return [entries[0], log.entry(1), *entries[2:]]


NAMED = (
    (changed, "The event at position {2} is not the one that the log has there"),
    (reordered, "Position {1} comes after position {2}"),
    (exchanged, "The event at position {1} is not the one"),
    (added, "is not the one that the log has there: it was changed, moved, or added"),
    (doubled, "an event stands twice"),
    (broken_off, "of events.jsonl is no event"),
    (with_more_said, "The event at position {0} is not the one"),
)


@pytest.mark.parametrize(
    ("attack", "sentence"), NAMED, ids=lambda each: getattr(each, "__name__", "")
)
@pytest.mark.parametrize("members", [TRAIL, CASE_FILE], ids=["trail", "case"])
def test_events_that_were_tampered_with_are_named(
    tmp_path: Path, members: dict[str, bytes], attack: Any, sentence: str
) -> None:
    """Also where the manifest was made anew for it: and then the log no longer vouches for it."""
    content = b"".join(attack(lines(members)))
    positions = range(24) if members is TRAIL else PICKED
    code, said = check(tmp_path, {**members, "events.jsonl": content})
    assert (code, "The member events.jsonl was" in said) == (1, True)
    assert sentence.format(*positions) in said
    code, said = check(tmp_path, vouched(members, events__jsonl=content))
    assert (code, "manifest.json was changed" in said) == (1, True)
    assert sentence.format(*positions) in said


@pytest.mark.parametrize("attack", [missing, truncated])
@pytest.mark.parametrize("members", [TRAIL, CASE_FILE], ids=["trail", "case"])
def test_what_was_taken_out_is_missed(
    tmp_path: Path, members: dict[str, bytes], attack: Any
) -> None:
    content = b"".join(attack(lines(members)))
    code, said = check(tmp_path, {**members, "events.jsonl": content})
    assert code == 1
    assert (
        f"{len(lines(members)) - 1} events where manifest.json says {len(lines(members))}" in said
    )
    code, said = check(tmp_path, vouched(members, events__jsonl=content))
    assert (code, "manifest.json was changed" in said) == (1, True)


def test_a_gap_is_seen_even_where_the_house_itself_made_the_file(tmp_path: Path) -> None:
    _, members = members_of(LOG, picked=[*range(4), *range(7, 23)])
    code, said = check(tmp_path, members)
    assert (code, "Missing: the events from position 4 to 6." in said) == (1, True)


def test_a_trail_that_the_house_itself_cut_short_is_told(tmp_path: Path) -> None:
    _, members = members_of(LOG, picked=range(10), asked=False)
    code, said = check(tmp_path, members)
    assert (code, "ends before this very export was asked for" in said) == (1, True)


def test_many_faults_are_counted(tmp_path: Path) -> None:
    content = TRAIL["events.jsonl"].replace(b"user:7", b"user:8")
    code, said = check(tmp_path, vouched(TRAIL, events__jsonl=content))
    assert (code, "and 16 more: events that are not as the log has them" in said) == (1, True)


# ------------------------------------------------------------------- history written anew and signed


def rewritten(position: int = 5) -> Log:
    """The log with one event changed, signed anew with the house's own key."""
    made_up = event(position, actor="user:99")
    return Log([*LOG.lines[:position], made_up, *LOG.lines[position + 1 :]])


@pytest.mark.parametrize("paths", [True, False])
def test_a_rewritten_history_is_told_by_an_older_checkpoint(tmp_path: Path, paths: bool) -> None:
    picked = PICKED if paths else None
    kind = "case" if paths else "trail"
    _, members = members_of(rewritten(), kind=kind, picked=picked, paths=paths)
    assert check(tmp_path, members)[0] == 0
    code, said = check(tmp_path, members, LOG.note(7))
    assert (code, "HISTORY WAS REWRITTEN: the first 7 events" in said) == (1, True)
    assert check(tmp_path, members, LOG.note(4))[0] == 0


@pytest.mark.parametrize("size", [0, 1, 5, 12, 22])
def test_a_log_that_was_cut_and_goes_on_otherwise_is_told(tmp_path: Path, size: int) -> None:
    _, members = members_of(Log([*LOG.lines[:size], *[event(70 + n) for n in range(30)]]))
    code, said = check(tmp_path, members, LOG.note())
    assert (code, "HISTORY WAS REWRITTEN" in said) == (1, True)


def test_a_log_that_is_shorter_than_it_was_is_told(tmp_path: Path) -> None:
    _, members = members_of(Log(LOG.lines[:9]))
    code, said = check(tmp_path, members, LOG.note())
    assert (code, "events were taken away from its end" in said) == (1, True)


def test_two_histories_of_one_length_are_told(tmp_path: Path) -> None:
    _, members = members_of(rewritten())
    code, said = check(tmp_path, members, WHOLE.note())
    assert (code, "though it is just as long" in said) == (1, True)


def test_leaves_that_lead_elsewhere_than_was_signed_are_told(tmp_path: Path) -> None:
    for leaves in (
        TRAIL["seal/leaves.bin"][:-32],
        TRAIL["seal/leaves.bin"] + bytes(32),
        bytes(32) + TRAIL["seal/leaves.bin"][32:],
    ):
        code, said = check(tmp_path, {**TRAIL, "seal/leaves.bin": leaves})
        assert (code, "does not lead to the root that was signed" in said) == (1, True)


def test_a_checkpoint_without_a_proof_can_not_be_told(tmp_path: Path) -> None:
    code, said = check(tmp_path, CASE_FILE, LOG.note(5))
    assert (code, "proof of consistency from 5 to 24" in said) == (2, True)


def test_two_checkpoints_are_compared_by_a_proof(tmp_path: Path) -> None:
    old, new, proof = (tmp_path / name for name in ("old.txt", "new.txt", "proof.json"))
    new.write_text(LOG.note())
    proof.write_text(json.dumps({"path": LOG.consistency(9)}))
    for log, expected in ((LOG, 0), (rewritten(), 1)):
        old.write_text(log.note(9))
        code, said = verified("--consistency", old, new, proof, "--key", KEY)
        assert (code, "REWRITTEN" in said) == (expected, bool(expected))


# --------------------------------------------------------------------------------- keys and signatures


def test_a_note_that_was_altered_or_signed_by_others_is_told(tmp_path: Path) -> None:
    note = TRAIL["seal/checkpoint.txt"]
    code, said = check(
        tmp_path, {**TRAIL, "seal/checkpoint.txt": note.replace(b"\n25\n", b"\n26\n")}
    )
    assert (code, "does not fit its text" in said) == (1, True)
    stranger = replace(WHOLE, keys=NEW_KEY).note().encode()
    code, said = check(tmp_path, {**TRAIL, "seal/checkpoint.txt": stranger})
    assert (code, "is signed by no key that counts" in said) == (1, True)


def test_without_a_key_of_ones_own_it_says_so(tmp_path: Path) -> None:
    code, said = check(tmp_path, TRAIL, keys=())
    assert (code, "You gave no --key" in said, KEY in said) == (0, True, True)


def rotated() -> tuple[Log, dict[str, bytes]]:
    """A log whose house took a new key at position 10, and signs with that alone now."""
    (new,) = verifier_keys(NEW_KEY)
    said = {"key": new, "vouched": notes.vouch(new, ORIGIN, KEYS)}
    introduced = event(10, "seal_key.introduced", data=said, case=None)
    lines = [*LOG.lines[:10], introduced, *LOG.lines[11:]]
    return members_of(Log(lines, keys=NEW_KEY))


def test_a_new_key_counts_once_the_known_one_signed_over_its_introduction(tmp_path: Path) -> None:
    log, members = rotated()
    code, said = check(tmp_path, members, log.note(12, **KEYS))
    assert (code, "the event at position 10 introduces it" in said) == (0, True)
    code, said = check(tmp_path, members, log.note(10, **KEYS))
    assert (code, "is signed by no key that counts" in said) == (1, True)
    assert check(tmp_path, members)[0] == 1
    assert check(tmp_path, members, keys=tuple(verifier_keys(NEW_KEY)))[0] == 0


def test_a_thief_does_not_introduce_a_key_by_signing_beside_the_house(tmp_path: Path) -> None:
    """Anybody can take a note and put a signature of their own beside that of the house."""
    (new,) = verifier_keys(NEW_KEY)
    forged = Log([*LOG.lines[:10], event(10, "seal_key.introduced", data={"key": new})], NEW_KEY)
    _, members = members_of(forged)
    both = LOG.note(5, **KEYS, **NEW_KEY)
    code, said = check(tmp_path, members, both)
    assert (code, "is signed by no key that counts" in said) == (1, True)


# ----------------------------------------------------------------------------------- clocks, disposals


def test_a_clock_that_goes_backwards_is_remarked(tmp_path: Path) -> None:
    early = [event(number, at=f"2026-11-19T08:00:{number}.000000Z") for number in range(10, 13)]
    log = Log([*LOG.lines[:10], *early])
    code, said = check(tmp_path, members_of(log)[1])
    assert (code, "The clock went backwards 1 times, first at position 10" in said) == (0, True)
    assert "The house never noted it." in said
    log = Log([*log.lines, event(13, "clock.set_back")])
    code, said = check(tmp_path, members_of(log)[1])
    assert (code, "The house noted it at position 13." in said) == (0, True)


@pytest.mark.parametrize(
    ("positions", "unaccounted"),
    [
        ([[3, 5], [8, 8]], None),
        ([[3, 3], [4, 9]], None),
        ([[3, 4], [8, 8]], 5),
        ([[3, 5]], 8),
        ([], 3),
        ([[3, 30]], 3),
    ],
)
def test_what_is_gone_has_to_be_accounted_for(
    tmp_path: Path, positions: list[list[int]], unaccounted: int | None
) -> None:
    account = event(23, "events.disposed", data={"positions": positions, "classes": ["access"]})
    log = Log([*LOG.lines, account], gone=frozenset({3, 4, 5, 8}))
    code, said = check(tmp_path, members_of(log)[1])
    if unaccounted is None:
        assert (code, "4 of them are gone because their time to be kept was over" in said) == (
            0,
            True,
        )
    else:
        assert (code, f"The event at position {unaccounted} is gone" in said) == (1, True)


def test_a_made_up_hash_is_no_disposed_event(tmp_path: Path) -> None:
    entries = lines(TRAIL)
    entries[4] = b'{"position":4,"disposed":"%s"}\n' % (b"ab" * 32)
    code, said = check(tmp_path, vouched(TRAIL, events__jsonl=b"".join(entries)))
    assert (code, "The event at position 4 is not the one" in said) == (1, True)
