"""FHIR over HTTP: what an integrator sends, and what each answer is, in the library's own model of R4."""

import base64
import io
import json
from typing import Any

import pytest
from django.test import Client
from fhirclient.models.fhirelementfactory import FHIRElementFactory
from PIL import Image

from accounts.keys import make_client, make_key
from accounts.models import Scope
from audit import vault
from cases import decisions
from cases.intake import is_full
from cases.models import Case, Decision, Document, Pipeline
from inference.tasks import read_case, score_case
from reviews.models import Hold, QueueEntry
from reviews.tasks import route_case
from tests.cases.loans import made_case
from tests.conftest import TESTER, Upstream
from tests.fhir import (
    NAME,
    SYSTEM,
    communication,
    consent,
    contained,
    entry,
    observation,
    quantity,
    transaction,
)
from tests.messages import message_case, message_pipeline
from tests.pipelines import pipeline_of

BASE = "/api/v1/fhir"
SECRETS = (NAME, "Achterberg", "1961-05-04", "cough", "P-20417")


@pytest.fixture
def messages(db: None) -> Pipeline:
    """The pipeline of patients' messages."""
    return message_pipeline()


@pytest.fixture
def practice(messages: Pipeline) -> Upstream:
    """A practice's system, which sends messages and loans."""
    client = make_client("practice", pipelines=["patient-message", "loan"], by=TESTER)
    return Upstream(client, make_key(client, by=TESTER))


def resource(response: Any, status: int, kind: str) -> dict[str, Any]:
    """The resource that an answer is: valid R4, and nothing in it says who the patient is."""
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/fhir+json")
    found: dict[str, Any] = json.loads(response.content)
    assert found["resourceType"] == kind
    assert FHIRElementFactory.instantiate(kind, found).as_json()
    assert not [secret for secret in SECRETS if secret in response.content.decode()]
    return found


def issues(response: Any, status: int) -> list[tuple[str, list[str]]]:
    """Code and expressions of each issue of a refusal."""
    found = resource(response, status, "OperationOutcome")["issue"]
    assert all(issue["severity"] in ("error", "fatal") and issue["diagnostics"] for issue in found)
    return [(issue["code"], issue.get("expression", [])) for issue in found]


def send(client: Client, upstream: Upstream, body: Any, path: str = "", **headers: str) -> Any:
    """Posts a resource; a Bundle to the base, others to their type."""
    kind = body.get("resourceType") if isinstance(body, dict) else None
    address = BASE if kind == "Bundle" else f"{BASE}/{kind}"
    raw = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(
        path or address,
        data=raw,
        content_type=headers.pop("content_type", "application/fhir+json"),
        headers={
            **upstream.headers,
            **{key.replace("_", "-"): value for key, value in headers.items()},
        },
    )


