"""Reading, listing and withdrawing cases over HTTP, and what every answer has in common."""

import html
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from accounts.limits import script, spend
from audit.models import Event
from cases import lifecycle
from cases.models import Case, Status
from config.problems import CATALOGUE
from tests.cases.loans import decided, made_case
from tests.conftest import TESTER


def get(client: Client, upstream: Any, path: str, **headers: str) -> Any:
    """Gets an address of the API."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers={**upstream.headers, **named})


# ---------------------------------------------------------------- one case


def test_a_decided_case_shows_its_decision_in_words(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    case = made_case(upstream.client, pipeline=loan)
    path = f"/api/v1/cases/{case.pk}"
    early = get(client, upstream, f"{path}/decision")
    assert (early.status_code, early.json()["type"]) == (404, "/problems/not-decided")
    decision = decided(case)
    shown = get(client, upstream, path).json()
    assert shown["status"] == "decided"
    assert shown["decision"] == get(client, upstream, f"{path}/decision").json()
    assert shown["decision"] == {
        "id": decision.pk,
        "outcome": "decline",
        "label": "Decline",
        "adverse": True,
        "made_by": "review",
        "reasons": [
            {
                "code": "income_insufficient",
                "text": "Income is insufficient for the amount requested",
            },
            {"code": "some_rule", "text": "Some rule"},
        ],
        "decided_at": shown["decision"]["decided_at"],
        "reply": f"{path}/reply",
    }


def test_the_etag_changes_with_the_case_and_spares_reading_it_again(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    case = made_case(upstream.client, pipeline=loan)
    path = f"/api/v1/cases/{case.pk}"
    tag = get(client, upstream, path)["ETag"]
    unchanged = get(client, upstream, path, If_None_Match=f'"x", W/{tag}')
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", tag)
    with transaction.atomic():
        lifecycle.move(case, Status.READ, by=TESTER)
    changed = get(client, upstream, path, If_None_Match=tag)
    assert changed.status_code == 200
    assert changed["ETag"] != tag


@pytest.mark.parametrize("suffix", ["", "/decision", "/withdraw"])
def test_somebody_elses_case_is_not_there(
    client: Client, make_upstream: Any, loan: Any, suffix: str
) -> None:
    case = made_case(make_upstream().client, pipeline=loan)
    stranger = make_upstream()
    method = "post" if suffix == "/withdraw" else "get"
    headers = {**stranger.headers, "If-Match": "*"}
    foreign = getattr(client, method)(f"/api/v1/cases/{case.pk}{suffix}", headers=headers)
    unknown = getattr(client, method)(f"/api/v1/cases/{uuid4()}{suffix}", headers=headers)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["type"] == unknown.json()["type"] == "/problems/not-found"


# ---------------------------------------------------------------- withdrawing


def withdraw(client: Client, upstream: Any, case: Case, tag: str | None) -> Any:
    """Withdraws a case as it was at `tag`."""
    headers = upstream.headers if tag is None else {**upstream.headers, "If-Match": tag}
    return client.post(f"/api/v1/cases/{case.pk}/withdraw", headers=headers)


def test_a_case_is_withdrawn_by_who_has_seen_it_as_it_is(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    case = made_case(upstream.client, pipeline=loan)
    assert withdraw(client, upstream, case, None).json()["status"] == 428
    for stale in ('"7"', '"x"'):
        assert withdraw(client, upstream, case, stale).json()["status"] == 412
    for garbled in ('W/"1"', "1", '"1', '"1" "2"', '"1", *'):
        refused = withdraw(client, upstream, case, garbled).json()
        assert (refused["status"], refused["type"]) == (400, "/problems/if-match-malformed")
    done = withdraw(client, upstream, case, '"7", "1"')
    assert (done.status_code, done.json()["status"], done["ETag"]) == (200, "withdrawn", '"2"')
    event = Event.objects.get(case_id=case.pk, type="case.withdrawn")
    assert (event.actor_kind, event.actor_id) == ("client", str(upstream.client.pk))
    again = withdraw(client, upstream, case, "*")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-withdrawable")
    asked = get(client, upstream, f"/api/v1/cases/{case.pk}/decision")
    assert (asked.status_code, asked.json()["type"]) == (410, "/problems/withdrawn")


def test_a_decided_case_can_not_be_withdrawn(client: Client, make_upstream: Any, loan: Any) -> None:
    upstream = make_upstream()
    case = made_case(upstream.client, pipeline=loan)
    decided(case)
    assert withdraw(client, upstream, case, "*").status_code == 409


# ---------------------------------------------------------------- the list


def walk(client: Client, upstream: Any, path: str) -> list[str]:
    """The ids of all pages, in order."""
    ids: list[str] = []
    following: str | None = path
    while following:
        page = get(client, upstream, following)
        assert page.status_code == 200, page.content
        ids += [item["id"] for item in page.json()["items"]]
        following = page.json()["next"]
        assert (following is None) == ("Link" not in page)
    return ids


def test_pages_lose_and_double_nothing_while_cases_arrive(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    there = [str(made_case(upstream.client, pipeline=loan).pk) for _ in range(12)]
    seen: list[str] = []
    following = "/api/v1/cases?limit=5"
    while following:
        made_case(upstream.client, pipeline=loan)
        made_case(make_upstream().client, pipeline=loan)
        page = get(client, upstream, following).json()
        seen += [item["id"] for item in page["items"]]
        following = page["next"]
    assert seen[-12:] == there[::-1]
    assert len(seen) == len(set(seen)) == 13


def test_the_list_is_narrowed_by_each_filter(client: Client, make_upstream: Any, loan: Any) -> None:
    upstream = make_upstream()
    old, new = (made_case(upstream.client, pipeline=loan, reference=r) for r in ("a&b", "ü"))
    with transaction.atomic():
        lifecycle.move(new, Status.READ, by=TESTER)
    Case.objects.filter(pk=old.pk).update(created_at="2020-01-01T00:00:00Z")
    for query, expected in {
        "status=read": [new],
        "reference=a%26b": [old],
        "pipeline=loan&limit=1": [new, old],
        "reference=other": [],
        "created_after=2020-01-01T01:00:00%2B00:30": [new],
        "created_after=2020-01-01T01:00:00%2B02:00": [new, old],
        "created_after=2019-12-31T23:59:59Z": [new, old],
    }.items():
        found = walk(client, upstream, f"/api/v1/cases?{query}")
        assert found == [str(case.pk) for case in expected], query


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=１",
        "limit=1&limit=2",
        "status=lost",
        "pipeline=lost",
        "pipeline=",
        "cursor=AAAA",
        "cursor=%00",
        "cursor=é",
        "reference=%00",
        "reference=a%ED%A0%80&limit=0",
        "created_after=yesterday",
        "created_after=2026-01-01",
        "created_after=2026-01-01T00:00:00",
        "created_after=0001-01-01T00:00:00%2B14:00",
        "statsu=read",
        "%00=1",
    ],
)
def test_a_query_that_makes_no_sense_is_refused(
    client: Client, make_upstream: Any, loan: Any, query: str
) -> None:
    response = get(client, make_upstream(), f"/api/v1/cases?{query}")
    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-query")
    assert response.json()["errors"]


def test_a_plus_in_an_address_is_a_space_and_said_so(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    query = "created_after=2026-01-01T00:00:00+01:00"
    (fault,) = get(client, make_upstream(), f"/api/v1/cases?{query}").json()["errors"]
    assert "%2B" in fault["detail"]


def test_a_list_takes_few_statements_however_long(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    get(client, upstream, "/api/v1/cases")  # notes that the key is in use, once a minute
    counts = []
    for _ in range(2):
        for _ in range(4):
            decided(made_case(upstream.client, pipeline=loan))
        with CaptureQueriesContext(connection) as statements:
            assert get(client, upstream, "/api/v1/cases").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 3


# ---------------------------------------------------------------- pipelines


def test_a_pipeline_tells_all_that_is_needed_to_post(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    (listed,) = get(client, upstream, "/api/v1/pipelines").json()["items"]
    assert listed == {"slug": "loan", "name": "Small-business loan", "version": 1}
    shown = get(client, upstream, "/api/v1/pipelines/loan").json()
    assert shown["schema"]["required"] == ["applicant", "loan", "finances", "employment"]
    assert next(paper["kind"] for paper in shown["documents"]) == "application"
    assert {outcome["name"] for outcome in shown["outcomes"]} == {"approve", "decline"}
    assert get(client, upstream, "/api/v1/pipelines/yacht").status_code == 404


# ---------------------------------------------------------------- the allowance


def test_every_answer_tells_the_allowance_and_the_last_one_when_to_come_again(
    client: Client, make_upstream: Any, loan: Any, settings: Any
) -> None:
    settings.RATE_LIMIT_REQUESTS, settings.RATE_LIMIT_SECONDS = 2, 50
    upstream = make_upstream()
    left = []
    for _ in range(2):
        response = get(client, upstream, "/api/v1/cases?limit=0")
        assert response["RateLimit-Policy"] == '"requests";q=2;w=50'
        left.append(response["RateLimit"].split(";")[1])
    assert left == ["r=1", "r=0"]
    refused = get(client, upstream, "/api/v1/cases")
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
    seconds = int(refused["RateLimit"].rpartition("t=")[2])
    assert seconds <= int(refused["Retry-After"]) <= 50
    assert get(client, make_upstream(), "/api/v1/cases").status_code == 200


def test_the_allowance_is_exact_for_many_at_once(db: None, make_upstream: Any) -> None:
    client_id = make_upstream().client.pk
    with ThreadPoolExecutor(8) as pool:
        spent = list(pool.map(lambda _: spend(client_id), range(64)))
    quota = django_settings.RATE_LIMIT_REQUESTS
    assert sorted(quota - one.left for one in spent if one) == list(range(1, 65))


def test_without_redis_nobody_is_kept_out(
    client: Client, make_upstream: Any, loan: Any, settings: Any
) -> None:

    settings.REDIS_URL = "unix:///nowhere.sock"
    script.cache_clear()
    response = get(client, make_upstream(), "/api/v1/cases")
    script.cache_clear()
    assert response.status_code == 200
    assert "RateLimit" not in response


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("get", "/api/v1/nowhere", 404, "not-found"),
        ("get", "/api/v1", 404, "not-found"),
        ("get", "/api/", 404, "not-found"),
        ("get", "/api/v2/cases", 404, "not-found"),
        ("get", "/api/v1/cases/7", 404, "not-found"),
        ("get", "/api/v1/cases/%00", 404, "not-found"),
        ("put", "/api/v1/cases", 405, "method-not-allowed"),
        ("options", "/api/v1/cases", 405, "method-not-allowed"),
        ("post", "/api/v1/pipelines", 405, "method-not-allowed"),
    ],
)
def test_wrong_addresses_and_methods_are_problems_too(
    client: Client, make_upstream: Any, method: str, path: str, status: int, name: str, loan: Any
) -> None:
    response = getattr(client, method)(path, headers=make_upstream().headers)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == f"/problems/{name}"
    if status == 405:
        assert "GET" in response["Allow"]


def test_a_wrong_host_is_a_problem_too(client: Client, db: None) -> None:
    response = client.get("/api/v1/cases", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_people_get_pages_and_not_problems(client: Client, db: None) -> None:
    assert client.get("/nowhere")["Content-Type"].startswith("text/html")


def test_each_problem_is_explained_where_its_type_says(client: Client, db: None) -> None:
    for name, problem in CATALOGUE.items():
        response = client.get(f"/problems/{name}")
        assert response.status_code == 200
        page = html.unescape(response.content.decode())
        assert all(words in page for words in (problem.cause, problem.remedy, f'"{problem.type}"'))
    assert client.get("/problems/none").status_code == 404


def test_the_log_knows_each_problem_by_its_instance(
    client: Client, make_upstream: Any, loan: Any
) -> None:
    with capture_logs() as logged:
        answer = get(client, make_upstream(), "/api/v1/nowhere").json()
    assert {"instance": answer["instance"], "problem": "not-found"}.items() <= logged[0].items()


def test_without_the_database_the_answer_is_503(
    own_database: str, make_upstream: Any, client: Client
) -> None:
    upstream = make_upstream()
    connection.close()
    right, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], "no_such_database"
    response = get(client, upstream, "/api/v1/cases")
    ready = client.get("/health/ready")
    live = client.get("/health/live")
    connection.close()
    connection.settings_dict["NAME"] = right
    assert (response.status_code, response.json()["type"]) == (503, "/problems/unavailable")
    assert response["Retry-After"]
    assert (ready.status_code, ready.json()["database"], live.status_code) == (503, "away", 200)
    assert client.get("/health/ready").status_code == 200
