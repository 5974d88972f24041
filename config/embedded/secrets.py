"""The demo's secrets: made once on each machine, never shipped."""

import base64
import fcntl
import secrets
from pathlib import Path

from config.embedded.place import locked


def demo_secrets(local: Path) -> dict[str, str]:
    """The secrets of this demo alone, made at the first call and kept in a file of mode 0600."""
    path = local / "secrets.env"
    with locked(local / "servers.lock", fcntl.LOCK_EX):
        if not path.exists():
            master, seal = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in "ab")
            aside = path.with_suffix(".new")
            aside.touch(mode=0o600)
            aside.write_text(
                f"COUNTERSIGN_SECRET_KEY=demo-{secrets.token_urlsafe(48)}\n"
                f"COUNTERSIGN_MASTER_KEYS=demo:{master}\n"
                f"COUNTERSIGN_SEAL_KEYS=demo:{seal}\n"
            )
            aside.rename(path)
        return dict(line.split("=", 1) for line in path.read_text().splitlines())
