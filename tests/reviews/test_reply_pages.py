"""The reply on the page: without scripts, under a mask, and for who must not know of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import vault
from cases.models import Case, Pipeline
from reviews.models import Reply, Review, Slot
from reviews.replying import text_of
from reviews.slotfiles import SlotRow
from reviews.slots import load_slots
from reviews.verdicts import ReplyWords, Verdict
from tests.casefiles import TESTER, found, held, submit
from tests.messages import Message, message_case, message_pipeline

CALM = replace(Message(), probabilities={"emergency": 0.01, "same_day": 0.1, "routine": 0.89})
SECRET = "We could talk about the results."
SAID = Verdict(
    "same_day",
    reason_codes=("known_condition",),
    explanation="It can wait.",
    reply=ReplyWords(SECRET, "own", "phone"),
)


@pytest.fixture
def messages(db: None) -> Pipeline:
    return message_pipeline()


@pytest.fixture
def clinic(db: None, make_upstream: Callable[..., Any]) -> ApiClient:
    client: ApiClient = make_upstream("patient-message").client
    return client


def send(client: Client, case: Case, fence: int, verdict: str, **form: str) -> Any:
    """Posts a verdict as a page without scripts does."""
    version = str(found(case).version)
    sent = {"fence": str(fence), "version": version, "verdict": verdict, "next": "stop"}
    address = f"/cases/{case.pk}/verdict/"
    return client.post(address, {**sent, **{name.replace("__", ":"): form[name] for name in form}})


def test_without_scripts_a_template_and_an_appointment_are_enough(
    client: Client, messages: Pipeline, clinic: ApiClient, reviewer: User
) -> None:
    start = timezone.now() + timedelta(hours=1)
    row = SlotRow(1, "s1", "GP", "The Mill", start, start + timedelta(minutes=10))
    load_slots(messages, [row], by=TESTER)
    case = message_case(clinic, pipeline=messages)
    claim = held(case, reviewer)
    client.force_login(reviewer)
    shown = client.get(f"/cases/{case.pk}/").content.decode()
    assert "An appointment today" in shown
    assert "The Mill" in shown
    form = {
        "reason__same_day": "known_condition",
        "explanation": "It can wait.",
        "reply__same_day": "seen_today",
        "reply_text__same_day": "",
        "contact__same_day": "automated",
    }
    refused = send(client, case, claim.pk, "same_day", **form)
    assert refused.status_code == 422
    assert "{appointment}" in refused.content.decode()
    slot = str(Slot.objects.get().pk)
    assert send(client, case, claim.pk, "same_day", **form, slot__same_day=slot).status_code == 302
    said = text_of(Reply.objects.get(), vault.of(case.pk))
    assert "Rosalind Achterberg" in said
    assert "The Mill" in said


def test_an_emergency_is_taken_at_once_where_the_models_view_is_hidden(
    client: Client, messages: Pipeline, clinic: ApiClient, reviewer: User
) -> None:
    case = message_case(clinic, CALM, pipeline=messages, blind=True)
    claim = held(case, reviewer)
    client.force_login(reviewer)
    assert b"data-at-once" in client.get(f"/cases/{case.pk}/").content
    assert send(client, case, claim.pk, "emergency", commits="yes").status_code == 302
    review = Review.objects.get(case=case)
    assert (review.outcome, review.committed_outcome) == ("emergency", "emergency")


def test_a_draft_tells_what_reads_as_an_order(
    client: Client, messages: Pipeline, clinic: ApiClient, reviewer: User
) -> None:
    case = message_case(clinic, pipeline=messages)
    claim = held(case, reviewer)
    client.force_login(reviewer)
    sent = {
        "fence": claim.pk,
        "verdict": "routine",
        "reply:routine": "own",
        "reply_text:routine": "You must rest.",
    }
    answer = client.post(f"/cases/{case.pk}/draft/", sent)
    assert json.loads(answer.headers["HX-Trigger"]) == {"reply-orders": {"phrases": ["You must"]}}
    assert "You must rest." in client.get(f"/cases/{case.pk}/").content.decode()


def test_a_second_reviewer_reads_nothing_of_the_firsts_reply_and_the_record_does(
    client: Client, clinic: ApiClient, make_person: Callable[..., User]
) -> None:
    message_pipeline()
    first, second = make_person(Role.REVIEWER), make_person(Role.SENIOR_REVIEWER)
    case = message_case(clinic, second_review="messages-second")
    submit(held(case, first), SAID)
    claim = held(case, second)
    client.force_login(second)
    assert SECRET not in client.get(f"/cases/{case.pk}/").content.decode()
    submit(claim, replace(SAID, reply=replace(SAID.reply, text="We could write.")))
    client.force_login(first)
    record = client.get(f"/cases/{case.pk}/").content.decode()
    assert SECRET in record
    assert "By phone" in record


def test_who_reads_behind_a_mask_reads_no_reply(
    client: Client, clinic: ApiClient, make_person: Callable[..., User]
) -> None:
    masking = {"roles": ["auditor"], "purposes": ["Audit"], "data": ["/patient/name"]}
    pipeline = message_pipeline(masking=masking)
    case = message_case(clinic, pipeline=pipeline)
    submit(held(case, make_person(Role.REVIEWER)), SAID)
    client.force_login(make_person(Role.AUDITOR))
    record = client.get(f"/cases/{case.pk}/").content.decode()
    assert SECRET not in record
    assert "By phone" in record
