"""Blind review: the first answer comes before the model's view, then both are seen and one is given."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.test import Client

from accounts.models import ApiClient, User
from audit import vault
from audit.models import Event
from cases.models import Case, Pipeline
from reviews.claims import release, return_expired
from reviews.committing import commit_verdict, words_of
from reviews.drafts import load_draft
from reviews.entering import settle_field
from reviews.locking import LateWrite
from reviews.models import Claim, Commitment, Correction, Review
from reviews.reviewing import NotCommitted
from reviews.rights import rights_of
from reviews.undoing import undo_review
from reviews.verdicts import FieldVerdict, IncompleteVerdict, Source, Verdict
from tests.casefiles import (
    APPROVE,
    DECLINE,
    OVERRIDE,
    TESTER,
    expire,
    found,
    give,
    held,
    waiting_case,
)
from tests.casefiles import submit as submitted
from tests.reviews.test_case_page import post, text

Person = Callable[..., User]
CHANGED = replace(OVERRIDE, explanation="The model counts savings that I had overlooked.")


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    """A case of the blind share, which the model would approve."""
    return waiting_case(loan, bank, blind=True, predicted="approve", confidence=0.7137)


def commit(claim: Claim, verdict: Verdict) -> Commitment:
    return commit_verdict(
        fence=claim.pk,
        case_version=found(claim.case).version,
        verdict=verdict,
        reviewer=claim.reviewer,
        rights=rights_of(claim.reviewer),
        by=claim.reviewer.actor,
    )


def test_no_verdict_is_taken_before_an_answer_is_given(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    with pytest.raises(NotCommitted):
        give(claim, DECLINE)
    commit(claim, DECLINE)
    review = give(claim, DECLINE)
    assert review.committed_outcome == "decline"
    assert Event.objects.get(type="review.submitted").data["switched"] is False


def test_an_answer_is_kept_with_the_words_on_fields_as_drafted(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    word = FieldVerdict(Correction.Kind.ILLEGIBLE)
    settle_field(case.pk, "iban", word, fence=claim.pk, reviewer=reviewer)
    commitment = commit(claim, DECLINE)
    assert words_of(commitment, vault.of(case.pk))["fields"] == {"iban": word.kept()}
    assert load_draft(vault.of(case.pk), reviewer=reviewer)["fields"] == {"iban": word.kept()}


def test_an_answer_is_kept_sealed_and_as_an_event(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    fields = {"iban": FieldVerdict(Correction.Kind.ILLEGIBLE)}
    commitment = commit(claim, replace(DECLINE, fields=fields))
    opened = vault.of(case.pk)
    assert words_of(commitment, opened) == {
        "reasons": list(DECLINE.reason_codes),
        "explanation": DECLINE.explanation,
        "fields": {"iban": {"kind": "illegible", "value": None}},
    }
    assert DECLINE.explanation.encode() not in bytes(commitment.sealed_content)
    event = Event.objects.get(type="review.committed")
    assert event.data["outcome"] == "decline"
    assert event.actor_id == str(reviewer.pk)
    assert set(event.commitments) == {"answer"}
    assert load_draft(opened, reviewer=reviewer) == {
        "reply": None,
        "fields": {"iban": {"kind": "illegible", "value": None}},
    }
    assert Claim.objects.get(pk=claim.pk).ended == ""


def test_where_a_value_was_read_again_outlasts_the_answer(case: Case, reviewer: User) -> None:
    source = Source("018f0000-0000-7000-8000-000000000000", (10, 20, 90, 40))
    word = FieldVerdict(Correction.Kind.CORRECTED, "1500.00", source)
    commit(held(case, reviewer), replace(DECLINE, fields={"net_income": word}))
    kept = load_draft(vault.of(case.pk), reviewer=reviewer)["fields"]["net_income"]
    assert FieldVerdict.of(kept) == word


def test_every_answer_is_explained_lest_it_tell_what_the_model_said(
    case: Case, reviewer: User
) -> None:
    with pytest.raises(IncompleteVerdict) as refusal:
        commit(held(case, reviewer), APPROVE)
    assert set(refusal.value.problems) == {"reasons", "explanation"}


def test_nothing_is_answered_unseen_where_the_models_view_is_shown(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    open_case = waiting_case(loan, bank)
    second = waiting_case(loan, bank, second_review="loan-second", blind=True)
    first = held(second, reviewer)
    commit(first, DECLINE)
    submitted(first, DECLINE)
    for claim in (held(open_case, reviewer), held(second, senior)):
        with pytest.raises(LateWrite):
            commit(claim, DECLINE)
    assert Commitment.objects.count() == 1


def test_an_answer_is_given_once_and_never_changed(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    first = commit(claim, DECLINE)
    assert commit(claim, OVERRIDE) == first
    assert Commitment.objects.get().outcome == "decline"
    assert Event.objects.filter(type="review.committed").count() == 1
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Commitment.objects.update(outcome="approve")


def test_a_change_says_why_and_is_recorded(case: Case, reviewer: User) -> None:
    claim = held(case, reviewer)
    commit(claim, DECLINE)
    for unexplained in (APPROVE, replace(CHANGED, explanation=DECLINE.explanation)):
        with pytest.raises(IncompleteVerdict) as refusal:
            give(claim, unexplained)
        assert "explanation" in refusal.value.problems
    review = give(claim, CHANGED)
    assert (review.committed_outcome, review.outcome, review.override) == (
        "decline",
        "approve",
        False,
    )
    event = Event.objects.get(type="review.submitted")
    assert (event.data["committed"], event.data["switched"]) == ("decline", True)


def test_an_answer_outlives_the_claim_and_binds_only_who_gave_it(
    case: Case, reviewer: User, senior: User
) -> None:
    claim = held(case, reviewer)
    commit(claim, DECLINE)
    expire(claim)
    return_expired(by=TESTER)
    again = held(case, reviewer)
    assert commit(again, OVERRIDE).outcome == "decline"
    release(again.pk, reviewer=reviewer, by=TESTER)
    others = held(case, senior)
    with pytest.raises(NotCommitted):
        give(others, DECLINE)
    commit(others, OVERRIDE)
    assert give(others, OVERRIDE).committed_outcome == "approve"


def test_after_an_undo_the_answer_still_stands(case: Case, reviewer: User, settings: Any) -> None:
    settings.UNDO_SECONDS = 10
    claim = held(case, reviewer)
    commit(claim, DECLINE)
    review = give(claim, DECLINE)
    again = undo_review(
        review.claim_id, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor
    )
    with pytest.raises(IncompleteVerdict):
        give(again, replace(CHANGED, explanation=DECLINE.explanation))
    assert give(again, CHANGED).committed_outcome == "decline"
    assert Review.objects.filter(undone_at=None).count() == 1


def test_a_second_review_needs_no_answer_first(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = waiting_case(loan, bank, blind=True, second_review="loan-second")
    first = held(case, reviewer)
    commit(first, DECLINE)
    submitted(first, DECLINE)
    assert submitted(held(case, senior), DECLINE)


# ---------------------------------------------------------------- on the page

TELLING = ("0.71", "against the model", "as the model says", "Approve at")
ANSWER = {
    "verdict": "decline",
    "reason:decline": ["income_insufficient"],
    "explanation": DECLINE.explanation,
    "commits": "yes",
    "confirmed": "yes",
}


@pytest.fixture
def page_of(client: Client, case: Case, reviewer: User) -> Callable[[], str]:
    """The case's page, for its reviewer who holds it."""
    client.force_login(reviewer)
    held(case, reviewer)
    return lambda: text(client.get(f"/cases/{case.pk}/"))


