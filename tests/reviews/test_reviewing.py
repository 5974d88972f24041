"""Reviews: fenced, complete, by different people, and what follows from each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

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
from reviews.claims import release, return_expired, take_over
from reviews.drafts import load_draft, save_draft
from reviews.models import Claim, Correction, Draft, QueueEntry, Review, Stage
from reviews.reviewing import (
    FieldVerdict,
    IncompleteVerdict,
    LateWrite,
    Verdict,
    check_verdict,
    correction_purpose,
    submit_review,
)
from reviews.rights import rights_of
from tests.casefiles import (
    APPROVE,
    DECLINE,
    OVERRIDE,
    TESTER,
    expire,
    found,
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


# ---------------------------------------------------------------- a complete verdict


@pytest.mark.parametrize("predicted", ["approve", None])
def test_agreeing_needs_no_words(loan: Pipeline, predicted: str | None) -> None:
    assert loan.current is not None
    assert check_verdict(APPROVE, loan.current.definition, predicted, stage=Stage.FIRST) is False


def problems(loan: Pipeline, verdict: Verdict, predicted: str | None = "decline") -> set[str]:
    assert loan.current is not None
    with pytest.raises(IncompleteVerdict) as refusal:
        check_verdict(verdict, loan.current.definition, predicted, stage=Stage.FIRST)
    assert all(words.endswith(".") for words in refusal.value.problems.values())
    return set(refusal.value.problems)


def test_an_override_needs_a_reason_and_an_explanation(loan: Pipeline) -> None:
    assert loan.current is not None
    assert problems(loan, APPROVE) == {"reasons", "explanation"}
    assert problems(loan, replace(OVERRIDE, explanation=" \n")) == {"explanation"}
    assert problems(loan, replace(OVERRIDE, reason_codes=())) == {"reasons"}
    assert check_verdict(OVERRIDE, loan.current.definition, "decline", stage=Stage.FIRST) is True
    assert check_verdict(DECLINE, loan.current.definition, "approve", stage=Stage.FIRST) is True


@pytest.mark.parametrize("predicted", ["decline", "approve", None])
def test_an_adverse_verdict_needs_them_even_where_it_agrees(
    loan: Pipeline, predicted: str | None
) -> None:
    assert problems(loan, Verdict("decline"), predicted) == {"reasons", "explanation"}


def test_an_adverse_verdict_states_four_reasons_at_most(loan: Pipeline) -> None:
    assert loan.current is not None
    codes = tuple(reason.code for reason in loan.current.definition.reasons_for("decline"))
    assert len(codes) > 4
    assert problems(loan, replace(DECLINE, reason_codes=codes[:5])) == {"reasons"}
    check_verdict(
        replace(DECLINE, reason_codes=codes[:4]),
        loan.current.definition,
        "decline",
        stage=Stage.FIRST,
    )


@pytest.mark.parametrize(
    "codes", [("income_insufficient",), ("invented",), ("papers_confirm", "x")]
)
def test_a_reason_must_be_one_of_the_outcomes(loan: Pipeline, codes: tuple[str, ...]) -> None:
    assert problems(loan, replace(OVERRIDE, reason_codes=codes)) == {"reasons"}


@pytest.mark.parametrize("outcome", ["", "maybe", "Approve"])
def test_the_outcome_must_be_the_pipelines(loan: Pipeline, outcome: str) -> None:
    assert problems(loan, Verdict(outcome)) == {"outcome"}


def test_a_correction_has_a_value_and_a_field(loan: Pipeline) -> None:
    words = {
        "amount": FieldVerdict(CORRECTED, "  "),
        "net_income": FieldVerdict(CORRECTED),
        "shoe_size": FieldVerdict(CONFIRMED),
        "iban": FieldVerdict(ILLEGIBLE),
    }
    refused = problems(loan, replace(OVERRIDE, fields=words))
    assert refused == {"amount", "net_income", "shoe_size"}


def test_an_incomplete_verdict_changes_nothing(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    before = Event.objects.count()
    with pytest.raises(IncompleteVerdict):
        submit(claim, APPROVE)
    assert (Review.objects.count(), Event.objects.count()) == (0, before)
    assert Claim.objects.get(pk=claim.pk).ended == ""


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


def test_a_right_withdrawn_while_the_case_is_held_ends_the_judging(
    case: Case, reviewer: User
) -> None:
    claim = held(case, reviewer)
    reviewer.groups.clear()
    assert "withdrawn" in refused(claim)
    assert Decision.objects.count() == 0


def test_a_reason_given_twice_counts_once(case: Case, reviewer: User) -> None:
    submit(held(case, reviewer), replace(DECLINE, reason_codes=("income_insufficient",) * 5))
    assert Review.objects.get().reason_codes == ["income_insufficient"]


def test_a_decision_takes_at_most_twenty_statements(case: Case, reviewer: User) -> None:
    claim, version = held(case, reviewer), found(case).version
    words = {name: FieldVerdict(CONFIRMED) for name in ("amount", "iban", "employer")}
    with CaptureQueriesContext(connection) as queries:
        submit_review(
            fence=claim.pk,
            case_version=version,
            verdict=replace(OVERRIDE, fields=words),
            reviewer=reviewer,
            rights=rights_of(reviewer),
            by=reviewer.actor,
        )
    assert len(queries) <= 20


# ---------------------------------------------------------------- late writes


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
    take_over(claim.pk, by=senior.actor)
    assert refused(claim) == "A supervisor took the case over."
    submit(held(claim.case, senior), DECLINE)
    assert refused(claim) == "A supervisor took the case over."
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
    assert "withdrawn" in refused(claim)
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


# ---------------------------------------------------------------- at the same instant


def test_of_verdicts_sent_twice_one_is_taken_and_a_withdrawal_before_it_wins(
    own_database: str, make_person: Person, make_upstream: Callable[..., Any]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    reviewer, client = make_person(Role.REVIEWER), make_upstream().client
    claim = held(waiting_case(loan, client), reviewer)
    answers = in_threads(6, lambda _: answer(claim))
    assert sorted(answers) == ["Your review of this case had already been taken."] * 5 + ["decided"]
    assert (Review.objects.count(), Decision.objects.count()) == (1, 1)
    claim = held(waiting_case(loan, client), reviewer)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            lifecycle.move(found(claim.case), Status.WITHDRAWN, by=client.actor)
            late = threads.submit(in_threads, 1, lambda _: answer(claim, claim.case.version))
            wait_for_lock()
        assert "withdrawn" in late.result()[0].lower()
    assert Review.objects.count() == 1


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
    return "decided"


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
