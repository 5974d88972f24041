"""The demo's secrets: made once on each machine, never shipped."""

import base64
import fcntl
import secrets
from pathlib import Path

from config.embedded.place import locked


def demo_secrets(local: Path) -> dict[str, str]:
    """The secrets of this demo alone, made at the first call and kept in a file of mode 0600.

    One that a newer version needs is added to those that are there.
    """
    path = local / "secrets.env"
    with locked(local / "servers.lock", fcntl.LOCK_EX):
        lines = path.read_text().splitlines() if path.exists() else []
        there = dict(line.split("=", 1) for line in lines)
        fresh = made()
        if not there.keys() >= fresh.keys():
            there = {**fresh, **there}
            aside = path.with_suffix(".new")
            aside.touch(mode=0o600)
            aside.write_text("".join(f"{name}={value}\n" for name, value in there.items()))
            aside.rename(path)
        return there


def made() -> dict[str, str]:
    """Fresh secrets."""
    master, seal = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    return {
        "COUNTERSIGN_SECRET_KEY": f"demo-{secrets.token_urlsafe(48)}",
        "COUNTERSIGN_MASTER_KEYS": f"demo:{master}",
        "COUNTERSIGN_SEAL_KEYS": f"demo:{seal}",
    }
