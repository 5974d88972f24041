"""What every test can have: the database, a fresh one for real processes, people and clients.

The tests' database is made by its owner's role and used by the application's, as in production.
"""

import itertools
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import HealthCheck
from hypothesis import settings as examples
from pytest_django.plugin import DjangoDbBlocker

from accounts.keys import make_client, make_key
from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.actors import system
from cases.catalogue import apply_pipeline
from cases.definition import read_toml
from cases.models import Pipeline
from config.permissions import permit_roles
from inference.registry import register_models
from reviews.setting_up import open_to_roles, set_up_review
from tests.gates import open_gates
from tests.processes import House, eventually, running_house

TESTER = system("tests")
LOAN = django_settings.BASE_DIR / "cases" / "pipelines" / "loan" / "pipeline.toml"
PASSWORD = "correct horse battery"
NUMBERS = itertools.count(1)

# how long an example takes says nothing on a machine that has other things to do
examples.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("unhurried")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tests' database: migrated by the owner, with models and the loan pipeline as set up."""
    owner = connections["owner"]
    real = owner.settings_dict["NAME"]
    owner.settings_dict["TEST"]["NAME"] = f"test_{real}_{os.getpid()}"
    drop_leftovers()
    with django_db_blocker.unblock():
        name = owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        use_database(name)
        permit_roles(by=TESTER)
        register_models(by=TESTER)
        version = apply_pipeline(foreseeable(read_toml(LOAN.read_text())), by=TESTER)
        set_up_review(version, by=TESTER)
        open_to_roles(version, by=TESTER)
        open_gates(version.pipeline)
    yield
    with django_db_blocker.unblock():
        use_database(name)
        connections.close_all()
        owner.creation.destroy_test_db(real, verbosity=0)


def foreseeable(definition: dict[str, Any]) -> dict[str, Any]:
    """A pipeline of which no case is judged blind by the luck of the draw."""
    policy = {**definition["policy"], "blind_share": 0.0, "samples": {}}
    return {**definition, "policy": policy}


def use_database(name: str) -> None:
    """Points both roles' connections at the database `name`, here and in processes started later."""
    for alias, variable in (("default", "DATABASE_URL"), ("owner", "DATABASE_OWNER_URL")):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        before, _, query = os.environ[variable].partition("?")
        os.environ[variable] = f"{before.rpartition('/')[0]}/{name}" + (
            f"?{query}" if query else ""
        )


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of the test's own, where commits count: for threads, processes and servers."""
    with copied_database(django_db_blocker) as name:
        yield name


@contextmanager
def copied_database(blocker: DjangoDbBlocker) -> Iterator[str]:
    """A copy of the tests' database, in use as long as the block runs.

    It is made in a moment and dropped afterwards, so that nothing has to be cleaned out of tables
    that refuse it.
    """
    template = str(connections["default"].settings_dict["NAME"])
    name = f"{template}_{next(NUMBERS)}"
    with blocker.unblock():
        connections.close_all()
        as_owner(f"CREATE DATABASE {name} TEMPLATE {template}")
        use_database(name)
        try:
            yield name
        finally:
            use_database(template)
            eventually(lambda: dropped(name), "the last connection to end")


def dropped(name: str) -> bool:
    """Drops a database; False while a process that was just ended still has a connection to it."""
    try:
        as_owner(f"DROP DATABASE IF EXISTS {name}")
    except psycopg.errors.ObjectInUse:
        return False
    return True


def as_owner(statement: str) -> list[tuple[Any, ...]]:
    """Runs a statement that belongs to no database; its rows, if it has any."""
    parameters = server(connections["owner"], dbname="postgres")
    with psycopg.connect(**parameters, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def drop_leftovers() -> None:
    """Drops the databases of test runs that were killed: their names end in the run's process."""
    for (name,) in as_owner("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'"):
        process = re.match(r"test_[a-z]+_(\d+)", name)
        if process and not psutil.pid_exists(int(process.group(1))):
            dropped(name)


def server(like: BaseDatabaseWrapper, **differing: str) -> dict[str, Any]:
    """How to connect to the server of a Django connection, past Django."""
    parameters = like.get_connection_params()
    return {
        key: parameters[key]
        for key in ("host", "port", "user", "password", "dbname")
        if parameters.get(key)
    } | differing


@pytest.fixture(autouse=True)
def sealed_files(tmp_path: Path, settings: Any) -> None:
    """Sealed files go to the test's own directory."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            **settings.SEALED_STORAGE,
            "OPTIONS": {"location": str(tmp_path / "media")},
        },
        "tombstones": {
            **settings.TOMBSTONE_STORAGE,
            "OPTIONS": {"location": str(tmp_path / "tombstones")},
        },
    }


@pytest.fixture(autouse=True)
def nothing_to_wait_for(settings: Any) -> None:
    """A verdict is due to be settled at once; a test of undoing gives it its seconds."""
    settings.UNDO_SECONDS = 0


@pytest.fixture
def loan(db: None) -> Pipeline:
    """The loan pipeline."""
    return Pipeline.objects.select_related("current").get(slug="loan")


@pytest.fixture
def make_person() -> Callable[..., User]:
    """Makes somebody who can sign in with PASSWORD and has the roles."""

    def make(*roles: Role, **names: str) -> User:
        names.setdefault("username", f"person{next(NUMBERS)}")
        user = User.objects.create_user(password=PASSWORD, **names)
        user.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))
        return user

    return make


@dataclass(frozen=True)
class Upstream:
    """An upstream system with a key."""

    client: ApiClient
    key: str

    @property
    def headers(self) -> dict[str, str]:
        """How it shows who it is."""
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture
def make_upstream() -> Callable[..., Upstream]:
    """Makes an upstream system that may post to the pipelines named, or loans."""

    def make(*pipelines: str, **options: Any) -> Upstream:
        client = make_client(
            f"upstream {next(NUMBERS)}", pipelines=pipelines or ("loan",), by=TESTER
        )
        return Upstream(client, make_key(client, by=TESTER, **options))

    return make


@pytest.fixture
def house(own_database: str, tmp_path: Path) -> Iterator[House]:
    """A house of processes on a database of its own: start what the test needs of it."""
    yield from running_house(own_database, tmp_path)
