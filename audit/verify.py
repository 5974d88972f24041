#!/usr/bin/env python3
"""Checks what Countersign hands out, for somebody who trusts neither its makers nor their database.

    python verify.py export.zip   [--checkpoint saved.txt ...] [--key KEY]...
    python verify.py receipt.json [--checkpoint saved.txt ...] [--key KEY]...
    python verify.py --consistency old.txt new.txt proof.json [--key KEY]...

KEY is the house's public key, name+id+base64, or a file of such keys, a line each.

It ends with 0 where all holds, with 1 where something is wrong, and with 2 where it can't be told.

How the proof goes. All events of the house stand in one log. A Merkle tree (RFC 6962) makes one hash
of it, the root: change, drop, add or move a single event and the root is another one. A checkpoint is
a note of how long the log is and what its root is, signed with Ed25519 (c2sp.org/signed-note). Whoever
keeps a checkpoint himself holds all that came before it: a log that was rewritten later, even by
somebody who has the signing key, no longer begins with the log that the kept checkpoint was made of.

This file needs Python 3.9 or later and the package `cryptography`. It reads, and writes nothing.
It has a part for each of these: the tree, notes, what is reported, the ZIP, events, receipts.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import io
import json
import re
import struct
import sys
import uuid
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SMALL = 64 << 20  # bytes: no list, note or proof of ours is larger, and none is read that is
PIECE = 1 << 20  # bytes that are read at a time, so that no file fills the memory
LINE = 16 << 20  # bytes: the longest line of events that is read
BACKWARDS = 300  # seconds: transactions that run side by side differ by less
TOLD = 8  # faults of one kind that are told one by one


class Wrong(Exception):
    """Something does not hold, and nothing further can be checked."""


class Unclear(Exception):
    """It can't be checked: there is nothing to read, or not what it takes."""


# ------------------------------------------------------------------ the tree (RFC 6962, section 2)


def leaf_hash(line: bytes) -> bytes:
    """The hash of an event, from its line as it stands."""
    return hashlib.sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that leaves are added to: it keeps the hash of each full subtree, the largest first."""

    def __init__(self) -> None:
        """Without any leaf."""
        self.size = 0
        self.full: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Takes in the next leaf; two subtrees of one size become one of twice the size."""
        number = self.size
        while number & 1:
            leaf = node_hash(self.full.pop(), leaf)
            number >>= 1
        self.full.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The one hash over all leaves so far."""
        if not self.full:
            return hashlib.sha256(b"").digest()
        root = self.full[-1]
        for left in reversed(self.full[:-1]):
            root = node_hash(left, root)
        return root


def root_by_path(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf and its path lead to (RFC 9162, 2.1.3.2); None where they lead nowhere."""
    if not 0 <= position < size:
        return None
    at, last, root = position, size - 1, leaf
    for other in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            root = node_hash(other, root)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, other)
        at, last = at >> 1, last >> 1
    return root if last == 0 else None


