"""The house as it really runs: web server and workers as processes of their own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from django.conf import settings

PATIENCE = 60.0
T = TypeVar("T")


@dataclass
class House:
    """Running processes on a database of their own; `url` is where the web server answers."""

    url: str
    variables: dict[str, str]
    logs: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, *command: str, **variables: str) -> subprocess.Popen[bytes]:
        """Starts one more process, in a group of its own so that its children end with it."""
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=settings.BASE_DIR,
                env={**os.environ, **self.variables, **variables},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def start_web(self, **variables: str) -> subprocess.Popen[bytes]:
        """Starts the web server, and waits until it answers."""
        port = self.url.rpartition(":")[2]
        process = self.start(
            "web", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}",
            "--workers", "1", "--threads", "8", "--worker-class", "gthread", **variables,
        )  # fmt: skip
        eventually(lambda: answers(self.url), "the web server to answer")
        return process

    def start_worker(self, **variables: str) -> subprocess.Popen[bytes]:
        """Starts a Celery worker with its beat."""
        return self.start(
            "worker", "celery", "-A", "config", "worker", "--concurrency", "1", "--beat",
            "--schedule", str(self.logs / "schedule"), "--loglevel", "WARNING",
            "--without-gossip", "--without-mingle", **variables,
        )  # fmt: skip

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kills a process and its children at once, as a failing machine would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Ends all that was started."""
        for process in self.processes:
            self.kill(process)


def answers(url: str) -> bool:
    """Whether a web server answers there at all."""
    try:
        urllib.request.urlopen(url, timeout=2)  # noqa: S310  # an address of our own
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def eventually(condition: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """The condition's value as soon as it is true; fails after `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {patience} s for {what}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def running_house(database: str, directory: Path) -> Iterator[House]:
    """A house on a database; whatever it started ends with it."""
    house = House(
        url=f"http://127.0.0.1:{free_port()}",
        variables={
            "COUNTERSIGN_REDIS_PREFIX": f"{database}:",
            "COUNTERSIGN_STORAGE": f"file://{directory / 'media'}",
            "COUNTERSIGN_SWEEP_SECONDS": "1",
            "COUNTERSIGN_GATE_SECONDS": "3600",
            "COUNTERSIGN_UNDO_SECONDS": "1",
        },
        logs=directory,
    )
    try:
        yield house
    finally:
        house.stop()