def test_the_model_is_seen_after_the_answer_and_beside_it(
    client: Client, case: Case, page_of: Callable[[], str]
) -> None:
    before = page_of()
    assert not [told for told in TELLING if told in before]
    assert "Hidden until you have given your answer" in before
    assert 'name="needed_person"' not in before
    answer = post(client, case, "verdict", **ANSWER)
    assert answer.headers["Location"] == f"/cases/{case.pk}/"
    after = page_of()
    assert "You and the model differ" in after
    assert "0.71" in after
    assert "Income is insufficient for the amount requested" in after.partition('"comparison"')[2]
    assert not Review.objects.exists()


def test_keeping_the_answer_is_one_click(
    client: Client, case: Case, page_of: Callable[[], str]
) -> None:
    post(client, case, "verdict", **ANSWER)
    answer = post(client, case, "verdict", keeps="stop", needed_person="no")
    assert answer.headers["Location"] == "/"
    review = Review.objects.get()
    assert (review.outcome, review.reason_codes) == ("decline", ["income_insufficient"])
    assert (review.committed_outcome, review.needed_person) == ("decline", False)
    opened = vault.of(case.pk).open(f"explanation:{review.claim_id}", review.sealed_explanation)
    assert opened.decode() == DECLINE.explanation
    twice = post(client, case, "verdict", keeps="stop", fence=review.claim_id)
    assert twice.status_code == 409 or twice.headers["Location"] == "/"


def test_changing_it_is_asked_why(client: Client, case: Case, page_of: Callable[[], str]) -> None:
    post(client, case, "verdict", **ANSWER)
    change = {"verdict": "approve", "confirmed": "yes"}
    refused = post(client, case, "verdict", **change)
    assert refused.status_code == 422
    assert "Choose at least one reason." in text(refused)
    words = {"reason:approve": ["papers_confirm"], "explanation": CHANGED.explanation}
    post(client, case, "verdict", **change, **words)
    assert Review.objects.get().committed_outcome == "decline"


def test_a_form_sent_twice_or_from_a_tab_of_before_never_decides(
    client: Client, case: Case, page_of: Callable[[], str]
) -> None:
    unmarked = {name: value for name, value in ANSWER.items() if name != "commits"}
    for sent in (
        unmarked,
        ANSWER,
        ANSWER | {"verdict": "approve", "reason:approve": ["papers_confirm"]},
    ):
        answer = post(client, case, "verdict", **sent)
        assert answer.headers["Location"] == f"/cases/{case.pk}/"
    assert Commitment.objects.get().outcome == "decline"
    assert not Review.objects.exists()


def test_who_may_be_asked_blind_does_not_learn_it_from_the_record(
    client: Client, case: Case, reviewer: User, senior: User
) -> None:
    commit(held(case, reviewer), DECLINE)
    for person in (senior, reviewer):
        client.force_login(person)
        page = text(client.get(f"/cases/{case.pk}/"))
        assert ("0.71" in page) is (person == reviewer)
        assert ("Answered before seeing" in page) is (person == reviewer)
