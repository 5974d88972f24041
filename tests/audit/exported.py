"""A log in memory and exports of it, written as the house writes them, for the verifier to read."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from audit import merkle, notes, verify
from audit.vault import canonical

ORIGIN = "countersign.example/log"
KEYS = {"house-2026": bytes(range(32))}
NEW_KEY = {"house-2027": bytes(range(32, 64))}
CASE = "0198c1de-0000-7000-8000-000000000001"


def event(number: int, type: str = "case.opened", **members: Any) -> bytes:
    """An event's line as the database spells it."""
    whole = {
        "at": f"2026-11-20T08:{number // 60 % 60:02}:{number % 60:02}.000000Z",
        "id": 1000 + number,
        "case": CASE,
        "data": {"number": number},
        "type": type,
        "actor": "user:7",
        "pipeline": "loan",
        "commitments": {},
    }
    return json.dumps(whole | members, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Log:
    """A log: its lines, and the keys that sign it. `gone` are positions whose events are disposed of."""

    lines: Sequence[bytes]
    keys: Mapping[str, bytes] = field(default_factory=lambda: dict(KEYS))
    gone: frozenset[int] = frozenset()

    @property
    def hashes(self) -> list[bytes]:
        """The leaves."""
        return [merkle.leaf_hash(line) for line in self.lines]

    def note(self, size: int | None = None, **keys: bytes) -> str:
        """The signed checkpoint of the first `size` events, or of all."""
        hashes = self.hashes[:size]
        text = notes.checkpoint_text(ORIGIN, len(hashes), merkle.root_of(hashes))
        return notes.sign(text, keys or self.keys)

    def kept(self, level: int, start: int, stop: int) -> list[bytes]:
        """Hashes for proofs, as `audit.merkle` asks for them."""
        width = 1 << level
        return [
            merkle.root_of(self.hashes[number * width : (number + 1) * width])
            for number in range(start, stop)
        ]

    def path(self, position: int) -> list[str]:
        """The proof that an event is in the log."""
        return [each.hex() for each in merkle.inclusion_path(position, len(self.lines), self.kept)]

    def consistency(self, old: int, new: int | None = None) -> list[str]:
        """The proof that the log begins with its first `old` events."""
        size = len(self.lines) if new is None else new
        return [each.hex() for each in merkle.consistency_path(old, size, self.kept)]

    def entry(self, position: int) -> bytes:
        """A line of events.jsonl."""
        if position in self.gone:
            return b'{"position":%d,"disposed":"%s"}\n' % (
                position,
                self.hashes[position].hex().encode(),
            )
        return b'{"position":%d,"event":%s}\n' % (position, self.lines[position])


def members_of(
    log: Log,
    *,
    kind: str = "trail",
    picked: Sequence[int] | None = None,
    paths: bool = False,
    asked: bool = True,
) -> tuple[Log, dict[str, bytes]]:
    """An export of the log, by member; and the log, which has the event of the export then.

    `picked` are the positions of its events, or all; with `paths` each has its own proof. A trail has
    the event by which it was `asked` for.
    """
    positions = [*(range(len(log.lines)) if picked is None else picked)]
    if kind == "trail" and asked:
        positions.append(len(log.lines))
        request = event(len(log.lines), "export.asked", data={"export": 3}, case=None)
        log = replace(log, lines=[*log.lines, request])
    files = {
        "events.jsonl": b"".join(log.entry(position) for position in positions),
        "decisions.csv": b"case,outcome\r\n1,decline\r\n",
        "README.txt": b"How to check this file.\n",
    }
    manifest = canonical(
        {
            "format": "countersign-export/1",
            "kind": kind,
            "export": 3,
            "made_at": "2026-11-20T09:00:00Z",
            "origin": ORIGIN,
            "asked_by": "user:7",
            "pipeline": None,
            "filter": {},
            "masked": False,
            "files": [
                {
                    "name": name,
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "size": len(content),
                    "rows": content.count(b"\n"),
                }
                for name, content in files.items()
            ],
        }
    )
    data = {"export": 3, "manifest": hashlib.sha256(manifest).hexdigest()}
    prepared = event(len(log.lines), "export.prepared", data=data, case=None)
    log = replace(log, lines=[*log.lines, prepared])
    return log, {
        "manifest.json": manifest,
        **files,
        **sealed(log, positions if paths else None),
    }


def sealed(log: Log, paths: Sequence[int] | None) -> dict[str, bytes]:
    """The members under seal/, of a log that ends with the event of its export."""
    last = len(log.lines) - 1
    export = b'{"position":%d,"event":%s,"path":%s}' % (
        last,
        log.lines[last],
        json.dumps(log.path(last)).encode(),
    )
    members = {
        "seal/checkpoint.txt": log.note().encode(),
        "seal/export.json": export,
        "seal/keys.txt": "".join(f"{key}\n" for key in verifier_keys(log.keys)).encode(),
    }
    if paths is None:
        return members | {"seal/leaves.bin": b"".join(log.hashes)}
    proofs = [{"position": position, "path": log.path(position)} for position in paths]
    kept = {str(old): log.consistency(old) for old in range(1, last, 3)}
    return members | {
        "seal/proofs.jsonl": b"".join(json.dumps(proof).encode() + b"\n" for proof in proofs),
        "seal/consistency.json": json.dumps(kept).encode(),
    }


def verifier_keys(keys: Mapping[str, bytes]) -> list[str]:
    """The public form of keys."""
    return [notes.verifier_key(name, seed) for name, seed in keys.items()]


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    """The members as a ZIP."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def vouched(members: Mapping[str, bytes], **changes: bytes) -> dict[str, bytes]:
    """The members changed, and the manifest with them: as somebody would who wants it unseen."""
    changed = {**members, **{name.replace("__", "."): each for name, each in changes.items()}}
    manifest = json.loads(changed["manifest.json"])
    for file in manifest["files"]:
        content = changed[file["name"]]
        file |= {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        file["rows"] = content.count(b"\n")
    return changed | {"manifest.json": canonical(manifest)}


def verified(*arguments: object) -> tuple[int, str]:
    """What the verifier answers: its exit code, and all that it says on one line."""
    said = io.StringIO()
    with redirect_stdout(said):
        code = verify.main([str(argument) for argument in arguments])
    return code, " ".join(said.getvalue().split())


(KEY,) = verifier_keys(KEYS)
LOG = Log([event(number) for number in range(23)])
WHOLE, TRAIL = members_of(LOG)
PICKED = (2, 3, 11, 17)
_, CASE_FILE = members_of(LOG, kind="case", picked=PICKED, paths=True)


def check(
    tmp_path: Path, members: Mapping[str, bytes], *saved: str, keys: tuple[str, ...] = (KEY,)
) -> tuple[int, str]:
    """What the verifier says of the members, beside checkpoints that were saved."""
    arguments: list[object] = [zipped(tmp_path / "export.zip", members)]
    for number, note in enumerate(saved):
        path = tmp_path / f"saved-{number}.txt"
        path.write_text(note)
        arguments += ["--checkpoint", path]
    for key in keys:
        arguments += ["--key", key]
    return verified(*arguments)
