"""Patients' messages by FHIR: one that presses, to the reply that its practice sends; one without consent."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from django.core.management import call_command

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.models import Delivery
from cases.webhooks import make_webhook
from reviews.models import QueueEntry, Reply, Route, Slot
from tests.conftest import TESTER, Upstream
from tests.fhir import NAME, blood_pressure, consent, observation, quantity, transaction
from tests.journey.browsing import Visitor, export_of, until
from tests.pipelines import pipeline_of
from tests.processes import House
from tests.reviews.sealers import sealing

PRESSING = (
    "Since this morning I have had a tight feeling across my chest and my left arm is heavy. "
    "I have no fever. Should I come in?"
)
CALM = "Could you tell me when the results of my blood test from last week will be there?"
WHY = "Spoken with by phone: the strain of a move, and seen by us for the same in spring."
MEASURED = (
    blood_pressure(104, 70),
    observation("8867-4", valueQuantity=quantity(112, "/min")),
    observation("9279-1", valueQuantity=quantity(22, "/min")),
)


def send(house: House, practice: Upstream, words: str, *more: dict[str, Any], number: str) -> str:
    """Sends a message as its practice does; returns the id of its case."""
    sent = transaction(*more, number=number)
    sent["entry"][0]["resource"]["payload"] = [{"contentString": words}]
    answer = requests.post(
        f"{house.url}/api/v1/fhir",
        data=json.dumps(sent),
        headers={**practice.headers, "Content-Type": "application/fhir+json"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["entry"][0]["response"]["location"]).rpartition("/")[2]


def task(house: House, practice: Upstream, case_id: str) -> tuple[str, Mapping[str, Any]]:
    """The status of a message's Task, and its outputs by code."""
    address = f"{house.url}/api/v1/fhir/Task/{case_id}"
    read = requests.get(address, headers=practice.headers, timeout=30).json()
    outputs = {each["type"]["coding"][0]["code"]: each for each in read.get("output", ())}
    return read["status"], outputs


