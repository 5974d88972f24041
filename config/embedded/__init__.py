"""Real PostgreSQL and Redis out of pip wheels, for a machine on which nothing is configured.

Both servers listen on unix sockets alone, in a directory that only their own account may enter, so
that neither needs a port or a password.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from config.embedded import postgres, redis_server
from config.embedded.place import Servers, locked, place_in
from config.embedded.processes import EmbeddedError
from config.embedded.secrets import demo_secrets

__all__ = ["EmbeddedError", "Servers", "configured", "demo_secrets", "serving", "start", "stop"]

CONFIGURATION = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "COUNTERSIGN_SECRET_KEY"}


def start(local: Path) -> Servers:
    """Start both servers with their data under `local`, or join them where they already run."""
    local.mkdir(parents=True, exist_ok=True)
    with locked(local / "servers.lock", fcntl.LOCK_EX):
        place = place_in(local.resolve())
        postgres.start(place)
        redis_server.start(place)
    return place.servers


def stop(local: Path) -> None:
    """Stop what runs under `local`; nothing happens where nothing runs."""
    if not local.is_dir():
        return
    with locked(local / "servers.lock", fcntl.LOCK_EX):
        redis_server.stop(local / "servers")
        postgres.stop(local / "servers")
        if (local / "run").is_dir():
            shutil.rmtree((local / "run").resolve())
        (local / "run").unlink(missing_ok=True)


def remove(local: Path) -> None:
    """Stop what runs under `local` and delete all of it, wherever it had to be put."""
    stop(local)
    if (local / "servers").is_symlink():
        shutil.rmtree((local / "servers").resolve(), ignore_errors=True)
    shutil.rmtree(local, ignore_errors=True)


def keep(local: Path) -> None:
    """Let the running servers outlive `serving`, until `stop`."""
    (local / "run/kept").touch()


@contextlib.contextmanager
def serving(local: Path) -> Iterator[Servers]:
    """Both servers for the length of a block; the last such block of any process stops them.

    The use is a shared file lock, so a user that is killed no longer counts.
    """
    local.mkdir(parents=True, exist_ok=True)
    with locked(local / "users.lock", fcntl.LOCK_SH) as users:
        try:
            yield start(local)
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not (local / "run/kept").exists():
                    stop(local)


def environment(local: Path, servers: Servers) -> dict[str, str]:
    """The variables that point the settings at `servers`, with this demo's own secrets."""
    return {
        "COUNTERSIGN_LOCAL": str(local.resolve()),
        "DATABASE_OWNER_URL": servers.database_owner_url,
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        **demo_secrets(local),
    }


@contextlib.contextmanager
def configured(local: Path) -> Iterator[dict[str, str]]:
    """The process's environment, with what it does not configure taken from embedded servers."""
    if os.environ.keys() >= CONFIGURATION:
        yield dict(os.environ)
        return
    with serving(local) as servers:
        yield {**environment(local, servers), **os.environ}


def local_directory() -> Path:
    """Where this installation keeps its local data: `COUNTERSIGN_LOCAL`, else `.local`."""
    return Path(os.environ.get("COUNTERSIGN_LOCAL") or Path(__file__).parents[2] / ".local")
