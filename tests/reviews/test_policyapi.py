"""Policies through the API: read, tried, drafted and changed by programs; signed by nobody there."""

import copy
import itertools
import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import Scope, User
from accounts.roles import Role
from cases.catalogue import apply_pipeline
from cases.models import Pipeline
from reviews.models import PolicyVersion, Proposal
from reviews.policies import active_policy
from reviews.policytoml import read_text, written
from reviews.proposing import draft_proposal, request_signature, roll_back, sign_proposal
from tests.conftest import TESTER, Upstream

BASE = "/api/v1/pipelines/loan/policy"
TOML = "application/toml"
KEYS = itertools.count(1)
STRICT = """# kept in git
queue = "loan-review"
field_queue = "loan-papers"

[thresholds]
approve = 0.95

[[rules]]
name = "large"
when = "data.loan.amount > 9000.0"
reason = "Large"
"""


@pytest.fixture
def ci(db: None, make_upstream: Callable[..., Upstream]) -> Upstream:
    return make_upstream(scopes=[Scope.POLICIES])


def draft(client: Client, ci: Upstream, body: Any = STRICT, **options: Any) -> Any:
    options.setdefault("content_type", TOML if isinstance(body, str) else "application/json")
    options.setdefault("query", "?title=Stricter" if isinstance(body, str) else "")
    headers = {**ci.headers, "Idempotency-Key": options.pop("key", f'"{next(KEYS)}"')}
    address = f"{BASE}/proposals{options.pop('query')}"
    return client.post(address, body, headers=headers, **options)


def put(
    client: Client, ci: Upstream, address: str, body: str, *, match: str, query: str = ""
) -> Any:
    headers = {**ci.headers, "If-Match": match}
    return client.put(f"{address}{query}", body, content_type=TOML, headers=headers)


def policy(loan: Pipeline, **changes: Any) -> dict[str, Any]:
    active = active_policy(loan)
    assert active is not None
    return {**copy.deepcopy(active.content), **changes}


# ---------------------------------------------------------------- reading


def test_the_policy_in_force_is_read_as_json_and_as_toml(
    client: Client, ci: Upstream, loan: Pipeline
) -> None:
    active = active_policy(loan)
    assert active is not None
    shown = client.get(BASE, headers=ci.headers).json()
    assert (shown["number"], shown["active"], shown["policy"]) == (
        active.number,
        True,
        active.content,
    )
    text = client.get(BASE, headers={**ci.headers, "Accept": TOML})
    assert text["Content-Type"] == f"{TOML}; charset=utf-8"
    assert tomllib.loads(text.content.decode()) == active.content
    missing = client.get(f"{BASE}/versions/999", headers={**ci.headers, "Accept": TOML})
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    assert missing.json()["type"] == "/problems/not-found"


