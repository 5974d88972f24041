"""FHIR over HTTP: what an integrator sends, and what each answer is, in the library's own model of R4."""

import base64
import io
import json
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.keys import make_key
from accounts.models import Scope
from audit import vault
from cases.intake import is_full
from cases.models import Case, Document, Pipeline
from tests.cases.loans import made_case
from tests.conftest import TESTER, Upstream
from tests.fhir import (
    BASE,
    NAME,
    SECRETS,
    SYSTEM,
    communication,
    consent,
    contained,
    entry,
    issues,
    make_practice,
    observation,
    quantity,
    resource,
    send,
    transaction,
)


@pytest.fixture
def practice(db: None) -> Upstream:
    """A practice's system."""
    return make_practice()


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
    client: Client, practice: Upstream
) -> None:
    pipeline = Pipeline.objects.get(slug="patient-message")
    assert pipeline.current is not None
    spec = pipeline.current.definition.fhir
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


def test_an_entry_that_is_wrong_leaves_nothing_behind(client: Client, practice: Upstream) -> None:
    body = transaction()
    body["entry"].append(entry(communication("MSG-9")))
    assert issues(send(client, practice, body), 422) == [("invariant", ["Bundle.entry"])]
    assert not Case.objects.exists()


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
