"""Fills the served demo with cases and says where it is: a companion of `config.run`."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
UP_SECONDS = 60


def main() -> int:
    """Wait for the web server, seed the demo through its API, print the address."""
    port = int(os.environ["PORT"])
    wait_for(port)
    wanted = [
        word
        for name in ("cases", "history")
        if (number := os.environ.get(name.upper()))
        for word in (f"--{name}", number)
    ]
    seeded = subprocess.run([sys.executable, "manage.py", "demo", *wanted], cwd=ROOT)
    print(f"\nCountersign is at http://localhost:{port}  (Ctrl-C ends it)", flush=True)
    return seeded.returncode


def wait_for(port: int) -> None:
    """Return when something listens on `port`; raises TimeoutError if nothing comes up."""
    deadline = time.monotonic() + UP_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port} after {UP_SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())
