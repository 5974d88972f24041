"""Databases of the bench's own, made and dropped by the owner's role on the configured server."""

import contextlib
import io
import os
from collections.abc import Iterator

import psycopg
from django.core.management import call_command
from django.db import connections, transaction

from accounts.keys import make_client, make_key
from audit.actors import system
from cases.models import PipelineVersion
from reviews.setting_up import open_to_roles

BENCH = system("bench")
TEMPLATE = "countersign_bench"
VARIABLES = {"default": "DATABASE_URL", "owner": "DATABASE_OWNER_URL"}


@contextlib.contextmanager
def template() -> Iterator[None]:
    """A database set up as an installation is, for `database` to copy."""
    with made(f"CREATE DATABASE {TEMPLATE}", TEMPLATE):
        call_command("migrate", verbosity=0)
        call_command("pipelines", "apply", stdout=io.StringIO())
        call_command("collectstatic", interactive=False, verbosity=0)
        with transaction.atomic():
            open_to_roles(PipelineVersion.objects.get(pipeline__slug="loan"), by=BENCH)
        yield


@contextlib.contextmanager
def database(name: str) -> Iterator[str]:
    """A copy of the template that this process and those it starts use until the block ends."""
    full = f"{TEMPLATE}_{name}"
    with made(f"CREATE DATABASE {full} TEMPLATE {TEMPLATE}", full):
        yield full


@contextlib.contextmanager
def made(statement: str, name: str) -> Iterator[None]:
    """The database `name`, made by the statement and used, and gone after the block."""
    before = str(connections["default"].settings_dict["NAME"])
    drop = f"DROP DATABASE IF EXISTS {name}"
    connections.close_all()
    server = as_owner("postgres")
    server.execute(drop)
    server.execute(statement)
    use(name)
    try:
        yield
    finally:
        use(before)
        server.execute(drop)
        server.close()


def use(name: str) -> None:
    """Points both roles' connections at the database, here and in processes started later."""
    connections.close_all()
    for alias in VARIABLES:
        connections[alias].settings_dict["NAME"] = name
    os.environ |= variables(name)


def variables(name: str) -> dict[str, str]:
    """The environment of a process that is to use the database."""
    return {variable: url(variable, name) for variable in VARIABLES.values()}


def url(variable: str, name: str) -> str:
    """The address in the variable, for the database `name`."""
    before, mark, query = os.environ[variable].partition("?")
    return f"{before.rpartition('/')[0]}/{name}{mark}{query}"


def as_owner(name: str | None = None) -> psycopg.Connection:
    """A connection of the tables' owner, each statement its own transaction."""
    address = os.environ["DATABASE_OWNER_URL"] if name is None else url("DATABASE_OWNER_URL", name)
    return psycopg.connect(address, autocommit=True)


def upstream_key(pipeline: str) -> str:
    """The key of a new upstream system that may post to the pipeline."""
    return make_key(make_client("bench", pipelines=[pipeline], by=BENCH), by=BENCH)
