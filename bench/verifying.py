"""Verifying a whole trail of a million events, beside the bare hashing of the same lines.

The verifier runs as an auditor runs it: a process of its own, with a checkpoint that was kept. The
floor is SHA-256 over the very lines, which lie in a plain file: no ZIP, no JSON, no tree.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from audit import verify
from audit.merkle import Frontier, leaf_hash
from audit.notes import checkpoint_text, sign, verifier_key
from bench.measure import heading, line

EVENTS = 1_000_000
FEWER = 100_000
ORIGIN = "bench.example/log"
SEED = bytes(range(32))
KEY = verifier_key("bench", SEED)
EVENT = (
    '{"at": "2026-11-%02dT%02d:%02d:%02d.%06dZ", "id": %d, "case": "0198c1de-0000-7000-8000-%012d",'
    ' "data": {"step": "reviews.tasks.route_case", "route": %d, "queue": "loan-review", "reasons":'
    ' ["not_confident"], "blind": false}, "type": "case.sent_to_review", "actor": "system:policy",'
    ' "pipeline": "loan", "commitments": {"data":'
    ' "5a1f6e0c9d8b7a6958473625141302f1e0dccbba99887766554433221100ffee"}}'
)


def events(count: int) -> Iterator[bytes]:
    """Lines as the log has them, of the length of most; the last one asks for the export."""
    for number in range(count - 1):
        second, micro = divmod(number, 1000)
        at = (
            1 + second // 86400,
            second // 3600 % 24,
            second // 60 % 60,
            second % 60,
            micro * 1000,
        )
        yield (EVENT % (*at, number, number, number)).encode()
    asked = EVENT % (30, 0, 0, 0, 0, count, 0, 0)
    yield (
        asked.replace("case.sent_to_review", "export.asked")
        .replace('{"step"', '{"export": 1, "step"')
        .encode()
    )


def run() -> None:
    """Prints both paces, their ratio, and what the verifier takes of memory for few and for many."""
    heading("Verifying a trail, events a second")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        few_seconds, few_memory = verified(*export(folder, FEWER))
        path, saved = export(folder, EVENTS)
        floor = hashed(folder / "lines")
        seconds, memory = verified(path, saved)
    line(f"{EVENTS:,} events verified, or hashed", EVENTS / seconds, EVENTS / floor)
    print(f"{EVENTS:,} events took {seconds:.1f} s (at most 60) and {memory:.0f} MiB;", end=" ")
    print(f"{FEWER:,} took {few_seconds:.1f} s and {few_memory:.0f} MiB")


def verified(path: Path, saved: Path) -> tuple[float, float]:
    """How many seconds the verifier took, and how many MiB at its peak."""
    command = [sys.executable, "-I", verify.__file__, str(path), "--checkpoint", str(saved)]
    began = time.perf_counter()
    with subprocess.Popen([*command, "--key", KEY], stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.perf_counter() - began, used.ru_maxrss / 1024


def hashed(lines: Path) -> float:
    """How many seconds the hashes of the lines alone take."""
    began = time.perf_counter()
    with lines.open("rb") as stream:
        for each in stream:
            hashlib.sha256(each).digest()
    return time.perf_counter() - began


def export(folder: Path, count: int) -> tuple[Path, Path]:
    """A trail of so many events as a file that proves itself, and a checkpoint of its first half."""
    path, saved, frontier = folder / f"{count}.zip", folder / "saved.txt", Frontier()
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        (folder / "lines").open("wb") as plain,
        (folder / "leaves").open("wb") as leaves,
    ):
        with archive.open("events.jsonl", "w", force_zip64=True) as member:
            digest, size = hashlib.sha256(), 0
            for position, text in enumerate(events(count)):
                entry = b'{"position":%d,"event":%s}\n' % (position, text)
                member.write(entry)
                plain.write(text + b"\n")
                leaves.write(leaf_hash(text))
                digest.update(entry)
                size += len(entry)
                frontier.append(leaf_hash(text))
                if position + 1 == count // 2:
                    saved.write_text(note(frontier))
        file = {"name": "events.jsonl", "sha256": digest.hexdigest(), "size": size, "rows": count}
        about = {
            "format": "countersign-export/1",
            "kind": "trail",
            "export": 1,
            "origin": ORIGIN,
            "files": [file],
        }
        manifest = json.dumps(about).encode()
        archive.writestr("manifest.json", manifest)
        seal(archive, frontier, manifest, leaves)
    return path, saved


def seal(archive: zipfile.ZipFile, frontier: Frontier, manifest: bytes, leaves: IO[bytes]) -> None:
    """What proves the file, with the event of the export as the last of the log."""
    count, lefts = frontier.size, list(frontier.hashes)
    data = json.dumps({"manifest": hashlib.sha256(manifest).hexdigest()})
    text = (EVENT % (30, 0, 0, 0, 0, count, 0, 0)).replace("case.sent_to_review", "export.prepared")
    prepared = text.replace('{"step"', data[:-1] + ', "step"').encode()
    frontier.append(leaf_hash(prepared))
    leaves.write(leaf_hash(prepared))
    leaves.flush()
    path = [each.hex() for each in reversed(lefts)]
    proof = b'{"position":%d,"event":%s,"path":%s}' % (count, prepared, json.dumps(path).encode())
    archive.writestr("seal/export.json", proof)
    archive.writestr("seal/checkpoint.txt", note(frontier))
    archive.writestr("seal/keys.txt", KEY)
    archive.write(leaves.name, "seal/leaves.bin")


def note(frontier: Frontier) -> str:
    """The signed checkpoint."""
    return sign(checkpoint_text(ORIGIN, frontier.size, frontier.root()), {"bench": SEED})
