"""Reopening: what was decided is superseded, people judge anew, and the upstream hears of both."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases import withdrawing
from cases.announcing import Told, announce, deliver_due, tell
from cases.lifecycle import take_step
from cases.models import Case, Decision, Delivery, Pipeline, Status
from cases.webhooks import make_webhook
from reviews import tasks
from reviews.claims import NotWaiting, claim_case
from reviews.models import Export, QueueEntry, Reopening, ReopeningCase, Route
from reviews.reopening import CannotReopen, carry_on, carry_on_unfinished, progress_of, reopen_cases
from reviews.reserving import MayNotJudge, reserve
from reviews.rights import rights_of
from reviews.trail.selecting import Selection
from tests.casefiles import (
    DECLINE,
    TESTER,
    decided_case,
    found,
    held,
    reviewed_case,
    submit,
    waiting_case,
)
from tests.cases.test_webhooks import Receiver
from tests.keys import destroy_key
from tests.reviews.exports import exported
from tests.reviews.test_committing import commit

WHY = "The payslips of one printer were misread."


@pytest.fixture
def admin(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """The upstream's own server."""
    settings.WEBHOOK_LOOPBACK = True
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def reopened(admin: User, *cases: Case) -> Reopening:
    """The cases reopened, as a worker does it."""
    reopening = reopen_cases([each.pk for each in cases], reason=WHY, because_of=None, by=admin)
    assert not carry_on(reopening.pk)
    return reopening


def judge(case: Case, reviewer: User) -> None:
    """Declines a case that is judged blind."""
    claim = held(case, reviewer)
    commit(claim, DECLINE)
    submit(claim, DECLINE)


def results(reopening: Reopening) -> list[str]:
    return list(reopening.cases.values_list("result", flat=True))


def test_a_decided_case_goes_back_to_people_and_is_decided_anew(
    loan: Pipeline, bank: ApiClient, reviewer: User, admin: User, receiver: Receiver
) -> None:
    make_webhook(bank, receiver.url, by=TESTER)
    case = decided_case(loan, bank)
    announce(case, take_step(case.pk, Status.DECIDED))
    before = Decision.objects.get(case=case)
    old = found(case)

    reopening = reopened(admin, case)

    after = found(case)
    assert (after.status, after.step_due_at) == (Status.IN_REVIEW, None)
    assert after.version > old.version
    assert after.due_at > old.due_at
    superseded = Decision.objects.get(case=case)
    assert superseded.superseded_at is not None
    entry = QueueEntry.objects.select_related("route").get(case=case)
    assert (entry.queue.slug, entry.stage, entry.round) == ("loan-review", "first", 1)
    assert (entry.due_at, entry.fresh) == (after.due_at, True)
    assert (entry.route.blind, entry.route.prediction) == (True, case.predictions.get())
    assert [reason["code"] for reason in entry.route.reasons] == ["reopened"]
    event = Event.objects.get(case_id=case.pk, type="decision.superseded")
    assert (event.actor_kind, event.actor_id) == ("user", str(admin.pk))
    assert (event.data["decision"], event.data["reopening"]) == (before.pk, reopening.pk)
    assert WHY not in str(event.data)

    judge(case, reviewer)
    again = Decision.objects.get(case=case, superseded_at=None)
    assert (again.outcome, again.made_by) == ("decline", "review")
    announce(found(case), take_step(case.pk, Status.DECIDED))
    deliver_due()
    told = list(Delivery.objects.order_by("id").values_list("type", "body__data", "attempts"))
    ids = {"case": str(case.pk), "reference": case.reference, "pipeline": "loan"}
    assert told == [
        ("case.decided", {**ids, "decision": before.pk, "outcome": "approve"}, 1),
        ("decision.superseded", {**ids, "decision": before.pk}, 1),
        ("case.decided", {**ids, "decision": again.pk, "outcome": "decline"}, 1),
    ]
    assert len(receiver.got) == 3
    assert all("webhook-signature" in headers for headers, _body in receiver.got)


def test_the_api_says_what_is_so_in_between(
    loan: Pipeline, make_upstream: Any, admin: User, client: Client
) -> None:
    upstream = make_upstream()
    case = decided_case(loan, upstream.client)

    def asked(name: str) -> Any:
        return client.get(reverse(name, args=[case.pk]), headers=upstream.headers)

    tag = asked("api:case")["ETag"]
    reopened(admin, case)
    answer = asked("api:case")
    assert answer["ETag"] != tag
    assert (answer.json()["status"], answer.json()["decision"]) == ("in_review", None)
    assert asked("api:decision").status_code == 404
    table = exported(Selection(loan), Export.Format.JSON_LINES, admin)
    assert table == b"", "a superseded decision is none"


def test_what_cannot_be_reopened_is_left_and_said_so(
    loan: Pipeline, bank: ApiClient, admin: User
) -> None:
    withdrawn, waiting = waiting_case(loan, bank), waiting_case(loan, bank)
    withdrawing.withdraw(withdrawn, versions=None, by=bank.actor)
    erased, decided = decided_case(loan, bank), decided_case(loan, bank)
    destroy_key(erased.pk)
    sampled = decided_case(loan, bank)
    queue = QueueEntry.objects.get(case=waiting).queue
    route = Route.objects.create(case=sampled, kind=Route.Kind.REVIEW, queue=queue)
    QueueEntry.objects.create(case=sampled, queue=queue, route=route, due_at=sampled.due_at)
    reopening = reopened(admin, withdrawn, waiting, erased, sampled, decided)
    assert results(reopening) == ["withdrawn", "open", "erased", "sampled", "reopened"]
    assert (progress_of(reopening).total, progress_of(reopening).reopened) == (5, 1)
    ended = Event.objects.get(type="reopening.finished")
    assert (ended.data["reopened"], ended.data["erased"]) == (1, 1)
    assert results(reopened(admin, decided)) == ["open"], "nothing is reopened twice"


