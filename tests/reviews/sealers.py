"""A sealer for tests: a thread that seals what is committed, as the sealer's process does."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import connection

from audit.sealing import seal
from tests.seals import KEYS


@contextmanager
def sealing() -> Iterator[None]:
    """Seals as long as the block runs."""
    over = Event()

    def run() -> None:
        try:
            while not over.wait(0.05):
                seal(keys=KEYS)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
