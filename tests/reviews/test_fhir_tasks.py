"""What becomes of a message, as the practice's system reads it in FHIR; and the clinic's appointments."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.keys import make_client, make_key
from accounts.models import User
from cases import decisions
from cases.models import Case, Decision, Pipeline
from inference.tasks import read_case, score_case
from reviews.models import Hold, QueueEntry, Slot
from reviews.slotfiles import SlotRow
from reviews.slots import load_slots
from reviews.tasks import route_case
from reviews.verdicts import ReplyWords, Verdict
from tests.casefiles import TESTER, held, submit
from tests.cases.loans import made_case
from tests.conftest import Upstream
from tests.fhir import BASE, SYSTEM, contained, issues, make_practice, resource, send
from tests.messages import message_case, message_pipeline
from tests.pipelines import pipeline_of

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


@pytest.fixture
def practice(db: None) -> Upstream:
    """A practice's system."""
    return make_practice()


def test_a_decided_case_is_a_completed_task_with_its_outcome(
    client: Client, practice: Upstream
) -> None:
    case = message_case(practice.client)
    task = client.get(f"{BASE}/Task/{case.pk}", headers=practice.headers)
    assert resource(task, 200, "Task")["status"] == "in-progress"
    decisions.decide(
        case,
        "same_day",
        by=TESTER,
        made_by=Decision.MadeBy.REVIEW,
        route_id=None,
        reason_codes=["worse_than_scored"],
    )
    done = resource(client.get(f"{BASE}/Task/{case.pk}", headers=practice.headers), 200, "Task")
    assert done["status"] == "completed"
    outputs = {each["type"]["coding"][0]["code"]: each for each in done["output"]}
    assert outputs["outcome"]["valueCodeableConcept"]["text"] == "Same day"
    assert set(outputs) == {"outcome", "reason", "made-by", "decided-at"}
    assert done["lastModified"] >= outputs["decided-at"]["valueDateTime"]


def test_a_case_set_aside_is_on_hold(client: Client, practice: Upstream, make_person: Any) -> None:
    case = message_case(practice.client)
    hold = Hold.objects.create(
        case=case,
        kind=Hold.Kind.QUESTION,
        held_by=make_person(),
        follow_up_at=case.due_at,
        sealed_words=b"",
    )
    QueueEntry.objects.filter(case=case).update(hold=hold)
    task = resource(client.get(f"{BASE}/Task/{case.pk}", headers=practice.headers), 200, "Task")
    assert (task["status"], task["meta"]["versionId"]) == ("on-hold", f"{case.version}-on-hold")
    for status, ids in (("on-hold,completed", [str(case.pk)]), ("in-progress", [])):
        found = client.get(f"{BASE}/Task?status={status}", headers=practice.headers)
        entries = resource(found, 200, "Bundle").get("entry", [])
        assert [each["resource"]["id"] for each in entries] == ids


def test_tasks_are_searched_and_paged(
    client: Client, practice: Upstream, make_upstream: Any
) -> None:
    for number in (1, 2, 3):
        send(client, practice, contained(f"MSG-{number}"))
    made_case(practice.client, pipeline=Pipeline.objects.get(slug="loan"))
    numbers, address = [], f"{BASE}/Task?_count=2"
    while address:
        page = resource(client.get(address, headers=practice.headers), 200, "Bundle")
        numbers += [each["resource"]["identifier"][0]["value"] for each in page["entry"]]
        address = next((each["url"] for each in page["link"] if each["relation"] == "next"), "")
    assert numbers == ["MSG-3", "MSG-2", "MSG-1"]
    newest = Case.objects.filter(reference=f"{SYSTEM}|MSG-3").get()
    day = newest.created_at.date().isoformat()
    for query, count in (
        (f"_id={newest.pk},nonsense", 1),
        (f"identifier={SYSTEM}|MSG-3", 1),
        ("identifier=MSG-3,MSG-2", 2),
        ("identifier=urn:other|MSG-3", 0),
        ("identifier=|MSG-3", 0),
        ("status=received", 3),
        ("status=completed", 0),
        (f"_lastUpdated={day}", 3),
        (f"_lastUpdated=ge{day}&_lastUpdated=lt2100-01-01", 3),
        (f"_lastUpdated=gt{day}", 0),
        ("_lastUpdated=lt2020-01-01T00:00:00Z&_format=json", 0),
    ):
        found = client.get(f"{BASE}/Task?{query}", headers=practice.headers)
        assert len(resource(found, 200, "Bundle").get("entry", [])) == count, query
    stranger = client.get(f"{BASE}/Task", headers=make_upstream().headers)
    assert "entry" not in resource(stranger, 200, "Bundle")
    foreign = client.get(f"{BASE}/Task/{newest.pk}", headers=make_upstream().headers)
    assert issues(foreign, 404) == [("not-found", [])]