def test_a_selection_is_carried_on_with_where_a_worker_was_lost(
    loan: Pipeline, bank: ApiClient, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [decided_case(loan, bank) for _ in range(3)]
    reopening = reopen_cases([each.pk for each in cases], reason=WHY, because_of=None, by=admin)
    assert carry_on(reopening.pk, limit=2)
    assert results(reopening) == ["reopened", "reopened", ""]
    assert carry_on_unfinished() == 0, "somebody is at it"
    monkeypatch.setattr("reviews.reopening.QUIET", timedelta(0))
    assert carry_on_unfinished() == 1
    tasks.carry_on_reopening(reopening.pk)
    assert results(reopening) == ["reopened"] * 3
    assert carry_on_unfinished() == 0
    assert Event.objects.filter(type="decision.superseded").count() == 3
    assert Event.objects.filter(type="reopening.finished").count() == 1


def test_a_case_is_changed_with_its_event_or_not_at_all(
    loan: Pipeline, bank: ApiClient, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, other = decided_case(loan, bank), decided_case(loan, bank)
    reopening = reopen_cases([case.pk, other.pk], reason=WHY, because_of=None, by=admin)

    def broken(told: Case, about: Told) -> None:
        if told == case:
            raise IntegrityError
        tell(told, about)

    with monkeypatch.context() as away:
        away.setattr("reviews.reopening.tell", broken)
        assert not carry_on(reopening.pk)
    assert results(reopening) == ["", "reopened"], "one that fails keeps no other one waiting"
    reopening.refresh_from_db()
    assert (found(case).status, reopening.finished_at) == (Status.DECIDED, None)
    assert Decision.objects.get(case=case).superseded_at is None
    assert not carry_on(reopening.pk)
    assert found(case).status == Status.IN_REVIEW
    assert Event.objects.filter(type="reopening.finished").count() == 1


def test_whoever_judged_it_does_not_judge_it_again_where_there_is_somebody_else(
    loan: Pipeline, bank: ApiClient, reviewer: User, admin: User, make_person: Any
) -> None:
    alone = reviewed_case(loan, bank, reviewer, verdict=DECLINE)
    reopened(admin, alone)
    assert not QueueEntry.objects.get(case=alone).fresh
    judge(alone, reviewer)

    other = make_person(Role.REVIEWER)
    case = reviewed_case(loan, bank, reviewer, verdict=DECLINE)
    reopened(admin, case)
    assert QueueEntry.objects.get(case=case).fresh
    with pytest.raises(NotWaiting):
        claim_case(case.pk, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor)
    with pytest.raises(MayNotJudge):
        reserve(case.pk, person=reviewer, seen=None, supervisor=admin, by=admin.actor)
    assert held(case, other).case_id == case.pk
    assert QueueEntry.objects.get(case=case).round == 2


def test_a_second_review_stays_asked_for(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User, admin: User
) -> None:
    case = waiting_case(loan, bank, second_review="loan-second")
    submit(held(case, reviewer), DECLINE)
    submit(held(case, senior), DECLINE)
    reopened(admin, case)
    entry = QueueEntry.objects.select_related("route__second_review_queue").get(case=case)
    assert entry.route.second_review_queue is not None
    assert entry.route.second_review_queue.slug == "loan-second"
    assert not entry.fresh, "nobody is left who has never judged it"


def test_only_who_configures_the_pipeline_reopens_and_says_why(
    loan: Pipeline, bank: ApiClient, senior: User, admin: User
) -> None:
    case = decided_case(loan, bank)
    for by, reason, chosen in ((senior, WHY, [case.pk]), (admin, " ", [case.pk]), (admin, WHY, [])):
        with pytest.raises(CannotReopen):
            reopen_cases(chosen, reason=reason, because_of=None, by=by)
    assert not ReopeningCase.objects.exists()


def test_the_record_tells_of_the_superseded_decision_and_why(
    loan: Pipeline, bank: ApiClient, admin: User, make_person: Any, client: Client
) -> None:
    case = decided_case(loan, bank)
    reopened(admin, case)
    client.force_login(make_person(Role.AUDITOR))
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert WHY in page
    assert f"Reopened by {admin.shown_name}" in page
    assert "Reopened: the decision is superseded" in page


def test_a_blind_judge_is_not_told_that_or_how_it_was_decided(
    loan: Pipeline, bank: ApiClient, reviewer: User, admin: User, client: Client
) -> None:
    case = decided_case(loan, bank)
    reopened(admin, case)
    client.force_login(reviewer)
    address = reverse("case", args=[case.pk])
    before = client.get(address).content.decode()
    held(case, reviewer)
    for page in (before, client.get(address).content.decode()):
        assert "Reopened" not in page
        assert "supersede" not in page
        assert "Decided" not in page