def begins_with(old: Note, new: Note, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the new log begins with the old one (RFC 9162, 2.1.4.2)."""
    if old.size == new.size:
        return old.root == new.root and not path
    if old.size == 0:
        return old.root == Tree().root() and not path
    at, last = old.size - 1, new.size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    hashes = [*path] if at else [old.root, *path]
    if not hashes:
        return False
    first = second = hashes[0]
    for other in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, other)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old.root and second == new.root


# --------------------------------------------- notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint)


@dataclass(frozen=True)
class Key:
    """A key that checks signatures: `name+id+base64`, where the id follows from the rest."""

    text: str
    name: str
    id: bytes
    public: bytes


@dataclass(frozen=True)
class Signed:
    """A note: `signed` is the text that was signed; of each signature name and id of its key, and itself."""

    called: str
    signed: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]


@dataclass(frozen=True)
class Note(Signed):
    """A checkpoint: which log, how long it is, its root."""

    origin: str
    size: int
    root: bytes


def read_key(text: str) -> Key:
    """A key from how it is written; raises Unclear where it is none."""
    name, _, rest = text.strip().partition("+")
    id, _, encoded = rest.partition("+")
    public = unbase64(encoded)
    expected = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if not name or len(public) != 33 or public[0] != 1 or expected.hex() != id:
        raise Unclear(f"This is not a key, which looks like name+id+base64: {text.strip()[:80]}")
    return Key(text.strip(), name, expected, public[1:])


def read_signed(text: str, called: str) -> Signed:
    """A note from its text; raises ValueError where it is none."""
    body, gap, lines = text.replace("\r\n", "\n").strip("\n").rpartition("\n\n")
    signatures = []
    for line in lines.splitlines():
        found = re.fullmatch(r"— (\S+) (\S+)", line)
        data = unbase64(found[2]) if found else b""
        if not found or len(data) < 5:
            raise ValueError(f"{called} has a line where a signature is expected")
        signatures.append((found[1], data[:4], data[4:]))
    if not gap or not signatures:
        raise ValueError(f"{called} is not signed")
    return Signed(called, (body + "\n").encode(), tuple(signatures))


def read_note(text: str, called: str) -> Note:
    """A checkpoint from its text; raises ValueError where it is none."""
    note = read_signed(text, called)
    parts = note.signed.decode().split("\n")
    if len(parts) < 4 or not re.fullmatch(r"0|[1-9][0-9]{0,18}", parts[1]):
        raise ValueError(f"{called} is no checkpoint")
    root = unbase64(parts[2])
    if len(root) != 32:
        raise ValueError(f"{called} lacks a root")
    return Note(called, note.signed, note.signatures, parts[0], int(parts[1]), root)


def unbase64(text: str) -> bytes:
    """What base64 stands for; nothing where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def signers(note: Signed, keys: Sequence[Key]) -> list[Key]:
    """The keys that signed the note; raises Wrong where one of them has a signature that is false."""
    found = []
    for key in keys:
        for name, id, signature in note.signatures:
            if (name, id) == (key.name, key.id):
                try:
                    Ed25519PublicKey.from_public_bytes(key.public).verify(signature, note.signed)
                except InvalidSignature:
                    raise Wrong(
                        f"{note.called} was altered after it was signed, or never signed:"
                        f" the signature by {key.name} does not fit its text."
                    ) from None
                found.append(key)
    return found


# --------------------------------------------------------------------------------- what is reported


class Report:
    """What was found, in sentences: what holds, what is remarkable, what can't be told, what is wrong."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.holds: list[str] = []
        self.remarks: list[str] = []
        self.untold: list[str] = []
        self.wrong: list[str] = []
        self.counts: dict[str, int] = {}

    def fault(self, kind: str, sentence: str) -> None:
        """One of what may be many faults of a kind: the first few are told, the others counted."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= TOLD:
            self.wrong.append(sentence)

    def conclude(self) -> int:
        """Prints all of it and the verdict; returns the exit code."""
        for kind, count in self.counts.items():
            if count > TOLD:
                self.wrong.append(f"… and {count - TOLD} more: {kind}.")
        for title, sentences in (
            ("What holds", self.holds),
            ("Remarks", self.remarks),
            ("What can't be told from this", self.untold),
            ("WHAT IS WRONG", self.wrong),
        ):
            if sentences:
                print(f"\n{title}")
            for sentence in sentences:
                print(f"  - {shown(sentence)}")
        if self.wrong:
            print(
                "\nVERDICT: something is wrong. Keep this file, and your checkpoints, as evidence."
            )
            return 1
        if self.untold:
            print("\nVERDICT: nothing is wrong so far, but not all could be checked. See above.")
            return 2
        print("\nVERDICT: all that was checked holds.")
        return 0


@dataclass
class Trust:
    """Which keys count, and in words why those."""

    keys: list[Key]
    why: str

    @classmethod
    def of(cls, own: Sequence[Key], named: Iterable[str], saved: Sequence[Note]) -> Trust:
        """The auditor's own count. Without any, of those that the file names the ones that signed what
        the auditor kept: whoever made another log up can name the house's key beside one of his.
        """
        if own:
            return cls([*own], "")
        keys = [read_key(text) for text in named if text.strip()]
        if saved:
            known = [key for key in keys if any(signers(note, [key]) for note in saved)]
            return cls(known, "You gave no --key: those count that have signed your checkpoints: ")
        return cls(
            keys,
            "You gave no --key: the signature was checked by the key that comes with this very"
            " file. Compare it with the one that you once got from the house: ",
        )

    def check(self, note: Note, report: Report) -> bool:
        """Says whether a key that counts has signed the note; raises Wrong for a false signature."""
        names = [key.name for key in signers(note, self.keys)]
        if names:
            report.holds.append(
                f"{note.called} says that the log {note.origin} has {note.size} events;"
                f" it is signed by {' and '.join(names)}."
            )
        return bool(names)

    def demand(self, note: Note, report: Report) -> None:
        """As `check`, where it is wrong if none has."""
        if not self.check(note, report):
            others = ", ".join(f"{name}+{id.hex()}" for name, id, _ in note.signatures)
            report.wrong.append(
                f"{note.called} is signed by no key that counts, but by {others}. Where the house"
                " has a new key, get it from the house yourself and give it as another --key, or"
                " give a --checkpoint of your own that your key signed after the new one was"
                " introduced in the log."
            )
        elif self.why:
            report.remarks.append(self.why + ", ".join(key.text for key in self.keys))


def compare(saved: Note, now: Note, trust: Trust, report: Report) -> bool:
    """What a kept checkpoint says against the log of today before any proof; True: a proof is needed."""
    if not trust.check(saved, report):
        report.remarks.append(
            f"{saved.called} is signed by no key that counts here: it is taken as your own copy."
        )
    if saved.origin != now.origin:
        report.wrong.append(f"{saved.called} is of another log: {saved.origin}, not {now.origin}.")
    elif saved.size > now.size:
        report.wrong.append(
            f"{saved.called} covers {saved.size} events, but the log of this file has only"
            f" {now.size}: events were taken away from its end. (Unless the file is older than your"
            " checkpoint: then check it against an older one, and ask the house for the proof of"
            f" consistency from {now.size} to {saved.size}.)"
        )
    else:
        return True
    return False


def prefix(saved: Note, now: Note, holds: bool, report: Report) -> None:
    """Says whether the log of today begins with what a kept checkpoint was made of."""
    if holds:
        report.holds.append(
            f"The log still begins with exactly the {saved.size} events of {saved.called}."
        )
    else:
        report.wrong.append(
            f"HISTORY WAS REWRITTEN: the first {saved.size} events of the log are not those that"
            f" {saved.called} was made of"
            + (", though it is just as long." if saved.size == now.size else ".")
        )


def by_path(saved: Note, now: Note, path: Sequence[str] | None, report: Report) -> None:
    """As `prefix`, by a proof of consistency, where there is one or none is needed."""
    if path is not None or saved.size == now.size:
        prefix(saved, now, begins_with(saved, now, unhex(path or [])), report)
    else:
        report.untold.append(
            f"Whether the log begins with the {saved.size} events of {saved.called}: this file has no"
            f" proof of it. Ask the house for the proof of consistency from {saved.size} to"
            f" {now.size} and check it with --consistency, or ask for the whole trail."
        )


# ------------------------------------------------------------------------------------------ the ZIP

ZIP64 = 1  # what the directory of a ZIP may say of a member beside its name: that it is large
EVIDENCE = "countersign-evidence/1"  # made alike whenever it is made: no event can name it before
SEAL = {
    "seal/checkpoint.txt",
    "seal/consistency.json",
    "seal/export.json",
    "seal/keys.txt",
    "seal/leaves.bin",
    "seal/proofs.jsonl",
}


class Export:
    """An export: a ZIP whose manifest names its members, and whose seal/ vouches for the manifest."""

    def __init__(self, path: Path, report: Report) -> None:
        """Opens it; raises Wrong where it is damaged or no whole ZIP."""
        self.report = report
        try:
            self.zip = zipfile.ZipFile(path)
        # zipfile raises NotImplementedError for a kind of ZIP that it does not know.
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise Wrong(
                f"This is no whole ZIP file: it was broken off or altered ({error})."
            ) from error
        self.names = [member.filename for member in self.zip.infolist()]
        for member in self.zip.infolist():
            if kinds_of(member.extra) - {ZIP64}:
                report.wrong.append(
                    f"The member {member.filename} has what makes other programs show another one."
                )
        if {"seal/leaves.bin", "seal/proofs.jsonl"} <= {*self.names}:
            report.wrong.append("The ZIP proves its events twice: which proof counts?")
        for name, count in Counter(name.lower() for name in self.names).items():
            if count > 1:
                report.wrong.append(f"The ZIP has the member {name} twice: which one counts?")

    def small(self, name: str) -> bytes:
        """A small member as a whole; raises Wrong where it is missing or not small."""
        if name not in self.names:
            raise Wrong(f"The member {name} is missing: this is no whole export.")
        with self.opened(name) as stream:
            content = stream.read(SMALL + 1)
        if len(content) > SMALL:
            raise Wrong(f"The member {name} is far larger than any that we make.")
        return content

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """A member to be read; raises Wrong as soon as it turns out to be damaged."""
        try:
            with self.zip.open(name) as member, io.BufferedReader(member, PIECE) as stream:  # type: ignore[type-var]  # it reads like a raw one
                yield stream
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,  # zipfile's, for a way of packing that it does not know
        ) as error:
            raise Wrong(f"The member {name} is damaged: it can't be unpacked ({error}).") from error

    def manifest(self) -> dict[str, Any]:
        """What the members are checked by: SHA-256 and size of each; says what differs."""
        content = self.small("manifest.json")
        found = parsed(content, "manifest.json")
        if found.get("format") not in ("countersign-export/1", EVIDENCE):
            raise Unclear("This export has a format that this verify.py does not know.")
        files = {file["name"]: file for file in found["files"]}
        for name in sorted(set(self.names) - {*files, *SEAL, "manifest.json"}):
            self.report.wrong.append(
                f"The member {name} was added: manifest.json does not name it."
            )
        if len(files) != len(found["files"]) or files.keys() & {*SEAL, "manifest.json"}:
            self.report.wrong.append(
                "manifest.json names a member twice, or one that proves itself."
            )
        whole = [self.is_as_promised(name, files[name]) for name in files]
        if all(whole):
            self.report.holds.append(
                f"All {len(whole)} members have the SHA-256 that manifest.json gives them."
            )
        return found

    def is_as_promised(self, name: str, promised: dict[str, Any]) -> bool:
        """Whether a member is there and has its SHA-256."""
        if name not in self.names:
            self.report.wrong.append(f"The member {name} is missing: manifest.json names it.")
            return False
        digest, size = hashlib.sha256(), 0
        with self.opened(name) as stream:
            while size <= promised["size"] and (piece := stream.read(PIECE)):
                digest.update(piece)
                size += len(piece)
        if size == promised["size"] and digest.hexdigest() == promised["sha256"]:
            return True
        what = "truncated" if size < promised["size"] else "changed"
        self.report.wrong.append(
            f"The member {name} was {what}: it is not what manifest.json names."
        )
        return False


