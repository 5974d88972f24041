"""What a paper that has taken over its sandboxed child finds there."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.sandbox import run
from tests.cases.test_sandbox import zygote

SECLUDE = "import sys; from cases.seclusion import seclude; sys.exit(not seclude())"
LOOK = """
import os
from cases.seclusion import LIBC, PR_SET_DUMPABLE, hide_own_memory

if os.getuid() == 0:  # whom nothing is hidden from
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    LIBC.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)

def child_sees_us():
    if os.fork():
        return os.wait()[1] == 0
    try:
        open(f"/proc/{os.getppid()}/environ").read()
    except PermissionError:
        os._exit(1)
    os._exit(0)

print(child_sees_us())
hide_own_memory()
print(child_sees_us())
"""

allowed_here = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", SECLUDE], check=False).returncode != 0,
    reason="this machine grants no namespaces",
)


def attempt(action: Callable[[], object]) -> str:
    """What became of an attempt, in one word."""
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"


def environment_of(process: int) -> str:
    return attempt(Path(f"/proc/{process}/environ").read_bytes)


def memory_of(process: int) -> str:
    return attempt(lambda: Path(f"/proc/{process}/mem").open("rb").close())


def signal_to(process: int) -> str:
    return attempt(lambda: os.kill(process, 0))


def call(port: int) -> str:
    return attempt(lambda: socket.create_connection(("127.0.0.1", port), 5).close())


def standing() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines)


@allowed_here
def test_it_sees_into_no_process_and_reaches_none() -> None:
    assert environment_of(os.getpid()) == signal_to(os.getpid()) == "done"
    assert run(environment_of, os.getpid()) == "PermissionError"
    assert run(memory_of, os.getpid()) == "PermissionError"
    assert run(signal_to, os.getpid()) == "ProcessLookupError"


@allowed_here
def test_it_sees_into_no_other_papers_process() -> None:
    assert run(memory_of, run(zygote)) == "PermissionError"


@allowed_here
def test_it_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert call(port) == "done"
        assert run(call, port) == "OSError"


@allowed_here
def test_it_has_no_capabilities_and_gains_none() -> None:
    found = run(standing)
    assert {found[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {""}
    assert found["NoNewPrivs"] == "1"


def test_a_process_that_hides_its_memory_is_not_looked_into_by_its_own_user() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "False"], done.stderr
