"""Replies: what the person is told, what leaves by itself, and what never does without consent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from cases.models import Case, Delivery, Pipeline, Status
from cases.webhooks import make_webhook
from cases.withdrawing import withdraw
from reviews.drafts import load_draft
from reviews.models import Commitment, Reply, Review, Route, Slot, Stage
from reviews.replying import NotAgreed, reply_by_policy, text_of
from reviews.reviewing import NotCommitted
from reviews.rights import rights_of
from reviews.settling import settle_review
from reviews.slotfiles import SlotRow
from reviews.slots import load_slots
from reviews.tasks import announce_case, close_withdrawn_case
from reviews.undoing import undo_review
from reviews.verdicts import IncompleteVerdict, ReplyWords, Verdict
from tests.casefiles import TESTER, found, give, held, submit
from tests.conftest import Upstream
from tests.messages import Message, message_case, message_pipeline

WORDS = ReplyWords("Dear {name}, we could see you: {appointment}.", "seen_today", "automated")
PLAIN = ReplyWords("We could call you today.", "own", "phone")
SAME_DAY = Verdict(
    "same_day", reason_codes=("known_condition",), explanation="It can wait until later today."
)
EMERGENCY = Verdict("emergency")
ROUTINE = replace(SAME_DAY, outcome="routine")
NO_CONSENT = Message(data={"consent": {"automated_contact": False}})
CALM = replace(Message(), probabilities={"emergency": 0.01, "same_day": 0.1, "routine": 0.89})


@pytest.fixture
def upstream(db: None, make_upstream: Callable[..., Upstream]) -> Upstream:
    return make_upstream("patient-message")


@pytest.fixture
def clinic(upstream: Upstream) -> ApiClient:
    return upstream.client


@pytest.fixture
def messages(db: None) -> Pipeline:
    return message_pipeline()


@pytest.fixture
def slot(messages: Pipeline) -> Slot:
    start = timezone.now() + timedelta(hours=1)
    row = SlotRow(1, "s1", "GP", "the Mill", start, start + timedelta(minutes=10))
    load_slots(messages, [row], by=TESTER)
    return Slot.objects.get()


def says(verdict: Verdict, words: ReplyWords, **changed: Any) -> Verdict:
    """The verdict with a reply."""
    return replace(verdict, reply=replace(words, **changed))


def problems_of(case: Case, reviewer: User, verdict: Verdict) -> Mapping[str, str]:
    """Why a verdict is not taken."""
    with pytest.raises(IncompleteVerdict) as refused:
        give(held(case, reviewer), verdict)
    return refused.value.problems


# ---------------------------------------------------------------- a reviewer's reply


def test_a_reply_is_filled_in_sealed_and_a_fact(
    clinic: ApiClient, reviewer: User, slot: Slot
) -> None:
    case = message_case(clinic)
    review = give(held(case, reviewer), says(SAME_DAY, WORDS, slot=str(slot.pk)))
    reply = Reply.objects.get(review=review)
    said = text_of(reply, vault.of(case.pk))
    assert said.startswith("Dear Rosalind Achterberg, we could see you: ")
    assert said.endswith(f"{slot.starts_at:%H:%M}, the Mill.")
    assert (reply.contact, reply.consent, reply.slot) == ("automated", True, slot)
    slot.refresh_from_db()
    assert slot.booked_by == review
    event = Event.objects.get(type="review.submitted", case_id=case.pk)
    assert event.data["reply"] == {"template": "seen_today", "contact": "automated"}
    assert set(event.commitments) == {"explanation", "reply"}
    told = "".join(str(each.data) for each in Event.objects.filter(case_id=case.pk))
    assert "Rosalind" not in told


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (WORDS, "reply"),  # no appointment for the place in it
        (replace(PLAIN, text="Dear {patient}"), "reply"),
        (replace(PLAIN, text=""), "reply"),
        (replace(PLAIN, contact=""), "contact"),
        (replace(PLAIN, contact="pigeon"), "contact"),
        (replace(PLAIN, slot="0" * 8 + "-0000-0000-0000-" + "0" * 12), "slot"),
    ],
)
def test_what_is_missing_of_a_reply_is_said_and_nothing_is_kept(
    clinic: ApiClient, reviewer: User, words: ReplyWords, part: str
) -> None:
    case = message_case(clinic)
    assert part in problems_of(case, reviewer, replace(SAME_DAY, reply=words))
    assert not Review.objects.exists()


def test_a_template_alone_is_its_words(clinic: ApiClient, reviewer: User) -> None:
    case = message_case(clinic)
    words = ReplyWords(template="call_today", contact="letter")
    give(held(case, reviewer), replace(SAME_DAY, reply=words))
    said = text_of(Reply.objects.get(), vault.of(case.pk))
    assert said.startswith("Dear Rosalind Achterberg,")
    assert "would like to speak with you today" in said


def test_an_outcome_without_appointments_books_none(
    clinic: ApiClient, reviewer: User, slot: Slot
) -> None:
    verdict = says(replace(SAME_DAY, outcome="self_care"), PLAIN, slot=str(slot.pk))
    assert "slot" in problems_of(message_case(clinic), reviewer, verdict)


def test_an_undone_reply_frees_its_appointment_and_is_a_draft_again(
    settings: Any, clinic: ApiClient, reviewer: User, slot: Slot
) -> None:
    settings.UNDO_SECONDS = 60
    case = message_case(clinic)
    review = give(held(case, reviewer), says(SAME_DAY, WORDS, slot=str(slot.pk)))
    claim = undo_review(
        review.claim_id, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor
    )
    slot.refresh_from_db()
    assert slot.booked_by is None
    drafted = load_draft(vault.of(case.pk), reviewer=reviewer)["reply"]
    assert drafted == replace(WORDS, slot=str(slot.pk)).kept()
    give(claim, replace(SAME_DAY, reply=ReplyWords(**drafted)))
    assert Reply.objects.count() == 2


def test_a_withdrawn_case_frees_its_appointment(
    settings: Any, clinic: ApiClient, reviewer: User, slot: Slot
) -> None:
    settings.UNDO_SECONDS = 60
    case = message_case(clinic)
    give(held(case, reviewer), says(SAME_DAY, WORDS, slot=str(slot.pk)))
    withdraw(found(case), versions=None, by=clinic.actor)
    close_withdrawn_case(str(case.pk))
    slot.refresh_from_db()
    assert slot.booked_by is None
    assert Event.objects.filter(type="slot.freed", case_id=case.pk).count() == 1


# ---------------------------------------------------------------- what leaves by itself


def announced(case: Case) -> list[str]:
    """What the upstream is told of a decided case, in order."""
    announce_case(str(case.pk))
    assert found(case).status == Status.ANNOUNCED
    return list(Delivery.objects.filter(case=case).order_by("id").values_list("type", flat=True))


def seen_by(client: Client, upstream: Upstream, case: Case) -> Any:
    """The reply as the upstream reads it."""
    return client.get(f"/api/v1/cases/{case.pk}/reply", headers=upstream.headers)


@pytest.fixture
def webhook(clinic: ApiClient) -> None:
    make_webhook(clinic, "https://93.184.216.34/hooks", by=TESTER)


def test_with_consent_the_upstream_hears_of_the_reply_after_the_decision(
    client: Client, upstream: Upstream, webhook: None, reviewer: User, slot: Slot
) -> None:
    case = message_case(upstream.client)
    claim = held(case, reviewer)
    give(claim, says(SAME_DAY, WORDS, slot=str(slot.pk)))
    assert seen_by(client, upstream, case).status_code == 404  # it can still be undone
    settle_review(claim.pk)
    assert announced(case) == ["case.decided", "reply.ready"]
    body = Delivery.objects.get(type="reply.ready").body
    assert set(body["data"]) == {"case", "reference", "pipeline", "reply"}
    shown = seen_by(client, upstream, case).json()
    assert shown["contact"] == "automated"
    assert "Rosalind Achterberg" in shown["text"]
    assert (shown["appointment"]["id"], shown["appointment"]["place"]) == ("s1", "the Mill")
    assert Event.objects.filter(type="reply.ready", case_id=case.pk).exists()


def test_without_consent_nothing_is_sent_by_itself(
    client: Client, upstream: Upstream, webhook: None, reviewer: User
) -> None:
    case = message_case(upstream.client, NO_CONSENT)
    automated = says(SAME_DAY, PLAIN, contact="automated")
    assert "contact" in problems_of(case, reviewer, automated)
    submit(held(case, reviewer), says(SAME_DAY, PLAIN))
    assert announced(case) == ["case.decided"]
    shown = seen_by(client, upstream, case).json()
    assert (shown["contact"], shown["text"]) == ("phone", "We could call you today.")


def test_the_database_itself_sends_nothing_without_consent(
    clinic: ApiClient, reviewer: User
) -> None:
    case = message_case(clinic, NO_CONSENT)
    review = give(held(case, reviewer), SAME_DAY)
    with (
        pytest.raises(IntegrityError, match="nothing_is_sent_without_consent"),
        transaction.atomic(),
    ):
        Reply.objects.create(
            case=case, review=review, sealed_text=b"", contact="automated", consent=False
        )


@pytest.mark.parametrize("message", [NO_CONSENT, replace(Message(), data={})])
def test_the_policys_own_reply_refuses_without_consent(clinic: ApiClient, message: Message) -> None:
    case = message_case(clinic, message)
    with pytest.raises(NotAgreed):
        reply_by_policy(case, automatic_route(case))
    assert not Reply.objects.exists()


def test_the_policys_own_reply_goes_out_with_its_decision(clinic: ApiClient) -> None:
    case = message_case(clinic)
    reply = reply_by_policy(case, automatic_route(case))
    assert reply is not None
    assert text_of(reply, vault.of(case.pk)).startswith("Dear Rosalind Achterberg,")
    assert (reply.contact, reply.consent, reply.template) == ("automated", True, "self_care")
    assert reply_by_policy(case, automatic_route(case, "routine")) is None


def automatic_route(case: Case, outcome: str = "self_care") -> Route:
    """A route that decides a case."""
    return Route.objects.create(
        case=case,
        kind=Route.Kind.AUTOMATIC,
        outcome=outcome,
        policy_version=case.pipeline.policy_versions.get(active=True),
        prediction=case.predictions.last(),
        reasons=[],
    )


def test_only_the_deciding_reviews_reply_counts(
    client: Client, upstream: Upstream, slot: Slot, make_person: Callable[..., User]
) -> None:
    reviewer, *seniors = (
        make_person(role) for role in (Role.REVIEWER, *[Role.SENIOR_REVIEWER] * 2)
    )
    case = message_case(upstream.client, second_review="messages-second")
    submit(held(case, reviewer), says(SAME_DAY, WORDS, slot=str(slot.pk)))
    submit(held(case, seniors[0]), says(ROUTINE, PLAIN))
    free = Slot.objects.filter(booked_by=None)
    assert not free.exists()  # it is not settled yet whose word counts
    submit(held(case, seniors[1]), says(ROUTINE, PLAIN, text="We could write to you."))
    assert free.exists()
    assert seen_by(client, upstream, case).json()["text"] == "We could write to you."


# ---------------------------------------------------------------- raising to an emergency


def test_raising_to_an_emergency_needs_no_word(clinic: ApiClient, reviewer: User) -> None:
    case = message_case(clinic, CALM)
    review = give(held(case, reviewer), EMERGENCY)
    assert (review.override, review.reason_codes) == (True, ["emergency_suspected"])
    said = vault.of(case.pk).open(f"explanation:{review.claim_id}", review.sealed_explanation)
    assert said == "Raised to “Emergency”.".encode()


def test_lowering_from_an_emergency_still_does(clinic: ApiClient, reviewer: User) -> None:
    assert {"reasons", "explanation"} <= set(
        problems_of(message_case(clinic), reviewer, Verdict("routine"))
    )


def test_raising_waits_for_no_comparison_and_is_the_first_answer_too(
    clinic: ApiClient, reviewer: User
) -> None:
    case = message_case(clinic, CALM, blind=True)
    claim = held(case, reviewer)
    with pytest.raises(NotCommitted):
        give(claim, SAME_DAY)
    review = give(claim, EMERGENCY)
    assert Commitment.objects.get(case=case).outcome == "emergency"
    assert review.committed_outcome == "emergency"
    assert Event.objects.get(type="review.submitted", case_id=case.pk).data["switched"] is False


def test_a_second_reviewer_raises_it_as_fast(clinic: ApiClient, senior: User) -> None:
    case = message_case(clinic, CALM, queue="messages-second", stage=Stage.SECOND)
    assert give(held(case, senior), EMERGENCY).reason_codes == ["emergency_suspected"]