def kinds_of(extra: bytes) -> set[int]:
    """What a ZIP's directory says of a member beside its name, such as a second name (APPNOTE, 4.5)."""
    kinds = set()
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        kinds.add(kind)
        extra = extra[4 + size :]
    return kinds


# ----------------------------------------------------------------------------------- events in a file


class Leaves:
    """seal/leaves.bin: the hashes of all events of the log in their order, whose root is computed."""

    def __init__(self, stream: IO[bytes], sizes: Iterable[int]) -> None:
        """`sizes` are those of older logs whose roots are wanted on the way."""
        self.stream, self.tree = stream, Tree()
        self.roots = dict.fromkeys(sizes, self.tree.root())

    def has(self, position: int, leaf: bytes) -> bool:
        """Whether an event of this hash stands at the position; to be asked in their order."""
        found = b""
        while self.tree.size <= position:
            found = self.stream.read(32)
            if len(found) < 32:
                return False
            self.tree.add(found)
            if self.tree.size in self.roots:
                self.roots[self.tree.size] = self.tree.root()
        return found == leaf


class Proofs:
    """seal/proofs.jsonl: for each event of the file the path that leads from it to the root."""

    def __init__(self, stream: IO[bytes], now: Note) -> None:
        """Reads none yet."""
        self.stream, self.now = stream, now
        self.proof: dict[str, Any] = {"position": -1}

    def has(self, position: int, leaf: bytes) -> bool:
        """Whether the file proves that an event of this hash stands at the position."""
        while self.proof["position"] < position:
            line = self.stream.readline(LINE)
            if not line:
                return False
            self.proof = parsed(line, "seal/proofs.jsonl")
        if self.proof["position"] != position:
            return False
        path = unhex(self.proof["path"])
        return root_by_path(leaf, position, self.now.size, path) == self.now.root


