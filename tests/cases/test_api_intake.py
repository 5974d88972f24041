"""Posting a case over HTTP: what is taken, what is answered, and how each refusal reads."""

import io
import json
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from accounts.keys import make_client, make_key, revoke_key
from accounts.models import ApiKey, Scope
from audit.models import ClockTimestamp, Event
from cases.intake import is_full
from cases.models import Case, Document, IdempotentRequest
from tests.cases.loans import DATA, KINDS, NAME, loan_body, pdf, post_loan, sent_paper, with_data
from tests.conftest import TESTER

DAY = timedelta(days=1)


def problem(response: Any, status: int, name: str) -> dict[str, Any]:
    """The problem that an answer is; nothing may have come of the request."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) >= {"type", "title", "status", "detail", "instance"}
    assert (body["type"], body["status"]) == (f"/problems/{name}", status)
    assert NAME not in response.content.decode()
    assert not Case.objects.exists()
    return body


def pointers(body: dict[str, Any]) -> set[str]:
    """Where a problem says that something is wrong."""
    return {error["pointer"] for error in body["errors"]}


def test_a_posted_case_is_shown_and_can_be_read_again(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    response = post_loan(client, upstream, loan_body(priority="high"))
    assert response.status_code == 202
    shown = response.json()
    assert (shown["status"], shown["priority"], shown["decision"]) == ("received", "high", None)
    again = client.get(response["Location"], headers=upstream.headers)
    assert again.json() == shown
    assert again["ETag"] == response["ETag"] == '"1"'
    assert "Brz" not in response.content.decode()


def test_a_form_brings_papers_as_files_named_for_their_kind(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    case = {"pipeline": "loan", "reference": "SB-2", "data": DATA}
    form = {kind: SimpleUploadedFile("ä/../b.pdf", pdf(), "text/plain") for kind in KINDS}
    upstream = make_upstream()
    headers = {**upstream.headers, "Idempotency-Key": '"form"'}
    response = client.post("/api/v1/cases", {"case": json.dumps(case), **form}, headers=headers)
    assert response.status_code == 202, response.content
    assert [paper["kind"] for paper in response.json()["documents"]] == list(KINDS)
    assert {paper["media_type"] for paper in response.json()["documents"]} == {"application/pdf"}


def form_body(*parts: bytes) -> bytes:
    """A multipart body of parts, each with its headers."""
    return b"".join(b"--X\r\n" + part + b"\r\n" for part in parts) + b"--X--\r\n"


CASE_PART = b'Content-Disposition: form-data; name="case"\r\n\r\n'


@pytest.mark.parametrize(
    ("raw", "status", "name"),
    [
        (b"no form at all", 422, "invalid-input"),
        (form_body(CASE_PART + b"{"), 400, "malformed-body"),
        (form_body(CASE_PART + b'{"reference": "\xff"}'), 400, "malformed-body"),
        (form_body(CASE_PART + b"{}", CASE_PART + b"{}"), 422, "invalid-input"),
        (form_body(CASE_PART + b'{"documents": []}'), 422, "invalid-input"),
        (form_body(CASE_PART + b"[]"), 422, "invalid-input"),
        (form_body(CASE_PART.replace(b"case", b"caze") + b"{}"), 422, "invalid-input"),
        (
            form_body(CASE_PART + b"{}", CASE_PART.replace(b"case", b"x") + b""),
            422,
            "invalid-input",
        ),
    ],
)
def test_a_broken_form_is_refused(
    client: Client, make_upstream: Any, loan: Any, raw: bytes, status: int, name: str
) -> None:
    content_type = "multipart/form-data; boundary=X"
    response = post_loan(client, make_upstream(), raw, content_type=content_type)
    problem(response, status, name)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"pipeline": None}, "#/pipeline"),
        ({"pipeline": "yacht"}, "#/pipeline"),
        ({"reference": ""}, "#/reference"),
        ({"reference": "x" * 101}, "#/reference"),
        ({"reference": "two\nlines"}, "#/reference"),
        ({"reference": "turned \u202e around"}, "#/reference"),
        ({"reference": 7}, "#/reference"),
        ({"priority": "asap"}, "#/priority"),
        ({"data": []}, "#/data"),
        ({"data": {}}, "#/data/applicant"),
        ({"documents": {}}, "#/documents"),
        ({"documents": [{"kind": "payslip"}]}, "#/documents/0/content"),
        ({"documents": [{"kind": "payslip", "content": "%%%"}]}, "#/documents/0/content"),
        ({"documents": [{"kind": "payslip", "content": "é"}]}, "#/documents/0/content"),
        ({"surprise": 1}, "#"),
    ],
)
def test_what_is_wrong_is_pointed_at(
    client: Client, make_upstream: Any, loan: Any, changes: Any, pointer: str
) -> None:
    response = post_loan(client, make_upstream(), loan_body(**changes))
    assert pointer in pointers(problem(response, 422, "invalid-input"))


def test_all_that_is_wrong_is_told_at_once(client: Client, make_upstream: Any, loan: Any) -> None:
    body = with_data("loan/amount", -1)
    body["reference"] = ""
    body["documents"] = [
        {"kind": "payslip", "content": "%%%"},
        {"kind": "passport", "content": "AAAA"},
        {"content": "AAAA"},
        7,
    ]
    refused = problem(post_loan(client, make_upstream(), body), 422, "invalid-input")
    assert {(error["pointer"], error["code"]) for error in refused["errors"]} == {
        ("#/reference", "pattern"),
        ("#/data/loan/amount", "exclusiveMinimum"),
        ("#/documents/0/content", "base64"),
        ("#/documents/1/kind", "unknown_kind"),
        ("#/documents/2/kind", "required"),
        ("#/documents/3", "type"),
    }
    assert "control characters" in str(refused["errors"])
    assert "\\u" not in str(refused["errors"])
    del body["reference"], body["documents"]
    refused = problem(post_loan(client, make_upstream(), body), 422, "invalid-input")
    told = [(error["pointer"], error["code"]) for error in refused["errors"]]
    assert told.count(("#/documents", "missing_document")) == 3
    assert {("#/reference", "required"), ("#/data/loan/amount", "exclusiveMinimum")} <= set(told)


def test_no_body_is_not_an_empty_case(client: Client, make_upstream: Any, loan: Any) -> None:
    refused = problem(post_loan(client, make_upstream(), b""), 400, "malformed-body")
    assert refused["detail"] == "The body is empty."


@pytest.mark.parametrize("body", [[], None, "text", 7, {}])
def test_a_body_that_is_no_case_is_refused(
    client: Client, make_upstream: Any, loan: Any, body: Any
) -> None:
    raw = json.dumps(body).encode()
    problem(post_loan(client, make_upstream(), raw), 422, "invalid-input")


def encrypted_pdf() -> bytes:
    """A PDF that asks for a password."""
    file = io.BytesIO()
    canvas = Canvas(file, encrypt=StandardEncryption("secret", strength=128))
    canvas.drawString(10, 10, "x")
    canvas.save()
    return file.getvalue()


def bomb() -> bytes:
    """A PNG of 30,000 x 30,000 pixels in a few hundred bytes of header and zeros."""
    image = io.BytesIO()
    Image.new("1", (8, 8)).save(image, "PNG")
    raw = bytearray(image.getvalue())
    raw[16:24] = (30_000).to_bytes(4) * 2
    raw[29:33] = zlib.crc32(raw[12:29]).to_bytes(4)
    return bytes(raw)


BAD_PAPERS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "truncated": lambda: jpeg()[:-200],
    "encrypted": encrypted_pdf,
    "too_many_pixels": bomb,
    "unknown_type": lambda: b"MZ\x90\0" + bytes(100),
    "too_large": lambda: bytes(21 * 2**20),
}


def jpeg() -> bytes:
    """A noisy photograph."""
    image = io.BytesIO()
    Image.effect_noise((200, 200), 80).save(image, "JPEG")
    return image.getvalue()


@pytest.mark.parametrize("code", BAD_PAPERS)
def test_a_bad_paper_is_refused_by_its_content(
    client: Client, make_upstream: Any, loan: Any, code: str
) -> None:
    papers = [sent_paper(kind, pdf()) for kind in KINDS[:2]]
    papers.append(sent_paper("bank_statement", BAD_PAPERS[code]()))
    response = post_loan(client, make_upstream(), loan_body(documents=papers))
    (error,) = problem(response, 422, "invalid-input")["errors"]
    assert (error["pointer"], error["code"]) == ("#/documents/2/content", code)
    assert not Document.objects.exists()


def test_a_pdf_of_5000_pages_is_refused(client: Client, make_upstream: Any, loan: Any) -> None:
    papers = [sent_paper(kind, pdf()) for kind in KINDS[:2]]
    papers.append(sent_paper("bank_statement", pdf(5000)))
    response = post_loan(client, make_upstream(), loan_body(documents=papers))
    (error,) = problem(response, 422, "invalid-input")["errors"]
    assert error["code"] == "too_many_pages"


def test_a_body_that_says_it_is_too_large_is_not_read(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    class Unread(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body was read")

    sent: dict[str, Any] = {"CONTENT_LENGTH": str(100 * 2**20), "wsgi.input": Unread()}
    headers = {**make_upstream().headers, "Idempotency-Key": '"k"'}
    response = client.generic(
        "POST", "/api/v1/cases", b"", "application/json", headers=headers, **sent
    )
    problem(response, 413, "body-too-large")


def test_a_body_without_a_length_is_refused(client: Client, make_upstream: Any, loan: Any) -> None:
    response = client.generic(
        "POST",
        "/api/v1/cases",
        headers={**make_upstream().headers, "Idempotency-Key": '"k"'},
        HTTP_TRANSFER_ENCODING="chunked",
    )
    problem(response, 411, "length-required")


def test_other_media_types_are_refused(client: Client, make_upstream: Any, loan: Any) -> None:
    response = post_loan(client, make_upstream(), b"<case/>", content_type="application/xml")
    problem(response, 415, "unsupported-media-type")


def test_a_client_that_wants_no_json_is_refused(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    response = client.get(
        "/api/v1/cases", headers={**make_upstream().headers, "Accept": "text/csv"}
    )
    problem(response, 406, "not-acceptable")


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer csk_1_2", "Bearer \xff\xfe", "Basic eDp5"]
)
def test_without_a_live_key_nothing_goes(client: Client, loan: Any, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = client.post("/api/v1/cases", b"{}", "application/json", headers=headers)
    assert response["WWW-Authenticate"].startswith("Bearer")
    problem(response, 401, "no-valid-key")


@pytest.mark.parametrize("fate", ["expired", "revoked", "client_off"])
def test_a_key_that_has_ended_is_as_good_as_none(
    client: Client, make_upstream: Any, loan: Any, fate: str
) -> None:
    upstream = make_upstream()
    key = ApiKey.objects.get(client=upstream.client)
    if fate == "revoked":
        revoke_key(key, by=TESTER)
    elif fate == "expired":
        ApiKey.objects.update(
            created_at=ClockTimestamp() - 2 * DAY, expires_at=ClockTimestamp() - DAY
        )
    else:
        type(upstream.client).objects.update(active=False)
    problem(post_loan(client, upstream), 401, "no-valid-key")


def test_a_key_without_the_scope_is_refused(client: Client, make_upstream: Any, loan: Any) -> None:
    upstream = make_upstream(scopes=[Scope.CASES_READ])
    problem(post_loan(client, upstream), 403, "scope-missing")


def test_a_client_of_another_pipeline_can_not_post_loans(client: Client, loan: Any) -> None:
    stranger = make_client("stranger", pipelines=["yachts"], by=TESTER)
    headers = {"Authorization": f"Bearer {make_key(stranger, by=TESTER)}"}
    upstream = type("Upstream", (), {"headers": headers})
    assert pointers(problem(post_loan(client, upstream), 422, "invalid-input")) == {"#/pipeline"}


def test_a_full_house_says_when_to_come_again(
    client: Client, make_upstream: Any, loan: Any, settings: Any
) -> None:
    upstream, body = make_upstream(), loan_body()
    first = post_loan(client, upstream, body, key="done")
    assert first.status_code == 202
    settings.INTAKE_WATERMARK = 0
    is_full.cache_clear()
    response = post_loan(client, upstream, body, key="new")
    again = post_loan(client, upstream, body, key="done")
    stranger = post_loan(client, make_upstream(), body, key="done")
    is_full.cache_clear()
    assert (again.status_code, again.content) == (202, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert stranger.status_code == 503
    assert (response.status_code, response.json()["type"]) == (503, "/problems/house-full")
    assert int(response["Retry-After"]) > 0
    assert Case.objects.count() == 1


def test_refusals_leave_neither_events_nor_names(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    before = Event.objects.count()
    response = post_loan(client, upstream, with_data("applicant/date_of_birth", NAME))
    problem(response, 422, "invalid-input")
    assert Event.objects.count() == before
    assert NAME not in IdempotentRequest.objects.get().body
