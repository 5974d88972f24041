"""Guidance: why a case is here and when to cite which reason, and nothing that tells of the score."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import ApiClient, User
from cases.definition import parse, read_toml
from cases.models import Case, Pipeline
from tests.casefiles import APPROVE, held, reviewed_case, waiting_case

REASONS: list[dict[str, Any]] = [
    {"code": "not_confident", "text": "Approve at 0.71, below 0.85", "field": None},
    {"code": "field_doubtful", "text": "IBAN was read at 0.66, below 0.80", "field": "iban"},
]


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    return waiting_case(loan, bank, reasons=REASONS)


def guidance(client: Client, case: Case) -> str:
    answer = client.get(f"/cases/{case.pk}/guidance/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_reason_of_the_loan_pipeline_has_guidance() -> None:
    text = (settings.BASE_DIR / "cases" / "pipelines" / "loan" / "pipeline.toml").read_text()
    assert [reason.code for reason in parse(read_toml(text)).reasons if not reason.guidance] == []


def test_guidance_tells_what_sent_the_case_here_and_the_policy(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    page = guidance(client, case)
    assert "Approve at 0.71, below 0.85" in page
    assert "IBAN was read at 0.66" in page
    assert "Approve: from 0.85" in page
    assert "Decline: never" in page
    assert "The field loan amount read at 0.90 or more" in page


def test_without_scripts_the_reasons_that_were_chosen_stand_open(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    claim = held(case, reviewer)
    sent = {"fence": claim.pk, "verdict": "decline", "reason:decline": ["employment_short"]}
    assert client.post(f"/cases/{case.pk}/draft/", sent).status_code == 204
    assert 'data-guidance-reason="employment_short" open' in guidance(client, case)


def test_an_independent_judge_finds_nothing_of_the_score_in_it(
    client: Client,
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    senior: User,
) -> None:
    case = reviewed_case(
        loan,
        bank,
        reviewer,
        verdict=APPROVE,
        predicted="approve",
        reasons=REASONS,
        second_review="loan-second",
    )
    client.force_login(senior)
    held(case, senior)
    page = guidance(client, case)
    assert "0.71" not in page
    assert "IBAN was read at 0.66" in page


def test_where_the_model_gave_no_answer_the_page_says_so(
    client: Client, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    client.force_login(reviewer)
    case = waiting_case(loan, bank, predicted=None, reasons=REASONS[1:])
    held(case, reviewer)
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert "the model gave no usable answer" in page
    assert f"/cases/{case.pk}/rescore/" not in page
