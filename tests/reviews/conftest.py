"""Who takes part in reviewing."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import ApiClient, User
from accounts.roles import Role


@pytest.fixture
def bank(db: None, make_upstream: Callable[..., Any]) -> ApiClient:
    """An upstream that posts loans."""
    client: ApiClient = make_upstream().client
    return client


@pytest.fixture
def reviewer(db: None, make_person: Callable[..., User]) -> User:
    """Somebody who may give first reviews."""
    return make_person(Role.REVIEWER)


@pytest.fixture
def senior(db: None, make_person: Callable[..., User]) -> User:
    """Somebody who may give every review, and supervise."""
    return make_person(Role.SENIOR_REVIEWER)


@pytest.fixture
def dora(db: None, make_person: Callable[..., User]) -> User:
    """Somebody who may configure pipelines."""
    return make_person(Role.PIPELINE_ADMIN, username="dora")


@pytest.fixture
def karim(db: None, make_person: Callable[..., User]) -> User:
    """Somebody else who may."""
    return make_person(Role.PIPELINE_ADMIN, username="karim")


@pytest.fixture
def program(bank: ApiClient) -> ApiClient:
    """A program that proposes policies."""
    return bank
