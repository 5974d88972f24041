"""Reads are events: whoever is given a byte of a paper, or of what is sealed, is named with it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import pytest
from django.db import connection
from django.http.response import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.models import Case, Pipeline
from reviews import ahead
from reviews.claims import claim_case
from reviews.models import Unmasking
from reviews.reading import note_papers
from reviews.rights import rights_of
from tests.conftest import Upstream
from tests.loans import loan_in_review
from tests.reviews.walks import FREELY, patterns

READS = ("case.opened", "document.opened", "document.downloaded")
PERSONAL = (b"\x89PNG", b"2,431", b"2,341", b"Tuinbouw", b'"boxes": [[')
SENT: dict[str, dict[str, object]] = {
    **FREELY,
    "words": {"q": "noord"},
    "field": {"act": "illegible"},
}


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    return loan_in_review(make_upstream().client)


def addresses(case: Case) -> Iterator[tuple[str, str]]:
    """Every address that names a case: its own page, its papers, whatever is asked of it."""
    document = case.documents.order_by("position").first()
    assert document is not None
    values: dict[str, Sequence[object]] = {
        "case_id": [case.pk],
        "page_id": [document.pages.get().pk],
        "document_id": [document.pk],
        "name": ["net_income"],
        "size": ["screen"],
        "place": [1],
        "pk": [1],
        "number": [1],
    }
    for pattern in patterns():
        parts = [*pattern.pattern.converters]
        if "case_id" in parts and pattern.name:
            for chosen in product(*(values[each] for each in parts)):
                kwargs = dict(zip(parts, chosen, strict=True))
                yield pattern.name, reverse(pattern.name, kwargs=kwargs)


def test_no_address_gives_a_byte_of_a_case_without_an_event(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    """Each is asked by somebody who has never been there, and so each has to tell of them by itself."""
    telling = set()
    for name, address in addresses(case):
        for method in ("get", "post"):
            reader = make_person(Role.REVIEWER)
            client.force_login(reader)
            headers = {"HX-Request": "true"} if name == "comment" else {}
            sent: dict[str, object] = {**SENT.get(name, {}), "fence": 1} if method == "post" else {}
            answer = getattr(client, method)(address, sent, headers=headers)
            assert isinstance(answer, HttpResponse | StreamingHttpResponse)
            if any(each in answer.getvalue() for each in PERSONAL):
                mine = Event.objects.filter(case_id=case.pk, actor_id=str(reader.pk))
                assert mine.filter(type__in=READS).exists(), f"{method} {address}"
                assert mine.filter(type__in=READS, pipeline="loan").exists(), address
                telling.add(name)
    assert {"case", "page_image", "original", "words"} <= telling


def test_a_paper_is_one_event_a_visit_and_costs_one_statement(
    client: Client, reviewer: User, case: Case
) -> None:
    first, second = case.documents.order_by("position")[:2]
    client.force_login(reviewer)
    for size in ("", "thumb/", "screen/"):
        client.get(f"/cases/{case.pk}/pages/{first.pages.get().pk}/{size}")
    client.get(f"/cases/{case.pk}/pages/{second.pages.get().pk}/")
    opened = Event.objects.filter(type="document.opened").order_by("id")
    assert [event.data for event in opened] == [
        {"document": str(first.pk)},
        {"document": str(second.pk)},
    ]
    assert case.definition.slug == "loan"
    with CaptureQueriesContext(connection) as statements:
        note_papers(case, first.pk, second.pk, reader=reviewer)
    assert len(statements) == 1
    assert opened.count() == 2


def test_what_a_browser_fetched_ahead_is_told_as_that_and_changes_nothing(
    reviewer: User, case: Case
) -> None:
    paper = case.documents.order_by("position")[0]
    state = ahead.state_of(case.pk, reviewer=reviewer)
    ahead.note_fetched(case, by=reviewer.actor)
    note_papers(case, paper.pk, reader=reviewer)
    assert ahead.state_of(case.pk, reviewer=reviewer) == state
    claim_case(case.pk, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor)
    note_papers(case, paper.pk, reader=reviewer)
    papers = Event.objects.filter(case_id=case.pk, type__startswith="document.").order_by("id")
    assert [event.type for event in papers] == ["document.fetched_ahead", "document.opened"]


def test_the_purpose_of_an_unmasking_stands_with_the_paper(reviewer: User, case: Case) -> None:
    paper = case.documents.order_by("position")[0]
    Unmasking.objects.create(case=case, person=reviewer, field="papers", purpose="complaint")
    note_papers(case, paper.pk, reader=reviewer)
    event = Event.objects.get(type="document.opened")
    assert event.data == {"document": str(paper.pk), "purpose": "complaint"}
