"""Searching the words of a case's papers: found as people type them, and told to nobody else."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.models import Case, Document, Pipeline
from tests.conftest import Upstream
from tests.loans import loan_in_review


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    return loan_in_review(make_upstream().client)


def test_what_is_searched_for_is_found_with_its_page_and_boxes(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    client.force_login(make_person(Role.REVIEWER))
    answer = client.post(f"/cases/{case.pk}/words/", {"q": "noord nederlandse"}).json()
    assert [match["page"] for match in answer["matches"]] == [2]
    ((left, top, right, bottom),) = answer["matches"][0]["boxes"]
    assert 300 < left < right < 900
    assert 0 < top < bottom < 1270
    assert answer["wordless"] == 0


def test_what_is_not_there_and_pages_without_words_are_said(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    client.force_login(make_person(Role.REVIEWER))
    Document.objects.create(
        case=case, position=9, kind="payslip", size=1, page_count=2, sealed_name=b""
    )
    answer = client.post(f"/cases/{case.pk}/words/", {"q": "zuid"}).json()
    assert answer == {"matches": [], "wordless": 2}
    assert client.post(f"/cases/{case.pk}/words/", {"q": " .,- "}).json()["matches"] == []


def test_nobody_searches_a_case_that_they_may_not_see(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    client.force_login(make_person(Role.OPERATOR))
    assert client.post(f"/cases/{case.pk}/words/", {"q": "noord"}).status_code == 404
