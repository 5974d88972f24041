"""What tests of the log have besides."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.conftest import copied_database


@pytest.fixture(scope="module")
def log_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database where commits count, for the tests of a module: each goes on with the log as it is."""
    with copied_database(django_db_blocker) as name:
        yield name
