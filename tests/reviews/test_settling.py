"""Settling: a review has no effect before its seconds are over, then its effect once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from celery.signals import before_task_publish
from django.db import connection, connections
from django.test import Client
from structlog.testing import capture_logs

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import ClockTimestamp, Event
from cases import lifecycle
from cases.models import Case, Delivery, Pipeline, Status
from cases.webhooks import make_webhook
from reviews import settling
from reviews.models import Claim, Export, Queue, QueueEntry, Review, Stage
from reviews.settling import settle_due, settle_review
from reviews.tasks import announce_case, close_withdrawn_case, settle_due_reviews
from reviews.trail.selecting import Selection
from tests.casefiles import (
    APPROVE,
    DECLINE,
    TESTER,
    found,
    give,
    held,
    many_waiting,
    settled,
    start,
    waiting_case,
)
from tests.conftest import Upstream
from tests.reviews.exports import exported

Person = Callable[..., User]


@pytest.fixture
def ten_seconds(settings: Any) -> None:
    settings.UNDO_SECONDS = 10


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    """A case that the model would decline."""
    return waiting_case(loan, bank)


def test_a_review_is_kept_and_has_no_effect_yet(
    case: Case, reviewer: User, senior: User, ten_seconds: None
) -> None:
    claim = held(case, reviewer)
    give(claim, DECLINE)
    assert settle_review(claim.pk) is None
    assert settle_due() == 0
    assert found(case).status == Status.IN_REVIEW
    assert not case.decisions.exists()
    assert QueueEntry.objects.get(pk=case.pk).claim == claim
    assert start(senior) is None
    assert start(reviewer) is None


def test_nothing_leaves_the_house_before_it_takes_effect(
    client: Client, loan: Pipeline, make_upstream: Callable[[], Upstream], reviewer: User,
    settings: Any,
) -> None:  # fmt: skip
    settings.UNDO_SECONDS = 10
    upstream = make_upstream()
    settings.WEBHOOK_LOOPBACK = True
    make_webhook(upstream.client, "http://127.0.0.1:1/hook", by=TESTER)
    case = waiting_case(loan, upstream.client)
    claim = held(case, reviewer)
    give(claim, DECLINE)

    def told() -> tuple[str, Any, int, int]:
        seen = client.get(f"/api/v1/cases/{case.pk}", headers=upstream.headers).json()
        lines = exported(Selection(loan), Export.Format.JSON_LINES, reviewer)
        announce_case(str(case.pk))
        return seen["status"], seen["decision"], lines.count(b"\n"), Delivery.objects.count()

    assert told() == ("in_review", None, 0, 0)
    settings.UNDO_SECONDS = 0
    settle_review(claim.pk)
    status, decision, lines, deliveries = told()
    assert (status, decision["outcome"], lines, deliveries) == ("decided", "decline", 1, 1)


def test_it_takes_effect_once_and_is_its_reviewers_act(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    give(claim, DECLINE)
    assert settle_review(claim.pk)
    assert settle_review(claim.pk) is None
    assert settle_due() == 0
    event = Event.objects.get(type="case.decided", case_id=case.pk)
    assert (str(event.actor_kind), event.actor_id) == ("user", str(reviewer.pk))
    assert not QueueEntry.objects.filter(pk=case.pk).exists()


def test_the_sweep_finds_what_nobody_heard_and_one_failure_stops_no_other(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    broken, whole = waiting_case(loan, bank), waiting_case(loan, bank)
    nonsense = given_by_hand(held(broken, reviewer), outcome="no such outcome")
    give(held(whole, senior), DECLINE)
    settle_due_reviews()
    assert found(whole).status == Status.DECIDED
    assert found(broken).status == Status.IN_REVIEW
    assert Review.objects.get(pk=nonsense.pk).undone_at is None
    assert QueueEntry.objects.get(pk=broken.pk).claim_id == nonsense.claim_id
    assert settle_due() == 1


def given_by_hand(claim: Claim, *, outcome: str) -> Review:
    Claim.objects.filter(pk=claim.pk).update(ended_at=ClockTimestamp(), ended="reviewed")
    return Review.objects.create(
        case=claim.case,
        reviewer=claim.reviewer,
        claim=claim,
        route=claim.case.routes.get(),
        round=1,
        stage=Stage.FIRST,
        outcome=outcome,
        override=False,
        sealed_explanation=b"",
    )


def test_a_case_withdrawn_meanwhile_is_not_decided(
    case: Case, reviewer: User, bank: ApiClient
) -> None:
    claim = held(case, reviewer)
    give(claim, DECLINE)
    lifecycle.move(found(case), Status.WITHDRAWN, by=bank.actor)
    assert settle_review(claim.pk) is None
    assert settle_due() == 0
    close_withdrawn_case(str(case.pk))
    assert found(case).status == Status.WITHDRAWN
    assert Review.objects.get().outcome == "decline"
    assert settled(case) is None


@pytest.fixture
def rung() -> Iterator[list[tuple[str, Any, Any]]]:
    """The tasks that were rung for, with what they were given and when they are due."""
    heard: list[tuple[str, Any, Any]] = []

    def hear(sender: str, body: Any, headers: Any, **_: Any) -> None:
        heard.append((sender, *body[0], headers["eta"] is not None))

    before_task_publish.connect(hear, weak=False)
    yield heard
    before_task_publish.disconnect(hear)
    current_app.control.purge()


def test_a_worker_is_rung_for_by_number_alone_and_for_when_it_is_due(
    case: Case, reviewer: User, settings: Any, rung: list[tuple[str, Any, Any]],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    settings.UNDO_SECONDS = 10
    claim = held(case, reviewer)
    with django_capture_on_commit_callbacks(execute=True):
        give(claim, APPROVE if case.predictions.get().outcome == "approve" else DECLINE)
    assert rung == [("reviews.tasks.settle_review", claim.pk, True)]


def test_a_broker_that_is_away_costs_time_only(
    case: Case, reviewer: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    claim = held(case, reviewer)
    with monkeypatch.context() as away:
        away.setitem(current_app.conf, "broker_write_url", f"redis+socket://{tmp_path}/nobody")
        away.setattr(current_app.amqp, "_producer_pool", None)
        with capture_logs() as logs, django_capture_on_commit_callbacks(execute=True):
            give(claim, DECLINE)
    assert [line["event"] for line in logs] == ["doorbell_unheard"]
    assert settled(case)


def test_what_is_due_is_found_among_those_who_work_however_many_wait(
    own_database: str, make_person: Person, make_upstream: Callable[..., Any]
) -> None:
    for queue in Queue.objects.all():
        many_waiting(queue, make_upstream().client, 5000)
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    give(held(waiting_case(loan, make_upstream().client), make_person(Role.REVIEWER)), DECLINE)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {settling.DUE}", ["0 s", 500])
        plan = cursor.fetchone()[0][0]["Plan"]
    entries = [node for node in nodes(plan) if node.get("Relation Name") == "reviews_queueentry"]
    assert [node.get("Index Name") for node in entries] == ["entry_claimed"]
    assert max(node["Actual Rows"] for node in nodes(plan)) <= 1


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in nodes(child))]
