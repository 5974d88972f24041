"""Late writes: a verdict counts under a live claim on the case as it stands, and once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases import lifecycle
from cases.models import Case, Decision, Pipeline, Status
from reviews.claims import release, return_expired, take_over
from reviews.entering import settle_field
from reviews.locking import LateWrite
from reviews.models import Claim, Correction, QueueEntry, Review
from reviews.reviewing import submit_review
from reviews.rights import rights_of
from reviews.settling import settle_review
from reviews.verdicts import FieldVerdict
from tests.casefiles import (
    DECLINE,
    TESTER,
    expire,
    found,
    give,
    held,
    submit,
    waiting_case,
)
from tests.threads import in_threads, wait_for_lock

Person = Callable[..., User]
CORRECTED, ILLEGIBLE, CONFIRMED = (
    Correction.Kind.CORRECTED,
    Correction.Kind.ILLEGIBLE,
    Correction.Kind.CONFIRMED,
)


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    """A case that the model would decline."""
    return waiting_case(loan, bank)


def refused(claim: Claim, *, reviewer: User | None = None, version: int | None = None) -> str:
    """The words with which a verdict is refused; nothing of it is left."""
    before = (Review.objects.count(), Event.objects.count(), Decision.objects.count())
    with pytest.raises(LateWrite) as refusal:
        submit_review(
            fence=claim.pk,
            case_version=version or found(claim.case).version,
            verdict=DECLINE,
            reviewer=reviewer or claim.reviewer,
            rights=rights_of(reviewer or claim.reviewer),
            by=TESTER,
        )
    assert (Review.objects.count(), Event.objects.count(), Decision.objects.count()) == before
    return refusal.value.changed


def test_a_verdict_on_an_older_version_is_refused(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    assert refused(claim, version=case.version - 1) == "The case has changed since you opened it."


def test_an_expired_claim_carries_no_verdict(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    expire(claim)
    assert refused(claim) == "Your claim has expired."
    return_expired(by=TESTER)
    assert refused(claim) == "Your claim had expired, and the case went back to its queue."


def test_a_claim_that_ended_carries_no_verdict(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    claim = held(waiting_case(loan, bank), reviewer)
    release(claim.pk, reviewer=reviewer, by=TESTER)
    assert refused(claim) == "You had given the case back."
    claim = held(waiting_case(loan, bank), reviewer)
    take_over(claim.pk, case_id=claim.case_id, supervisor=senior, by=senior.actor)
    assert refused(claim) == f"{senior.shown_name} took the case over."
    submit(held(claim.case, senior), DECLINE)
    assert refused(claim) == f"{senior.shown_name} took the case over."
    claim = held(waiting_case(loan, bank), reviewer)
    submit(claim, DECLINE)
    assert refused(claim) == "Your review of this case had already been taken."


def test_the_next_holders_claim_fences_off_the_last_ones(
    case: Case, reviewer: User, senior: User
) -> None:
    late = held(case, reviewer)
    expire(late)
    return_expired(by=TESTER)
    now = held(case, senior)
    assert now.pk > late.pk
    refused(late)
    assert submit(now, DECLINE)


def test_a_case_withdrawn_meanwhile_takes_no_verdict(
    case: Case, reviewer: User, bank: ApiClient
) -> None:
    claim = held(case, reviewer)
    lifecycle.move(found(case), Status.WITHDRAWN, by=bank.actor)
    assert "Withdrawn by the upstream" in refused(claim)
    Claim.objects.filter(pk=claim.pk).update(ended_at=timezone.now(), ended="withdrawn")
    QueueEntry.objects.all().delete()
    assert refused(claim) == "The upstream has withdrawn the case."


def test_somebody_elses_claim_is_of_no_use_and_tells_nothing(
    case: Case, reviewer: User, senior: User
) -> None:
    claim = held(case, reviewer)
    assert refused(claim, reviewer=senior) == "This claim does not exist."
    release(claim.pk, reviewer=reviewer, by=TESTER)
    assert refused(claim, reviewer=senior) == "This claim does not exist."
    assert refused(Claim(pk=0, case=case, reviewer=senior)) == "This claim does not exist."


def test_a_right_withdrawn_while_the_case_is_held_ends_the_judging(
    case: Case, reviewer: User
) -> None:
    claim = held(case, reviewer)
    reviewer.groups.clear()
    assert "withdrawn" in refused(claim)
    assert Decision.objects.count() == 0


def test_of_verdicts_sent_twice_one_is_taken_and_a_withdrawal_before_it_wins(
    own_database: str, make_person: Person, make_upstream: Callable[..., Any]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    reviewer, client = make_person(Role.REVIEWER), make_upstream().client
    claim = held(waiting_case(loan, client), reviewer)
    answers = in_threads(6, lambda _: answer(claim))
    assert sorted(answers) == ["Your review of this case had already been taken."] * 5 + ["taken"]
    in_threads(3, lambda _: settle_review(claim.pk))
    assert (Review.objects.count(), Decision.objects.count()) == (1, 1)
    claim = held(waiting_case(loan, client), reviewer)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            lifecycle.move(found(claim.case), Status.WITHDRAWN, by=client.actor)
            late = threads.submit(in_threads, 1, lambda _: answer(claim, claim.case.version))
            wait_for_lock()
        assert "withdrawn" in late.result()[0].lower()
    assert Review.objects.count() == 1


def test_a_word_saved_just_before_the_verdict_counts_with_it(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    word = FieldVerdict(CORRECTED, "31.00")
    settle_field(case.pk, "amount", word, fence=claim.pk, reviewer=reviewer)
    settle_field(case.pk, "iban", FieldVerdict(ILLEGIBLE), fence=claim.pk, reviewer=reviewer)
    given = give(claim, replace(DECLINE, fields={"iban": FieldVerdict(CONFIRMED)}))
    kinds = dict(given.corrections.values_list("field", "kind"))
    assert kinds == {"amount": CORRECTED, "iban": CONFIRMED}


def answer(claim: Claim, version: int | None = None) -> str:
    """What a reviewer hears who submits."""
    try:
        submit_review(
            fence=claim.pk,
            case_version=version or 4,
            verdict=DECLINE,
            reviewer=claim.reviewer,
            rights=rights_of(claim.reviewer),
            by=TESTER,
        )
    except LateWrite as late:
        return late.changed
    return "taken"
