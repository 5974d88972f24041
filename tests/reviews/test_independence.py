"""Independent judgement: who judges second learns neither the score nor the first verdict before."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.models import Case, Pipeline
from reviews.claims import may_take, release
from reviews.escalating import escalate
from reviews.models import QueueEntry
from reviews.queues import depths
from reviews.reserving import MayNotJudge, reserve
from reviews.rights import rights_of
from tests.casefiles import (
    APPROVE,
    OVERRIDE,
    TESTER,
    held,
    reviewed_case,
    start,
    started,
    submit,
    waiting_case,
)
from tests.conftest import Upstream
from tests.reviews.test_case_page import SAID, SECOND, case, post, reviewer, text

__all__ = ["case", "reviewer"]  # fixtures


@pytest.fixture
def second(
    loan: Pipeline, make_upstream: Callable[[], Upstream], make_person: Callable[..., User]
) -> Case:
    """A case that waits for a second review, with everything that must not be seen."""
    return reviewed_case(
        loan,
        make_upstream().client,
        make_person(Role.REVIEWER),
        verdict=OVERRIDE,
        predicted="decline",
        confidence=0.7137,
        reasons=[{"code": "adverse", "text": "The model says decline", "field": None}],
        second_review="loan-second",
    )


HIDDEN = (
    "0.71",
    "The model says",
    "papers_confirm</",
    SAID,
    "Review: approve",
    "against the model",
)


def said(answer: object) -> str:
    """A page without its timestamps: microseconds may look like a score."""
    return re.sub(r'datetime="[^"]*"', "", text(answer))


def test_the_second_reviewer_sees_neither_the_first_verdict_nor_the_score(
    client: Client, make_person: Callable[..., User], second: Case
) -> None:
    senior = make_person(Role.SENIOR_REVIEWER)
    client.force_login(senior)
    record = said(client.get(f"/cases/{second.pk}/"))
    held(second, senior)
    workbench = said(client.get(f"/cases/{second.pk}/"))
    for page in (record, workbench):
        assert second.reference in page
        assert "independent" in page
        assert not [hidden for hidden in HIDDEN if hidden in page]


def test_who_may_be_asked_second_does_not_learn_the_score_from_the_record(
    client: Client,
    loan: Pipeline,
    make_person: Callable[..., User],
    make_upstream: Callable[[], Upstream],
) -> None:
    upstream = make_upstream().client
    twice = waiting_case(loan, upstream, second_review="loan-second", confidence=0.7131)
    once = waiting_case(loan, upstream, confidence=0.7131)
    client.force_login(make_person(Role.SENIOR_REVIEWER))
    assert "0.71" not in said(client.get(f"/cases/{twice.pk}/"))
    assert "0.71" in said(client.get(f"/cases/{once.pk}/"))


def test_the_second_reviewer_explains_every_verdict_lest_it_tell_what_the_model_said(
    client: Client, make_person: Callable[..., User], loan: Pipeline, case: Case
) -> None:
    agreed = reviewed_case(
        loan,
        case.client,
        make_person(Role.REVIEWER),
        verdict=APPROVE,
        predicted="approve",
        second_review="loan-second",
    )
    senior = make_person(Role.SENIOR_REVIEWER)
    client.force_login(senior)
    held(agreed, senior)
    assert text(client.get(f"/cases/{agreed.pk}/")).count("data-explain") == 2
    answer = post(client, agreed, "verdict", verdict="approve")
    assert answer.status_code == 422
    assert "Choose at least one reason." in text(answer)


def test_home_counts_only_what_the_person_may_judge(
    client: Client, reviewer: User, make_person: Callable[..., User], second: Case
) -> None:
    assert "All done" in text(client.get("/"))
    client.force_login(make_person(Role.SENIOR_REVIEWER))
    assert "1 case waits for you" in text(client.get("/"))


def test_who_gave_the_first_verdict_is_not_offered_the_second(
    client: Client, make_person: Callable[..., User], loan: Pipeline, case: Case
) -> None:
    senior = make_person(Role.SENIOR_REVIEWER)
    client.force_login(senior)
    mine = reviewed_case(loan, case.client, senior, verdict=OVERRIDE, predicted="decline", **SECOND)
    assert "Take this case" not in text(client.get(f"/cases/{mine.pk}/"))
    assert "Take this case" in text(client.get(f"/cases/{case.pk}/"))


def test_who_held_the_first_review_gets_no_later_judgement_of_that_round(
    loan: Pipeline, make_upstream: Callable[[], Upstream], make_person: Callable[..., User]
) -> None:
    looked, passed_on, fresh = (make_person(Role.SENIOR_REVIEWER) for _ in range(3))
    reviewer, supervisor = make_person(Role.REVIEWER), make_person(Role.SENIOR_REVIEWER)
    case = waiting_case(loan, make_upstream().client, second_review="loan-second")
    release(held(case, looked).pk, reviewer=looked, by=looked.actor)
    fence = held(case, passed_on).pk
    escalate(fence, note="Odd.", reviewer=passed_on, by=passed_on.actor)
    again = held(case, looked)  # a first review is open to who has seen the model's view
    release(again.pk, reviewer=looked, by=looked.actor)
    QueueEntry.objects.update(escalated=False)
    submit(held(case, reviewer), OVERRIDE)
    for person in (looked, passed_on):
        rights = rights_of(person)
        assert not may_take(case.pk, reviewer=person, rights=rights)
        assert start(person) is None
        assert sum(depth.waiting for depth in depths(rights, reviewer=person)) == 0
        with pytest.raises(MayNotJudge):
            reserve(case.pk, person=person, seen=None, supervisor=supervisor, by=TESTER)
    assert started(fresh) == case
