"""Requests for information: asked by a reviewer, told to the upstream, answered over the API."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils.timezone import localdate

from accounts.models import Scope, User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from cases import lifecycle
from cases.announcing import announce
from cases.lifecycle import take_step
from cases.models import Case, Delivery, Document, Pipeline, Status, Webhook
from inference.models import Prediction
from reviews.drafts import load_draft, save_draft
from reviews.escalating import escalate
from reviews.holding import follow_up_due
from reviews.models import Hold, Notice, QueueEntry, Route
from reviews.tasks import route_case
from tests.casefiles import TESTER, decided_case, found, held, predict, start, waiting_case
from tests.cases.loans import pdf, sent_paper
from tests.conftest import Upstream
from tests.reviews.holds import QUESTION, asked, long_on_hold

ANSWER = "Her employer's payroll bureau did."


@pytest.fixture
def upstream(db: None, make_upstream: Callable[[], Upstream]) -> Upstream:
    return make_upstream()


@pytest.fixture
def case(loan: Pipeline, upstream: Upstream) -> Case:
    return waiting_case(
        loan, upstream.client, predicted="approve", confidence=0.93, due_in=timedelta(hours=6)
    )


def listed(client: Client, upstream: Upstream, case: Case) -> Any:
    return client.get(f"/api/v1/cases/{case.pk}/information-requests", headers=upstream.headers)


def answer(
    client: Client,
    upstream: Upstream,
    hold: Hold,
    body: Any = None,
    *,
    key: str | None = None,
    case_id: object = None,
) -> Any:
    """Answers a question, with a fresh key unless one is given."""
    sent = {"text": ANSWER} if body is None else body
    return client.post(
        f"/api/v1/cases/{case_id or hold.case_id}/information-requests/{hold.pk}/answer",
        sent if isinstance(sent, str) else json.dumps(sent),
        "application/json",
        headers={**upstream.headers, "Idempotency-Key": f'"{key or uuid4()}"'},
    )


def with_papers(*papers: dict[str, str]) -> dict[str, Any]:
    return {"text": ANSWER, "documents": list(papers)}


PAYSLIP = sent_paper("payslip", pdf(2))


def untouched(hold: Hold) -> bool:
    """Whether a question still waits for its answer, and the case is as it was."""
    hold.refresh_from_db()
    entry = QueueEntry.objects.get(case=hold.case_id)
    same = not Document.objects.filter(case=hold.case_id).exists()
    return same and hold.ended == "" and hold.sealed_answer is None and entry.hold_id == hold.pk


# ---------------------------------------------------------------- asking


def test_the_upstream_is_told_thinly_and_asks_for_the_words(
    client: Client, upstream: Upstream, case: Case, reviewer: User
) -> None:
    hook = Webhook.objects.create(client=upstream.client, url="https://x.test", sealed_secrets=b"")
    hold = asked(case, reviewer)
    delivery = Delivery.objects.get()
    assert (delivery.webhook, delivery.type) == (hook, "case.information_requested")
    assert delivery.body["subject"] == str(case.pk)
    assert delivery.body["data"] == {
        "case": str(case.pk),
        "reference": case.reference,
        "pipeline": "loan",
        "information_request": str(hold.pk),
    }
    response = listed(client, upstream, case)
    (item,) = response.json()["items"]
    assert (item["id"], item["case"], item["status"]) == (str(hold.pk), str(case.pk), "open")
    assert item["question"] == QUESTION.text
    assert item["documents"] == [{"name": "payslip", "title": "Payslip"}]
    assert item["fields"] == [{"name": "employer", "title": "Employer"}]
    assert item["ended_at"] is None
    assert Event.objects.get(type="case.information_requested").data["hold"] == str(hold.pk)


def test_a_case_that_nobody_asked_about_has_no_requests(
    client: Client, upstream: Upstream, case: Case
) -> None:
    assert listed(client, upstream, case).json() == {"items": []}


def test_the_form_asks_and_the_case_waits(client: Client, case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    client.force_login(reviewer)
    day = localdate() + timedelta(days=7)
    form = {"fence": claim.pk, "words": "Who?", "until": day.isoformat(), "papers": "payslip"}
    page = client.post(f"/cases/{case.pk}/ask/", form, follow=True).content.decode()
    assert "The upstream is asked." in page
    assert "waits for the upstream since" in page
    record = client.get(f"/cases/{case.pk}/").content.decode()
    assert "waits for the upstream</time>" in record
    wrong = client.post(f"/cases/{case.pk}/ask/", {**form, "papers": "passport"})
    assert wrong.status_code == 422


# ---------------------------------------------------------------- an answer in words


def test_an_answer_lets_the_case_wait_again_and_tells_who_asked(
    client: Client, upstream: Upstream, case: Case, reviewer: User
) -> None:
    hold = asked(case, reviewer)
    response = answer(client, upstream, hold)
    assert response.status_code == 200, response.content
    assert response.json()["status"] == "answered"
    assert ANSWER not in response.content.decode()
    hold.refresh_from_db()
    assert hold.ended == Hold.Ended.ANSWERED and hold.sealed_answer
    opened = vault.of(case.pk)
    assert opened.open_json(f"answer:{hold.pk}", hold.sealed_answer) == {"text": ANSWER}
    given = Event.objects.get(type="case.information_given")
    assert (given.actor_kind, given.actor_id) == ("client", str(upstream.client.pk))
    assert list(given.commitments) == [f"answer:{hold.pk}"]
    notice = Notice.objects.get()
    assert (notice.person, notice.kind) == (reviewer, Notice.Kind.ANSWERED)
    assert start(reviewer)
    client.force_login(reviewer)
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert "payroll bureau did." in page
    assert QUESTION.text in page
    assert not Notice.objects.filter(seen_at=None).exists(), "seen once the case is open"


def test_the_same_answer_sent_again_is_answered_alike_and_another_one_is_refused(
    client: Client, upstream: Upstream, case: Case, reviewer: User
) -> None:
    hold = asked(case, reviewer)
    first = answer(client, upstream, hold, key="k")
    again = answer(client, upstream, hold, key="k")
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = answer(client, upstream, hold, {"text": "No, I was wrong."})
    assert (other.status_code, other.json()["type"]) == (
        409,
        "/problems/information-request-closed",
    )
    assert Event.objects.filter(type="case.information_given").count() == 1


def test_an_answer_after_its_day_or_after_a_withdrawal_is_refused(
    client: Client, upstream: Upstream, loan: Pipeline, case: Case, reviewer: User
) -> None:
    hold = long_on_hold(case, reviewer, days=3, over=True, kind=Hold.Kind.QUESTION)
    assert follow_up_due(by=TESTER) == 1
    assert answer(client, upstream, hold).status_code == 409
    assert listed(client, upstream, case).json()["items"][0]["status"] == "closed"
    other = waiting_case(loan, upstream.client)
    withdrawn = asked(other, reviewer)
    with transaction.atomic():
        lifecycle.move(found(other), Status.WITHDRAWN, by=upstream.client.actor)
    assert answer(client, upstream, withdrawn).status_code == 409


# ---------------------------------------------------------------- an answer with papers


def routed_anew(case: Case) -> Route:
    """Reads, scores and routes a case, as the workers would."""
    with transaction.atomic():
        lifecycle.move(found(case), Status.READ, by=TESTER)
        predict(found(case), "approve", 0.99)
        lifecycle.move(found(case), Status.SCORED, by=TESTER)
    route_case(str(case.pk))
    return Route.objects.filter(case=case).latest("id")


def test_papers_are_added_and_the_case_is_judged_anew_by_a_person(
    client: Client, upstream: Upstream, case: Case, reviewer: User
) -> None:
    claim = held(case, reviewer)
    words = {
        "amount": {"kind": "confirmed", "value": None},
        "employer": {"kind": "corrected", "value": "Noord B.V."},
    }
    save_draft(case.pk, {"explanation": "So far", "fields": words}, reviewer=reviewer)
    hold = asked(case, reviewer, claim=claim)
    assert answer(client, upstream, hold, with_papers(PAYSLIP, PAYSLIP)).status_code == 200
    again = found(case)
    assert again.status == Status.RECEIVED and again.step_due_at
    assert not QueueEntry.objects.filter(case=case).exists()
    papers = Document.objects.filter(case=case)
    assert [(paper.position, paper.kind, paper.page_count) for paper in papers] == [
        (0, "payslip", 2), (1, "payslip", 2),
    ]  # fmt: skip
    event = Event.objects.get(type="case.supplemented")
    assert [paper["id"] for paper in event.data["documents"]] == [str(each.pk) for each in papers]
    assert set(event.commitments) == {f"document:{each.pk}" for each in papers}
    draft = load_draft(vault.of(case.pk), reviewer=reviewer)
    assert draft == {"explanation": "So far", "fields": {"employer": words["employer"]}}
    first = Prediction.objects.filter(case=case).earliest("id")
    route = routed_anew(case)
    assert route.kind == Route.Kind.REVIEW, "0.99 would be decided, had nobody asked"
    assert route.reasons[0]["code"] == "answered"
    entry = QueueEntry.objects.get(case=case)
    assert (entry.round, entry.due_at) == (2, found(case).due_at)
    assert Prediction.objects.filter(case=case).earliest("id") == first
    assert start(reviewer)


def test_an_answered_case_can_be_decided_in_its_next_round(
    client: Client, upstream: Upstream, case: Case, reviewer: User
) -> None:
    assert answer(client, upstream, asked(case, reviewer), with_papers(PAYSLIP)).status_code == 200
    routed_anew(case)
    second = asked(case, reviewer)
    assert answer(client, upstream, second, with_papers(PAYSLIP)).status_code == 200
    routed_anew(case)
    assert QueueEntry.objects.get(case=case).round == 3
    positions = Document.objects.filter(case=case).values_list("position", flat=True)
    assert list(positions) == [0, 1]


def test_what_was_escalated_stays_with_the_seniors_when_papers_come(
    client: Client, upstream: Upstream, case: Case, reviewer: User, make_person: Callable[..., User]
) -> None:
    senior = make_person(Role.SENIOR_REVIEWER)
    fence = held(case, reviewer).pk
    escalate(fence, note="Is this payslip real?", reviewer=reviewer, by=reviewer.actor)
    hold = asked(case, senior)
    assert answer(client, upstream, hold, with_papers(PAYSLIP)).status_code == 200
    routed_anew(case)
    assert QueueEntry.objects.get(case=case).senior
    assert start(make_person(Role.REVIEWER)) is None
    assert start(senior)


# ---------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "#/text"),
        ({"text": ""}, 422, "#/text"),
        ({"text": " \n"}, 422, "#/text"),
        ({"text": "x" * 4001}, 422, "#/text"),
        ({"text": 7}, 422, "#/text"),
        ({"text": "x", "more": 1}, 422, "#"),
        ([], 422, "#"),
        ("{", 400, None),
        ("", 400, None),
        (with_papers({"kind": "payslip", "content": "no base64!"}), 422, "#/documents/0/content"),
        (with_papers({"kind": "passport", "content": "aGk="}), 422, "#/documents/0/kind"),
        (with_papers({"kind": "payslip", "content": "aGk="}), 422, "#/documents/0/content"),
        (with_papers(PAYSLIP, {"kind": "payslip"}), 422, "#/documents/1/content"),
        (with_papers({"kind": "x", "content": "?"}), 422, "#/documents/0/kind"),
        (with_papers(*[PAYSLIP] * 21), 422, "#/documents"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_refused_and_changes_nothing(
    client: Client,
    upstream: Upstream,
    case: Case,
    reviewer: User,
    body: Any,
    status: int,
    pointer: str | None,
) -> None:
    hold = asked(case, reviewer)
    response = answer(client, upstream, hold, body)
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    if pointer:
        assert pointer in [error["pointer"] for error in response.json()["errors"]]
    assert untouched(hold)


def test_a_body_too_large_is_refused_unread(
    client: Client, upstream: Upstream, case: Case, reviewer: User, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    hold = asked(case, reviewer)
    assert answer(client, upstream, hold, {"text": "x" * 200}).status_code == 413
    assert untouched(hold)


def test_there_is_no_room_for_more_papers_than_a_case_may_have(
    client: Client, upstream: Upstream, case: Case, reviewer: User, settings: Any
) -> None:
    settings.CASE_MAX_PAPERS = 2
    first = asked(case, reviewer)
    assert answer(client, upstream, first, with_papers(PAYSLIP, PAYSLIP)).status_code == 200
    routed_anew(case)
    hold = asked(case, reviewer)
    response = answer(client, upstream, hold, with_papers(PAYSLIP))
    assert response.status_code == 422
    assert response.json()["errors"][0]["detail"] == "must have at most 0 items"


def test_a_strangers_case_an_unknown_one_and_another_cases_question_are_not_there(
    client: Client,
    upstream: Upstream,
    loan: Pipeline,
    case: Case,
    reviewer: User,
    make_upstream: Callable[[], Upstream],
) -> None:
    hold, stranger = asked(case, reviewer), make_upstream()
    other = waiting_case(loan, upstream.client)
    assert listed(client, stranger, case).status_code == 404
    assert answer(client, stranger, hold).status_code == 404
    assert answer(client, upstream, hold, case_id=other.pk).status_code == 404
    assert answer(client, upstream, hold, case_id=uuid4()).status_code == 404
    follow_up = long_on_hold(other, reviewer, days=1)
    assert answer(client, upstream, follow_up).status_code == 404, "that is nobody's question"
    assert listed(client, upstream, other).json() == {"items": []}
    assert untouched(hold)


def test_a_key_needs_the_scope_and_the_request_its_own_key(
    client: Client,
    upstream: Upstream,
    case: Case,
    reviewer: User,
    make_upstream: Callable[..., Upstream],
) -> None:
    hold = asked(case, reviewer)
    reads = make_upstream(scopes=[Scope.CASES_READ])
    assert answer(client, reads, hold).status_code == 403
    writes = make_upstream(scopes=[Scope.CASES_WRITE])
    assert listed(client, writes, case).status_code == 403
    path = f"/api/v1/cases/{case.pk}/information-requests/{hold.pk}/answer"
    without = client.post(path, {"text": "x"}, "application/json", headers=upstream.headers)
    assert (without.status_code, without.json()["type"]) == (
        400,
        "/problems/idempotency-key-missing",
    )
    assert client.post(path, {"text": "x"}, "application/json").status_code == 401
    assert untouched(hold)


def test_a_decision_is_announced_as_before(loan: Pipeline, upstream: Upstream) -> None:
    Webhook.objects.create(client=upstream.client, url="https://x.test", sealed_secrets=b"")
    case = decided_case(loan, upstream.client)
    announce(found(case), take_step(case.pk, Status.DECIDED))
    body = Delivery.objects.get().body
    assert (body["type"], body["data"]["outcome"]) == ("case.decided", "approve")
