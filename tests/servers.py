"""A pytest plugin, loaded first of all: real servers and the environment that settings read.

Each process that tests beside another one has servers of its own, where nothing is configured: the
log is sealed up to the oldest transaction that is open in the cluster, and would wait for theirs.
"""

import os
from contextlib import ExitStack

import pytest

from config import embedded

STACK = ExitStack()
GIVEN = "COUNTERSIGN_TESTS_GIVEN"
"""The variables that were not configured, but come from the servers of the process that starts."""


def start_servers() -> None:
    """Sets the variables of servers: the first process's, for all others but the first worker new."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker == "gw0":
        return
    for name in os.environ.pop(GIVEN, "").split():
        del os.environ[name]
    local = embedded.local_directory() / "test" / worker
    configured = STACK.enter_context(embedded.configured(local))
    os.environ[GIVEN] = " ".join(configured.keys() - os.environ.keys())
    os.environ.update(configured)
    (local / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns without it


os.environ["COUNTERSIGN_MODE"] = "test"
os.environ["COUNTERSIGN_REDIS_PREFIX"] = (
    f"test:{os.getpid()}:"  # processes that test beside each other
)
os.environ.setdefault("OMP_THREAD_LIMIT", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's synchronous API runs in a loop
start_servers()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops what was started for the tests."""
    STACK.close()
