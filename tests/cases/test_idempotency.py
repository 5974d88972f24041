"""A post is done once, however often and however much at once it is sent."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from audit.models import Event
from cases.erasing import empty_case
from cases.idempotency import KeyMalformed, forget_old, read_key
from cases.models import Case, IdempotentRequest
from tests.cases.loans import DATA, KINDS, loan_body, pdf, post_loan
from tests.keys import destroy_key


def test_the_same_request_gets_the_very_same_answer(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream, body = make_upstream(), loan_body()
    first = post_loan(client, upstream, body, key="one")
    second = post_loan(client, upstream, body, key="one")
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert (second["Location"], second["ETag"]) == (first["Location"], first["ETag"])
    assert second["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1
    assert Event.objects.filter(type="case.received").count() == 1


def test_a_refusal_is_kept_too(client: Client, make_upstream: Any, loan: Any) -> None:
    upstream, body = make_upstream(), loan_body(priority="asap")
    first = post_loan(client, upstream, body, key="one")
    second = post_loan(client, upstream, body, key="one")
    assert first.status_code == second.status_code == 422
    assert first.json()["instance"] == second.json()["instance"]
    assert second["Content-Type"] == "application/problem+json"


def test_a_key_is_not_to_be_used_for_another_request(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    post_loan(client, upstream, loan_body(), key="one")
    other = post_loan(client, upstream, loan_body(reference="SB-2"), key="one")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert Case.objects.count() == 1


def test_keys_of_two_clients_have_nothing_to_do_with_each_other(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    for upstream in (make_upstream(), make_upstream()):
        response = post_loan(client, upstream, loan_body(), key="one")
        assert response.status_code == 202
        assert "Idempotency-Replayed" not in response
    assert Case.objects.count() == 2


def test_a_form_sent_again_has_another_boundary(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()

    def form(boundary: str) -> Any:
        case = json.dumps({"pipeline": "loan", "reference": "SB-1", "data": DATA})
        parts = [f'Content-Disposition: form-data; name="case"\r\n\r\n{case}'.encode()]
        parts += [
            f'Content-Disposition: form-data; name="{kind}"; filename="a.pdf"\r\n\r\n'.encode()
            + pdf()
            for kind in KINDS
        ]
        line = f"--{boundary}\r\n".encode()
        raw = b"".join(line + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
        content_type = f"multipart/form-data; boundary={boundary}"
        return post_loan(client, upstream, raw, key="one", content_type=content_type)

    first, second = form("first0123"), form("second456")
    assert first.status_code == 202, first.content
    assert second.content == first.content


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, "missing"),
        ("bare", "malformed"),
        ('""', "malformed"),
        ('"half', "malformed"),
        ('"two" "two"', "malformed"),
        (f'"{"x" * 256}"', "malformed"),
        ('"é"', "malformed"),
        ('"a\tb"', "malformed"),
    ],
)
def test_a_key_is_asked_for_and_is_a_quoted_string(
    client: Client, make_upstream: Any, loan: Any, header: str | None, name: str
) -> None:
    headers = dict(make_upstream().headers)
    if header is not None:
        headers["Idempotency-Key"] = header
    response = client.post("/api/v1/cases", loan_body(), "application/json", headers=headers)
    assert response.status_code == 400
    assert response.json()["type"] == f"/problems/idempotency-key-{name}"
    assert not Case.objects.exists()


def test_what_was_erased_is_not_opened_again_by_its_own_request(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream, body = make_upstream(), loan_body()
    post_loan(client, upstream, body, key="of Anna Meier")
    case = Case.objects.get()
    destroy_key(case.pk)
    empty_case(case)
    again = post_loan(client, upstream, body, key="of Anna Meier")
    assert (again.status_code, again.json()["type"]) == (410, "/problems/erased")
    assert post_loan(client, make_upstream(), body, key="of Anna Meier").status_code == 202
    assert not IdempotentRequest.objects.filter(client=upstream.client, key__contains="Anna")
    assert Case.objects.filter(client=upstream.client).count() == 1


def test_quotes_and_backslashes_in_a_key_are_escaped() -> None:
    assert read_key(r'"a\"b\\c"') == r'a"b\c'
    with pytest.raises(KeyMalformed):
        read_key(r'"a\nb"')


def test_what_failed_in_the_house_is_not_kept_and_can_be_sent_again(
    client: Client, make_upstream: Any, loan: Any, settings: Any, tmp_path: Any
) -> None:
    upstream, body = make_upstream(), loan_body()
    (tmp_path / "media").write_text("a file where the directory should be")
    failed = post_loan(client, upstream, body, key="one")
    assert (failed.status_code, failed.json()["type"]) == (500, "/problems/internal-error")
    assert not IdempotentRequest.objects.exists()
    assert not Case.objects.exists()
    (tmp_path / "media").unlink()
    assert post_loan(client, upstream, body, key="one").status_code == 202


def test_keys_are_forgotten_when_their_time_is_over(
    client: Client, make_upstream: Any, loan: Any, settings: Any
) -> None:
    post_loan(client, make_upstream(), loan_body())
    assert forget_old() == 0
    settings.IDEMPOTENCY_KEY_HOURS = -1
    assert forget_old() == 1
    assert Case.objects.count() == 1


def test_sixteen_at_the_same_instant_make_one_case(own_database: str, make_upstream: Any) -> None:
    upstream, body = make_upstream(), loan_body()
    together = Barrier(16)

    def post(_: int) -> Any:
        together.wait()
        try:
            return post_loan(Client(), upstream, body, key="one")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(post, range(16)))
    assert Case.objects.count() == 1
    assert Event.objects.filter(type="case.received").count() == 1
    taken = [answer for answer in answers if answer.status_code == 202]
    assert len({answer.content for answer in taken}) == 1
    assert sum("Idempotency-Replayed" not in answer for answer in taken) == 1
    refused = [answer for answer in answers if answer.status_code != 202]
    assert {answer.json()["type"] for answer in refused} <= {"/problems/request-in-progress"}
    assert len(refused) > 0
    again = post_loan(Client(), upstream, body, key="one")
    assert again.content == taken[0].content
