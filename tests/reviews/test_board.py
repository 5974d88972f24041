"""The supervisor's board: what it counts, what it keeps to itself, and what a supervisor does there."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import ApiClient, User
from accounts.roles import Role, grant
from audit.models import ClockTimestamp
from cases.models import Pipeline
from reviews.board import QueueState, Work, queue_states, work_since
from reviews.escalating import escalate
from reviews.holding import hold_case
from reviews.models import Claim, Notice, Queue, QueueEntry, Stage
from reviews.presenting.board import signs, too_few
from reviews.presenting.rates import Share
from reviews.reserving import reserve
from reviews.rights import rights_of
from reviews.settling import settle_review
from reviews.undoing import undo_review
from tests.casefiles import (
    DECLINE,
    OVERRIDE,
    TESTER,
    expire,
    give,
    held,
    many_waiting,
    submit,
    waiting_case,
)


@pytest.fixture
def supervisor(db: None, client: Client, make_person: Callable[..., User]) -> User:
    user = make_person(Role.SENIOR_REVIEWER, first_name="Chidi", last_name="Okonkwo")
    client.force_login(user)
    return user


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


def state_of(slug: str) -> QueueState:
    queue = Queue.objects.get(slug=slug)
    (state,) = queue_states([queue.pk])
    return state


def work_of(person: User) -> Work | None:
    everywhere = Queue.objects.values_list("pk", flat=True)
    found = work_since(timezone.now() - timedelta(days=1), list(everywhere))
    mine = [work for work in found if work.reviewer_id == person.pk and work.queue_id is None]
    return mine[0] if mine else None


# ---------------------------------------------------------------- queues


def test_each_queue_is_counted_by_what_waits_there(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    late, soon, _ = (
        waiting_case(loan, bank, due_in=timedelta(hours=hours)) for hours in (-1, 1, 30)
    )
    reserve(soon.pk, person=reviewer, seen=None, supervisor=senior, by=TESTER)
    held(waiting_case(loan, bank), reviewer)
    aside = held(waiting_case(loan, bank), senior)
    until = timezone.now() + timedelta(days=2)
    hold_case("Later", fence=aside.pk, follow_up_at=until, reviewer=senior, by=senior.actor)
    waiting_case(loan, bank, stage=Stage.SECOND)
    QueueEntry.objects.filter(pk=late.pk).update(escalated=True)
    state = state_of("loan-review")
    assert (state.waiting, state.late, state.at_risk) == (4, 1, 1)
    assert (state.in_progress, state.on_hold) == (1, 1)
    assert (state.escalated, state.reserved, state.later) == (1, 1, 1)
    assert state.next_due == QueueEntry.objects.get(pk=late.pk).due_at
    assert state.oldest == QueueEntry.objects.get(pk=late.pk).entered_at


def test_the_board_shows_only_what_the_person_supervises(
    client: Client, loan: Pipeline, bank: ApiClient, make_person: Callable[..., User]
) -> None:
    mine, other = waiting_case(loan, bank), waiting_case(loan, bank, queue="loan-papers")
    for case in (mine, other):
        QueueEntry.objects.filter(pk=case.pk).update(due_at=ClockTimestamp())
    person = make_person()
    client.force_login(person)
    assert client.get("/board/").status_code == 403
    assert client.get("/board/now/").status_code == 403
    assert 'href="/board/"' not in client.get("/").content.decode()
    grant("supervise", on=Queue.objects.get(slug="loan-review"), to=person, by=TESTER)
    board = text(client.get("/board/"))
    assert mine.reference in board
    assert other.reference not in board
    assert 'href="/board/"' in client.get("/").content.decode()
    assert client.get(f"/board/cases/{other.pk}/").status_code == 403
    assert client.get("/board/queues/loan-papers/").status_code == 404


def test_the_board_asks_the_same_of_the_database_however_much_there_is(
    client: Client,
    supervisor: User,
    loan: Pipeline,
    bank: ApiClient,
    make_person: Callable[..., User],
) -> None:
    counts = []
    for _ in range(2):
        many_waiting(Queue.objects.get(slug="loan-review"), bank, 30)
        held(waiting_case(loan, bank), make_person(Role.REVIEWER))
        with CaptureQueriesContext(connection) as statements:
            client.get("/board/")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 17  # four of them ask what is stopped and what the gate says


# ---------------------------------------------------------------- what people did


def test_a_review_is_told_of_once_nobody_can_judge_its_case_any_more(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = waiting_case(loan, bank, second_review="loan-second")
    review = give(held(case, reviewer), OVERRIDE)
    work = work_of(reviewer)
    assert work is not None
    assert (work.reviews, work.settled, work.overrides) == (1, 0, 0), "it can be undone"
    settle_review(review.claim_id)
    work = work_of(reviewer)
    assert work is not None
    assert (work.reviews, work.settled, work.overrides) == (1, 0, 0), "a second review waits"
    submit(held(case, senior), replace(OVERRIDE, outcome="approve"))
    work = work_of(reviewer)
    assert work is not None
    assert (work.reviews, work.settled, work.overrides) == (1, 1, 1)
    assert (work.compared, work.agreed) == (1, 1)


def test_a_case_that_is_judged_anew_hides_its_earlier_round(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    submit(held(waiting_case(loan, bank), reviewer), OVERRIDE)
    work = work_of(reviewer)
    assert work is not None
    assert work.settled == 1
    again = waiting_case(loan, bank)
    QueueEntry.objects.filter(pk=again.pk).update(round=2, case=reviewer.reviews.get().case_id)
    work = work_of(reviewer)
    assert work is not None
    assert (work.reviews, work.settled, work.overrides) == (1, 0, 0)


def test_second_reviews_that_differ_and_undone_ones_are_counted(
    settings: Any,
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    senior: User,
    make_person: Callable[..., User],
) -> None:
    case = waiting_case(loan, bank, second_review="loan-second")
    submit(held(case, reviewer), DECLINE)
    submit(held(case, senior), OVERRIDE)
    submit(held(case, make_person(Role.SENIOR_REVIEWER)), DECLINE)
    settings.UNDO_SECONDS = 60
    claim = held(waiting_case(loan, bank), reviewer)
    give(claim, DECLINE)
    undo_review(claim.pk, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor)
    work = work_of(reviewer)
    assert work is not None
    assert (work.compared, work.agreed, work.undone, work.reviews) == (1, 0, 1, 1)


def test_what_was_spent_on_an_undone_verdict_counts_as_time_on_the_case(
    settings: Any, client: Client, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    entry = waiting_case(loan, bank)
    claim = Claim.objects.create(
        case=entry,
        reviewer=reviewer,
        stage=Stage.FIRST,
        claimed_at=timezone.now() - timedelta(minutes=5),
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    QueueEntry.objects.filter(pk=entry.pk).update(claim=claim)
    settings.UNDO_SECONDS = 60
    give(claim, DECLINE)
    again = undo_review(claim.pk, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor)
    settings.UNDO_SECONDS = 0
    submit(again, DECLINE)
    work = work_of(reviewer)
    assert work is not None
    assert work.median is not None and 300 <= work.median < 330
    client.force_login(reviewer)
    assert "Median time a case5 min" in text(client.get("/"))


# ---------------------------------------------------------------- signs


def done(person: int, settled: int, overrides: int, median: float = 90.0, queue: int = 1) -> Work:
    nothing = dict.fromkeys(
        ("blind", "switched", "undone", "spoken", "corrected", "compared", "agreed"), 0
    )
    return Work(
        person, queue, settled, settled, overrides, nothing["blind"], nothing["switched"],
        nothing["undone"], median, nothing["spoken"], nothing["corrected"], nothing["compared"],
        nothing["agreed"],
    )  # fmt: skip


NAMES = {1: "Ada", 2: "Bruno", 3: "Chidi"}


def told(*work: Work) -> list[tuple[str, str]]:
    return [(sign.name, sign.words.split(":")[0]) for sign in signs(work, NAMES, {1: "Loans"})]


def test_who_hardly_ever_overrides_where_colleagues_do_is_a_sign() -> None:
    assert told(done(1, 60, 0), done(2, 60, 12), done(3, 40, 9)) == [
        ("Ada", "Overrides hardly ever")
    ]
    (sign,) = signs([done(1, 60, 0), done(2, 60, 12)], NAMES, {1: "Loans"})
    assert "0 of 60" in sign.words
    assert "12 of 60" in sign.words
    assert told(done(1, 60, 0), done(2, 60, 1)) == [], "nobody overrides there"
    assert told(done(1, 19, 0), done(2, 60, 20)) == [], "too few to say"
    assert told(done(1, 60, 0), done(2, 19, 9)) == [], "too few beside"
    assert told(done(1, 60, 0), done(2, 60, 20, queue=2)) == [], "other cases are no comparison"


def test_who_is_far_quicker_than_colleagues_is_a_sign() -> None:
    assert told(done(1, 30, 5, 12), done(2, 30, 5, 90)) == [("Ada", "Far quicker")]
    assert told(done(1, 30, 5, 60), done(2, 30, 5, 90)) == []
    assert told(done(1, 10, 5, 12), done(2, 30, 5, 90)) == []


def test_of_whom_too_little_is_known_is_said() -> None:
    assert "Of 1 person" in too_few([done(1, 5, 0), done(2, 30, 1)])
    assert too_few([done(2, 30, 1)]) == ""


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 20, 0.0, 0.161), (10, 20, 0.299, 0.701), (20, 20, 0.839, 1.0), (1, 100, 0.002, 0.054)],
)
def test_a_share_comes_with_wilsons_interval(
    part: int, whole: int, low: float, high: float
) -> None:
    assert Share(part, whole).between == pytest.approx((low, high), abs=0.001)


# ---------------------------------------------------------------- what a supervisor does


def test_a_supervisor_gives_a_held_case_to_somebody(
    client: Client,
    supervisor: User,
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    make_person: Callable[..., User],
) -> None:
    case, other = waiting_case(loan, bank), make_person(Role.REVIEWER, first_name="Bruno")
    claim = held(case, reviewer)
    page = client.get(f"/board/cases/{case.pk}/").content.decode()
    offered = {int(key) for key in re.findall(r'name="person" value="(\d+)"', page)}
    assert offered == {other.pk, supervisor.pk}, "not to whom it is taken from"
    sent = {"seen": claim.pk, "person": other.pk}
    assert client.post(f"/board/cases/{case.pk}/give/", {"seen": claim.pk}).status_code == 422
    answer = client.post(f"/board/cases/{case.pk}/give/", sent, follow=True)
    assert f"{case.reference} is reserved for Bruno." in text(answer)
    assert QueueEntry.objects.get(pk=case.pk).reserved_for == other
    client.post(f"/board/cases/{case.pk}/give/", sent, follow=True)
    assert Notice.objects.filter(person=other).count() == 1, "the second time somebody was first"


def test_the_supervisors_page_of_a_case_says_who_has_it(
    client: Client,
    supervisor: User,
    loan: Pipeline,
    bank: ApiClient,
    make_person: Callable[..., User],
) -> None:
    case, other = waiting_case(loan, bank), make_person(Role.REVIEWER, first_name="Bruno")
    assert "has it until" not in text(client.get(f"/cases/{case.pk}/"))
    claim = held(case, other)
    assert "Bruno has it until" in text(client.get(f"/cases/{case.pk}/"))
    client.force_login(make_person(Role.REVIEWER))
    assert "has it until" not in text(client.get(f"/cases/{case.pk}/"))
    expire(claim)
    client.force_login(supervisor)
    assert "has it until" not in text(client.get(f"/cases/{case.pk}/"))


def test_a_case_whose_verdict_can_still_be_undone_is_given_to_nobody(
    client: Client,
    supervisor: User,
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    settings: Any,
) -> None:
    settings.UNDO_SECONDS = 10
    case = waiting_case(loan, bank)
    give(held(case, reviewer), DECLINE)
    page = text(client.get(f"/board/cases/{case.pk}/"))
    assert "Its verdict takes effect in a moment" in page
    assert "It waits for anybody" not in page
    assert 'name="person"' not in page


def test_the_reviewers_page_is_told_who_took_the_case_over(
    client: Client, supervisor: User, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, reviewer)
    client.post(f"/cases/{case.pk}/take-over/", {"seen": claim.pk})
    client.force_login(reviewer)
    beat = client.post(f"/cases/{case.pk}/heartbeat/", {"fence": claim.pk})
    assert beat.status_code == 409
    assert beat.json()["changed"] == "Chidi Okonkwo took the case over."


def test_a_takeover_of_a_claim_that_has_ended_takes_nothing(
    client: Client, supervisor: User, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    old = held(case, reviewer)
    expire(old)
    new = held(case, reviewer)
    answer = client.post(f"/cases/{case.pk}/take-over/", {"seen": old.pk}, follow=True)
    assert "Nobody holds the case any more." in text(answer)
    assert Claim.objects.get(pk=new.pk).ended == ""


def test_a_takeover_reaches_no_other_case_than_the_one_it_names(
    client: Client, supervisor: User, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    supervised, elsewhere = waiting_case(loan, bank), waiting_case(loan, bank)
    claim = held(elsewhere, reviewer)
    answer = client.post(f"/cases/{supervised.pk}/take-over/", {"seen": claim.pk}, follow=True)
    assert "Nobody holds the case any more." in text(answer)
    assert Claim.objects.get(pk=claim.pk).ended == ""


def test_a_supervisor_lifts_a_reservation(
    client: Client, supervisor: User, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    reserve(case.pk, person=reviewer, seen=None, supervisor=supervisor, by=TESTER)
    assert "Let anybody take it" in text(client.get(f"/board/cases/{case.pk}/"))
    for words in ("Anybody may take", "Somebody was first"):
        assert words in text(client.post(f"/board/cases/{case.pk}/lift/", follow=True))


def test_a_supervisor_shares_a_queue_out(
    client: Client, supervisor: User, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    many_waiting(Queue.objects.get(slug="loan-review"), bank, 5)
    path = "/board/queues/loan-review/share/"
    for wrong in ({"count": 3}, {"count": 0, "person": reviewer.pk}, {"person": reviewer.pk}):
        assert client.post(path, wrong).status_code == 422
    sent: dict[str, Any] = {"count": 4, "person": [reviewer.pk, supervisor.pk]}
    assert "4 cases are reserved for them now." in text(client.post(path, sent, follow=True))
    assert "Nothing was moved." in text(client.post(path, sent, follow=True))
    assert state_of("loan-review").reserved == 4


def test_what_was_escalated_stands_on_the_board(
    client: Client, supervisor: User, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, reviewer)
    escalate(claim.pk, note="Odd", reviewer=reviewer, by=reviewer.actor)
    board = client.get("/board/now/").content.decode()
    assert f'id="passed-give-{case.pk}"' in board