def test_the_versions_say_where_they_came_from(
    client: Client, ci: Upstream, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    first = active_policy(loan)
    assert first is not None
    dora, karim = make_person(Role.PIPELINE_ADMIN), make_person(Role.PIPELINE_ADMIN)
    location = draft(client, ci)["Location"]
    proposal = Proposal.objects.get()
    request_signature(proposal.pk, revision=1, by=dora)
    sign_proposal(proposal.pk, revision=1, answer="Good.", by=karim)
    shown = client.get(location, headers=ci.headers).json()
    assert (shown["status"], shown["version"], shown["answer"]) == (
        "active",
        first.number + 1,
        "Good.",
    )
    assert shown["differences"] == []
    roll_back(first, reason="Too strict", by=dora)
    newest, second, *_ = client.get(f"{BASE}/versions", headers=ci.headers).json()["items"]
    assert (newest["number"], newest["restores"], newest["reason"]) == (
        first.number + 2,
        first.number,
        "Too strict",
    )
    assert (second["active"], second["title"]) == (False, "Stricter")
    one = client.get(f"{BASE}/versions/{second['number']}", headers={**ci.headers, "Accept": TOML})
    assert tomllib.loads(one.content.decode()) == tomllib.loads(STRICT)


# ---------------------------------------------------------------- drafting


def test_a_draft_of_toml_tells_what_it_would_change(
    client: Client, ci: Upstream, loan: Pipeline
) -> None:
    before = active_policy(loan)
    assert before is not None
    answer = draft(client, ci, query="?title=Stricter&reason=Too%20many%20wrong")
    shown = answer.json()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer["Location"] == f"{BASE}/proposals/{shown['id']}"
    assert (shown["status"], shown["reason"]) == ("draft", "Too many wrong")
    assert (shown["base"], shown["active"]) == (before.number, before.number)
    (threshold,) = (each for each in shown["differences"] if each["part"] == "thresholds.approve")
    assert threshold == {
        "part": "thresholds.approve",
        "words": "“Approve” is automatic from: 0.95, before 0.85",
        "before": 0.85,
        "after": 0.95,
    }
    assert shown["mistakes"] == []
    assert Proposal.objects.get().drafted_by_client == ci.client
    assert active_policy(loan) == before


def test_a_sound_rule_that_asks_for_what_no_case_has_is_told_by_its_line(
    client: Client, ci: Upstream, loan: Pipeline
) -> None:
    shown = draft(client, ci, STRICT.replace("data.loan", "data.lone")).json()
    (strange,) = shown["mistakes"]
    assert (strange["pointer"], strange["line"]) == ("#/rules/0/when", 10)
    again = client.get(f"{BASE}/proposals/{shown['id']}", headers=ci.headers).json()
    assert again["mistakes"] == [{"pointer": "#/policy/rules/0/when", "detail": strange["detail"]}]


@pytest.mark.parametrize(
    ("before", "after", "pointer", "line"),
    [
        ("approve = 0.95", "maybe = 0.95", "#/thresholds/maybe", 6),
        ("approve = 0.95", "approve = 1979-05-27", "#/thresholds/approve", 6),
        ('"loan-papers"', '"elsewhere"', "#/field_queue", 3),
        ("9000.0", "", "#/rules/0/when", 10),
        ("9000.0", f"9000.0{' && true' * 300}", "#/rules/0/when", 10),
        ("# kept in git", "calibration = 7", "#/calibration", 1),
        ("# kept in git", "surprise = 7", "#/surprise", 1),
    ],
)
def test_a_mistake_is_told_by_its_pointer_and_its_line(
    client: Client, ci: Upstream, loan: Pipeline, before: str, after: str, pointer: str, line: int
) -> None:
    text = STRICT.replace(before, after)
    checked = client.post(f"{BASE}/check", text, content_type=TOML, headers=ci.headers)
    for answer in (draft(client, ci, text), checked):
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["line"], error["code"]) == (pointer, line, "policy")
    policy = tomllib.loads(STRICT)
    policy["thresholds"] = {"approve": 2}
    error = draft(client, ci, {"title": "A", "policy": policy}).json()["errors"][0]
    assert (error["pointer"], "line" in error) == ("#/policy/thresholds/approve", False)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("queue = ", "no TOML"),
        ('queue = "\\u0000"', "cannot be kept"),
        ("blind_share = nan", "cannot be kept"),
        ("a = " + "[" * 3000, "nests too deep"),
        ("a = " + "9" * 5000, "digits"),
        ("# " + "x" * 70_000, "64 KiB"),
        ("", "empty"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_what_is_no_toml_is_said_so(
    client: Client, ci: Upstream, loan: Pipeline, body: str | bytes, says: str
) -> None:
    answer = draft(client, ci, body, content_type=TOML, query="?title=A")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-body")
    assert says in answer.json()["detail"]


def test_a_policy_in_json_is_no_larger_than_one_in_toml(
    client: Client, ci: Upstream, loan: Pipeline
) -> None:
    policy = tomllib.loads(STRICT)
    policy["rules"] = [
        {"name": f"rule {number}", "when": "true", "reason": "x" * 400} for number in range(180)
    ]
    answer = draft(client, ci, {"title": "A", "policy": policy})
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("#/policy", "size")
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "title"),
        ("?title=", "title"),
        ("?title=A&title=B", "title"),
        (f"?title={'x' * 201}", "title"),
        ("?title=A&surprise=1", "surprise"),
        (f"?title=A&reason={'x' * 501}", "reason"),
        ("?title=two%0Alines", "title"),
    ],
)
def test_a_title_stands_once_beside_toml(
    client: Client, ci: Upstream, loan: Pipeline, query: str, parameter: str
) -> None:
    answer = draft(client, ci, query=query)
    assert answer.status_code == 400
    assert {error["parameter"] for error in answer.json()["errors"]} == {parameter}


