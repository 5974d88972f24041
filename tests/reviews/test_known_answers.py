"""Known answers: settled cases beyond doubt measure reviewers, who can't tell them from any other."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases.models import Case, Decision, Delivery, Document, Pipeline, Status
from reviews.claims import NotWaiting
from reviews.committing import commit_verdict
from reviews.knownanswers import (
    CannotSeed,
    Standing,
    keep_share,
    missing_known,
    seed,
    seed_by_hand,
    share_of,
    standing,
)
from reviews.lab.catches import Answered, by_reviewer
from reviews.models import Basis, QueueEntry, Sample
from reviews.policies import activate_policy
from reviews.reviewing import submit_review
from reviews.rights import rights_of
from reviews.settling import settle_review
from reviews.verdicts import Verdict
from tests.casefiles import (
    DECLINE,
    OVERRIDE,
    TESTER,
    found,
    held,
    reviewed_case,
    submit,
    waiting_case,
)
from tests.keys import destroy_key


@pytest.fixture
def admin(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN)


@pytest.fixture
def two(db: None, make_person: Callable[..., User]) -> tuple[User, User]:
    """Who judges a case twice."""
    return make_person(Role.SENIOR_REVIEWER), make_person(Role.SENIOR_REVIEWER)


def settled(pipeline: Pipeline, client: ApiClient, two: tuple[User, User], **options: Any) -> Case:
    """A case with papers on which two people agreed."""
    verdict: Verdict = options.pop("verdict", DECLINE)
    second: Verdict = options.pop("second", verdict)
    papers: int = options.pop("papers", 1)
    case = waiting_case(pipeline, client, second_review="loan-second", **options)
    for position in range(papers):
        Document.objects.create(
            case=case,
            position=position,
            size=1,
            page_count=0,
            sealed_name=b"",
            kind="payslip",
            blob="a/b",
        )
    submit(held(case, two[0]), verdict)
    submit(held(case, two[1]), second)
    return found(case)


def judge(case: Case, reviewer: User, verdict: Verdict, *, final: Verdict | None = None) -> None:
    """Answers unseen, and finishes the review."""
    claim = held(case, reviewer)
    shown = QueueEntry.objects.select_related("sample").get(case=case).sample
    assert shown is not None
    given: dict[str, Any] = {
        "fence": claim.pk,
        "case_version": shown.shown_version,
        "reviewer": reviewer,
        "rights": rights_of(reviewer),
        "by": reviewer.actor,
    }
    commit_verdict(verdict=verdict, **given)
    submit_review(verdict=final or verdict, **given)
    settle_review(claim.pk)


def test_a_known_answer_waits_blind_and_changes_nothing(
    loan: Pipeline, bank: ApiClient, two: tuple[User, User], reviewer: User
) -> None:
    case = settled(loan, bank, two, predicted="approve", confidence=0.8)
    before = found(case)
    (sample,) = seed(loan, 3, drawn_by=None, by=TESTER)
    assert (sample.kind, sample.outcome, sample.case_id) == ("known", "decline", case.pk)
    entry = QueueEntry.objects.select_related("route", "queue").get(case=case)
    assert (entry.stage, entry.route.blind, entry.queue.slug) == ("first", True, "loan-review")
    assert not seed(loan, 3, drawn_by=None, by=TESTER), "it waits already"
    for who in two:
        with pytest.raises(NotWaiting):
            held(case, who)

    judge(case, reviewer, OVERRIDE)
    sample.refresh_from_db()
    assert (sample.verdict, sample.reviewer) == ("approve", reviewer)
    after = found(case)
    assert (after.status, after.version, after.due_at) == (
        before.status,
        before.version,
        before.due_at,
    )
    assert Decision.objects.get(case=case).outcome == "decline"
    assert not QueueEntry.objects.filter(case=case).exists()
    assert not Delivery.objects.exists()
    assert not Basis.objects.exclude(label="").exists()


def test_only_what_is_beyond_doubt_and_alive_is_given(
    loan: Pipeline, bank: ApiClient, two: tuple[User, User], reviewer: User
) -> None:
    reviewed_case(loan, bank, reviewer, verdict=DECLINE)  # judged by one person
    open_case = settled(
        loan, bank, two, second=OVERRIDE
    )  # they differ, and a third is to settle it
    assert found(open_case).status == Status.IN_REVIEW
    erased = settled(loan, bank, two)
    destroy_key(erased.pk)
    settled(loan, bank, two, papers=0)
    assert seed(loan, 5, drawn_by=None, by=TESTER) == []
    assert not Event.objects.filter(type="known_answers.seeded").exists()


def test_where_the_model_was_wrong_and_right_they_come_by_turns(
    loan: Pipeline, bank: ApiClient, two: tuple[User, User], reviewer: User
) -> None:
    right = [settled(loan, bank, two) for _ in range(3)]
    wrong = settled(loan, bank, two, predicted="approve", confidence=0.8)
    chosen = {sample.case_id for sample in seed(loan, 2, drawn_by=None, by=TESTER)}
    assert wrong.pk in chosen
    assert len(chosen & {case.pk for case in right}) == 1


def test_the_share_is_kept_by_itself(
    loan: Pipeline, bank: ApiClient, two: tuple[User, User], reviewer: User
) -> None:
    assert loan.current is not None
    definition = loan.current.definition
    for _ in range(3):
        settled(loan, bank, two)
    assert (share_of(loan), keep_share(loan, by=TESTER)) == (0.0, [])
    content = {**definition.policy, "blind_share": 0.0, "samples": {"known": 0.2}}
    activate_policy(loan, content, definition=definition, by=TESTER)
    assert standing(loan) == Standing(reviews=3, known=0, waiting=0)
    assert keep_share(loan, by=TESTER) == [], "a fifth of three is less than one"
    settled(loan, bank, two), settled(loan, bank, two)
    assert len(keep_share(loan, by=TESTER)) == 1
    assert keep_share(loan, by=TESTER) == []
    assert standing(loan) == Standing(reviews=5, known=0, waiting=1)


@pytest.mark.parametrize(
    ("share", "lately", "missing"),
    [
        (0.02, Standing(49, 0, 0), 0),
        (0.02, Standing(50, 0, 0), 1),
        (0.02, Standing(200, 1, 1), 2),
        (0.02, Standing(5000, 0, 2), 3),
        (0.1, Standing(10, 5, 0), 0),
        (0.0, Standing(900, 0, 0), 0),
    ],
)
def test_how_many_are_missing(share: float, lately: Standing, missing: int) -> None:
    assert missing_known(share, lately) == missing


def test_catches_are_told_apart_by_whether_the_model_was_right() -> None:
    said = [
        Answered(1, "decline", "approve", "decline", "decline"),
        Answered(1, "decline", "approve", "decline", "approve"),
        Answered(1, "decline", "approve", "approve", "approve"),
        Answered(1, "approve", "approve", "approve", "approve"),
        Answered(2, "approve", "approve", "decline", "decline"),
    ]
    found = by_reviewer(said)
    one = found[1]
    assert (one.caught.right, one.caught.of) == (2, 3)
    assert (one.kept.right, one.kept.of, one.swayed) == (1, 1, 1)
    assert one.caught.interval == pytest.approx((0.0943, 0.9916), abs=1e-4)
    assert (found[2].caught.interval, found[2].kept.right) == (None, 0)


def test_admins_see_what_became_of_them_and_reviewers_find_nothing(
    loan: Pipeline,
    bank: ApiClient,
    two: tuple[User, User],
    reviewer: User,
    admin: User,
    make_person: Any,
    client: Client,
) -> None:
    case = settled(loan, bank, two, predicted="approve", confidence=0.8)
    address = reverse("lab_known", args=["loan"])
    client.force_login(admin)
    assert "Nobody has judged" in client.get(address).content.decode()
    give = reverse("lab_known_seed", args=["loan"])
    assert (
        "1 of 3 cases wait now" in client.post(give, {"count": "3"}, follow=True).content.decode()
    )
    assert (
        "Give between 1 and 20" in client.post(give, {"count": "x"}, follow=True).content.decode()
    )
    assert Sample.objects.get().drawn_by == admin
    page = client.get(address).content.decode()
    assert case.reference not in page, "what waits is not named"

    judge(case, reviewer, OVERRIDE)
    page = client.get(address).content.decode()
    assert "0 of 1" in page
    assert "0% to 98%" in page
    assert "they say little of anybody" in page
    others = reverse("lab_errors", args=["loan", Sample.objects.get().pk])
    assert others in page
    assert reviewer.shown_name in client.get(others).content.decode()

    client.force_login(reviewer)
    assert client.get(address).status_code == client.post(give, {"count": "3"}).status_code == 404
    with pytest.raises(CannotSeed):
        seed_by_hand(loan, 3, by=reviewer)
    client.force_login(make_person(Role.AUDITOR))
    assert "Let them wait" not in client.get(address).content.decode()
