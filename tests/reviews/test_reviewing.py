"""Reviews: by different people, sealed, and what follows from each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from cases import lifecycle
from cases.lifecycle import IllegalMove
from cases.models import Case, Decision, Pipeline, Status
from reviews.claims import release
from reviews.drafts import load_draft, save_draft
from reviews.models import Claim, Correction, Draft, QueueEntry, Review, Stage
from reviews.reviewing import correction_purpose
from reviews.settling import settle_review
from reviews.verdicts import FieldVerdict, IncompleteVerdict
from tests.casefiles import (
    APPROVE,
    DECLINE,
    OVERRIDE,
    TESTER,
    found,
    give,
    held,
    submit,
    waiting_case,
)

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


# ---------------------------------------------------------------- a review and its decision


def test_a_review_decides_the_case(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    save_draft(case.pk, {"explanation": "so far"}, reviewer=reviewer)
    verdict = replace(DECLINE, opened={"pages": [1, 2]})
    decision = submit(claim, verdict)
    assert decision is not None
    decision = Decision.objects.get(pk=decision.pk)
    assert (decision.outcome, decision.adverse, decision.override) == ("decline", True, False)
    assert (decision.made_by, decision.reason_codes) == ("review", ["income_insufficient"])
    assert found(case).status == Status.DECIDED
    review = Review.objects.get()
    assert (review.reviewer, review.stage, review.round) == (reviewer, Stage.FIRST, 1)
    assert review.shown["case_version"] == case.version
    assert review.shown["opened"] == {"pages": [1, 2]}
    assert review.shown["prediction"] == case.predictions.get().pk
    assert Claim.objects.get(pk=claim.pk).ended == Claim.Ended.REVIEWED
    assert not QueueEntry.objects.filter(pk=case.pk).exists()
    assert not Draft.objects.exists()


def test_its_words_are_sealed_and_committed_to(case: Case, reviewer: User) -> None:
    submit(held(case, reviewer), DECLINE)
    review, opened = Review.objects.get(), vault.of(case.pk)
    purpose = f"explanation:{review.claim_id}"
    assert opened.open(purpose, review.sealed_explanation).decode() == DECLINE.explanation
    event = Event.objects.get(type="review.submitted")
    assert event.commitments == {"explanation": opened.commitment(purpose, DECLINE.explanation)}
    assert DECLINE.explanation not in str(list(Event.objects.values()))
    assert DECLINE.explanation.encode() not in bytes(review.sealed_explanation)
    assert event.actor_id == str(reviewer.pk)


def test_an_override_is_an_event_of_its_own(case: Case, reviewer: User) -> None:
    decision = submit(held(case, reviewer), OVERRIDE)
    assert decision is not None
    assert decision.override
    types = list(Event.objects.filter(case_id=case.pk).values_list("type", flat=True))[-3:]
    assert types == ["review.submitted", "case.decided", "decision.overridden"]
    assert Event.objects.last().data["reasons"] == ["papers_confirm"]  # type: ignore[union-attr]


def test_without_a_prediction_nothing_is_overridden(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank, predicted=None)
    decision = submit(held(case, reviewer), APPROVE)
    assert decision is not None
    assert not decision.override
    assert Review.objects.get().shown["prediction"] is None


def test_a_correction_is_kept_sealed_beside_what_was_read(case: Case, reviewer: User) -> None:
    words = {
        "amount": FieldVerdict(CORRECTED, "4780.00"),
        "iban": FieldVerdict(ILLEGIBLE),
        "employer": FieldVerdict(CONFIRMED),
    }
    submit(held(case, reviewer), replace(DECLINE, fields=words))
    opened = vault.of(case.pk)
    kept = {each.field: each for each in Correction.objects.all()}
    assert {name: each.kind for name, each in kept.items()} == {
        "amount": "corrected", "iban": "illegible", "employer": "confirmed",
    }  # fmt: skip
    sealed = kept["amount"].sealed_values
    assert b"4780" not in bytes(sealed)
    purpose = correction_purpose(Review.objects.get().claim_id, "amount")
    assert opened.open_json(purpose, sealed) == {"read": "4870.0", "right": "4780.00"}
    event = Event.objects.get(type="review.submitted")
    assert event.data["fields"] == {name: each.kind for name, each in kept.items()}
    assert "4780" not in str(event.data)


@pytest.mark.parametrize(
    ("word", "read", "is_override"),
    [
        (FieldVerdict(CORRECTED, "4780.00"), "4870.0", True),
        (FieldVerdict(CORRECTED, "4780.00"), None, False),
        (FieldVerdict(CORRECTED, "4870.0"), "4870.0", False),
        (FieldVerdict(CONFIRMED), "4870.0", False),
        (FieldVerdict(ILLEGIBLE), "4870.0", False),
    ],
)
def test_another_value_than_the_one_read_is_an_override(
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    word: FieldVerdict,
    read: str | None,
    is_override: bool,
) -> None:
    fields = {"amount": {"value": read}}
    case = waiting_case(loan, bank, predicted="approve", confidence=0.7, fields=fields)
    decision = submit(held(case, reviewer), replace(APPROVE, fields={"amount": word}))
    assert decision is not None
    assert decision.override is is_override
    overridden = Event.objects.filter(case_id=case.pk, type="decision.overridden")
    assert overridden.exists() is is_override
    review = Review.objects.get()
    explanation = vault.of(case.pk).open(
        f"explanation:{review.claim_id}", review.sealed_explanation
    )
    said = "Loan amount: read as 4870.0, is 4780.00." if is_override else ""
    assert explanation.decode() == said
    assert review.reason_codes == (["reading_was_wrong"] if is_override else [])


def test_the_words_that_explain_a_correction_repeat_nothing_personal(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    fields = {"iban": {"value": "DE89370400440532013001"}}
    case = waiting_case(loan, bank, predicted="approve", confidence=0.7, fields=fields)
    word = FieldVerdict(CORRECTED, "DE89370400440532013000")
    review = give(held(case, reviewer), replace(APPROVE, fields={"iban": word}))
    purpose = f"explanation:{review.claim_id}"
    explanation = vault.of(case.pk).open(purpose, bytes(review.sealed_explanation)).decode()
    assert explanation == "IBAN: read wrongly, corrected."


def test_a_correction_does_not_explain_another_outcome(case: Case, reviewer: User) -> None:
    verdict = replace(APPROVE, fields={"amount": FieldVerdict(CORRECTED, "4780.00")})
    with pytest.raises(IncompleteVerdict) as refusal:
        submit(held(case, reviewer), verdict)
    assert set(refusal.value.problems) == {"reasons", "explanation"}


def test_a_reason_given_twice_counts_once(case: Case, reviewer: User) -> None:
    submit(held(case, reviewer), replace(DECLINE, reason_codes=("income_insufficient",) * 5))
    assert Review.objects.get().reason_codes == ["income_insufficient"]


def test_a_verdict_and_what_follows_take_few_statements(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    words = {name: FieldVerdict(CONFIRMED) for name in ("amount", "iban", "employer")}
    with CaptureQueriesContext(connection) as waited_for:
        give(claim, replace(OVERRIDE, fields=words))
    with CaptureQueriesContext(connection) as behind:
        assert settle_review(claim.pk)
    assert len(waited_for) <= 13  # four of them the test's own
    # one labels what the route rested on, for replays and the gate; one reads what it names as grounds
    assert len(behind) <= 10


# ---------------------------------------------------------------- two people, and a third


@pytest.fixture
def two_fold(loan: Pipeline, bank: ApiClient) -> Case:
    """A case that asks for two people."""
    return waiting_case(loan, bank, second_review="loan-second")


def test_a_second_person_who_agrees_decides(two_fold: Case, reviewer: User, senior: User) -> None:
    assert submit(held(two_fold, reviewer), DECLINE) is None
    entry = QueueEntry.objects.select_related("queue").get(pk=two_fold.pk)
    assert (entry.stage, entry.queue.slug, entry.claim) == (Stage.SECOND, "loan-second", None)
    assert found(two_fold).status == Status.IN_REVIEW
    assert Event.objects.filter(type="case.sent_to_second_review", pipeline="loan").count() == 1
    decision = submit(held(two_fold, senior), DECLINE)
    assert decision is not None
    assert decision.outcome == "decline"
    assert [review.stage for review in two_fold.reviews.all()] == [Stage.FIRST, Stage.SECOND]


def test_where_two_differ_a_third_decides(
    two_fold: Case, reviewer: User, senior: User, make_person: Person
) -> None:
    third = make_person(Role.SENIOR_REVIEWER)
    submit(held(two_fold, reviewer), DECLINE)
    assert submit(held(two_fold, senior), OVERRIDE) is None
    entry = QueueEntry.objects.get(pk=two_fold.pk)
    assert (entry.stage, entry.claim) == (Stage.ADJUDICATION, None)
    assert Event.objects.filter(type="case.sent_to_adjudication").count() == 1
    decision = submit(held(two_fold, third), OVERRIDE)
    assert decision is not None
    assert (decision.outcome, decision.override) == ("approve", True)
    assert {review.reviewer for review in two_fold.reviews.all()} == {reviewer, senior, third}


def test_one_person_gives_no_two_reviews_of_a_round(two_fold: Case, senior: User) -> None:
    submit(held(two_fold, senior), DECLINE)
    claim = Claim.objects.create(
        case=two_fold, reviewer=senior, stage=Stage.SECOND, expires_at=lifetime()
    )
    QueueEntry.objects.filter(pk=two_fold.pk).update(claim=claim)
    with pytest.raises(IntegrityError, match="reviewers_of_a_round_differ"), transaction.atomic():
        submit(claim, DECLINE)


def test_a_stage_is_judged_once_a_round(two_fold: Case, reviewer: User, senior: User) -> None:
    submit(held(two_fold, reviewer), DECLINE)
    QueueEntry.objects.filter(pk=two_fold.pk).update(stage=Stage.FIRST)
    claim = held(two_fold, senior)
    with pytest.raises(IntegrityError, match="one_review_a_stage"), transaction.atomic():
        submit(claim, DECLINE)


def lifetime() -> datetime:
    return timezone.now() + timedelta(minutes=5)


# ---------------------------------------------------------------- drafts


def test_a_draft_is_sealed_kept_and_handed_back(case: Case, reviewer: User, senior: User) -> None:
    content = {"outcome": "decline", "fields": {"amount": "4780 für Quandt"}}
    claim = held(case, reviewer)
    save_draft(case.pk, {"outcome": "approve"}, reviewer=reviewer)
    save_draft(case.pk, content, reviewer=reviewer)
    release(claim.pk, reviewer=reviewer, by=TESTER)
    opened = vault.of(case.pk)
    assert load_draft(opened, reviewer=reviewer) == content
    assert load_draft(opened, reviewer=senior) == {}
    sealed = bytes(Draft.objects.get().sealed_content)
    assert b"Quandt" not in sealed
    with pytest.raises(vault.CannotOpen):
        opened.open(f"draft:{senior.pk}", sealed)


def test_another_persons_review_leaves_a_draft_alone(
    case: Case, reviewer: User, senior: User
) -> None:
    save_draft(case.pk, {"outcome": "approve"}, reviewer=reviewer)
    save_draft(case.pk, {"outcome": "decline"}, reviewer=senior)
    submit(held(case, senior), DECLINE)
    assert [draft.reviewer for draft in Draft.objects.all()] == [reviewer]


# ---------------------------------------------------------------- decisions


def test_a_case_has_one_current_decision(case: Case, reviewer: User) -> None:
    submit(held(case, reviewer), DECLINE)
    again = (
        "INSERT INTO cases_decision (case_id, outcome, adverse, override, made_by, reason_codes)"
        " VALUES (%s, 'approve', false, false, 'review', '[]')"
    )
    with pytest.raises(IntegrityError, match="one_current_decision"), transaction.atomic():
        connection.cursor().execute(again, [case.pk])
    Decision.objects.filter(case=case).update(superseded_at=timezone.now())
    connection.cursor().execute(again, [case.pk])
    assert case.decisions.count() == 2


def test_a_decided_case_is_not_decided_again(case: Case, reviewer: User) -> None:
    submit(held(case, reviewer), DECLINE)
    with pytest.raises(IllegalMove):
        lifecycle.move(found(case), Status.DECIDED, by=TESTER)
