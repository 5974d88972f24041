"""The embedded servers: they come up anywhere, are shared, and are found again after a crash."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config import embedded
from config.embedded.processes import wait_until_gone

ROOT = Path(embedded.__file__).parents[2]


@pytest.fixture(scope="module")
def home_of_all() -> Iterator[Path]:
    """A local directory deeper than any socket's path may be, and with a space in it."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        path = Path(directory) / "a clone" / ("deep" * 30) / ".local"
        yield path
        embedded.remove(path)


@pytest.fixture
def local(home_of_all: Path) -> Iterator[Path]:
    """The same, with no server running before and after."""
    yield home_of_all
    embedded.stop(home_of_all)


def process_of(local: Path, pid_file: str) -> psutil.Process:
    return psutil.Process(int((local / "servers" / pid_file).read_text().split()[0]))


def bare(local: Path) -> dict[str, str]:
    """The environment of a machine on which nothing but the local directory is configured."""
    return {"PATH": os.environ["PATH"], "COUNTERSIGN_LOCAL": str(local)}


def who(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("select session_user").fetchone()
    assert row
    return str(row[0])


def kill(*servers: psutil.Process) -> None:
    for process in servers:
        process.kill()
        with contextlib.suppress(psutil.NoSuchProcess):
            wait_until_gone(process)


def test_both_servers_answer_under_their_two_roles(local: Path) -> None:
    servers = embedded.start(local)
    assert who(servers.database_url) == "countersign_app"
    assert who(servers.database_owner_url) == "countersign_owner"
    with psycopg.connect(servers.database_owner_url) as connection:
        facts = connection.execute(
            "select current_setting('synchronous_commit'), current_setting('server_encoding'),"
            " pg_get_userbyid(datdba), (select rolsuper or rolcreaterole from pg_roles"
            "  where rolname = 'countersign_app')"
            " from pg_database where datname = current_database()"
        ).fetchone()
    assert facts == ("on", "UTF8", "countersign_owner", False)
    client = redis.from_url(servers.redis_url)
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    client.close()
    assert servers.broker_url == "redis+socket://" + servers.redis_url.removeprefix("unix://")


def test_nobody_else_can_reach_the_sockets_or_the_data(local: Path) -> None:
    embedded.start(local)
    for directory in ("run", "servers", "servers/postgres"):
        assert (local / directory).stat().st_mode & 0o077 == 0
    assert process_of(local, "postgres/postmaster.pid").uids().real != 0
    assert process_of(local, "redis/redis.pid").uids().real != 0
    listening = process_of(local, "redis/redis.pid").net_connections("inet")
    assert listening == process_of(local, "postgres/postmaster.pid").net_connections("inet") == []


def test_a_clone_in_a_private_home_is_served_and_stays_private(tmp_path: Path) -> None:
    """As root, the servers' own account can't enter such a home; nor can it the programs there."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    try:
        assert who(embedded.start(home / ".local").database_url) == "countersign_app"
        assert home.stat().st_mode & 0o777 == 0o700
    finally:
        beyond = (home / ".local/servers").resolve()
        embedded.remove(home / ".local")
    assert not beyond.exists()


def test_a_second_start_joins_and_a_stop_ends_both(local: Path) -> None:
    servers = embedded.start(local)
    first = process_of(local, "postgres/postmaster.pid"), process_of(local, "redis/redis.pid")
    assert embedded.start(local) == servers
    assert first == (
        process_of(local, "postgres/postmaster.pid"),
        process_of(local, "redis/redis.pid"),
    )
    embedded.stop(local)
    for process in first:
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert not (local / "run").exists()


def test_killed_servers_come_back_with_the_data(local: Path) -> None:
    servers = embedded.start(local)
    with psycopg.connect(servers.database_owner_url) as connection:
        connection.execute("create table kept as select 7 as seven")
    kill(process_of(local, "postgres/postmaster.pid"), process_of(local, "redis/redis.pid"))
    again = embedded.start(local)
    with psycopg.connect(again.database_owner_url) as connection:
        assert connection.execute("select seven from kept").fetchone() == (7,)


def test_a_process_id_that_now_belongs_to_another_process_is_neither_trusted_nor_killed(
    local: Path,
) -> None:
    embedded.start(local)
    kill(process_of(local, "postgres/postmaster.pid"))
    pid_file = (local / "servers/postgres/postmaster.pid").resolve()
    lines = pid_file.read_text().splitlines()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        embedded.start(local)
        assert stranger.poll() is None
        stranger.terminate()


def test_servers_whose_sockets_were_swept_away_are_replaced(local: Path) -> None:
    embedded.start(local)
    old = process_of(local, "postgres/postmaster.pid"), process_of(local, "redis/redis.pid")
    shutil.rmtree((local / "run").resolve())
    servers = embedded.start(local)
    assert who(servers.database_url) == "countersign_app"
    for process in old:
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_first_start_that_was_killed_half_way_leaves_nothing_in_the_way(local: Path) -> None:
    embedded.start(local)
    embedded.stop(local)
    home = (local / "servers").resolve()
    (home / "postgres").rename(home / "postgres.new")
    shutil.rmtree(home / "postgres.new/base")
    assert who(embedded.start(local).database_url) == "countersign_app"


def test_the_last_user_stops_the_servers_and_a_killed_user_no_longer_counts(local: Path) -> None:
    with embedded.serving(local):
        postmaster = process_of(local, "postgres/postmaster.pid")
        other = subprocess.Popen(
            [sys.executable, "-m", "config.embedded", "run", "sh", "-c", "echo up; exec sleep 60"],
            cwd=ROOT,
            env=bare(local),
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert other.stdout and other.stdout.readline() == b"up\n"
    assert postmaster.is_running(), "somebody else still used it"
    os.killpg(other.pid, signal.SIGKILL)
    other.communicate()
    with embedded.serving(local):
        assert process_of(local, "postgres/postmaster.pid") == postmaster
    assert not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE


def test_servers_started_by_hand_outlive_their_users(local: Path) -> None:
    embedded.start(local)
    embedded.keep(local)
    with embedded.serving(local) as servers:
        pass
    assert who(servers.database_url) == "countersign_app"


def test_secrets_are_made_once_and_for_the_owner_alone(local: Path) -> None:
    local.mkdir(parents=True, exist_ok=True)
    first = embedded.demo_secrets(local)
    assert first == embedded.demo_secrets(local)
    assert (local / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert first["COUNTERSIGN_SECRET_KEY"].startswith("demo-")


def test_a_secret_that_is_new_is_added_to_those_that_are_there(local: Path) -> None:
    local.mkdir(parents=True, exist_ok=True)
    first = embedded.demo_secrets(local)
    file = local / "secrets.env"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line for line in lines if not line.startswith("COUNTERSIGN_SEAL_")))
    second = embedded.demo_secrets(local)
    assert second.keys() == first.keys()
    assert {name for name in first if first[name] != second[name]} == {"COUNTERSIGN_SEAL_KEYS"}
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_command_sees_the_servers_and_hands_on_its_exit_code(local: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "config.embedded", "run", "sh", "-c", "echo $REDIS_URL; exit 5"],
        cwd=ROOT,
        env=bare(local),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 5, done.stderr
    assert done.stdout.startswith("unix://")
    assert not (local / "run").exists()
