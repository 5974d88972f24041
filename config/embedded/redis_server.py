"""The embedded Redis: a broker and cache that forgets at its end and evicts nothing before."""

import contextlib
import signal
import time
from pathlib import Path

import redis

from config.embedded.place import Place, give
from config.embedded.processes import EmbeddedError, end, run_as, tail

START_SECONDS = 20


def start(place: Place) -> None:
    """Start Redis in `place` unless it answers; raises EmbeddedError with its last words."""
    if _answers(place):
        return
    data = place.home / "redis"
    data.mkdir(mode=0o700, exist_ok=True)
    give(data, place.account)
    stop(place.home)  # it may run with its socket's directory gone
    socket = str(place.sockets / "redis.sock")
    listen = ("--port", "0", "--unixsocket", socket, "--unixsocketperm", "700")
    # The broker is a doorbell: nothing in it needs to outlive it, but no bell may be evicted.
    memory = ("--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction")
    files = ("--dir", str(data), "--pidfile", "redis.pid", "--logfile", "log")
    program = place.redis_program("redis-server")
    done = run_as(place.account, program, "--daemonize", "yes", *listen, *memory, *files)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(place):
        if done.returncode or time.monotonic() > deadline:
            raise EmbeddedError(f"Redis did not start: {done.stdout}{tail(data / 'log')}")
        time.sleep(0.02)


def stop(home: Path) -> None:
    """Stop the Redis that lives in `home`, if it runs."""
    end(home / "redis/redis.pid", signal.SIGTERM)


def _answers(place: Place) -> bool:
    client = redis.from_url(place.servers.redis_url)
    with contextlib.closing(client), contextlib.suppress(redis.ConnectionError):
        return bool(client.ping())
    return False
