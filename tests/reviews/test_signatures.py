"""Signatures: a verdict that its reviewer answers for by name, having shown anew who they are."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from audit.models import Event
from cases.decisions import decide
from cases.definition import InvalidDefinition
from cases.models import Case, Decision, Status
from reviews.models import Claim, Draft, Review, Signature
from reviews.rights import rights_of
from reviews.signatures import NotSigned, Proof
from reviews.undoing import undo_review
from tests.accounts.test_signing_in import code, second_factor
from tests.casefiles import APPROVE, OVERRIDE, give, held, settled, waiting_case
from tests.conftest import PASSWORD, Upstream
from tests.pipelines import pipeline_of

MEANING = "I have judged this and answer for it."
SIGNED: dict[str, Any] = {"meaning": MEANING, "outcomes": ["approve"]}
WRONG = "wrong horse battery"
APPROVES = {"verdict": "approve", "next": "stop", "confirmed": "yes", "explanation": "As declared."}


@pytest.fixture
def reviewer(client: Client, reviewer: User) -> User:
    User.objects.filter(pk=reviewer.pk).update(first_name="Mara", last_name="Okonkwo")
    reviewer.refresh_from_db()
    client.force_login(reviewer)
    return reviewer


@pytest.fixture
def case(db: None, make_upstream: Callable[[], Upstream]) -> Case:
    return waiting_case(
        pipeline_of("loan", signature=SIGNED), make_upstream().client, predicted="approve"
    )


def post(client: Client, case: Case, sent: dict[str, Any], **headers: str) -> HttpResponse:
    """The verdict's form as the page sends it."""
    claim = Claim.objects.filter(case=case).latest("id")
    form = {"fence": claim.pk, "version": Case.objects.get(pk=case.pk).version, **sent}
    answer: HttpResponse = client.post(f"/cases/{case.pk}/verdict/", form, headers=headers)  # type: ignore[assignment]  # stubs
    return answer


def test_a_signed_verdict_says_who_when_and_what_it_means(
    client: Client, case: Case, reviewer: User
) -> None:
    held(case, reviewer)
    before = client.session.get_expiry_date(), client.session.session_key, dict(client.session)
    answer = post(client, case, {**APPROVES, "password": PASSWORD})
    assert answer.headers["Location"] == "/"
    signature = Signature.objects.select_related("review").get()
    assert (signature.printed_name, signature.meaning) == ("Mara Okonkwo", MEANING)
    assert signature.method == "password"
    event = Event.objects.get(type="review.signed")
    assert event.data == {
        "review": signature.review_id,
        "outcome": "approve",
        "printed_name": "Mara Okonkwo",
        "meaning": MEANING,
        "method": "password",
    }
    assert (event.actor_id, event.pipeline) == (str(reviewer.pk), "loan")
    after = client.session.session_key, dict(client.session)
    assert after[0] == before[1]
    assert {
        key: value for key, value in after[1].items() if key.startswith(("_auth", "account"))
    } == {key: value for key, value in before[2].items() if key.startswith(("_auth", "account"))}
    assert settled(case) is not None
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert "Signed by <b>Mara Okonkwo</b>" in page
    assert f"{signature.signed_at:%Y-%m-%d %H:%M:%S} UTC" in page
    assert MEANING in page


def test_a_wrong_password_submits_nothing_and_loses_nothing(
    client: Client, case: Case, reviewer: User, caplog: pytest.LogCaptureFixture
) -> None:
    held(case, reviewer)
    asked = post(client, case, APPROVES)
    assert asked.status_code == 200
    page = asked.content.decode()
    assert 'type="password"' in page
    assert MEANING in page
    assert "Mara Okonkwo" in page
    answer = post(client, case, {**APPROVES, "password": WRONG})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "That is not your password" in page
    assert "As declared." in page
    assert WRONG not in page
    in_place = post(client, case, {**APPROVES, "password": WRONG}, **{"In-Place": "verdict"})
    assert list(json.loads(in_place.content)) == ["unsigned"]
    assert not Review.objects.exists()
    assert Claim.objects.get(case=case).ended_at is None
    assert Event.objects.filter(type="review.signature_refused").count() == 2
    assert post(client, case, {**APPROVES, "password": PASSWORD}).status_code == 302
    assert WRONG not in caplog.text
    assert PASSWORD not in caplog.text
    kept = [
        str(row) for model in (Event, Draft, Review, Signature) for row in model.objects.values()
    ]
    assert not any(word in row for row in kept for word in (WRONG, PASSWORD))


