"""Receipts: the facts of a decision, which whom it is about can check without asking anybody."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from audit.notes import verifier_key
from audit.verify import words_of
from cases.models import Case, Decision, Pipeline, Status
from reviews.reopening import carry_on, reopen_cases
from reviews.trail.receipts import receipt_of
from tests.audit.exported import verified
from tests.casefiles import DECLINE, decided_case, reviewed_case, scored_case, waiting_case
from tests.conftest import Upstream
from tests.seals import KEYS, seal_all

KEY = verifier_key("tests", KEYS["tests"])


@pytest.fixture
def upstream(own_database: str, make_upstream: Callable[[], Upstream]) -> Upstream:
    return make_upstream()


@pytest.fixture
def pipeline(own_database: str) -> Pipeline:
    return Pipeline.objects.select_related("current").get(slug="loan")


@pytest.fixture
def reviewer(own_database: str, make_person: Callable[..., User]) -> User:
    return make_person(Role.REVIEWER, first_name="Mara", last_name="Okonkwo")


@pytest.fixture
def declined(pipeline: Pipeline, upstream: Upstream, reviewer: User) -> Case:
    return reviewed_case(pipeline, upstream.client, reviewer, verdict=DECLINE, predicted="decline")


def asked(client: Client, upstream: Upstream, case: Case) -> Any:
    return client.get(reverse("api:receipt", args=[case.pk]), headers=upstream.headers)


def checked(tmp_path: Path, receipt: dict[str, Any], *more: object) -> tuple[int, str]:
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt), encoding="utf-8")
    return verified(path, "--key", KEY, *more)


def test_the_upstream_gets_a_receipt_that_proves_itself(
    client: Client, upstream: Upstream, declined: Case, reviewer: User, tmp_path: Path
) -> None:
    early = asked(client, upstream, declined)
    assert (early.status_code, early["Retry-After"]) == (409, "5")
    assert early.json()["type"] == "/problems/not-sealed"
    saved = tmp_path / "saved.txt"
    saved.write_text(seal_all().note)
    answer = asked(client, upstream, declined)
    assert answer.status_code == 200, answer.content
    receipt = answer.json()
    facts = receipt["decision"]
    assert (facts["outcome"], facts["made_by"], facts["policy"]) == ("decline", "review", 1)
    assert "version 1" in facts["model"]
    assert receipt["reference"] == declined.reference
    code, said = checked(tmp_path, receipt, "--checkpoint", saved)
    assert code == 0, said
    assert f"The case has the reference {declined.reference}." in said
    (words,) = facts["words"]["reasons"]
    assert "Decision: Decline" in said
    assert words in said
    assert "by a person" in said
    for secret in ("Mara", "Okonkwo", reviewer.username, DECLINE.explanation, "0.71"):
        assert secret not in answer.content.decode()
    assert Event.objects.get(type="receipt.taken").actor_kind == "client"


def test_a_receipt_that_was_tampered_with_is_told(
    declined: Case, upstream: Upstream, pipeline: Pipeline, tmp_path: Path
) -> None:
    other = decided_case(pipeline, upstream.client)
    seal_all()
    receipt = receipt_of(Decision.objects.get(case=declined))
    wrong = receipt_of(Decision.objects.get(case=other))
    facts, proof = receipt["decision"], receipt["reference_proof"]
    event = receipt["event"].replace('"decline"', '"approve"')
    unproven = {**receipt, "reference": "L-0\nDecision:   Approve", "reference_proof": None}
    attacks: dict[str, dict[str, Any]] = {
        "The receipt says outcome: approve": {"decision": {**facts, "outcome": "approve"}},
        "The receipt says grade: A": {"decision": {**facts, "grade": "A"}},
        "is not in the log: it was changed or made up": {"event": event},
        "The words of this receipt are not": {"words": receipt["words"] + "All is well."},
        "The reference is not the one": {"reference": "L-0"},
        "could pass for further lines": {**unproven, "words": words_of(unproven, False)},
        "the case's arrival is not in the log": {"reference_proof": {**proof, "position": 0}},
        "is not the decision of its case": {
            name: proof[name] for name in ("position", "event", "path")
        },
        "no key that counts": {"checkpoint": receipt["checkpoint"].replace("— tests", "— other")},
        "does not fit its text": {"checkpoint": receipt["checkpoint"].replace("\n", "!\n", 1)},
        "The receipt says made_by": {
            name: wrong[name] for name in ("position", "event", "path", "case")
        },
    }
    assert checked(tmp_path, receipt)[0] == 0
    for sentence, changes in attacks.items():
        code, said = checked(tmp_path, {**receipt, **changes})
        assert (code, sentence in said) == (1, True), f"{sentence}: {said}"


def test_the_receipt_of_a_superseded_decision_stays_checkable(
    pipeline: Pipeline, upstream: Upstream, make_person: Callable[..., User], client: Client,
    tmp_path: Path,
) -> None:  # fmt: skip
    case = decided_case(pipeline, upstream.client)
    decision = Decision.objects.get(case=case)
    seal_all()
    before = receipt_of(decision)
    assert "automatically, without a person" in before["words"]
    reopening = reopen_cases(
        [case.pk], reason="A mistake", because_of=None, by=make_person(Role.PIPELINE_ADMIN)
    )
    carry_on(reopening.pk)
    seal_all()
    assert checked(tmp_path, before)[0] == 0
    assert checked(tmp_path, receipt_of(decision))[0] == 0
    assert asked(client, upstream, case).status_code == 404
    client.force_login(make_person(Role.AUDITOR))
    address = reverse("receipt", args=[case.pk])
    assert client.get(address).status_code == 404
    assert client.get(f"{address}?decision={decision.pk}").json()["case"] == str(case.pk)


def test_on_the_page_it_is_a_file_as_soon_as_the_log_is_sealed(
    client: Client, declined: Case, reviewer: User, tmp_path: Path
) -> None:
    client.force_login(reviewer)
    address = reverse("receipt", args=[declined.pk])
    assert address in client.get(reverse("case", args=[declined.pk])).content.decode()
    early = client.get(address)
    assert (early.status_code, address in early.content.decode()) == (409, True)
    seal_all()
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="receipt-')
    assert checked(tmp_path, answer.json())[0] == 0
    assert Event.objects.get(type="receipt.taken").actor_id == str(reviewer.pk)


def test_nobody_gets_a_receipt_of_what_is_not_theirs_or_not_decided(
    client: Client, pipeline: Pipeline, upstream: Upstream, make_upstream: Callable[[], Upstream],
    make_person: Callable[..., User],
) -> None:  # fmt: skip
    case, waiting = decided_case(pipeline, upstream.client), waiting_case(pipeline, upstream.client)
    assert asked(client, make_upstream(), case).status_code == 404
    assert asked(client, upstream, waiting).json()["type"] == "/problems/not-decided"
    client.force_login(make_person(Role.PIPELINE_ADMIN))
    assert client.get(reverse("receipt", args=[case.pk])).status_code == 404
    client.force_login(make_person(Role.REVIEWER))
    assert client.get(reverse("receipt", args=[waiting.pk])).status_code == 404


def test_a_decision_that_is_not_in_the_log_has_no_receipt_and_the_page_says_so(
    client: Client, pipeline: Pipeline, upstream: Upstream, make_person: Callable[..., User]
) -> None:
    """As of cases that are made up for a demonstration, with a past before the log."""
    case = scored_case(pipeline, upstream.client)
    Decision.objects.create(
        case=case, outcome="approve", adverse=False, made_by=Decision.MadeBy.POLICY, reason_codes=[]
    )
    Case.objects.filter(pk=case.pk).update(status=Status.DECIDED)
    client.force_login(make_person(Role.AUDITOR))
    address = reverse("receipt", args=[case.pk])
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert ("ruling-title" in page, address in page) == (True, False)
    answer = client.get(address)
    assert answer.status_code == 404
    assert "There is no receipt of this decision" in answer.content.decode()
    problem = asked(client, upstream, case)
    assert (problem.status_code, problem["Content-Type"]) == (404, "application/problem+json")
    assert "does not stand in the log" in problem.json()["detail"]
