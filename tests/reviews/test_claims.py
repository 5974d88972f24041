"""Claims: one reviewer at a time, the most urgent case first, nobody waiting for anybody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import ClockTimestamp, Event
from cases import lifecycle
from cases.lifecycle import take_step
from cases.models import Pipeline, Status
from reviews.claims import (
    ClaimLost,
    HoldsAnother,
    NotWaiting,
    claim_next,
    close_withdrawn,
    live_claim_of,
    release,
    renew,
    return_expired,
    take_over,
)
from reviews.models import Claim, Queue, QueueEntry, Stage
from reviews.rights import Rights
from tests.casefiles import (
    DECLINE,
    TESTER,
    expire,
    found,
    held,
    start,
    started,
    submit,
    waiting_case,
)

# ---------------------------------------------------------------- what is claimed


def test_a_claim_holds_the_case_for_a_while_and_is_an_event(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    claim = start(reviewer)
    assert claim is not None
    claim = Claim.objects.get(pk=claim.pk)
    assert (claim.case_id, claim.reviewer, claim.stage) == (case.pk, reviewer, Stage.FIRST)
    assert timedelta(minutes=9) < claim.expires_at - claim.claimed_at <= timedelta(minutes=11)
    assert QueueEntry.objects.get(pk=case.pk).claim == claim
    event = Event.objects.get(type="case.claimed")
    assert (event.case_id, event.actor_id, event.pipeline) == (case.pk, str(reviewer.pk), "loan")
    assert event.data["claim"] == claim.pk
    assert found(case).version == case.version, "a claim is no change of the case"


def test_the_most_urgent_case_comes_first_from_whichever_queue(
    loan: Pipeline, bank: ApiClient, senior: User
) -> None:
    due = {"loan-review": 3, "loan-papers": 1, "loan-second": 2}
    made = {
        slug: waiting_case(loan, bank, queue=slug, due_in=timedelta(hours=hours))
        for slug, hours in due.items()
    }
    later = waiting_case(loan, bank, queue="loan-papers", due_in=timedelta(hours=9))
    got = []
    for _ in range(4):
        case = started(senior)
        got.append(case.pk)
        release(case.claims.get(ended_at=None).pk, reviewer=senior, by=TESTER)
        QueueEntry.objects.filter(pk=case.pk).update(due_at=ClockTimestamp() + timedelta(days=9))
    assert got == [made["loan-papers"].pk, made["loan-second"].pk, made["loan-review"].pk, later.pk]


def test_an_overdue_case_comes_before_all(loan: Pipeline, bank: ApiClient, reviewer: User) -> None:
    waiting_case(loan, bank)
    overdue = waiting_case(loan, bank, due_in=-timedelta(hours=1))
    assert started(reviewer).pk == overdue.pk


def test_one_queue_can_be_chosen(loan: Pipeline, bank: ApiClient, reviewer: User) -> None:
    waiting_case(loan, bank, due_in=timedelta(minutes=1))
    papers = waiting_case(loan, bank, queue="loan-papers")
    assert started(reviewer, "loan-papers").pk == papers.pk


def test_nothing_waits_for_whoever_has_no_right(
    loan: Pipeline, bank: ApiClient, make_person: Callable[..., User]
) -> None:
    case = waiting_case(loan, bank)
    root = make_person(is_superuser=True, is_staff=True)
    for stranger in (
        make_person(),
        make_person(Role.AUDITOR),
        make_person(Role.PIPELINE_ADMIN),
        root,
    ):
        assert start(stranger) is None
        assert start(stranger, "loan-review") is None
        with pytest.raises(NotWaiting):
            held(case, stranger)
    assert not Claim.objects.exists()


def test_a_second_review_waits_for_those_who_may_give_one(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    for stage in (Stage.SECOND, Stage.ADJUDICATION):
        case = waiting_case(loan, bank, stage=stage)
        assert start(reviewer) is None
        with pytest.raises(NotWaiting):
            held(case, reviewer)
        claim = start(senior)
        assert claim is not None
        assert claim.stage == stage
        release(claim.pk, reviewer=senior, by=TESTER)
        QueueEntry.objects.all().delete()


def test_who_may_only_give_second_reviews_gets_no_first_one(
    loan: Pipeline, bank: ApiClient, senior: User
) -> None:
    queue = Queue.objects.get(slug="loan-review")
    rights = Rights({"second_review": frozenset({queue.pk})}, {})
    waiting_case(loan, bank)
    assert claim_next(reviewer=senior, rights=rights, by=TESTER) is None


def test_nobody_gets_a_case_again_that_they_judged_in_this_round(
    loan: Pipeline, bank: ApiClient, senior: User, make_person: Callable[..., User]
) -> None:
    case = waiting_case(loan, bank, second_review="loan-second")
    submit(held(case, senior), DECLINE)
    assert start(senior) is None
    with pytest.raises(NotWaiting):
        held(case, senior)
    other = make_person(Role.SENIOR_REVIEWER)
    assert started(other).pk == case.pk


def test_in_a_later_round_they_may(loan: Pipeline, bank: ApiClient, senior: User) -> None:
    case = waiting_case(loan, bank, second_review="loan-second")
    submit(held(case, senior), DECLINE)
    QueueEntry.objects.filter(pk=case.pk).update(round=2, entered_at=ClockTimestamp())  # anew
    assert started(senior).pk == case.pk


def test_a_withdrawn_case_is_not_handed_out(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    lifecycle.move(case, Status.WITHDRAWN, by=bank.actor)
    assert start(reviewer) is None
    with pytest.raises(NotWaiting):
        held(case, reviewer)


def test_who_holds_a_case_gets_it_again(loan: Pipeline, bank: ApiClient, reviewer: User) -> None:
    waiting_case(loan, bank)
    claim = start(reviewer)
    waiting_case(loan, bank, due_in=timedelta(minutes=1))
    assert start(reviewer) == claim
    assert Claim.objects.count() == Event.objects.filter(type="case.claimed").count() == 1


def test_a_held_case_waits_for_nobody_else(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = waiting_case(loan, bank)
    held(case, reviewer)
    assert start(senior) is None
    with pytest.raises(NotWaiting):
        held(case, senior)


def test_a_person_holds_one_case_at_a_time(loan: Pipeline, bank: ApiClient, reviewer: User) -> None:
    first, second = waiting_case(loan, bank), waiting_case(loan, bank)
    claim = held(first, reviewer)
    assert held(first, reviewer) == claim
    with pytest.raises(HoldsAnother):
        held(second, reviewer)
    expire(claim)
    assert held(second, reviewer).case_id == second.pk
    claim.refresh_from_db()
    assert claim.ended == Claim.Ended.EXPIRED


# ---------------------------------------------------------------- how a claim ends


def test_a_released_case_waits_again(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, reviewer)
    with pytest.raises(ClaimLost):
        release(claim.pk, reviewer=senior, by=senior.actor)
    release(claim.pk, reviewer=reviewer, by=reviewer.actor)
    with pytest.raises(ClaimLost):
        release(claim.pk, reviewer=reviewer, by=reviewer.actor)
    claim.refresh_from_db()
    assert claim.ended == Claim.Ended.RELEASED
    event = Event.objects.get(type="claim.released")
    assert (event.case_id, event.pipeline, event.actor_id) == (case.pk, "loan", str(reviewer.pk))
    assert started(senior).pk == case.pk


def test_an_expired_claim_gives_its_case_back(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case, other = waiting_case(loan, bank), waiting_case(loan, bank)
    gone, alive = held(case, reviewer), held(other, senior)
    expire(gone)
    assert live_claim_of(reviewer) is None
    with pytest.raises(ClaimLost):
        renew(gone.pk, reviewer=reviewer)
    assert return_expired(by=TESTER) == 1
    assert return_expired(by=TESTER) == 0
    gone.refresh_from_db()
    alive.refresh_from_db()
    assert (gone.ended, alive.ended) == (Claim.Ended.EXPIRED, "")
    assert Event.objects.get(type="claim.expired").case_id == case.pk
    assert started(reviewer).pk == case.pk


def test_a_claim_is_renewed_by_its_reviewer_alone(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    claim = held(waiting_case(loan, bank), reviewer)
    Claim.objects.filter(pk=claim.pk).update(expires_at=ClockTimestamp() + timedelta(seconds=5))
    with pytest.raises(ClaimLost):
        renew(claim.pk, reviewer=senior)
    renewed = renew(claim.pk, reviewer=reviewer)
    assert renewed.expires_at - renewed.claimed_at > timedelta(minutes=9)


def test_a_supervisor_takes_a_case_over(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, reviewer)
    take_over(claim.pk, case_id=case.pk, supervisor=senior, by=senior.actor)
    with pytest.raises(ClaimLost):
        take_over(claim.pk, case_id=case.pk, supervisor=senior, by=senior.actor)
    assert Event.objects.get(type="claim.taken_over").actor_id == str(senior.pk)
    assert started(senior).pk == case.pk


def test_a_withdrawal_ends_the_claim_and_empties_the_queue(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, reviewer)
    lifecycle.move(found(case), Status.WITHDRAWN, by=bank.actor)
    close_withdrawn(found(case), take_step(case.pk, Status.WITHDRAWN))
    claim.refresh_from_db()
    assert claim.ended == Claim.Ended.WITHDRAWN
    assert not QueueEntry.objects.filter(pk=case.pk).exists()
    assert found(case).step_due_at is None
    assert Event.objects.get(type="claim.withdrawn").pipeline == "loan"
    case = waiting_case(loan, bank)
    lifecycle.move(found(case), Status.WITHDRAWN, by=bank.actor)
    close_withdrawn(found(case), take_step(case.pk, Status.WITHDRAWN))
    assert Event.objects.filter(type="claim.withdrawn").count() == 1


# ---------------------------------------------------------------- the database's own word


def test_two_live_claims_of_a_case_are_refused_by_the_database(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    claim = held(waiting_case(loan, bank), reviewer)
    again = (
        "INSERT INTO reviews_claim (case_id, reviewer_id, stage, expires_at, ended)"
        " SELECT case_id, %s, stage, expires_at, '' FROM reviews_claim WHERE id = %s"
    )
    with pytest.raises(IntegrityError, match="one_live_claim_a_case"), transaction.atomic():
        connection.cursor().execute(again, [senior.pk, claim.pk])
    release(claim.pk, reviewer=reviewer, by=TESTER)
    connection.cursor().execute(again, [senior.pk, claim.pk])


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"ended": "released"}, "claim_ended_says_how"),
        ({"ended_at": ClockTimestamp()}, "claim_ended_says_how"),
        ({"expires_at": ClockTimestamp() - timedelta(days=1)}, "claim_expires_later"),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(
    loan: Pipeline, bank: ApiClient, reviewer: User, wrong: dict[str, Any], constraint: str
) -> None:
    claim = held(waiting_case(loan, bank), reviewer)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(**wrong)
