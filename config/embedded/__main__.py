"""The embedded servers by hand.

python -m config.embedded run python manage.py shell   # a command with servers, then stop
python -m config.embedded start     # start and keep running; print the environment
python -m config.embedded env       # print the environment of the running servers
python -m config.embedded stop
python -m config.embedded remove    # stop, and delete all local data
"""

import argparse
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from config import embedded


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded")
    parser.add_argument("act", choices=("run", "start", "env", "stop", "remove"))
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    local = embedded.local_directory()
    match arguments.act:
        case "run":
            sys.exit(run(local, arguments.command))
        case "start":
            print_environment(local)
            embedded.keep(local)
        case "env" if not (local / "run").is_dir():
            sys.exit("not running: python -m config.embedded start")
        case "env":
            print_environment(local)
        case "stop":
            embedded.stop(local)
        case "remove":
            embedded.remove(local)


def run(local: Path, command: list[str]) -> int:
    """Run `command` with servers and return its exit code; it alone decides what Ctrl-C means."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with embedded.configured(local) as variables:
        child = subprocess.Popen(command, env=variables)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return child.wait()
        finally:
            child.terminate()
            child.wait()


def print_environment(local: Path) -> None:
    """Print, for a shell, the variables that point the settings at the servers of `local`."""
    for name, value in embedded.environment(local, embedded.start(local)).items():
        print(f"{name}={shlex.quote(value)}")


if __name__ == "__main__":
    try:
        main()
    except (embedded.EmbeddedError, PermissionError) as error:
        sys.exit(str(error))
