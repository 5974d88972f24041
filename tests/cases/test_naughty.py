"""Strings that break programs: kept as they are, or refused, and never the end of anything."""

import json
from typing import Any

import pytest
from django.test import Client

from audit import vault
from audit.models import Event
from cases.models import Case
from tests.cases.loans import loan_body, post_loan, with_data

SOUND = [
    "Ødegård Ærøskøbing",
    "مرحبا بالعالم",
    "\u202eturned around",
    "שָׁלוֹם",
    "𝒵𝒶𝓁𝑔𝑜 🧾👩🏽‍⚖️",
    "Z̷̛̗a̸l̵g̶o̴",
    "'; DROP TABLE cases_case; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }} ${7*7} %(x)s %s {0}",
    "../../../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "null",
    "\ufeffbom",
    "\ufffe",
    "a\tb\r\nc",
    " leading and trailing ",
    "x" * 200,
]
UNSOUND = {
    "nul": b'"a\\u0000b"',
    "high surrogate": b'"\\ud800"',
    "low surrogate": b'"x\\udc00y"',
    "surrogates swapped": b'"\\udc00\\ud800"',
    "raw NUL": b'"a\0b"',
    "no UTF-8": b'"\xc3("',
    "overlong": b'"\xc0\xaf"',
    "huge integer": b"1" + b"0" * 400,
    "endless integer": b"9" * 10_000,
    "endless float": b"1e400",
    "NaN": b"NaN",
    "deep": b"[" * 50_000 + b"]" * 50_000,
}


@pytest.mark.parametrize("text", SOUND)
def test_sound_text_is_kept_letter_by_letter(
    client: Client, make_upstream: Any, loan: Any, text: str
) -> None:
    response = post_loan(client, make_upstream(), with_data("applicant/name", text))
    assert response.status_code == 202, response.content
    case = Case.objects.get()
    assert vault.of(case.pk).open_json("data", case.sealed_data)["applicant"]["name"] == text


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_values_are_refused_wherever_they_stand(
    client: Client, make_upstream: Any, loan: Any, name: str
) -> None:
    upstream = make_upstream()
    for body in (
        with_data("applicant/name", "@@"),
        loan_body(reference="@@"),
        loan_body(pipeline="@@"),
        loan_body(documents=[{"kind": "@@", "filename": "@@", "content": "@@"}]),
    ):
        raw = json.dumps(body).encode().replace(b'"@@"', UNSOUND[name])
        response = post_loan(client, upstream, raw)
        assert response.status_code == 400, response.content
        assert response.json()["type"] == "/problems/malformed-body"
    assert not Case.objects.exists()


@pytest.mark.parametrize("reference", ["Ærø/2026 №7", "مرجع-٧", "🧾-1", "a" * 100, "'; --"])
def test_references_of_any_script_are_kept_and_found(
    client: Client, make_upstream: Any, loan: Any, reference: str
) -> None:
    upstream = make_upstream()
    response = post_loan(client, upstream, loan_body(reference=reference))
    assert response.status_code == 202, response.content
    assert response.json()["reference"] == reference
    found = client.get("/api/v1/cases", {"reference": reference}, headers=upstream.headers)
    assert [item["reference"] for item in found.json()["items"]] == [reference]
    assert reference not in str(Event.objects.get(type="case.received").data)


@pytest.mark.parametrize("name", ["", "a\u202egpj.exe", "../../x.pdf", "ü\n.pdf", "x" * 255])
def test_file_names_are_kept_sealed_whatever_they_are(
    client: Client, make_upstream: Any, loan: Any, name: str
) -> None:
    body = loan_body()
    body["documents"][0]["filename"] = name
    assert post_loan(client, make_upstream(), body).status_code == 202
    case = Case.objects.get()
    document = case.documents.get(position=0)
    sealed = vault.of(case.pk).open(f"document_name:{document.pk}", bytes(document.sealed_name))
    assert sealed.decode() == name


@pytest.mark.parametrize("name", ["If-None-Match", "Prefer", "Accept-Language", "X-Request-Id"])
def test_naughty_headers_change_nothing(
    client: Client, make_upstream: Any, loan: Any, name: str
) -> None:
    for value in ("\xff\xfe", "wait=99999999999999999999", '"' * 5000, "wait=-1, ,;;=", "W/"):
        headers = {**make_upstream().headers, name: value}
        assert client.get("/api/v1/cases", headers=headers).status_code == 200
