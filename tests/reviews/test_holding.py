"""Holds: a case set aside until a day, out of everybody's reach, its deadline resting."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from cases import lifecycle
from cases.lifecycle import take_step
from cases.models import Case, Pipeline, Status
from reviews.claims import ClaimLost, HoldsAnother, NotWaiting, claim_case, close_withdrawn
from reviews.commenting import comment_on
from reviews.drafts import load_draft, save_draft
from reviews.holding import BadFollowUp, NotHeld, follow_up_due, take_up
from reviews.models import Claim, Hold, Notice, QueueEntry, Stage
from reviews.rights import rights_of
from tests.casefiles import DECLINE, TESTER, expire, found, held, start, submit, waiting_case
from tests.reviews.holds import REASON, asked, long_on_hold, on_hold


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    return waiting_case(loan, bank, predicted="approve", due_in=timedelta(hours=6))


@pytest.fixture
def pages(client: Client, reviewer: User) -> Client:
    """The reviewer's browser."""
    client.force_login(reviewer)
    return client


def resume(case: Case, person: User) -> Claim | None:
    return take_up(case.pk, reviewer=person, rights=rights_of(person), by=person.actor)


def page(pages: Client, address: str) -> str:
    return pages.get(address).content.decode()


# ---------------------------------------------------------------- setting aside


