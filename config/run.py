"""The whole demo under one supervisor: what `make run` ends in.

Sets up the database, starts the processes of the Procfile, fills the demo with cases, says where it
is, and at Ctrl-C ends all of it, the embedded servers included.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from config.embedded import EmbeddedError, configured, local_directory
from config.embedded.processes import tail, wait_until_gone

ROOT = Path(__file__).parent.parent
SUPERVISED = "COUNTERSIGN_SUPERVISED"


class RunError(RuntimeError):
    """The demo can't run here; the message says why in one line."""


def main() -> int:
    """Run the demo until Ctrl-C; returns the exit code."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, frame: sys.exit(128 + number))
    local = local_directory().resolve()
    local.mkdir(parents=True, exist_ok=True)
    try:
        with (local / "demo.lock").open("w") as lock:
            # A lock of this process alone: what outlives a killed supervisor does not inherit it.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return run(local)
    except BlockingIOError:
        raise RunError(f"The demo of {ROOT} is already running.") from None
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def run(local: Path) -> int:
    """Prepare and serve; the caller holds the lock that makes this the only demo of `local`."""
    end_leftovers(local)
    port = free_port()
    with configured(local) as variables:
        scripts = Path(sys.executable).parent
        variables["PATH"] = f"{scripts}{os.pathsep}{variables.get('PATH', os.defpath)}"
        variables |= {"PORT": str(port), SUPERVISED: str(local), "PYTHONUNBUFFERED": "1"}
        if "COUNTERSIGN_CHECKPOINTS" not in variables:
            (local / "checkpoints").mkdir(exist_ok=True)
            variables["COUNTERSIGN_CHECKPOINTS"] = (local / "checkpoints").as_uri()
        prepare(variables)
        del variables["DATABASE_OWNER_URL"]  # what serves can't change tables
        return serve(variables, local / "run.log")


def end_leftovers(local: Path) -> None:
    """End what a demo that was killed left running: its supervisor's lock is ours now."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(SUPERVISED) == str(local):
                process.terminate()
                wait_until_gone(process)
        except psutil.Error:
            continue


def free_port() -> int:
    """The port to serve on; raises RunError where it is no port or is taken."""
    wanted = os.environ.get("PORT") or "8000"
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise RunError(f"PORT must be a number from 1 to 65535, not {wanted!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(wanted)))
        except OSError as error:
            raise RunError(f"Port {wanted}: {error.strerror}. Try PORT=8001 make run") from None
    return int(wanted)


def prepare(variables: dict[str, str]) -> None:
    """Bring the database to this version; raises RunError where that fails."""
    done = subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=variables)
    if done.returncode:
        raise RunError(f"manage.py prepare failed (exit code {done.returncode}).")


def serve(variables: dict[str, str], log: Path) -> int:
    """Run the Procfile's processes, their output going to `log`, until one ends or Ctrl-C."""
    with log.open("w") as output:
        manager = Manager(Printer(output))
        for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
            manager.add_process(name, command, env=variables, cwd=str(ROOT))
        filling = subprocess.Popen(
            [sys.executable, "-m", "config.welcome"], cwd=ROOT, env=variables
        )
        try:
            manager.loop()
        finally:
            filling.terminate()
            filling.wait()
    if manager.returncode not in (128 + signal.SIGINT, 128 + signal.SIGTERM):
        raise RunError(f"A process ended by itself; the end of {log}:\n{tail(log)}")
    return int(manager.returncode)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RunError, EmbeddedError, PermissionError) as error:
        sys.exit(str(error))
