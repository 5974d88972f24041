"""Running servers' programs under their account, and ending exactly the servers that are ours."""

import os
import pwd
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

STOP_SECONDS = 30


class EmbeddedError(RuntimeError):
    """A server can't be started here; the message says why, or shows what the server said."""


def run_as(
    account: pwd.struct_passwd | None, *command: str, cwd: Path = Path("/"), stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run to the end as `account`, in a session of its own (Ctrl-C is not for servers).

    Its output goes through a file: a server left behind would hold a pipe open for ever.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as given:
        given.write(stdin)
        given.seek(0)
        done = subprocess.run(
            command,
            cwd=cwd,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=given,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, output.read())


def end(pid_file: Path, how: signal.Signals) -> None:
    """End the server that wrote `pid_file` into its working directory.

    After a crash or a restart of the machine the number may belong to any process: one that works
    elsewhere is left alone, and the file forgotten. Raises EmbeddedError if it does not stop.
    """
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if process.cwd() == str(pid_file.parent.resolve()):
            process.send_signal(how)
            wait_until_gone(process)
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        pass
    pid_file.unlink(missing_ok=True)


def wait_until_gone(process: psutil.Process) -> None:
    """Wait for an end, which need not be the end of its entry: init may be slow to collect it."""
    deadline = time.monotonic() + STOP_SECONDS
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            raise EmbeddedError(f"process {process.pid} does not stop")
        time.sleep(0.02)


def tail(log: Path) -> str:
    """The last lines of a server's log, for an error message."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.is_file() else ""