class Story:
    """What the events themselves tell that matters here, gathered as they pass."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.count, self.first, self.last = 0, "", ""
        self.disposed: list[list[int]] = []  # runs of positions whose events are no longer there
        self.accounted: list[tuple[int, int]] = []  # runs that an event events.disposed names
        self.keys: list[tuple[int, dict[str, Any]]] = []
        self.backwards: list[str] = []
        self.set_back: list[int] = []
        self.asked: list[Any] = []  # exports that were asked for

    def dispose(self, position: int) -> None:
        """An event's time to be kept was over: only its hash is left."""
        if self.disposed and self.disposed[-1][1] == position - 1:
            self.disposed[-1][1] = position
        else:
            self.disposed.append([position, position])

    def tell(self, position: int, event: dict[str, Any]) -> None:
        """An event that is there."""
        at, kind = event["at"], event["type"]
        self.first = self.first or at
        if at < self.last and seconds(at, self.last) > BACKWARDS:
            self.backwards.append(f"at position {position} from {self.last} to {at}")
        self.last = at
        if kind == "events.disposed":
            self.accounted += [run for run in runs_in(event["data"]) if run[1] < position]
        elif kind == "seal_key.introduced":
            self.keys.append((position, event["data"]))
        elif kind == "clock.set_back":
            self.set_back.append(position)
        elif kind == "export.asked":
            self.asked.append(event["data"].get("export"))

    def unaccounted(self) -> Iterator[int]:
        """The first position of each run that is gone though no event accounts for all of it."""
        runs = iter(sorted(self.accounted))
        run = next(runs, None)
        for first, last in self.disposed:
            at = first
            while run and at <= last:
                if run[1] < at:
                    run = next(runs, None)
                elif run[0] <= at:
                    at = run[1] + 1
                else:
                    break
            if at <= last:
                yield at


def runs_in(data: dict[str, Any]) -> list[tuple[int, int]]:
    """The runs of positions that an event accounts for; none where somebody wrote something else there."""
    try:
        return [(int(first), int(last)) for first, last in data["positions"]]
    except (KeyError, TypeError, ValueError):
        return []


