"""History: every entry opens to what was known then, and to no more than its reader may see."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from accounts.models import ApiClient, User
from audit.events import record
from audit.models import Event
from cases.models import Case, Pipeline
from tests.casefiles import (
    APPROVE,
    DECLINE,
    OVERRIDE,
    held,
    reviewed_case,
    submit,
    waiting_case,
)


def opened(client: Client, case: Case, place: int, **headers: str) -> str:
    answer = client.get(f"/cases/{case.pk}/history/{place}/", headers=headers)
    assert answer.status_code == 200, answer.status_code
    return " ".join(strip_tags(answer.content.decode().replace("<", " <")).split())


def place_of(client: Client, case: Case, words: str) -> int:
    """The number of the entry that reads so, as the case page links it."""
    page = client.get(f"/cases/{case.pk}/").content.decode()
    entries = re.findall(r"<summary><time.*?</summary>.*?/history/(\d+)/", page, re.S)
    lines = re.findall(r"<summary><time.*?</summary>", page, re.S)
    return int(next(n for n, line in zip(entries, lines, strict=True) if words in line))


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    return waiting_case(loan, bank, predicted="decline", confidence=0.71)


def test_an_entry_tells_what_was_known_then_and_not_what_came_later(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    held(case, reviewer)
    read = opened(client, case, place_of(client, case, "Papers read"))
    assert "0.71 for decline" not in read
    assert "Version of the case 2" in read
    assert "4,870.00, read at 0.97" in read
    claimed = opened(client, case, place_of(client, case, "Claimed"))
    assert "0.71 for decline" in claimed
    assert f"{reviewer.shown_name}, review" in claimed
    assert "Decline at 0.71, below 0.85" in claimed


def test_what_an_entry_brought_is_marked(client: Client, case: Case, reviewer: User) -> None:
    client.force_login(reviewer)
    held(case, reviewer)
    place = place_of(client, case, "Scored")
    page = client.get(f"/cases/{case.pk}/history/{place}/").content.decode()
    new = re.findall(r'<div class="known-new"><dt>(.*?)</dt>', page)
    assert "Prediction" in new
    assert "Pipeline" not in new


def test_the_papers_before_they_were_read(client: Client, case: Case, reviewer: User) -> None:
    client.force_login(reviewer)
    assert "not read yet" in opened(client, case, 1)


def test_values_that_a_later_reading_replaced_are_said_to_be_gone(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    with transaction.atomic():
        record("case.read", by=case.client.actor, case_id=case.pk, data={"found": []})
    assert "read anew since" in opened(client, case, place_of(client, case, "Scored"))


def test_the_deadline_was_earlier_before_the_case_rested(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    before = re.search(r"Due (.*?) In the hands", opened(client, case, 1))
    with transaction.atomic():
        record(
            "case.resumed", by=case.client.actor, case_id=case.pk, data={"rested_seconds": 86400}
        )
    after = re.search(r"Due (.*?) In the hands", opened(client, case, 1))
    assert before
    assert after
    assert before[1] != after[1]


def test_reviews_show_their_words_once_they_were_given(
    client: Client, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    client.force_login(reviewer)
    decided = reviewed_case(loan, bank, reviewer, verdict=DECLINE, predicted="approve")
    claimed = opened(client, decided, place_of(client, decided, "Claimed"))
    assert DECLINE.explanation not in claimed
    page = client.get(f"/cases/{decided.pk}/")
    assert DECLINE.explanation in page.content.decode()
    given = opened(client, decided, place_of(client, decided, "Review: decline"))
    assert DECLINE.explanation in given


def test_with_scripts_an_entry_comes_as_a_fragment(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    page = client.get(f"/cases/{case.pk}/history/1/", headers={"HX-Request": "true"})
    assert b"<html" not in page.content
    assert client.get(f"/cases/{case.pk}/history/999/").status_code == 404


def test_who_may_not_see_the_case_opens_nothing_of_it(
    client: Client, case: Case, make_person: Callable[..., User]
) -> None:
    client.force_login(make_person())
    assert client.get(f"/cases/{case.pk}/history/1/").status_code == 404


def everything(client: Client, case: Case) -> list[str]:
    """All entries that the person can open, without what differs between any two cases."""
    found: list[str] = []
    for place in range(1, 100):
        answer = client.get(f"/cases/{case.pk}/history/{place}/", headers={"HX-Request": "true"})
        if answer.status_code == 404:
            return found
        page = re.sub(r'<p class="known-at">.*?</p>', "", answer.content.decode(), flags=re.S)
        page = re.sub(r"<dt>Due</dt><dd>.*?</dd>", "", page, flags=re.S)
        found.append(page)
    raise AssertionError("no end")


@pytest.mark.parametrize("other", [("decline", 0.93, APPROVE), ("approve", 0.51, DECLINE)])
def test_for_an_independent_judge_every_entry_is_the_same_whatever_was_said(
    client: Client,
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    senior: User,
    other: tuple[str, float, Any],
) -> None:
    client.force_login(senior)
    seen = []
    for predicted, confidence, verdict in (("approve", 0.71, OVERRIDE), other):
        case = reviewed_case(
            loan,
            bank,
            reviewer,
            verdict=verdict if verdict is not APPROVE else OVERRIDE,
            predicted=predicted,
            confidence=confidence,
            second_review="loan-second",
        )
        held(case, senior)
        seen.append(everything(client, case))
        submit(case.claims.get(ended_at=None), DECLINE)
    assert seen[0]
    assert seen[0] == seen[1]
    told = " ".join(seen[0])
    assert "Prediction" not in told
    assert OVERRIDE.explanation not in told


def test_two_hundred_events_stay_folded_and_cost_no_more(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    held(case, reviewer)
    with CaptureQueriesContext(connection) as few:
        client.get(f"/cases/{case.pk}/")
    with transaction.atomic():
        for number in range(200):
            kind = "case.opened" if number % 2 else "document.downloaded"
            record(kind, by=case.client.actor, case_id=case.pk)
    with CaptureQueriesContext(connection) as many:
        page = client.get(f"/cases/{case.pk}/").content.decode()
    assert len(many) == len(few)
    folded, open_ = page.split('<ol class="timeline" start=')
    assert open_.count("/history/") == 30  # 15 entries, each with its link twice
    assert "earlier entries" in folded


def test_what_somebody_does_again_and_again_is_one_entry_that_tells_each_time(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    with transaction.atomic():
        for _ in range(3):
            record("document.downloaded", by=reviewer.actor, case_id=case.pk)
    place = place_of(client, case, "Original downloaded, 3 times")
    page = client.get(f"/cases/{case.pk}/history/{place}/").content.decode()
    assert page.count('class="known-at"') == 3
    assert Event.objects.filter(case_id=case.pk, type="case.opened").exists()