def load_slots(directory: Path) -> None:
    """Loads what the clinic offers, from a file: three times within the next two hours."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=40)
    times = [(start + timedelta(minutes=10 * n)).isoformat() for n in range(4)]
    lines = [f"a-{n},Doctor,Room {n},{times[n]},{times[n + 1]}" for n in range(3)]
    file = directory / "slots.csv"
    file.write_text("\n".join(["id,service,place,start,end", *lines]), encoding="utf-8")
    call_command("slots", "load", "patient-message", file)


def told(case_id: str) -> list[str]:
    """What happened to a case, in order; how often its upstream asked is chance."""
    events = Event.objects.filter(case_id=case_id).exclude(type="case.read_by_client")
    return list(events.order_by("id").values_list("type", flat=True))


def test_a_message_that_presses_comes_first_and_its_practice_sends_the_reply(
    house: House,
    tmp_path: Path,
    make_upstream: Callable[..., Upstream],
    make_person: Callable[..., User],
    settings: Any,
) -> None:
    settings.WEBHOOK_LOOPBACK = True
    pipeline_of("patient-message")
    practice = make_upstream("patient-message")
    make_webhook(practice.client, "http://127.0.0.1:9/", by=TESTER)  # nobody listens: all stays
    clinician, auditor = make_person(Role.REVIEWER), make_person(Role.AUDITOR)
    load_slots(tmp_path)
    house.start_web()
    house.start_worker()
    calm = send(house, practice, CALM, number="MSG-1")
    pressing = send(house, practice, PRESSING, *MEASURED, consent(), number="MSG-2")
    until(house.url, practice, calm, "in_review")
    until(house.url, practice, pressing, "in_review")
    assert task(house, practice, pressing) == ("in-progress", {})

    waits = QueueEntry.objects.select_related("queue", "case", "route").get(case_id=pressing)
    assert (waits.queue.slug, waits.queue.pinned) == ("messages-urgent", True)
    assert timedelta(minutes=14) < waits.due_at - waits.case.created_at < timedelta(minutes=16)
    assert {"cardiac_chest_pain", "news2_urgent"} <= set(waits.route.flags)
    assert "flag" in {reason["code"] for reason in waits.route.reasons}
    other = Route.objects.get(case_id=calm)
    assert (other.kind, other.flags) == (Route.Kind.REVIEW, [])

    visitor = Visitor(house.url, clinician.username)
    page = visitor.send("/start/")
    assert page.url.endswith(f"/cases/{pressing}/")  # the newer one, but it presses
    for seen in ("flags raised", "Source: NICE", "NEWS2", "word-for", NAME):
        assert seen in page.text
    form = {"fence": visitor.hidden("fence"), "version": visitor.hidden("version")}
    slot = Slot.objects.get(source_id="a-1")
    visitor.send(
        f"/cases/{pressing}/verdict/",
        **form,
        verdict="same_day",
        explanation=WHY,
        next="stop",
        **{
            "reason:same_day": "known_condition",
            "reply:same_day": "seen_today",
            "contact:same_day": "automated",
            "slot:same_day": str(slot.pk),
        },
    )
    until(house.url, practice, pressing, "announced")
    assert told(pressing) == [
        "case.received",
        "case.read",
        "case.scored",
        "case.sent_to_review",
        "case.claimed",
        "slot.booked",
        "review.submitted",
        "case.decided",
        "decision.overridden",
        "case.announced",
        "reply.ready",
    ]
    status, outputs = task(house, practice, pressing)
    assert status == "completed"
    assert outputs["outcome"]["valueCodeableConcept"]["text"] == "Same day"
    assert outputs["slot"]["valueReference"]["reference"] == "Slot/a-1"
    assert outputs["appointment"]["valuePeriod"]["start"].startswith(f"{slot.starts_at:%Y-%m-%d}")
    reply = outputs["reply"]["valueString"]
    assert reply.startswith(f"Dear {NAME},")
    assert f"{slot.starts_at:%H:%M}, Room 1." in reply
    kept = Reply.objects.get(case_id=pressing)
    assert (kept.contact, kept.consent, kept.slot) == ("automated", True, slot)

    page = visitor.send("/start/")
    assert page.url.endswith(f"/cases/{calm}/")
    form = {"fence": visitor.hidden("fence"), "version": visitor.hidden("version")}
    words = {
        "verdict": "routine",
        "explanation": "Nothing in it presses.",
        "reason:routine": "less_urgent_than_scored",
        "reply:routine": "own",
        "reply_text:routine": "One of us could call you about the results.",
        "next": "stop",
    }
    refused = visitor.send(
        f"/cases/{calm}/verdict/", **form, **words, **{"contact:routine": "automated"}
    )
    assert refused.status_code == 422
    assert "Nobody agreed to automated contact" in refused.text
    visitor.send(f"/cases/{calm}/verdict/", **form, **words, **{"contact:routine": "phone"})
    until(house.url, practice, calm, "announced")
    status, outputs = task(house, practice, calm)
    assert outputs["contact"]["valueCodeableConcept"]["coding"][0]["code"] == "phone"
    assert "reply" not in outputs
    assert "reply.ready" not in told(calm)
    sent = Delivery.objects.values_list("case_id", "type")
    assert sorted((str(case), kind) for case, kind in sent) == sorted(
        [(pressing, "case.decided"), (pressing, "reply.ready"), (calm, "case.decided")]
    )

    office = Visitor(house.url, auditor.username)
    with sealing():
        rows = {row["case"]: row for row in export_of(office, "patient-message")}
    assert (rows[pressing]["outcome"], rows[pressing]["override"]) == ("same_day", "true")
    assert rows[pressing]["explanations"] == WHY
    assert (rows[calm]["outcome"], rows[calm]["made_by"]) == ("routine", "review")
