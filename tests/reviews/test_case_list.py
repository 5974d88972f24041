"""The list of cases: filters, pages by key, and nobody else's cases."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from cases.models import Case, Pipeline
from reviews.models import Queue
from tests.casefiles import decided_case, many_waiting, waiting_case
from tests.conftest import Upstream
from tests.reviews.holds import on_hold


@pytest.fixture
def reviewer(client: Client, loan: Pipeline, make_person: Callable[..., User]) -> User:
    user = make_person(Role.REVIEWER)
    client.force_login(user)
    return user


def listed(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/cases/{query}").content.decode()
    return re.findall(r'<th scope="row"><a href="/cases/[^"]+">([^<]+)</a>', page)


def test_each_filter_narrows_the_list(
    client: Client, reviewer: User, loan: Pipeline, make_upstream: Callable[[], Upstream]
) -> None:
    upstream = make_upstream().client
    waiting_case(loan, upstream, reference="soon", due_in=timedelta(minutes=30))
    waiting_case(loan, upstream, reference="papers", queue="loan-papers")
    waiting_case(loan, upstream, reference="late", due_in=-timedelta(minutes=30))
    decided_case(loan, upstream, reference="done")
    assert listed(client) == ["done", "late", "papers", "soon"]
    assert listed(client, "?status=decided") == ["done"]
    assert listed(client, "?outcome=approve") == ["done"]
    assert listed(client, "?queue=loan-papers") == ["papers"]
    assert listed(client, "?deadline=soon") == ["late", "soon"]
    assert listed(client, "?deadline=late") == ["late"]
    assert listed(client, "?reference=papers") == ["papers"]
    assert listed(client, "?reference=pap") == []
    assert listed(client, "?status=no-such&after=x") == ["done", "late", "papers", "soon"]


def test_pages_lose_and_repeat_nothing(
    client: Client, reviewer: User, loan: Pipeline, make_upstream: Callable[[], Upstream]
) -> None:
    many_waiting(Queue.objects.get(slug="loan-review"), make_upstream().client, 120)
    found: list[str] = []
    query = ""
    while True:
        page = client.get(f"/cases/{query}").content.decode()
        found += listed(client, query)
        following = re.search(r'href="(\?[^"]*)" rel="next"', page)
        if following is None:
            break
        query = following[1].replace("&amp;", "&")
    assert len(found) == len(set(found)) == 121 == Case.objects.count()


def test_by_deadline_a_case_on_hold_does_not_stand_before_what_waits(
    client: Client, reviewer: User, loan: Pipeline, make_upstream: Callable[[], Upstream]
) -> None:
    bank = make_upstream().client
    rests, waits = (waiting_case(loan, bank, due_in=timedelta(hours=hours)) for hours in (1, 2))
    on_hold(rests, reviewer)
    assert listed(client, "?sort=deadline") == [waits.reference]
    assert listed(client, "?sort=deadline&standing=on_hold") == [rests.reference]
    assert listed(client) == [waits.reference, rests.reference]


def test_a_page_asks_the_database_eight_times_whatever_the_rights(
    client: Client,
    reviewer: User,
    loan: Pipeline,
    make_person: Callable[..., User],
    make_upstream: Callable[[], Upstream],
) -> None:
    many_waiting(Queue.objects.get(slug="loan-review"), make_upstream().client, 60)
    counts = set()
    for roles in ((Role.REVIEWER,), (Role.SENIOR_REVIEWER, Role.AUDITOR)):
        client.force_login(make_person(*roles))
        with CaptureQueriesContext(connection) as statements:
            client.get("/cases/")
        counts.add(len(statements))
    assert max(counts) <= 8
    assert len(counts) == 1
    with CaptureQueriesContext(connection) as statements:
        client.get("/")
    assert len(statements) <= 10  # one of them asks what is stopped: home says so aloud


def test_other_pipelines_are_not_listed(
    client: Client,
    loan: Pipeline,
    make_person: Callable[..., User],
    make_upstream: Callable[[], Upstream],
) -> None:
    waiting_case(loan, make_upstream().client)
    client.force_login(make_person(Role.OPERATOR))
    assert listed(client) == []
