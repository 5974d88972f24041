"""The embedded PostgreSQL: its cluster, its two roles, its settings for a small machine."""

import contextlib
import shlex
import shutil
import signal
import time
from pathlib import Path

import psycopg

from config.embedded.place import APP, DATABASE, OWNER, Place
from config.embedded.processes import EmbeddedError, end, run_as, tail

START_SECONDS = 60

CLUSTER_SQL = f"""\
CREATE ROLE {OWNER} LOGIN CREATEDB;
CREATE ROLE {APP} LOGIN;
CREATE DATABASE {DATABASE} OWNER {OWNER};
"""

SETTINGS = {
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


def start(place: Place) -> None:
    """Start PostgreSQL in `place` unless it answers; raises EmbeddedError with its last words."""
    if _answers(place):
        return
    data = place.home / "postgres"
    if not data.is_dir():
        _create_cluster(place, data)
    stop(place.home)  # it may run with its sockets' directory gone
    for left in place.sockets.iterdir():  # locks of a killed server, whose number may be in use
        left.unlink()
    settings = {**SETTINGS, "unix_socket_directories": str(place.sockets)}
    options = shlex.join(f"--{name}={value}" for name, value in settings.items())
    wait = ("-w", "-t", str(START_SECONDS))
    command = (place.postgres_program("pg_ctl"), "start", *wait, "-D", ".", "-l", "log")
    # A postmaster that was killed leaves backends which hold its memory for a moment more.
    deadline = time.monotonic() + START_SECONDS
    while (done := run_as(place.account, *command, "-o", options, cwd=data)).returncode:
        if time.monotonic() > deadline or "shared memory" not in tail(data / "log"):
            raise EmbeddedError(f"PostgreSQL did not start: {done.stdout}{tail(data / 'log')}")
        time.sleep(0.2)


def stop(home: Path) -> None:
    """Stop the PostgreSQL whose data is in `home`, if it runs."""
    end(home / "postgres/postmaster.pid", signal.SIGINT)


def _create_cluster(place: Place, data: Path) -> None:
    """Build the cluster aside and move it into place whole: a broken start leaves nothing."""
    aside = place.home / "postgres.new"
    shutil.rmtree(aside, ignore_errors=True)
    encoding = ("--encoding=UTF8", "--no-locale", "--no-sync")  # nothing to lose in it yet
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    access = ("--username=postgres", "--auth=trust")  # the sockets' directory is the guard
    _do(place, ("initdb", "-D", aside.name, *encoding, *locale, *access))
    _do(place, ("postgres", "--single", "-D", aside.name, "postgres"), CLUSTER_SQL)
    aside.rename(data)


def _do(place: Place, command: tuple[str, ...], stdin: str = "") -> None:
    program = place.postgres_program(command[0])
    done = run_as(place.account, program, *command[1:], cwd=place.home, stdin=stdin)
    if done.returncode or "ERROR" in done.stdout:  # the single-user server exits 0 all the same
        raise EmbeddedError(f"{command[0]} failed: {done.stdout}")


def _answers(place: Place) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(place.servers.database_url, connect_timeout=5).close()
        return True
    return False
