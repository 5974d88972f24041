"""The verifier and the file itself: what is missing, damaged, doubled, posing or nonsense is told."""

import ast
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from audit import verify
from tests.audit.exported import CASE_FILE, KEY, TRAIL, check, verified, vouched, zipped


@pytest.mark.parametrize("name", [name for name in TRAIL if name != "seal/keys.txt"])
def test_a_member_that_is_missing_is_missed(tmp_path: Path, name: str) -> None:
    code, said = check(tmp_path, {each: TRAIL[each] for each in TRAIL if each != name})
    assert (code, "missing" in said or "neither" in said) == (1, True)


def test_members_that_were_changed_renamed_or_added_are_named(tmp_path: Path) -> None:
    code, said = check(tmp_path, {**TRAIL, "decisions.csv": b"case,outcome\r\n1,approve\r\n"})
    assert (code, "The member decisions.csv was changed" in said) == (1, True)
    code, said = check(tmp_path, {**TRAIL, "decisions.csv": b"case"})
    assert (code, "The member decisions.csv was truncated" in said) == (1, True)
    code, said = check(tmp_path, {**TRAIL, "decisions.CSV": b"case"})
    assert (code, "decisions.csv twice" in said, "was added" in said) == (1, True, True)
    code, said = check(tmp_path, {**TRAIL, "seal/more.txt": b""})
    assert (code, "The member seal/more.txt was added" in said) == (1, True)


def test_a_member_that_stands_there_twice_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", TRAIL)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("decisions.csv", TRAIL["decisions.csv"])
    code, said = verified(path, "--key", KEY)
    assert (code, "has the member decisions.csv twice" in said) == (1, True)


def test_a_file_that_was_damaged_or_broken_off_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", TRAIL)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    code, said = verified(path, "--key", KEY)
    assert (code, "no whole ZIP file" in said) == (1, True)
    with zipfile.ZipFile(path.with_name("x.zip"), "w", zipfile.ZIP_STORED) as archive:
        for name, content in TRAIL.items():
            archive.writestr(name, content)
    stored = path.with_name("x.zip").read_bytes()
    path.write_bytes(stored.replace(b"1,decline", b"1,APPROVE", 1))
    code, said = verified(path, "--key", KEY)
    assert (code, "decisions.csv is damaged" in said) == (1, True)


def test_more_than_was_promised_is_not_unpacked(tmp_path: Path, monkeypatch: Any) -> None:
    """A member of ten million zeros where a few bytes are promised is left after the first piece."""
    monkeypatch.setattr(verify, "PIECE", 1 << 12)
    read = []
    original = hashlib.sha256

    class Counted:
        def __init__(self, data: bytes = b"") -> None:
            self.hash = original(data)

        def update(self, piece: bytes) -> None:
            read.append(len(piece))
            self.hash.update(piece)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.hash, name)

    monkeypatch.setattr(hashlib, "sha256", Counted)
    code, said = check(tmp_path, {**TRAIL, "decisions.csv": bytes(10_000_000)})
    assert (code, "decisions.csv was changed" in said) == (1, True)
    assert sum(read) < 100_000


def test_what_is_no_export_can_not_be_checked(tmp_path: Path) -> None:
    path = tmp_path / "paper.txt"
    path.write_text("Dear Sir or Madam")
    assert verified(path)[0] == 2
    assert verified(tmp_path / "nowhere.zip")[0] == 2
    path.write_text("{}")
    assert verified(path)[0] == 2
    assert verified(zipped(tmp_path / "e.zip", TRAIL), "--checkpoint", path)[0] == 2
    assert verified(zipped(tmp_path / "e.zip", TRAIL), "--key", "house+00+AA")[0] == 2


def test_an_export_that_poses_as_an_evidence_pack_is_not_told_to_hold(tmp_path: Path) -> None:
    """Of a pack the log can't vouch from within: an export with rows taken out would get by as one."""
    posing = {**TRAIL, "manifest.json": TRAIL["manifest.json"].replace(b"-export/", b"-evidence/")}
    code, said = check(tmp_path, vouched(posing, decisions__csv=b"case,outcome\r\n"))
    assert (code, "This is an evidence pack" in said) == (2, True)


def test_nonsense_in_a_member_ends_in_a_sentence(tmp_path: Path) -> None:
    for name in ("manifest.json", "seal/export.json", "seal/checkpoint.txt", "seal/proofs.jsonl"):
        for content in (b"[]", b"{}", b"\xff", b'{"position":1,"event":{},"path":[1]}', b""):
            code, said = check(tmp_path, {**CASE_FILE, name: content})
            assert (code in (1, 2), "VERDICT" in said) == (True, True)


def test_what_it_says_does_nothing_to_a_terminal(tmp_path: Path) -> None:
    _, said = check(tmp_path, {**TRAIL, "evil\x1b[2J.txt": b""})
    assert "\x1b" not in said


def test_it_runs_alone_on_an_old_python(tmp_path: Path) -> None:
    source = Path(verify.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    alone = tmp_path / "verify.py"
    alone.write_text(source)
    path = zipped(tmp_path / "export.zip", TRAIL)
    done = subprocess.run(
        [sys.executable, "-I", str(alone), str(path), "--key", KEY], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