def test_json_carries_its_title_itself(client: Client, ci: Upstream, loan: Pipeline) -> None:
    body = {"title": "Stricter", "reason": "Why", "policy": tomllib.loads(STRICT)}
    assert draft(client, ci, body).json()["title"] == "Stricter"
    assert draft(client, ci, body, query="?title=Other").status_code == 400
    wrongs: list[Any] = [
        {"title": "A"},
        {**body, "more": 1},
        {**body, "title": " "},
        [],
        {**body, "policy": 1},
    ]
    for wrong in wrongs:
        assert draft(client, ci, wrong).status_code == 422
    broken = draft(client, ci, {**body, "title": "two\nlines"})
    assert (broken.status_code, broken.json()["errors"][0]["pointer"]) == (422, "#/title")


def test_the_same_key_drafts_once(client: Client, ci: Upstream, loan: Pipeline) -> None:
    first, again = draft(client, ci, key='"one"'), draft(client, ci, key='"one"')
    assert again["Idempotency-Replayed"] == "true"
    assert (again.json(), Proposal.objects.count()) == (first.json(), 1)
    assert draft(client, ci, key='"one"', query="?title=Another").status_code == 422
    missing = client.post(
        f"{BASE}/proposals?title=A", STRICT, content_type=TOML, headers=ci.headers
    )
    assert missing.json()["type"] == "/problems/idempotency-key-missing"


def test_checking_keeps_nothing(client: Client, ci: Upstream, loan: Pipeline) -> None:
    before = active_policy(loan)
    assert before is not None
    shown = client.post(f"{BASE}/check", STRICT, content_type=TOML, headers=ci.headers).json()
    assert (shown["active"], shown["mistakes"]) == (before.number, [])
    assert "thresholds.approve" in [each["part"] for each in shown["differences"]]
    same = client.post(
        f"{BASE}/check", policy(loan), content_type="application/json", headers=ci.headers
    )
    assert same.json()["differences"] == []
    assert not Proposal.objects.exists()


# ---------------------------------------------------------------- changing


