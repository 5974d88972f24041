"""What a patient is to be told, as the practice's system reads it in FHIR."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from reviews.models import Slot
from reviews.slotfiles import SlotRow
from reviews.slots import load_slots
from reviews.verdicts import ReplyWords, Verdict
from tests.casefiles import TESTER, held, submit
from tests.conftest import Upstream
from tests.messages import message_case, message_pipeline

WORDS = ReplyWords("Dear {name}, we could see you: {appointment}.", "seen_today", "automated")
SAME_DAY = Verdict(
    "same_day", reason_codes=("known_condition",), explanation="It can wait until later today."
)


@pytest.fixture
def slot(db: None) -> Slot:
    """An appointment in an hour."""
    start = timezone.now() + timedelta(hours=1)
    row = SlotRow(1, "s1", "GP", "the Mill", start, start + timedelta(minutes=10))
    load_slots(message_pipeline(), [row], by=TESTER)
    return Slot.objects.get()


@pytest.mark.parametrize("contact", ["automated", "phone"])
def test_only_what_the_upstream_is_to_send_is_told_in_words(
    client: Client,
    make_upstream: Callable[..., Upstream],
    reviewer: User,
    slot: Slot,
    contact: str,
) -> None:
    practice = make_upstream("patient-message")
    case = message_case(practice.client)
    words = replace(WORDS, contact=contact, slot=str(slot.pk))
    submit(held(case, reviewer), replace(SAME_DAY, reply=words))

    def read(address: str) -> Any:
        return client.get(f"/api/v1/fhir/{address}", headers=practice.headers).json()

    outputs = {
        each["type"]["coding"][0]["code"]: each for each in read(f"Task/{case.pk}")["output"]
    }
    assert outputs["contact"]["valueCodeableConcept"]["coding"][0]["code"] == contact
    assert outputs["slot"]["valueReference"]["reference"] == "Slot/s1"
    assert outputs["appointment"]["valuePeriod"]["start"].startswith(f"{slot.starts_at:%Y-%m-%d}")
    assert ("reply" in outputs) == (contact == "automated")
    if contact == "automated":
        assert outputs["reply"]["valueString"].startswith("Dear Rosalind Achterberg, ")
    assert read("Slot/s1")["status"] == "busy"
    assert "Rosalind" not in str(read("Task"))
