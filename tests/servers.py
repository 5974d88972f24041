"""A pytest plugin, loaded first of all: real servers and the environment that settings read."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from config import embedded

STACK = ExitStack()

os.environ["COUNTERSIGN_MODE"] = "test"
os.environ["COUNTERSIGN_REDIS_PREFIX"] = (
    f"test:{os.getpid()}:"  # processes that test beside each other
)
os.environ.setdefault("OMP_THREAD_LIMIT", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's synchronous API runs in a loop
LOCAL = Path(os.environ.get("COUNTERSIGN_LOCAL") or Path(__file__).parent.parent / ".local")
os.environ.update(STACK.enter_context(embedded.configured(LOCAL / "test")))
(LOCAL / "test" / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns without it


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops what was started for the tests."""
    STACK.close()
