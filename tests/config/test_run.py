"""`make run` as its user meets it: it comes up, survives a kill, ends whole, says what is wrong."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from config import embedded
from config.run import SUPERVISED

ROOT = Path(embedded.__file__).parents[2]
OURS = ("COUNTERSIGN_", "DATABASE_", "REDIS_")


@pytest.fixture
def local() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        path = Path(directory).resolve() / "a local"
        yield path
        embedded.remove(path)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo(local: Path, port: int | str) -> Iterator[subprocess.Popen[str]]:
    """The demo without cases, on a machine on which nothing is configured."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    process = subprocess.Popen(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env={
            **bare,
            "COUNTERSIGN_LOCAL": str(local),
            "PORT": str(port),
            "CASES": "0",
            "HISTORY": "0",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        if process.stdout:
            process.stdout.close()


def wait_until_up(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "Countersign is at" in line:
            return
    pytest.fail("".join(said))


def supervised(local: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(SUPERVISED) == str(local):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.timeout(400)
def test_the_demo_comes_up_survives_a_kill_and_ends_whole(local: Path, port: int) -> None:
    with demo(local, port) as killed:
        wait_until_up(killed)
        killed.kill()
    assert supervised(local), "what it started is left behind"
    with demo(local, port) as again:
        wait_until_up(again)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert page.status == 200
        with demo(local, port) as second:
            assert "already running" in second.communicate(timeout=30)[0]
            assert second.returncode == 1
    assert supervised(local) == []
    assert not (local / "run").exists(), "the servers are stopped"


def test_a_taken_port_is_one_clear_line(local: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)), demo(local, port) as refused:
        said, _ = refused.communicate(timeout=30)
    assert said == f"Port {port}: Address already in use. Try PORT=8001 make run\n"


@pytest.mark.parametrize("wrong", ["http", "0", "70000"])
def test_a_wrong_port_is_one_clear_line(local: Path, wrong: str) -> None:
    with demo(local, wrong) as refused:
        said, _ = refused.communicate(timeout=30)
    assert said == f"PORT must be a number from 1 to 65535, not '{wrong}'.\n"
