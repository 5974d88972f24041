"""Escalating: a case passes to those who give second reviews, with a word why."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from cases.models import Pipeline
from reviews.claims import ClaimLost, NotWaiting, take_over
from reviews.drafts import load_draft
from reviews.escalating import NobodyElse, NothingSaid, escalate
from reviews.models import Claim, Comment, Notice, QueueEntry
from reviews.reserving import reserve
from tests.casefiles import DECLINE, expire, found, held, start, started, submit, waiting_case

WHY = "The payslip looks doctored to me."


def pass_on(claim: Claim, note: str = WHY) -> None:
    escalate(claim.pk, note=note, reviewer=claim.reviewer, by=claim.reviewer.actor)


def test_an_escalated_case_waits_for_seniors_alone(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User, make_person: Callable[..., User]
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, reviewer)
    pass_on(claim)
    claim.refresh_from_db()
    assert claim.ended == Claim.Ended.ESCALATED
    assert start(make_person(Role.REVIEWER)) is None
    event = Event.objects.get(type="case.escalated")
    assert (event.case_id, event.actor_id) == (case.pk, str(reviewer.pk))
    notice = Notice.objects.get(person=senior)
    assert (notice.kind, notice.by, notice.case_id) == (Notice.Kind.ESCALATED, reviewer, case.pk)
    assert started(senior).pk == case.pk
    submit(senior.claims.get(ended_at=None), DECLINE)


def test_the_word_why_is_a_sealed_comment(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = waiting_case(loan, bank)
    pass_on(held(case, reviewer))
    comment = Comment.objects.get(case=case)
    assert comment.author == reviewer
    assert WHY.encode() not in bytes(comment.sealed_text)
    assert vault.of(case.pk).open(f"comment:{comment.pk}", comment.sealed_text).decode() == WHY
    assert not any("doctored" in str(event.data) for event in Event.objects.all())


def test_who_escalated_is_not_offered_it_again_unless_it_is_given_to_them(
    loan: Pipeline, bank: ApiClient, senior: User, make_person: Callable[..., User]
) -> None:
    other = make_person(Role.SENIOR_REVIEWER)
    case = waiting_case(loan, bank)
    pass_on(held(case, senior))
    assert start(senior) is None
    with pytest.raises(NotWaiting):
        held(case, senior)
    reserve(case.pk, person=senior, seen=None, supervisor=other, by=other.actor)
    assert started(senior).pk == case.pk


def test_who_escalated_and_tries_to_take_it_again_reads_why_not(
    client: Client, loan: Pipeline, bank: ApiClient, senior: User, make_person: Callable[..., User]
) -> None:
    make_person(Role.SENIOR_REVIEWER)
    case = waiting_case(loan, bank)
    pass_on(held(case, senior))
    client.force_login(senior)
    page = client.post(f"/cases/{case.pk}/claim/", follow=True).content.decode()
    assert "You escalated this case" in page
    assert "Somebody else was first" not in page


def test_nothing_is_escalated_without_a_word_a_claim_or_somebody_to_take_it(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, reviewer)
    with pytest.raises(NothingSaid):
        pass_on(claim, "  ")
    expire(claim)
    with pytest.raises(ClaimLost):
        pass_on(claim)
    claim = held(case, reviewer)
    take_over(claim.pk, case_id=claim.case_id, supervisor=senior, by=senior.actor)
    with pytest.raises(ClaimLost):
        pass_on(claim)
    with pytest.raises(NobodyElse):
        pass_on(held(case, senior))
    assert not QueueEntry.objects.get(pk=case.pk).escalated
    assert not Comment.objects.exists()


def test_a_reviewer_escalates_on_the_page_and_keeps_the_draft(
    client: Client, loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, reviewer)
    client.force_login(reviewer)
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert f'action="/cases/{case.pk}/escalate/"' in page
    assert 'data-act="escalate"' in page
    entered = {"fence": claim.pk, "verdict": "decline", "explanation": "Half a thought"}
    client.post(f"/cases/{case.pk}/draft/", entered)
    answer = client.post(f"/cases/{case.pk}/escalate/", {"fence": claim.pk, "note": WHY})
    assert answer.headers["Location"] == "/"
    draft = load_draft(vault.of(found(case).pk), reviewer=reviewer)
    assert draft["explanation"] == "Half a thought"


def test_what_was_typed_comes_back_where_a_case_can_not_be_escalated(
    client: Client, loan: Pipeline, bank: ApiClient, senior: User, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    claim = held(case, senior)
    client.force_login(senior)
    alone = client.post(f"/cases/{case.pk}/escalate/", {"fence": claim.pk, "note": WHY})
    assert alone.status_code == 422
    assert WHY in alone.content.decode()
    expire(claim)
    late = client.post(f"/cases/{case.pk}/escalate/", {"fence": claim.pk, "note": WHY})
    assert late.status_code == 409
    assert WHY in late.content.decode()