def test_a_draft_is_changed_as_it_was_seen(client: Client, ci: Upstream, loan: Pipeline) -> None:
    location = draft(client, ci, query="?title=Stricter&reason=Why")["Location"]
    changed = put(
        client, ci, location, STRICT.replace("0.95", "0.9"), match='"1"', query="?title=Less"
    )
    shown = changed.json()
    assert (changed.status_code, changed["ETag"], shown["revision"]) == (200, '"2"', 2)
    assert (shown["title"], shown["reason"]) == ("Less", "Why")
    assert shown["policy"]["thresholds"] == {"approve": 0.9}
    late = put(client, ci, location, STRICT, match='"1"')
    assert (late.status_code, late.json()["type"]) == (412, "/problems/proposal-changed")
    assert client.put(location, STRICT, content_type=TOML, headers=ci.headers).status_code == 428
    wrong = put(client, ci, location, STRICT.replace("approve", "maybe"), match='"2"')
    assert (wrong.status_code, wrong.json()["errors"][0]["line"]) == (422, 6)
    text = client.get(location, headers={**ci.headers, "Accept": TOML})
    assert "approve = 0.9\n" in text.content.decode()
    gone = client.delete(location, headers={**ci.headers, "If-Match": '"1"'})
    assert gone.status_code == 412
    assert client.delete(location, headers={**ci.headers, "If-Match": '"2"'}).status_code == 204
    assert client.get(location, headers=ci.headers).json()["status"] == "discarded"
    again = client.delete(location, headers={**ci.headers, "If-Match": "*"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/proposal-closed")


def test_what_people_were_asked_to_sign_is_closed(
    client: Client, ci: Upstream, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    location = draft(client, ci)["Location"]
    proposal = Proposal.objects.get()
    request_signature(proposal.pk, revision=1, by=make_person(Role.PIPELINE_ADMIN))
    answer = put(client, ci, location, STRICT, match='"1"')
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/proposal-closed")
    assert "another step" in answer.json()["detail"]
    for step in ("request", "sign"):
        assert client.post(f"{location}/{step}", headers=ci.headers).status_code == 404


def test_a_draft_that_no_longer_fits_says_so(client: Client, ci: Upstream, loan: Pipeline) -> None:
    location = draft(client, ci)["Location"]
    assert loan.current is not None
    text = json.dumps(loan.current.content).replace('"approve"', '"grant"')
    definition = {**json.loads(text), "version": loan.current.number + 1}
    apply_pipeline(definition, by=TESTER)
    shown = client.get(location, headers=ci.headers).json()
    (mistake,) = shown["mistakes"]
    assert mistake["pointer"] == "#/policy/thresholds/approve"
    assert shown["differences"] == []


# ---------------------------------------------------------------- whose it is


def test_a_client_sees_its_own_pipelines_and_drafts_alone(
    client: Client,
    ci: Upstream,
    loan: Pipeline,
    make_upstream: Callable[..., Upstream],
    make_person: Callable[..., User],
) -> None:
    location = draft(client, ci)["Location"]
    other = make_upstream(scopes=[Scope.POLICIES])
    stranger = make_upstream("elsewhere", scopes=[Scope.POLICIES])
    assert client.get(location, headers=other.headers).status_code == 404
    assert client.get(f"{BASE}/proposals", headers=other.headers).json() == {"items": []}
    assert len(client.get(f"{BASE}/proposals", headers=ci.headers).json()["items"]) == 1
    assert put(client, other, location, STRICT, match='"1"').status_code == 404
    draft_proposal(loan, policy(loan), title="Mine", by=make_person(Role.PIPELINE_ADMIN))
    assert len(client.get(f"{BASE}/proposals", headers=ci.headers).json()["items"]) == 1
    for address in (
        "",
        "/versions",
        f"/versions/{PolicyVersion.objects.all()[0].number}",
        "/proposals",
    ):
        assert client.get(f"{BASE}{address}", headers=stranger.headers).status_code == 404
    assert draft(client, stranger).status_code == 404
    assert (
        client.post(
            f"{BASE}/check", STRICT, content_type=TOML, headers=stranger.headers
        ).status_code
        == 404
    )


def test_who_posts_cases_has_no_part_in_policies(
    client: Client, loan: Pipeline, make_upstream: Callable[..., Upstream]
) -> None:
    upstream = make_upstream()
    for address in (BASE, f"{BASE}/versions", f"{BASE}/proposals"):
        assert client.get(address, headers=upstream.headers).status_code == 403
    assert draft(client, upstream).status_code == 403


# ---------------------------------------------------------------- TOML


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES = st.recursive(
    TEXTS
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
@hypothesis_settings(max_examples=60, deadline=None)
def test_what_is_written_as_toml_is_read_the_same(content: dict[str, Any]) -> None:
    assert read_text(written(content).encode()).content == content
