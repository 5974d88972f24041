"""Contesting a decision: it goes to somebody new, with the person's words and the history."""

from collections.abc import Callable

import pytest
from django.db import transaction

from accounts.models import ApiClient, User
from accounts.rolenames import Role
from audit import vault
from audit.models import Event
from cases import lifecycle
from cases.erasing import CaseErased
from cases.models import Case, Decision, Delivery, Pipeline, Priority, Status, Webhook
from reviews.adverse.contests import (
    NotContestable,
    NothingSaid,
    contest_decision,
    words_of,
)
from reviews.claims import NotWaiting
from reviews.erasing import erase
from reviews.models import AdverseNotice, Contest, Notice, QueueEntry
from reviews.tasks import route_case
from tests.casefiles import (
    DECLINE,
    OVERRIDE,
    decided_case,
    found,
    held,
    reviewed_case,
    submit,
    waiting_case,
)
from tests.conftest import TESTER

WORDS = "My payslip of May shows 300 more: I was promoted, and you read April's."


@pytest.fixture
def declined(loan: Pipeline, bank: ApiClient, reviewer: User) -> Case:
    """A case that `reviewer` has declined."""
    return found(reviewed_case(loan, bank, reviewer, verdict=DECLINE))


def contested(case: Case, by: ApiClient) -> Contest:
    return contest_decision(case.pk, WORDS, by=by.actor)


def test_a_contested_decision_goes_to_a_senior_who_has_not_judged_it(
    declined: Case, bank: ApiClient, reviewer: User, make_person: Callable[..., User]
) -> None:
    freya = make_person(Role.SENIOR_REVIEWER)
    contest = contested(declined, bank)
    entry, case = QueueEntry.objects.get(pk=declined.pk), found(declined)
    assert (entry.fresh, entry.escalated, entry.round) == (True, True, 2)
    assert (case.status, case.priority) == (Status.IN_REVIEW, Priority.HIGH)
    assert not entry.route.blind
    with pytest.raises(NotWaiting):
        held(case, reviewer)
    with pytest.raises(NotWaiting):
        held(case, make_person(Role.REVIEWER))
    decision = submit(held(case, freya), OVERRIDE)
    contest.refresh_from_db()
    assert contest.answer == decision
    answered = Event.objects.get(type="contest.answered")
    assert (answered.data["outcome"], answered.data["changed"]) == ("approve", True)


def test_the_words_are_sealed_and_committed_to(declined: Case, bank: ApiClient) -> None:
    contest = contested(declined, bank)
    contest.refresh_from_db()
    assert WORDS.encode() not in bytes(contest.sealed_words)
    assert words_of(contest) == WORDS
    event = Event.objects.get(type="decision.contested")
    purpose = f"contest:{contest.decision_id}"
    assert event.commitments == {"words": vault.of(declined.pk).commitment(purpose, WORDS)}
    assert "payslip" not in str(event.data)


def test_who_nobody_is_left_for_is_told_to_supervisors_and_waits(
    declined: Case, bank: ApiClient, reviewer: User
) -> None:
    """Nobody but who judged it may: it waits for somebody new, whoever that will be."""
    lead = declined.reviews.get().reviewer
    assert lead == reviewer
    contested(declined, bank)
    assert Event.objects.get(type="decision.contested").data["nobody_left"]
    with pytest.raises(NotWaiting):
        held(found(declined), reviewer)


def test_supervisors_hear_of_it_where_nobody_is_left(
    loan: Pipeline, bank: ApiClient, senior: User
) -> None:
    case = reviewed_case(loan, bank, senior, verdict=DECLINE)
    contested(case, bank)
    assert Notice.objects.get(kind=Notice.Kind.CONTESTED).person == senior


def test_an_automatic_decision_that_is_contested_goes_to_a_person(
    loan: Pipeline, bank: ApiClient, senior: User
) -> None:
    case = decided_case(loan, bank)
    contested(case, bank)
    assert found(case).status == Status.IN_REVIEW
    assert submit(held(found(case), senior), DECLINE)


def test_a_decision_is_contested_once_and_an_open_case_not_at_all(
    declined: Case, bank: ApiClient, loan: Pipeline
) -> None:
    contested(declined, bank)
    for case in (declined, waiting_case(loan, bank)):
        with pytest.raises(NotContestable), transaction.atomic():
            contested(case, bank)
    assert Contest.objects.count() == 1


def test_nothing_said_and_an_erased_case_are_no_contest(loan: Pipeline, bank: ApiClient) -> None:
    case = decided_case(loan, bank)
    with pytest.raises(NothingSaid):
        contest_decision(case.pk, " \n", by=bank.actor)
    Case.objects.filter(pk=case.pk).update(step_due_at=None)
    erase(found(case), by=TESTER, disposal=None)
    with pytest.raises(CaseErased):
        contested(case, bank)
    assert Decision.objects.get(case=case).superseded_at is None


def test_the_upstream_hears_of_the_contest_and_its_answer_and_no_notice_is_owed_meanwhile(
    declined: Case, bank: ApiClient, senior: User
) -> None:
    Webhook.objects.create(client=bank, url="https://example.com/hook", sealed_secrets=b"")
    owed = AdverseNotice.objects.get(case=declined)
    contested(declined, bank)
    owed.refresh_from_db()
    assert owed.dropped_at is not None
    submit(held(found(declined), senior), DECLINE)
    types = set(Delivery.objects.values_list("type", flat=True))
    assert {"decision.superseded", "decision.contested", "contest.answered"} <= types
    assert AdverseNotice.objects.filter(case=declined, dropped_at=None).count() == 1


def test_it_waits_for_a_senior_again_once_what_was_asked_for_came(
    declined: Case, bank: ApiClient, make_person: Callable[..., User]
) -> None:
    freya = make_person(Role.SENIOR_REVIEWER)
    contested(declined, bank)
    case = found(declined)
    QueueEntry.objects.get(pk=case.pk).delete()
    for status in (Status.RECEIVED, Status.READ, Status.SCORED):
        with transaction.atomic():
            lifecycle.move(found(case), status, by=TESTER)
    route_case(str(case.pk))
    entry = QueueEntry.objects.get(pk=case.pk)
    assert (entry.fresh, entry.escalated) == (True, True)
    with pytest.raises(NotWaiting):
        held(found(case), make_person(Role.REVIEWER))
    assert held(found(case), freya)
