"""Waiting for a decision with `Prefer: wait`, and what the answer shows then."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections, transaction
from django.test import Client

from cases import lifecycle
from cases.models import Case, Status
from tests.cases.loans import decided, loan_body, post_loan
from tests.conftest import TESTER
from tests.processes import eventually


def test_who_waits_gets_the_decision_and_the_answer_stays(
    own_database: str, make_upstream: Any, client: Client
) -> None:
    upstream, body = make_upstream(), loan_body()

    def decide_soon() -> None:
        try:
            case = eventually(lambda: Case.objects.filter(status="received").first(), "the case")
            assert case
            decided(case)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        deciding = pool.submit(decide_soon)
        first = post_loan(client, upstream, body, key="w", Prefer="respond-async, wait=15")
        deciding.result()
    assert first.status_code == 201, first.content
    assert first["Preference-Applied"] == "wait=15"
    assert first["Location"].endswith(first.json()["id"])
    assert first.json()["decision"]["outcome"] == "decline"
    again = post_loan(client, upstream, body, key="w", Prefer="wait=15")
    assert (again.status_code, again.content) == (201, first.content)


def test_waiting_ends_when_the_time_is_up(client: Client, make_upstream: Any, loan: Any) -> None:
    response = post_loan(client, make_upstream(), Prefer="wait=1")
    assert response.status_code == 202
    assert response["Preference-Applied"] == "wait=1"
    assert response["Location"]


def test_who_waits_for_a_person_is_told_at_once_that_one_has_the_case(
    own_database: str, make_upstream: Any, client: Client
) -> None:
    upstream, body = make_upstream(), loan_body()

    def hand_over() -> None:
        try:
            case = eventually(lambda: Case.objects.filter(status="received").first(), "the case")
            assert case
            with transaction.atomic():
                for status in (Status.READ, Status.SCORED, Status.IN_REVIEW):
                    lifecycle.move(case, status, by=TESTER)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        handing = pool.submit(hand_over)
        first = post_loan(client, upstream, body, key="w", Prefer="wait=20")
        handing.result()
    assert (first.status_code, first.json()["status"]) == (202, "in_review")
    assert first["Preference-Applied"] == "wait=20"
    now = client.get(first["Location"], headers=upstream.headers)
    assert (first["ETag"], first.json()) == (now["ETag"], now.json())
    again = post_loan(client, upstream, body, key="w")
    assert (again.status_code, again.content, again["ETag"]) == (202, first.content, first["ETag"])


def test_a_replayed_answer_is_not_waited_for(client: Client, make_upstream: Any, loan: Any) -> None:
    upstream, body = make_upstream(), loan_body()
    post_loan(client, upstream, body, key="w")
    again = post_loan(client, upstream, body, key="w", Prefer="wait=20")
    assert (again.status_code, "Preference-Applied" in again) == (202, False)