def test_a_transaction_becomes_a_case_whose_task_is_read_back(
    client: Client, practice: Upstream
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(picture, "PNG")
    photo = {
        "resourceType": "DocumentReference",
        "status": "current",
        "content": [{"attachment": {"data": base64.b64encode(picture.getvalue()).decode()}}],
    }
    fever = observation("8310-5", valueQuantity=quantity(101.3, "[degF]"))
    answer = send(client, practice, transaction(fever, photo, consent()))
    bundle = resource(answer, 200, "Bundle")
    assert bundle["type"] == "transaction-response"
    made, *parts = [each["response"] for each in bundle["entry"]]
    assert made["status"] == "201 Created"
    assert [part["status"] for part in parts] == ["200 OK"] * 4
    case = Case.objects.get()
    assert made["location"] == f"http://testserver{BASE}/Communication/{case.pk}"
    data = vault.of(case.pk).open_json("data", bytes(case.sealed_data))
    assert data["patient"]["name"] == NAME
    assert data["vitals"] == {"temperature": 38.5}
    assert data["consent"]["automated_contact"] is True
    assert Document.objects.get().kind == "photo"
    shown = client.get(f"{BASE}/Task/{case.pk}", headers=practice.headers)
    task = resource(shown, 200, "Task")
    assert (task["status"], task["businessStatus"]["text"]) == ("received", "Received")
    assert task["focus"] == {"reference": f"Communication/{case.pk}"}
    assert task["identifier"] == [{"system": SYSTEM, "value": "MSG-1"}]
    assert shown["ETag"] == 'W/"1"'
    seen = client.get(
        f"{BASE}/Task/{case.pk}", headers={**practice.headers, "If-None-Match": 'W/"1"'}
    )
    assert (seen.status_code, seen.content) == (304, b"")


def test_a_communication_is_made_and_read_without_what_it_said(
    client: Client, practice: Upstream
) -> None:
    answer = send(client, practice, contained())
    shown = resource(answer, 201, "Communication")
    again = client.get(answer["Location"], headers=practice.headers)
    assert resource(again, 200, "Communication") == shown
    assert shown["identifier"] == [{"system": SYSTEM, "value": "MSG-1"}]
    brief = send(client, practice, contained("MSG-2"), Prefer="return=minimal")
    assert (brief.status_code, brief.content) == (201, b"")


def test_the_same_message_is_opened_once(client: Client, practice: Upstream) -> None:
    first = send(client, practice, contained())
    again = send(client, practice, contained())
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert again["Location"] == first["Location"]
    other = send(client, practice, contained(language="de"))
    assert issues(other, 422) == [("duplicate", ["Communication.identifier"])]
    found = send(client, practice, contained(language="de"), Idempotency_Key='"x"',
                 If_None_Exist=f"identifier={SYSTEM}|MSG-1")  # fmt: skip
    assert (found.status_code, found["Location"]) == (200, first["Location"])
    wrong = send(client, practice, contained("MSG-3"), If_None_Exist="identifier=another")
    assert issues(wrong, 412) == [("invalid", [])]
    assert Case.objects.count() == 1
    # without If-None-Exist, another key opens another case, as everywhere in the house
    send(client, practice, contained(), Idempotency_Key='"y"')
    many = transaction()
    many["entry"][0]["request"]["ifNoneExist"] = f"identifier={SYSTEM}|MSG-1"
    assert issues(send(client, practice, many), 412) == [("multiple-matches", [])]
    assert Case.objects.count() == 2


def test_a_refused_message_can_be_mended_under_its_own_identifier(
    client: Client, practice: Upstream
) -> None:
    assert issues(send(client, practice, contained(sent="2026")), 422)
    assert send(client, practice, contained()).status_code == 201


def test_what_the_schema_refuses_is_placed_where_it_came_from(
    client: Client, practice: Upstream, messages: Pipeline
) -> None:
    assert messages.current is not None
    spec = messages.current.definition.fhir
    assert spec is not None
    body = transaction(
        observation("80288-4", valueString="alert"),
        observation("8867-4", valueQuantity=quantity(4000, "/min")),
    )
    del body["entry"][1]["resource"]["birthDate"]
    found = issues(send(client, practice, body), 422)
    for pointer, code in (
        ("/patient/date_of_birth", "required"),
        ("/vitals/consciousness", "value"),
        ("/vitals/pulse", "value"),
    ):
        assert (code, [spec.data[pointer].path]) in found
    assert len(found) == 3
    bad = transaction(observation("8310-5", valueQuantity=quantity(101, "degF")))
    assert issues(send(client, practice, bad), 422) == [
        ("invalid", [spec.data["/vitals/temperature"].path])
    ]
    del bad["entry"][1]["resource"]["birthDate"]
    assert issues(send(client, practice, bad), 422) == [
        ("invalid", [spec.data["/vitals/temperature"].path]),
        ("required", [spec.data["/patient/date_of_birth"].path]),
    ]
    files = contained(payload=[{"contentAttachment": {"data": "bm8gaW1hZ2U="}}])
    assert ("invalid", ["Communication.payload[0].content"]) in issues(
        send(client, practice, {**files, "payload": [*files["payload"], {"contentString": "x"}]}),
        422,
    )
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "code"),
    [
        ("get", "/Task", {"Authorization": ""}, None, 401, "login"),
        ("get", "/Task", {"Authorization": "Bearer csk_no"}, None, 401, "login"),
        ("get", "/Task/none", {}, None, 404, "not-found"),
        ("get", "/Task/019a0000-0000-7000-8000-000000000000", {}, None, 404, "not-found"),
        ("get", "/Communication/none", {}, None, 404, "not-found"),
        ("get", "/Patient", {}, None, 404, "not-supported"),
        ("post", "/Observation", {}, b"{}", 404, "not-supported"),
        ("delete", "/Task", {}, None, 405, "not-supported"),
        ("get", "/Communication", {}, None, 405, "not-supported"),
        ("get", "", {}, None, 405, "not-supported"),
        ("get", "/metadata", {"Accept": "application/fhir+xml"}, None, 406, "not-supported"),
        ("get", "/metadata?_format=xml", {}, None, 406, "not-supported"),
        (
            "get",
            "/metadata",
            {"Accept": "application/fhir+json; fhirVersion=3.0"},
            None,
            406,
            "not-supported",
        ),
        ("post", "/Communication", {"Content-Type": "application/fhir+xml"}, b"<a/>", 415, "not-supported"),
        (
            "post",
            "/Communication",
            {"Content-Type": "application/fhir+json; fhirVersion=5.0"},
            b"{}",
            415,
            "not-supported",
        ),
        ("post", "/Communication", {}, b"{", 400, "structure"),
        ("post", "/Communication", {}, b"", 400, "structure"),
        ("post", "", {"Idempotency-Key": '"k"'}, b'{"a": NaN}', 400, "structure"),
        ("post", "", {"Idempotency-Key": "bare"}, b"{}", 400, "invalid"),
        ("post", "/?pipeline=loan", {}, json.dumps(transaction()).encode(), 400, "not-supported"),
        ("get", "/Task?status=lost", {}, None, 400, "invalid"),
        ("get", "/Task?patient=17", {}, None, 400, "invalid"),
        ("get", "/Task?_lastUpdated=2026-13-01", {}, None, 400, "invalid"),
        ("get", "/Task?_count=0", {}, None, 400, "invalid"),
    ],
)  # fmt: skip
def test_each_refusal_is_an_operation_outcome(
    client: Client,
    practice: Upstream,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None,
    status: int,
    code: str,
) -> None:
    given = {**practice.headers, **headers}
    options: dict[str, Any] = {"headers": given}
    if body is not None:
        kind = given.pop("Content-Type", "application/fhir+json")
        options |= {"data": body, "content_type": kind}
    found = issues(getattr(client, method)(f"{BASE}{path}", **options), status)
    assert [each for each, _ in found] == [code]