def check_events(lines: IO[bytes], log: Leaves | Proofs, whole: bool, report: Report) -> Story:
    """Checks that each line is an event as the log has it, in order; in a `whole` trail, without gap."""
    story, expected = Story(), 0
    for line in iter(lambda: lines.readline(LINE), b""):
        story.count += 1
        found = re.match(rb'\{"position":(0|[1-9][0-9]{0,18}),"(event|disposed)":', line)
        if not found or not line.endswith(b"}\n"):
            report.fault(
                "lines that can't be read", f"Line {story.count} of events.jsonl is no event."
            )
            continue
        position, content = int(found[1]), line[found.end() : -2]
        if position < expected:
            report.fault(
                "events out of order",
                f"Position {position} comes after position {expected - 1}: an event stands twice, or"
                " their order was changed.",
            )
            continue
        if whole and position > expected:
            report.fault("gaps", f"Missing: the events from position {expected} to {position - 1}.")
        expected = position + 1
        there = found[2] == b"event"
        (leaf,) = [leaf_hash(content)] if there else unhex([content.decode().strip('"')])
        if not log.has(position, leaf):
            report.fault(
                "events that are not as the log has them",
                f"The event at position {position} is not the one that the log has there: it was"
                " changed, moved, or added.",
            )
        elif there:
            story.tell(position, parsed(content, f"the event at position {position}"))
        else:
            story.dispose(position)
    return story


def tell_story(story: Story, whole: bool, report: Report) -> None:
    """Puts what the events tell into sentences."""
    gone = sum(last - first + 1 for first, last in story.disposed)
    if story.count and not report.counts:
        report.holds.append(
            f"All {story.count} events, from {story.first} to {story.last}, are those that the log has"
            f" at their positions, in order{' and without a gap' if whole else ''}."
        )
    if gone:
        missing = list(story.unaccounted())
        if not missing:
            report.holds.append(
                f"{gone} of them are gone because their time to be kept was over: events of the log"
                " (events.disposed) account for each, and their hashes are still in their places."
            )
        elif whole:
            for position in missing:
                report.fault(
                    "events that are gone without account",
                    f"The event at position {position} is gone, and no event events.disposed of the"
                    " log says that it was to go.",
                )
        else:
            report.remarks.append(
                f"{gone} of these events are gone. Whether their time to be kept was over is told by"
                " events events.disposed, which the export of the whole trail has."
            )
    if story.backwards:
        noted = " and ".join(map(str, story.set_back))
        report.remarks.append(
            f"The clock went backwards {len(story.backwards)} times, first {story.backwards[0]}."
            + (
                f" The house noted it at position {noted}."
                if noted
                else " The house never noted it."
            )
        )
    elif story.set_back:
        noted = " and ".join(map(str, story.set_back))
        report.remarks.append(f"The house noted at position {noted} that its clock was set back.")


# ---------------------------------------------------------------------------------- a whole export


def check_export(
    path: Path, saved: Sequence[Note], keys: Sequence[Key], packed: str, report: Report
) -> None:
    """Checks an export in all its parts; of an evidence pack `packed` is what its manifest has to be."""
    export = Export(path, report)
    manifest = export.manifest()
    now = read_note(export.small("seal/checkpoint.txt").decode(), "seal/checkpoint.txt")
    if manifest["origin"] != now.origin:
        report.wrong.append(
            f"manifest.json and its checkpoint are of different logs: {now.origin}."
        )
    named = export.small("seal/keys.txt").decode().splitlines()
    trust = Trust.of(keys, named, saved)
    strange = [text for text in named if text.strip() and keys and read_key(text) not in keys]
    if strange:
        report.remarks.append(
            "seal/keys.txt names keys that you did not give; they count for nothing by standing there: "
            + ", ".join(strange)
        )
    evidence = manifest["format"] == EVIDENCE
    if evidence:
        check_packed(export, packed, report)
    else:
        check_prepared(export, now, report)
    whole = manifest["kind"] == "trail" and not evidence
    story = check_log(export, now, whole, saved, trust, report)
    tell_story(story, whole, report)
    trust.demand(now, report)
    check_ends(manifest, now, story, report)
    for note in saved if whole else ():
        if note.size > story.count:
            report.remarks.append(
                f"{note.called} is over {note.size - story.count} events that came after the last one in"
                " this file: ask for the trail once more to see them."
            )


def check_ends(manifest: dict[str, Any], now: Note, story: Story, report: Report) -> None:
    """Checks that nothing is missing at the end of the file, and says how far it goes."""
    rows = {file["name"]: file.get("rows") for file in manifest["files"]}
    if rows.get("events.jsonl", 0) != story.count:
        report.wrong.append(
            f"events.jsonl has {story.count} events where manifest.json says"
            f" {rows.get('events.jsonl')}: it was truncated, or added to."
        )
    if manifest["format"] != EVIDENCE and manifest["kind"] == "trail":
        if manifest["export"] not in story.asked:
            report.wrong.append(
                "The trail ends before this very export was asked for (the event export.asked), after"
                f" {story.last or 'nothing at all'}: events are missing at its end."
            )
        report.remarks.append(
            f"Since the last event in this file the log has got {now.size - story.count} more, the one"
            " of the export among them."
        )
    else:
        report.remarks.append(
            "This is a selection. It proves that what is there happened, and that the house has not"
            " changed the file since; not that nothing else happened: that takes the whole trail."
        )


