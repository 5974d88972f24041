"""Undoing: for ten seconds the last verdict can be taken back, as if it had never been."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from cases import lifecycle
from cases.models import Case, Pipeline, Status
from reviews.drafts import load_draft, save_draft
from reviews.models import Claim, Correction, Draft, QueueEntry, Review, Stage
from reviews.rights import rights_of
from reviews.settling import settle_review
from reviews.undoing import TooLateToUndo, offer_to, undo_review
from reviews.verdicts import FieldVerdict
from tests.casefiles import (
    DECLINE,
    OVERRIDE,
    found,
    give,
    held,
    settled,
    start,
    submit,
    waiting_case,
)

Person = Callable[..., User]
FIELDS = {
    "amount": FieldVerdict(Correction.Kind.CORRECTED, "4780.00"),
    "iban": FieldVerdict(Correction.Kind.ILLEGIBLE),
}
JUDGED = replace(DECLINE, fields=FIELDS, needed_person=False)


@pytest.fixture(autouse=True)
def ten_seconds(settings: Any, nothing_to_wait_for: None) -> None:
    settings.UNDO_SECONDS = 10


@pytest.fixture
def over(settings: Any) -> Callable[[], None]:
    """Lets the ten seconds pass."""

    def pass_by() -> None:
        settings.UNDO_SECONDS = 0

    return pass_by


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    """A case that the model would decline."""
    return waiting_case(loan, bank)


def undo(review: Review, by: User | None = None) -> Claim:
    person = by or review.reviewer
    return undo_review(review.claim_id, reviewer=person, rights=rights_of(person), by=person.actor)


def test_an_undone_verdict_is_a_draft_again_and_the_case_its_reviewers(
    case: Case, reviewer: User
) -> None:
    review = give(held(case, reviewer), JUDGED)
    claim = undo(review)
    assert claim.pk > review.claim_id
    assert QueueEntry.objects.get(pk=case.pk).claim == claim
    assert found(case).status == Status.IN_REVIEW
    assert load_draft(vault.of(case.pk), reviewer=reviewer) == {
        "outcome": "decline",
        "reasons": list(DECLINE.reason_codes),
        "explanation": DECLINE.explanation,
        "needed_person": False,
        "fields": {
            "amount": {"kind": "corrected", "value": "4780.00"},
            "iban": {"kind": "illegible", "value": None},
        },
        "reply": None,
    }
    events = Event.objects.filter(case_id=case.pk).order_by("-id")[:2]
    assert [event.type for event in events] == ["case.claimed", "review.undone"]
    assert {event.actor_id for event in events} == {str(reviewer.pk)}
    assert events[1].data == {"review": review.pk, "claim": review.claim_id}


def test_what_was_undone_counts_nowhere_and_another_verdict_can_follow(
    client: Client, case: Case, reviewer: User, over: Callable[[], None]
) -> None:
    first = give(held(case, reviewer), DECLINE)
    again = undo(first)
    over()
    assert settle_review(first.claim_id) is None
    assert settled(case) is None
    decision = submit(again, OVERRIDE)
    assert decision is not None
    assert decision.outcome == "approve"
    client.force_login(reviewer)
    record = client.get(f"/cases/{case.pk}/").content.decode()
    assert record.count('class="judgement"') == 1
    assert DECLINE.explanation not in record
    assert "Verdict undone" in record
    assert "<dt>Reviewed</dt><dd>1</dd>" in client.get("/").content.decode()


def test_a_case_taken_since_waits_again_with_its_draft(
    loan: Pipeline, bank: ApiClient, case: Case, reviewer: User, senior: User
) -> None:
    following = waiting_case(loan, bank)
    review = give(held(case, reviewer), DECLINE)
    save_draft(following.pk, {"outcome": "approve"}, reviewer=held(following, reviewer).reviewer)
    undo(review)
    assert Claim.objects.get(case=following).ended == Claim.Ended.RELEASED
    assert Draft.objects.filter(case=following, reviewer=reviewer).exists()
    assert held(following, senior)
    assert Claim.objects.get(reviewer=reviewer, ended_at=None).case == case


def test_once_it_has_taken_effect_it_stays(
    case: Case, reviewer: User, over: Callable[[], None]
) -> None:
    review = give(held(case, reviewer), DECLINE)
    over()
    with pytest.raises(TooLateToUndo, match="it has taken effect"):
        undo(review)
    assert settled(case)
    with pytest.raises(TooLateToUndo, match="it has taken effect"):
        undo(review)
    assert Review.objects.get().undone_at is None


def test_it_is_undone_once_and_by_who_gave_it(case: Case, reviewer: User, senior: User) -> None:
    review = give(held(case, reviewer), DECLINE)
    with pytest.raises(TooLateToUndo, match="There is nothing to undo"):
        undo(review, by=senior)
    undo(review)
    with pytest.raises(TooLateToUndo, match="You had undone"):
        undo(review)
    assert Event.objects.filter(type="review.undone").count() == 1


def test_a_withdrawn_case_and_a_lost_right_are_not_given_back(
    loan: Pipeline, bank: ApiClient, case: Case, reviewer: User, senior: User
) -> None:
    review = give(held(case, reviewer), DECLINE)
    lifecycle.move(found(case), Status.WITHDRAWN, by=bank.actor)
    with pytest.raises(TooLateToUndo, match="withdrawn"):
        undo(review)
    assert offer_to(reviewer) is None
    review = give(held(waiting_case(loan, bank), senior), DECLINE)
    senior.groups.clear()
    with pytest.raises(TooLateToUndo, match="right"):
        undo(review)


def test_a_late_write_under_an_undone_claim_says_what_became_of_it(
    client: Client, case: Case, reviewer: User
) -> None:
    review = give(held(case, reviewer), DECLINE)
    undo(review)
    client.force_login(reviewer)
    form = {"fence": review.claim_id, "version": case.version, "verdict": "approve"}
    answer = client.post(f"/cases/{case.pk}/verdict/", {**form, "confirmed": "yes"})
    assert answer.status_code == 409
    assert "You had undone this review." in answer.content.decode()


def test_an_undone_verdict_that_is_sent_again_does_not_count_as_taken(
    client: Client, case: Case, reviewer: User
) -> None:
    review = give(held(case, reviewer), DECLINE)
    undo(review)
    client.force_login(reviewer)
    form = {
        "fence": review.claim_id,
        "version": case.version,
        "verdict": DECLINE.outcome,
        f"reason:{DECLINE.outcome}": list(DECLINE.reason_codes),
        "explanation": DECLINE.explanation,
        "confirmed": "yes",
    }
    answer = client.post(f"/cases/{case.pk}/verdict/", form)
    assert answer.status_code == 409
    assert "You had undone this review." in answer.content.decode()


# ---------------------------------------------------------------- on the pages


def test_the_offer_follows_the_reviewer_and_goes_when_the_time_is_over(
    client: Client, loan: Pipeline, bank: ApiClient, case: Case, reviewer: User, senior: User,
    over: Callable[[], None],
) -> None:  # fmt: skip
    following = waiting_case(loan, bank)
    review = give(held(case, reviewer), DECLINE)
    held(following, reviewer)
    client.force_login(reviewer)
    for address in ("/", f"/cases/{following.pk}/", f"/cases/{case.pk}/"):
        page = client.get(address).content.decode()
        assert f"<b>{case.reference}</b>: decline." in page
        assert f'name="fence" value="{review.claim_id}"' in page.partition("data-undo")[2]
    with CaptureQueriesContext(connection) as statements:
        assert offer_to(reviewer)
    assert len(statements) == 1
    assert offer_to(senior) is None
    over()
    assert "data-undo" not in client.get("/").content.decode()


def test_undoing_works_without_scripts_and_leads_back_to_the_case(
    client: Client, case: Case, reviewer: User, over: Callable[[], None]
) -> None:
    client.force_login(reviewer)
    review = give(held(case, reviewer), DECLINE)
    answer = client.post("/undo/", {"fence": review.claim_id}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"/cases/{case.pk}/#outcome", 302)]
    assert 'value="decline" required checked' in page
    assert DECLINE.explanation in page
    assert "data-undo" not in page
    over()
    late = client.post("/undo/", {"fence": review.claim_id}, follow=True)
    assert "You had undone this review." in late.content.decode()


def test_a_second_reviewer_who_peeks_learns_nothing_before_it_is_settled(
    client: Client, loan: Pipeline, bank: ApiClient, reviewer: User, senior: User, settings: Any
) -> None:
    settings.UNDO_SECONDS = 0
    case = waiting_case(loan, bank, second_review="loan-second", confidence=0.7137)
    submit(held(case, reviewer), DECLINE)
    settings.UNDO_SECONDS = 10
    review = give(held(case, senior), OVERRIDE)
    assert review.stage == Stage.SECOND
    client.force_login(senior)
    for address in (f"/cases/{case.pk}/", "/", "/cases/"):
        page = client.get(address).content.decode()
        for told in ("0.71", DECLINE.explanation, "override", "somebody else", "Two reviewers"):
            assert told not in page, (address, told)
    undo(review)
    assert "0.71" not in client.get(f"/cases/{case.pk}/").content.decode()


def test_home_says_what_waits_for_others_once_it_does(
    client: Client, loan: Pipeline, bank: ApiClient, make_person: Person, settings: Any
) -> None:
    reviewer = make_person(Role.REVIEWER)
    case = waiting_case(loan, bank, second_review="loan-second")
    claim = held(case, reviewer)
    give(claim, DECLINE)
    client.force_login(reviewer)
    assert "somebody else" not in client.get("/").content.decode()
    assert "in progress" not in client.get("/").content.decode()
    settings.UNDO_SECONDS = 0
    settle_review(claim.pk)
    assert "1 waits for somebody else" in client.get("/").content.decode()
    assert start(reviewer) is None
