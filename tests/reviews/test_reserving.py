"""Reservations: whom a case is given to gets it first, nobody else can have it, and it ends."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import ClockTimestamp, Event
from cases.models import Case, Pipeline
from reviews.ahead import next_waiting
from reviews.claims import ClaimLost, NotWaiting, release, renew
from reviews.colleagues import holders, people_with
from reviews.models import Claim, Notice, Queue, QueueEntry, Stage
from reviews.queues import depths
from reviews.reserving import (
    MayNotJudge,
    Moved,
    Shared,
    end_reservations,
    lift,
    reserve,
    share_out,
)
from reviews.rights import rights_of
from tests.casefiles import (
    DECLINE,
    TESTER,
    expire,
    held,
    many_waiting,
    start,
    started,
    submit,
    waiting_case,
)
from tests.threads import in_threads, wait_for_lock


@pytest.fixture
def supervisor(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.SENIOR_REVIEWER)


@pytest.fixture
def other(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.REVIEWER)


def give(
    case: Case,
    person: User,
    supervisor: User,
    seen: Claim | None = None,
    kept_for: User | None = None,
) -> None:
    reserve(
        case.pk,
        person=person,
        seen=seen.pk if seen else None,
        kept_for=kept_for.pk if kept_for else None,
        supervisor=supervisor,
        by=supervisor.actor,
    )


def entry_of(case: Case) -> QueueEntry:
    return QueueEntry.objects.get(pk=case.pk)


def kinds(person: User) -> list[str]:
    return [notice.kind for notice in Notice.objects.filter(person=person)]


# ---------------------------------------------------------------- given to somebody


def test_a_reserved_case_is_its_persons_first_and_nobody_elses(
    loan: Pipeline, bank: ApiClient, reviewer: User, other: User, supervisor: User
) -> None:
    urgent = waiting_case(loan, bank, due_in=timedelta(minutes=5))
    later = waiting_case(loan, bank, due_in=timedelta(days=2))
    give(later, reviewer, supervisor)
    assert next_waiting(reviewer=reviewer, rights=rights_of(reviewer)) == later.pk
    with pytest.raises(NotWaiting):
        held(later, other)
    assert started(reviewer).pk == later.pk
    assert started(other).pk == urgent.pk
    assert start(supervisor) is None
    event = Event.objects.get(type="case.reserved")
    assert (event.case_id, event.actor_id) == (later.pk, str(supervisor.pk))
    assert event.data == {"queue": entry_of(later).queue_id, "for": reviewer.pk}
    notice = Notice.objects.get(person=reviewer)
    assert (notice.kind, notice.by) == (Notice.Kind.RESERVED, supervisor)


def test_a_reserved_case_counts_for_its_person_alone(
    loan: Pipeline, bank: ApiClient, reviewer: User, other: User, supervisor: User
) -> None:
    give(waiting_case(loan, bank), reviewer, supervisor)

    def waiting(person: User) -> int:
        return sum(depth.waiting for depth in depths(rights_of(person), reviewer=person))

    assert (waiting(reviewer), waiting(other), waiting(supervisor)) == (1, 0, 0)


def test_of_two_supervisors_who_give_a_case_at_once_the_first_counts(
    loan: Pipeline, bank: ApiClient, reviewer: User, other: User, supervisor: User
) -> None:
    case = waiting_case(loan, bank)
    give(case, reviewer, supervisor)
    with pytest.raises(Moved):
        give(case, other, supervisor)
    assert entry_of(case).reserved_for == reviewer
    give(case, other, supervisor, kept_for=reviewer)
    assert entry_of(case).reserved_for == other


def test_a_held_case_is_taken_over_and_both_are_told(
    loan: Pipeline, bank: ApiClient, reviewer: User, other: User, supervisor: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, reviewer)
    give(case, other, supervisor, seen=claim)
    with pytest.raises(ClaimLost):
        renew(claim.pk, reviewer=reviewer)
    assert kinds(reviewer) == ["taken_over"]
    assert kinds(supervisor) == ["took_over"]
    assert kinds(other) == ["reserved"]
    assert start(reviewer) is None
    assert started(other).pk == case.pk


def test_what_somebody_did_first_is_not_undone(
    loan: Pipeline, bank: ApiClient, reviewer: User, other: User, supervisor: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, other)
    with pytest.raises(Moved):
        give(case, reviewer, supervisor)  # the supervisor saw it waiting
    with pytest.raises(Moved):
        give(case, other, supervisor, seen=claim)  # who holds it has it
    release(claim.pk, reviewer=other, by=other.actor)
    with pytest.raises(Moved):
        give(case, reviewer, supervisor, seen=claim)
    submit(held(case, other), DECLINE)
    with pytest.raises(Moved):
        give(case, reviewer, supervisor)
    assert not Event.objects.filter(type="case.reserved").exists()


def test_nobody_is_given_what_they_may_not_judge(
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    supervisor: User,
    make_person: Callable[..., User],
) -> None:
    second = waiting_case(loan, bank, stage=Stage.SECOND)
    passed_on = waiting_case(loan, bank)
    QueueEntry.objects.filter(pk=passed_on.pk).update(escalated=True)
    stranger = make_person(Role.AUDITOR)
    for case, person in ((second, reviewer), (passed_on, reviewer), (passed_on, stranger)):
        with pytest.raises(MayNotJudge):
            give(case, person, supervisor)
    reviewer.is_active = False
    reviewer.save()
    with pytest.raises(MayNotJudge):
        give(waiting_case(loan, bank), reviewer, supervisor)


# ---------------------------------------------------------------- the end


def test_a_reservation_is_lifted_once(
    loan: Pipeline, bank: ApiClient, reviewer: User, other: User, supervisor: User
) -> None:
    case = waiting_case(loan, bank)
    give(case, reviewer, supervisor)
    lift(case.pk, by=supervisor.actor)
    with pytest.raises(Moved):
        lift(case.pk, by=supervisor.actor)
    assert Event.objects.get(type="case.reservation_ended").data == {
        "for": reviewer.pk,
        "how": "lifted",
    }
    assert started(other).pk == case.pk


def test_who_gives_a_reserved_case_back_has_it_no_longer_but_who_is_slow_has(
    loan: Pipeline, bank: ApiClient, reviewer: User, other: User, supervisor: User
) -> None:
    case = waiting_case(loan, bank)
    give(case, reviewer, supervisor)
    claim = held(case, reviewer)
    expire(claim)
    assert start(other) is None
    again = held(case, reviewer)
    release(again.pk, reviewer=reviewer, by=reviewer.actor)
    assert entry_of(case).reserved_for is None
    assert started(other).pk == case.pk


def test_a_reservation_ends_after_a_day_or_with_the_right(
    loan: Pipeline, bank: ApiClient, reviewer: User, other: User, supervisor: User
) -> None:
    old, lost, kept, worked_on = (waiting_case(loan, bank) for _ in range(4))
    for case, person in ((old, reviewer), (lost, other), (kept, reviewer), (worked_on, reviewer)):
        give(case, person, supervisor)
    held(worked_on, reviewer)
    past = {"reserved_until": ClockTimestamp() - timedelta(seconds=1)}
    QueueEntry.objects.filter(pk__in=[old.pk, worked_on.pk]).update(**past)
    other.groups.clear()
    assert end_reservations(by=TESTER) == 2
    assert end_reservations(by=TESTER) == 0
    assert entry_of(kept).reserved_for == entry_of(worked_on).reserved_for == reviewer
    ended = Event.objects.filter(type="case.reservation_ended")
    assert {event.case_id: event.data["how"] for event in ended} == {
        old.pk: "expired",
        lost.pk: "right_lost",
    }


def test_what_is_given_anew_as_its_day_ends_stays_given(
    own_database: str, make_person: Callable[..., User], make_upstream: Callable[..., Any]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    one, two = (make_person(Role.REVIEWER) for _ in range(2))
    case = waiting_case(loan, make_upstream().client)
    past = {"reserved_until": ClockTimestamp() - timedelta(seconds=1)}
    QueueEntry.objects.update(reserved_for=one, **past)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            later = {"reserved_until": ClockTimestamp() + timedelta(days=1)}
            QueueEntry.objects.update(reserved_for=two, **later)
            sweep = threads.submit(in_threads, 1, lambda _: end_reservations(by=TESTER))
            wait_for_lock()
        assert sweep.result() == [0]
    assert entry_of(case).reserved_for == two


def test_who_is_no_longer_active_has_nothing_reserved(
    loan: Pipeline, bank: ApiClient, reviewer: User, supervisor: User
) -> None:
    give(waiting_case(loan, bank), reviewer, supervisor)
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    assert end_reservations(by=TESTER) == 1


# ---------------------------------------------------------------- shared out


def test_the_most_urgent_are_shared_evenly_and_nothing_is_moved_twice(
    loan: Pipeline, bank: ApiClient, reviewer: User, other: User, supervisor: User
) -> None:
    queue = Queue.objects.get(slug="loan-review")
    many_waiting(queue, bank, 20)
    for _ in range(2):
        done = share_out(
            queue.pk, 7, among=[reviewer, other], supervisor=supervisor, by=supervisor.actor
        )
    assert done == Shared(0, 7)
    shares = [QueueEntry.objects.filter(reserved_for=person) for person in (reviewer, other)]
    assert sorted(share.count() for share in shares) == [3, 4]
    given = QueueEntry.objects.filter(reserved_for__isnull=False)
    left = QueueEntry.objects.filter(reserved_for=None).order_by("due_at")
    assert max(entry.due_at for entry in given) <= left[0].due_at
    assert Event.objects.filter(type="case.reserved").count() == 7
    assert kinds(reviewer) == kinds(other) == ["reserved"]


def test_a_share_holds_only_what_its_person_may_judge(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User, supervisor: User
) -> None:
    judged = waiting_case(loan, bank, second_review="loan-review")
    submit(held(judged, senior), DECLINE)
    passed_on = waiting_case(loan, bank)
    QueueEntry.objects.filter(pk=passed_on.pk).update(escalated=True)
    plain = waiting_case(loan, bank)
    queue = entry_of(plain).queue_id
    share_out(queue, 10, among=[reviewer, senior], supervisor=supervisor, by=supervisor.actor)
    assert entry_of(passed_on).reserved_for == senior
    assert entry_of(plain).reserved_for == reviewer
    assert entry_of(judged).reserved_for is None


def test_who_has_which_right_is_asked_from_the_queues_side(
    loan: Pipeline, reviewer: User, senior: User
) -> None:
    queue = Queue.objects.get(slug="loan-review")
    assert holders([queue.pk])[queue.pk, "review"] == {reviewer.pk, senior.pk}
    assert people_with("supervise", queue.pk) == [senior]
    User.objects.filter(pk=senior.pk).update(is_active=False)
    assert people_with("supervise", queue.pk) == []
