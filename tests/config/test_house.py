"""The house rules that a machine can check: format, types, imports, pinned requirements."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
REQUIREMENT = re.compile(r"[A-Za-z0-9_.-]+(\[[a-z0-9,-]+\])?==[0-9][^\s;]*( ; [^#]+)?  # \S.+")
LONGEST_FILE = 400
ALONE = {"audit/verify.py"}
"""What auditors carry away as one file: it can't be parted, so it is plain instead."""


def run_tool(*command: str) -> None:
    """Fail with all that a tool complains of."""
    program = str(TOOLS / command[0])
    done = subprocess.run(
        [program, *command[1:]],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


def tracked_files(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("lint-imports", "--no-cache")],
    ids=" ".join,
)
def test_rules_format_and_imports_are_kept(command: tuple[str, ...]) -> None:
    run_tool(*command)


@pytest.mark.timeout(900)
def test_types_are_right() -> None:
    run_tool("mypy", "--no-error-summary", ".")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_says_why_it_is_there(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "--constraint "))]
    assert [line for line in wanted if not REQUIREMENT.fullmatch(line)] == []


def test_what_is_required_is_what_is_pinned_for_all() -> None:
    pins = (ROOT / "constraints.txt").read_text().lower().replace("_", "-").splitlines()
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if REQUIREMENT.fullmatch(line):
                pin = re.sub(r"\[.*?\]", "", line.split()[0]).lower().replace("_", "-")
                assert pin in pins


def test_no_file_names_somebodys_machine() -> None:
    paths = re.compile(rf"/(?:home|Users|root|work)/[a-z]|{re.escape(str(ROOT))}/")
    naming = []
    for file in tracked_files():
        text = file.read_bytes().decode("utf-8", "replace")
        naming += [f"{file.relative_to(ROOT)}: {match[0]}" for match in paths.finditer(text)]
    assert naming == []


def test_no_module_has_grown_out_of_sight() -> None:
    sizes = {
        str(file.relative_to(ROOT)): len(file.read_text().splitlines())
        for file in tracked_files("*.py")
        if "migrations" not in file.parts
    }
    long = {name: size for name, size in sizes.items() if size > LONGEST_FILE}
    assert long.keys() <= ALONE, long