def test_wrong_passwords_are_counted_as_at_signing_in_and_keep_no_words(
    client: Client, case: Case, reviewer: User, settings: Any
) -> None:
    settings.AXES_ENABLED = True
    held(case, reviewer)
    for _ in range(9):
        last = post(client, case, {**APPROVES, "password": WRONG})
    assert "Too many wrong passwords" in last.content.decode()
    assert "As declared." in last.content.decode()
    right = post(client, case, {**APPROVES, "password": PASSWORD})
    assert right.status_code == 422
    assert not Review.objects.exists()
    kept = str([*AccessAttempt.objects.values()])
    assert "As declared" not in kept
    assert WRONG not in kept


def test_who_has_a_second_factor_shows_it_too(client: Client, case: Case, reviewer: User) -> None:
    secret = second_factor(reviewer)
    held(case, reviewer)
    missing = post(client, case, {**APPROVES, "password": PASSWORD})
    assert "Enter a code" in missing.content.decode()
    wrong = post(client, case, {**APPROVES, "password": PASSWORD, "code": "000000"})
    assert wrong.status_code == 422
    assert not Review.objects.exists()
    post(client, case, {**APPROVES, "password": PASSWORD, "code": code(secret)})
    assert Signature.objects.get().method == "code"


def test_without_a_signature_no_act_takes_the_verdict_and_no_row_decides_the_case(
    case: Case, reviewer: User, senior: User
) -> None:
    claim = held(case, reviewer)
    with pytest.raises(NotSigned):
        give(claim, APPROVE)
    with pytest.raises(NotSigned):
        give(claim, APPROVE, proof=Proof(senior, Signature.Method.PASSWORD))
    with pytest.raises(IntegrityError, match="reviewed_decision_is_signed"), transaction.atomic():
        decide(
            case,
            "approve",
            by=reviewer.actor,
            made_by=Decision.MadeBy.REVIEW,
            route_id=case.routes.get().pk,
            override=False,
            reason_codes=[],
        )
    assert Case.objects.get(pk=case.pk).status == Status.IN_REVIEW


def test_an_undone_verdict_keeps_its_signature_and_the_next_is_signed_anew(
    case: Case, reviewer: User, settings: Any
) -> None:
    settings.UNDO_SECONDS = 60
    proof = Proof(reviewer, Signature.Method.PASSWORD)
    claim = held(case, reviewer)
    first = give(claim, APPROVE, proof=proof)
    again = undo_review(claim.pk, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor)
    with pytest.raises(NotSigned):
        give(again, APPROVE)
    second = give(again, APPROVE, proof=proof)
    assert [each.review_id for each in Signature.objects.order_by("id")] == [first.pk, second.pk]


def test_who_judges_first_and_unseen_signs_what_counts(
    client: Client, make_upstream: Callable[[], Upstream], reviewer: User
) -> None:
    """The first answer is none that counts; standing by it is signed, for whoever has no scripts too."""
    pipeline = pipeline_of("loan", signature=SIGNED)
    case = waiting_case(pipeline, make_upstream().client, predicted="decline", blind=True)
    held(case, reviewer)
    words = {"reason:approve": OVERRIDE.reason_codes[0], "explanation": OVERRIDE.explanation}
    answered = {**APPROVES, **words, "commits": "yes"}
    assert post(client, case, answered).headers["Location"] == f"/cases/{case.pk}/"
    assert "data-signs" in client.get(f"/cases/{case.pk}/").content.decode()
    kept = {"keeps": "stop"}
    assert 'type="password"' in post(client, case, kept).content.decode()
    assert not Review.objects.exists()
    post(client, case, {**kept, "password": PASSWORD})
    assert Signature.objects.get().review.outcome == "approve"


def test_a_pipeline_names_no_outcome_that_it_has_not(db: None) -> None:
    with pytest.raises(InvalidDefinition, match=r"signature.outcomes: outcome 'perhaps'"):
        pipeline_of("loan", signature={"meaning": MEANING, "outcomes": ["perhaps"]})