def check_packed(export: Export, packed: str, report: Report) -> None:
    """Checks the manifest of an evidence pack, which no event in it can name: packs are made alike.

    Without a digest from elsewhere it is not told to hold, or any export could pose as a pack.
    """
    digest = hashlib.sha256(export.small("manifest.json")).hexdigest()
    report.remarks.append(
        "This is an evidence pack. Its events are proven by the log; its tables are the house's own"
        " account of the same period, to be compared with them."
    )
    if packed == digest:
        report.holds.append("manifest.json has the SHA-256 that you gave with --manifest.")
    elif packed:
        report.wrong.append(f"manifest.json is not the one that you gave: its SHA-256 is {digest}.")
    else:
        report.untold.append(
            "Whether the house packed it so: take the SHA-256 from the event evidence.packed in the"
            f" trail and give it as --manifest. Here it is {digest}."
        )


def check_prepared(export: Export, now: Note, report: Report) -> None:
    """Checks that the log itself vouches for the manifest, by the event export.prepared."""
    position, line, path = proven(export.small("seal/export.json").decode(), "seal/export.json")
    event = parsed(line, "seal/export.json")
    digest = hashlib.sha256(export.small("manifest.json")).hexdigest()
    if root_by_path(leaf_hash(line), position, now.size, path) != now.root:
        report.wrong.append("The event export.prepared in seal/export.json is not in the log.")
    elif (event["type"], event["data"].get("manifest")) != ("export.prepared", digest):
        report.wrong.append(
            "manifest.json was changed: the event export.prepared in the log vouches for another one."
        )
    else:
        report.holds.append(
            f"The log vouches for manifest.json: the event export.prepared of {event['at']}, at"
            f" position {position}, names its SHA-256."
        )


def check_log(
    export: Export, now: Note, whole: bool, saved: Sequence[Note], trust: Trust, report: Report
) -> Story:
    """Checks the events against the log, and the log against the checkpoints that were kept."""
    story, roots = Story(), None
    if "seal/leaves.bin" in export.names:
        with export.opened("seal/leaves.bin") as stream:
            leaves = Leaves(stream, [note.size for note in (*saved, now)])
            story = events_of(export, leaves, whole, report)
            leaves.has(now.size, b"")  # reads on to the end, and to one more that may not be there
        roots = leaves.roots
        if leaves.tree.size != now.size or roots[now.size] != now.root:
            report.wrong.append(
                "seal/leaves.bin does not lead to the root that was signed: the log was rewritten,"
                " reordered, added to or truncated since."
            )
        else:
            report.holds.append(
                f"The hashes of all {now.size} events lead to the root that is signed."
            )
    elif "seal/proofs.jsonl" in export.names:
        with export.opened("seal/proofs.jsonl") as stream:
            story = events_of(export, Proofs(stream, now), whole, report)
    else:
        story = events_of(export, Proofs(io.BytesIO(), now), whole, report)
    kept = [note for note in saved if compare(note, now, trust, report)]
    for note in kept:
        check_prefix(export, note, now, roots, report)
    introduce(trust, story, kept, report)
    return story


def events_of(export: Export, log: Leaves | Proofs, whole: bool, report: Report) -> Story:
    """Checks the events of the file, if it has any."""
    if "events.jsonl" not in export.names:
        return Story()
    with export.opened("events.jsonl") as lines:
        return check_events(lines, log, whole, report)


def check_prefix(
    export: Export, saved: Note, now: Note, roots: dict[int, bytes] | None, report: Report
) -> None:
    """Checks that the log begins with what a kept checkpoint was made of."""
    if roots is not None:
        prefix(saved, now, roots[saved.size] == saved.root, report)
        return
    paths: dict[str, Any] = {}
    if "seal/consistency.json" in export.names:
        paths = parsed(export.small("seal/consistency.json"), "seal/consistency.json")
    by_path(saved, now, paths.get(str(saved.size)), report)


def introduce(trust: Trust, story: Story, kept: Sequence[Note], report: Report) -> None:
    """Lets a new key count that one that counts has vouched for, in an event that it has signed over.

    That a note has both signatures is no proof: anybody can put a signature beside another. Nor is the
    event: the application, which has no key, could have recorded it.
    """
    for note in sorted(kept, key=lambda each: each.size):
        for position, said in story.keys if signers(note, trust.keys) else ():
            text = said.get("key")
            known = text in [key.text for key in trust.keys]
            if position < note.size and not known and vouched(said, note.origin, trust.keys):
                trust.keys.append(read_key(str(text)))
                report.remarks.append(
                    f"The key {text} counts too: the event at position {position} introduces it, and"
                    f" {note.called}, signed by a key that counts, covers that event."
                )