def test_who_set_a_case_aside_is_told_that_it_was_withdrawn(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    on_hold(case, reviewer)
    lifecycle.move(found(case), Status.WITHDRAWN, by=bank.actor)
    close_withdrawn(found(case), take_step(case.pk, Status.WITHDRAWN))
    notice = Notice.objects.get(person=reviewer)
    assert (notice.kind, notice.case_id) == (Notice.Kind.WITHDRAWN, case.pk)
    assert Hold.objects.get(case=case).ended == Hold.Ended.WITHDRAWN


def test_a_case_on_hold_is_nobodys_and_its_words_are_sealed(
    case: Case, reviewer: User, senior: User
) -> None:
    hold = on_hold(case, reviewer)
    assert Claim.objects.get(case=case).ended == Claim.Ended.SET_ASIDE
    assert start(senior) is None
    with pytest.raises(NotWaiting):
        claim_case(case.pk, reviewer=senior, rights=rights_of(senior), by=senior.actor)
    words = vault.of(case.pk).open_json(f"hold:{hold.pk}", hold.sealed_words)
    assert words == {"text": REASON}
    event = Event.objects.get(type="case.held")
    assert (event.case_id, event.data["hold"]) == (case.pk, str(hold.pk))
    assert list(event.commitments) == [f"hold:{hold.pk}"]
    assert REASON not in str(event.data)


def test_who_lost_the_claim_can_not_set_the_case_aside(
    case: Case, reviewer: User, senior: User
) -> None:
    claim = held(case, reviewer)
    with pytest.raises(ClaimLost):
        on_hold(case, senior, claim=claim)
    expire(claim)
    with pytest.raises(ClaimLost):
        on_hold(case, reviewer, claim=claim)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_follow_up_is_ahead_and_not_too_far(case: Case, reviewer: User, days: float) -> None:
    claim = held(case, reviewer)
    with pytest.raises(BadFollowUp):
        on_hold(case, reviewer, days=days, claim=claim)
    assert Claim.objects.get(pk=claim.pk).ended == ""


def test_the_database_knows_one_open_hold_a_case(case: Case, reviewer: User) -> None:
    hold = on_hold(case, reviewer)
    Hold.objects.filter(pk=hold.pk).update(ended="", ended_at=None)
    with pytest.raises(IntegrityError, match="one_open_hold_a_case"), transaction.atomic():
        Hold.objects.create(
            case=case,
            kind=hold.kind,
            held_by=reviewer,
            sealed_words=b"",
            follow_up_at=hold.follow_up_at,
        )


# ---------------------------------------------------------------- its end


def test_the_day_comes_and_the_case_waits_again_with_the_time_it_rested(
    case: Case, reviewer: User, senior: User
) -> None:
    before = found(case)
    long_on_hold(case, reviewer, days=2, over=True)
    assert follow_up_due(by=TESTER) == 1
    assert follow_up_due(by=TESTER) == 0
    after, entry = found(case), QueueEntry.objects.get(case=case)
    rested = after.due_at - before.due_at
    assert timedelta(days=2) < rested < timedelta(days=2, minutes=1)
    assert (entry.due_at, entry.hold) == (after.due_at, None)
    assert after.version == before.version + 1, "the upstream sees another deadline"
    event = Event.objects.get(type="case.resumed")
    assert event.data["ended"] == "followed_up"
    assert event.data["rested_seconds"] == round(rested.total_seconds())
    notice = Notice.objects.get()
    assert (notice.person, notice.kind) == (reviewer, Notice.Kind.FOLLOW_UP)
    assert start(senior)


def test_a_hold_whose_day_has_not_come_is_left(case: Case, reviewer: User) -> None:
    long_on_hold(case, reviewer, days=2)
    assert follow_up_due(by=TESTER) == 0
    assert QueueEntry.objects.get(case=case).hold


def test_who_set_it_aside_takes_it_up_again_with_the_draft(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    save_draft(case.pk, {"explanation": "Half a"}, reviewer=reviewer)
    on_hold(case, reviewer, claim=claim)
    again = resume(case, reviewer)
    assert again and again.case_id == case.pk
    assert load_draft(vault.of(case.pk), reviewer=reviewer) == {"explanation": "Half a"}
    assert Hold.objects.get().ended == Hold.Ended.RESUMED


def test_a_supervisor_takes_it_up_and_nobody_else(
    case: Case, reviewer: User, senior: User, make_person: Callable[..., User]
) -> None:
    other = make_person(Role.REVIEWER)
    on_hold(case, reviewer)
    with pytest.raises(NotHeld):
        resume(case, other)
    assert resume(case, senior)
    with pytest.raises(NotHeld):
        resume(case, reviewer)


def test_a_supervisor_who_may_not_judge_it_lets_it_wait(
    case: Case, reviewer: User, senior: User
) -> None:
    on_hold(case, reviewer)
    rights = rights_of(senior)
    only = type(rights)({"supervise": rights.queues["supervise"]}, {}, rights.worked_on)
    assert take_up(case.pk, reviewer=senior, rights=only, by=senior.actor) is None
    assert start(reviewer)


def test_a_supervisor_who_gave_the_first_review_lets_the_second_wait(
    loan: Pipeline, bank: ApiClient, senior: User, make_person: Callable[..., User]
) -> None:
    case = waiting_case(loan, bank, second_review="loan-second")
    submit(held(case, senior), DECLINE)
    other = make_person(Role.SENIOR_REVIEWER)
    on_hold(case, other)
    assert resume(case, senior) is None
    assert Hold.objects.get().ended == Hold.Ended.RESUMED
    assert start(other)


def test_who_works_on_another_case_changes_nothing(
    loan: Pipeline, bank: ApiClient, case: Case, reviewer: User
) -> None:
    on_hold(case, reviewer)
    held(waiting_case(loan, bank), reviewer)
    with pytest.raises(HoldsAnother):
        resume(case, reviewer)
    assert Hold.objects.get().ended == ""


def test_a_withdrawal_ends_the_hold(case: Case, reviewer: User, bank: ApiClient) -> None:
    asked(case, reviewer)
    lifecycle.move(found(case), Status.WITHDRAWN, by=bank.actor)
    close_withdrawn(found(case), take_step(case.pk, Status.WITHDRAWN))
    assert Hold.objects.get().ended == Hold.Ended.WITHDRAWN
    assert follow_up_due(by=TESTER) == 0


# ---------------------------------------------------------------- as people see it


def test_every_page_says_that_the_deadline_rests_and_why(
    pages: Client, case: Case, reviewer: User
) -> None:
    long_on_hold(case, reviewer, days=1)
    record = page(pages, f"/cases/{case.pk}/")
    assert "Paused since" in record
    assert "s letter is on its way." in record
    assert "Take up again" in record
    assert "Paused since" in page(pages, "/cases/")
    home = page(pages, "/")
    assert "Nothing waits right now" in home
    assert "1 on hold, next follow-up on" in home
    assert "What I set aside" in home
    assert case.reference not in page(pages, "/cases/?deadline=late")


def test_the_form_sets_aside_and_says_until_when(pages: Client, case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    day = localdate() + timedelta(days=3)
    form = {"fence": claim.pk, "words": REASON, "until": day.isoformat()}
    answer = pages.post(f"/cases/{case.pk}/hold/", form, follow=True)
    assert f"On hold until {day.day} " in answer.content.decode()
    hold = Hold.objects.get()
    assert localdate(hold.follow_up_at) == day
    pages.post(f"/cases/{case.pk}/take-up/")
    assert Claim.objects.filter(case=case, ended_at=None, reviewer=reviewer).exists()


@pytest.mark.parametrize("until", ["", "never", "2020-01-01", "2099-01-01"])
def test_what_the_form_can_not_do_is_said_with_all_that_was_typed(
    pages: Client, case: Case, reviewer: User, until: str
) -> None:
    claim = held(case, reviewer)
    form = {"fence": claim.pk, "words": "Waits for the letter.", "until": until}
    answer = pages.post(f"/cases/{case.pk}/hold/", form)
    assert answer.status_code == 422
    assert "Waits for the letter." in answer.content.decode()
    assert f'value="{claim.pk}"' in answer.content.decode()
    assert not Hold.objects.exists()


def test_a_late_form_is_not_applied_and_not_lost(pages: Client, case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    expire(claim)
    day = localdate() + timedelta(days=3)
    form = {"fence": claim.pk, "words": "Waits for the letter.", "until": day.isoformat()}
    answer = pages.post(f"/cases/{case.pk}/hold/", form)
    assert answer.status_code == 409
    assert "Waits for the letter." in answer.content.decode()
    assert not Hold.objects.exists()


def test_an_independent_judge_sees_that_it_waited_but_not_why(
    pages: Client, loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = waiting_case(loan, bank, stage=Stage.FIRST, second_review="loan-second")
    on_hold(case, reviewer)
    pages.force_login(senior)
    record = page(pages, f"/cases/{case.pk}/")
    assert "employer&#x27;s letter" not in record
    assert "The words are shown once you have given your verdict." in record


def test_home_stays_few_statements_whatever_is_set_aside(
    pages: Client, loan: Pipeline, bank: ApiClient, case: Case, reviewer: User, senior: User
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as counted:
            pages.get("/")
        return len(counted)

    pages.get("/")
    usual = statements()
    on_hold(case, reviewer)
    asked(waiting_case(loan, bank), reviewer)
    long_on_hold(waiting_case(loan, bank), reviewer, days=1, over=True)
    follow_up_due(by=TESTER)
    comment_on(case, f"@{reviewer.username}", author=senior, by=senior.actor)
    assert statements() == usual + 1, "the notices themselves"
    assert usual <= 10  # one of them asks what is stopped: home says so aloud