def test_a_key_without_the_scope_and_a_full_house_are_told_in_fhir(
    client: Client, practice: Upstream, settings: Any
) -> None:
    reader = Upstream(
        practice.client, make_key(practice.client, scopes=[Scope.CASES_READ], by=TESTER)
    )
    assert issues(send(client, reader, contained()), 403) == [("forbidden", [])]
    settings.INTAKE_WATERMARK = 0
    made_case(
        practice.client,
        pipeline=Pipeline.objects.get(slug="loan"),
        step_due_at="2026-11-20T00:00:00Z",
    )
    is_full.cache_clear()
    full = send(client, practice, contained())
    is_full.cache_clear()
    assert (issues(full, 503), full["Retry-After"]) == ([("transient", [])], "5")
    settings.RATE_LIMIT_REQUESTS = 0
    late = client.get(f"{BASE}/Task", headers=practice.headers)
    assert issues(late, 429) == [("throttled", [])]


def test_what_is_spoken_is_told_to_anybody_and_is_true(client: Client, db: None) -> None:
    statement = resource(client.get(f"{BASE}/metadata"), 200, "CapabilityStatement")
    assert (statement["fhirVersion"], statement["kind"]) == ("4.0.1", "instance")
    plain = client.get(f"{BASE}/metadata", headers={"Accept": "application/json"})
    assert plain["Content-Type"] == "application/json"
    (rest,) = statement["rest"]
    assert [each["type"] for each in rest["resource"]] == ["Communication", "Slot", "Task"]
    assert {each["name"] for each in rest["resource"][2]["searchParam"]} == {
        "_id",
        "identifier",
        "status",
        "_lastUpdated",
    }


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


def test_an_entry_that_is_wrong_leaves_nothing_behind(client: Client, practice: Upstream) -> None:
    body = transaction()
    body["entry"].append(entry(communication("MSG-9")))
    assert issues(send(client, practice, body), 422) == [("invariant", ["Bundle.entry"])]
    assert not Case.objects.exists()


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


def test_nothing_of_a_message_is_in_the_logs(
    client: Client, practice: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    send(client, practice, contained())
    assert issues(send(client, practice, contained("MSG-2", sent=NAME)), 422)
    bad = transaction(observation("8310-5", valueString=f"{NAME} 38.5"))
    assert issues(send(client, practice, bad, Idempotency_Key='"k"'), 422)
    stranger = client.get(f"{BASE}/Patient/P-20417?name=Achterberg", headers=practice.headers)
    assert issues(stranger, 404)
    assert "api/v1/fhir" in caplog.text
    assert not [secret for secret in SECRETS if secret in caplog.text]


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