def vouched(said: dict[str, Any], origin: str, keys: Sequence[Key]) -> bool:
    """Whether one of the keys has signed that the new one is a key of this log, too."""
    try:
        note = read_signed(str(said.get("vouched")), "a new key's introduction")
        expected = f"countersign-key/1\n{origin}\n{said.get('key')}\n".encode()
        return note.signed == expected and bool(signers(note, keys))
    except (ValueError, Wrong):
        return False


# ------------------------------------------------------------------------------------- one decision


def check_receipt(
    receipt: dict[str, Any], saved: Sequence[Note], keys: Sequence[Key], report: Report
) -> None:
    """Checks the receipt of a decision: that it stands in the log, and says what stands there."""
    if receipt.get("format") != "countersign-receipt/1":
        raise Unclear("This JSON file is no receipt of a format that this verify.py knows.")
    now = read_note(receipt["checkpoint"], "The receipt's checkpoint")
    trust = Trust.of(keys, receipt["keys"], saved)
    event = in_log(receipt, now, "the decision", report)
    if (event["type"], event["case"]) != ("case.decided", receipt["case"]):
        report.wrong.append("The event in this receipt is not the decision of its case.")
    if not receipt["reference"].isprintable():
        report.wrong.append("The reference holds what could pass for further lines of the receipt.")
    facts = decision_facts(event)
    for name in sorted({*facts, *receipt["decision"]}):
        if facts.get(name) != receipt["decision"].get(name):
            report.wrong.append(
                f"The receipt says {name}: {receipt['decision'].get(name)}, but the event that stands"
                f" in the log says {facts.get(name)}."
            )
    sure = check_reference(receipt, now, report)
    if receipt["words"] != words_of(receipt, sure):
        report.wrong.append("The words of this receipt are not what its facts say in words.")
    for note in saved:
        if compare(note, now, trust, report):
            by_path(note, now, None, report)
    trust.demand(now, report)
    print("\n" + shown(words_of({**receipt, "decision": facts}, sure)))


def in_log(part: dict[str, Any], now: Note, what: str, report: Report) -> dict[str, Any]:
    """An event with its path: what it says, and a sentence on whether it is in the log."""
    line = part["event"].encode()
    if root_by_path(leaf_hash(line), part["position"], now.size, unhex(part["path"])) == now.root:
        report.holds.append(
            f"The event of {what} stands in the log, at position {part['position']}."
        )
    else:
        report.wrong.append(f"The event of {what} is not in the log: it was changed or made up.")
    return parsed(line, f"the event of {what}")


def check_reference(receipt: dict[str, Any], now: Note, report: Report) -> bool:
    """Whether the event of the case's receipt commits to the reference.

    The log has no references, only HMACs of them under a key of each case: the receipt tells the key.
    """
    proof = receipt.get("reference_proof")
    if not proof:
        report.remarks.append("The reference is as the house says: the log has no proof of it.")
        return False
    event = in_log(proof, now, "the case's arrival", report)
    message = uuid.UUID(receipt["case"]).bytes + b"reference\x00"
    message += json.dumps(receipt["reference"], ensure_ascii=False).encode()
    found = hmac.new(bytes.fromhex(proof["key"]), message, hashlib.sha256).hexdigest()
    if (event["case"], event["commitments"].get("reference")) == (receipt["case"], found):
        report.holds.append(f"The case has the reference {receipt['reference']}.")
    else:
        report.wrong.append("The reference is not the one that the case arrived with.")
    return True


def decision_facts(event: dict[str, Any]) -> dict[str, Any]:
    """What the event of a decision says of it."""
    return {"made_at": event["at"], "pipeline": event["pipeline"], **event["data"]}


def words_of(receipt: dict[str, Any], proven_reference: bool) -> str:
    """A receipt in words, for the person whom the case is about; all that is said is in its facts."""
    facts = receipt["decision"]
    said = facts.get("words") or {"outcome": facts["outcome"], "reasons": facts["reasons"]}
    person = "by a person" if facts["made_by"] == "review" else "automatically, without a person"
    lines = [
        "RECEIPT OF A DECISION",
        "",
        f"Reference:  {receipt['reference']}"
        + ("" if proven_reference else " (not part of the proof)"),
        f"Case:       {receipt['case']}",
        f"Decision:   {said['outcome']}",
        f"Made:       {facts['made_at'][:19].replace('T', ' ')} UTC, {person}",
        *[f"Reason:     {reason}" for reason in said["reasons"]],
    ]
    if facts.get("policy"):
        lines.append(f"Policy:     version {facts['policy']} for {facts['pipeline']}")
    if facts.get("model"):
        lines.append(f"Model:      {facts['model']}")
    return "\n".join([*lines, "", "To check it: python verify.py receipt.json --key KEY", ""])


# ------------------------------------------------------------------------------ reading what is given