def test_a_task_is_cancelled_as_it_was_seen(client: Client, practice: Upstream) -> None:
    send(client, practice, contained())
    case = Case.objects.get()
    address = f"{BASE}/Task/{case.pk}"
    task = client.get(address, headers=practice.headers).json()

    def put(body: Any, **headers: str) -> Any:
        return client.put(
            address,
            data=json.dumps(body),
            content_type="application/fhir+json",
            headers={**practice.headers, **{k.replace("_", "-"): v for k, v in headers.items()}},
        )

    cancelled = {**task, "status": "cancelled"}
    assert issues(put(cancelled), 428) == [("required", [])]
    assert issues(put(cancelled, If_Match='W/"7"'), 412) == [("conflict", [])]
    assert issues(put({**task, "status": "completed"}, If_Match='W/"1"'), 422) == [
        ("not-supported", ["Task.status"])
    ]
    assert issues(put({**cancelled, "id": "other"}, If_Match='W/"1"'), 422) == [
        ("invalid", ["Task.id"])
    ]
    assert resource(put(cancelled, If_Match='W/"1"'), 200, "Task")["status"] == "cancelled"
    assert issues(put(cancelled, If_Match='W/"2"'), 409) == [("business-rule", [])]


def appointment(**more: Any) -> dict[str, Any]:
    """A free appointment."""
    return {
        "resourceType": "Slot",
        "id": "a-17",
        "status": "free",
        "serviceType": [{"text": "Doctor"}],
        "schedule": {"display": "Room 2"},
        "start": "2036-03-03T09:00:00+01:00",
        "end": "2036-03-03T09:15:00+01:00",
        **more,
    }


def test_a_clinic_offers_an_appointment_and_takes_it_back(
    client: Client, practice: Upstream
) -> None:
    def put(**more: Any) -> Any:
        body = appointment(**more)
        return client.put(
            f"{BASE}/Slot/a-17",
            data=json.dumps(body),
            content_type="application/fhir+json",
            headers=practice.headers,
        )

    assert issues(put(id="a-18"), 422) == [("invalid", ["Slot.id"])]
    assert issues(put(start="2036-03-03T10:00:00Z"), 422) == [("invariant", ["Slot"])]
    past = {"start": "2020-03-03T09:00:00Z", "end": "2020-03-03T09:15:00Z"}
    assert issues(put(**past), 422) == [("business-rule", ["Slot.start"])]
    assert resource(put(), 201, "Slot")["status"] == "free"
    again = resource(put(), 200, "Slot")
    assert (again["start"], again["schedule"]["display"]) == ("2036-03-03T08:00:00.000Z", "Room 2")
    assert resource(put(status="busy-unavailable"), 200, "Slot")["status"] == "busy-unavailable"
    shown = client.get(f"{BASE}/Slot/a-17", headers=practice.headers)
    assert resource(shown, 200, "Slot")["status"] == "busy-unavailable"
    assert issues(client.get(f"{BASE}/Slot/b", headers=practice.headers), 404)


def test_a_message_goes_through_the_house_to_a_person(client: Client, db: None) -> None:
    pipeline_of("patient-message")
    sender = make_client("clinic", pipelines=["patient-message"], by=TESTER)
    upstream = Upstream(sender, make_key(sender, by=TESTER))
    pain = contained(payload=[{"contentString": "I have a crushing pain in my chest."}])
    assert send(client, upstream, pain).status_code == 201
    case_id = str(Case.objects.get().pk)
    for step in (read_case, score_case, route_case):
        step(case_id)
    task = resource(client.get(f"{BASE}/Task/{case_id}", headers=upstream.headers), 200, "Task")
    assert (task["status"], task["businessStatus"]["text"]) == ("in-progress", "In review")