def proven(text: str, called: str) -> tuple[int, bytes, list[bytes]]:
    """The position, exact line and path of an event that stands in a JSON object of its own."""
    found = re.match(r'\{"position":([0-9]{1,19}),"event":', text)
    if not found:
        raise Wrong(f"{called} can't be read.")
    _, end = json.JSONDecoder().raw_decode(text, found.end())
    path = unhex(parsed(text.encode(), called)["path"])
    return int(found[1]), text[found.end() : end].encode(), path


def parsed(content: bytes, called: str) -> dict[str, Any]:
    """A JSON object; raises Wrong where it is none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Wrong(f"{called} can't be read: it is no JSON object.")
    return found


def unhex(hashes: Sequence[str]) -> list[bytes]:
    """Hashes as bytes; raises ValueError for what is no SHA-256."""
    found = [bytes.fromhex(hash) for hash in hashes]
    if any(len(hash) != 32 for hash in found):
        raise ValueError("a hash has 32 bytes")
    return found


def seconds(earlier: str, later: str) -> float:
    """The time between two moments."""
    form = "%Y-%m-%dT%H:%M:%S.%fZ"
    return (datetime.strptime(later, form) - datetime.strptime(earlier, form)).total_seconds()


def shown(text: str) -> str:
    """Text that can do nothing to a terminal but be read there."""
    safe = "".join(each if each.isprintable() or each == "\n" else "?" for each in text)
    encoding = sys.stdout.encoding or "ascii"
    return safe.encode(encoding, "backslashreplace").decode(encoding)


def kept_note(path: Path) -> Note:
    """A checkpoint from a file of the auditor's own; raises Unclear."""
    try:
        return read_note(path.read_text(encoding="utf-8-sig"), path.name)
    except (OSError, ValueError) as error:
        raise Unclear(f"{path} can't be read as a checkpoint: {error}") from error


def keys_in(text: str) -> list[Key]:
    """The key that was given, or those in the file that was."""
    path = Path(text)
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else [text]
    return [read_key(line) for line in lines if line.strip()]


def check_consistency(paths: Sequence[Path], keys: Sequence[Key], report: Report) -> None:
    """Checks that of two kept checkpoints the later one's log begins with the earlier one's."""
    old, new = kept_note(paths[0]), kept_note(paths[1])
    trust = Trust.of(keys, (), ())
    if not keys:
        report.remarks.append("You gave no --key: no signature was checked, only the proof.")
    if old.size > new.size:
        old, new = new, old
    proof = json.loads(paths[2].read_text(encoding="utf-8"))
    path = unhex(proof["path"] if isinstance(proof, dict) else proof)
    for note in (old, new) if keys else ():
        trust.demand(note, report)
    if old.origin != new.origin:
        report.wrong.append("The two checkpoints are of different logs.")
    prefix(old, new, begins_with(old, new, path), report)


def check_file(
    path: Path, saved: Sequence[Note], keys: Sequence[Key], packed: str, report: Report
) -> None:
    """Checks an export or a receipt, whichever the file is."""
    try:
        with path.open("rb") as file:
            start = file.read(2)
            rest = file.read(SMALL) if start != b"PK" else b""
    except OSError as error:
        raise Unclear(f"{path} can't be read: {error.strerror}") from error
    if start == b"PK":
        check_export(path, saved, keys, packed, report)
    elif start[:1] == b"{":
        check_receipt(parsed(start + rest, path.name), saved, keys, report)
    else:
        raise Unclear(f"{path} is neither an export (ZIP) nor a receipt (JSON).")


def main(arguments: Sequence[str] | None = None) -> int:
    """Checks what the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(description="Checks what Countersign hands out.")
    parser.add_argument("file", nargs="?", type=Path, help="an export (ZIP) or a receipt (JSON)")
    parser.add_argument(
        "--checkpoint",
        nargs="+",
        action="extend",
        type=Path,
        default=[],
        metavar="SAVED.TXT",
        help="checkpoints that you kept yourself",
    )
    parser.add_argument(
        "--key", action="append", default=[], metavar="KEY", help="a key, or a file of keys"
    )
    parser.add_argument(
        "--manifest", default="", metavar="SHA256", help="of an evidence pack, from evidence.packed"
    )
    parser.add_argument("--consistency", nargs=3, type=Path, metavar=("OLD", "NEW", "PROOF"))
    given = parser.parse_args(arguments)
    if (given.file is None) == (given.consistency is None):
        parser.error("give one file, or --consistency with three")
    report = Report()
    try:
        keys = [key for text in given.key for key in keys_in(text)]
        if given.consistency:
            check_consistency(given.consistency, keys, report)
        else:
            saved = [kept_note(path) for path in given.checkpoint]
            check_file(given.file, saved, keys, given.manifest.lower(), report)
    except Unclear as error:
        report.untold.append(str(error))
    except Wrong as error:
        report.wrong.append(str(error))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        report.wrong.append(f"A part is not in the form that it should have ({error!r}).")
    return report.conclude()


if __name__ == "__main__":
    sys.exit(main())
