"""Assessing a read case: what is found out beside the model, and how it is kept."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import ApiClient
from audit import vault
from cases.models import Case
from inference.assessing import assess, assessment_of, field_facts, keep_assessment
from inference.knowing import NOTHING, Assessed
from inference.models import Assessment
from tests.casefiles import received_case
from tests.pipelines import pipeline_of

TEXT = "My chest hurts. No fever or rash. I had a heart attack in 2015."


@pytest.fixture
def upstream(db: None, make_upstream: Callable[..., Any]) -> ApiClient:
    client: ApiClient = make_upstream().client
    return client


def message(client: ApiClient, **data: Any) -> Case:
    patient = {"name": "Rosalind Achterberg", "date_of_birth": "1961-05-04"}
    sent = {"patient": patient, "message": {"text": TEXT}, **data}
    return received_case(pipeline_of("patient-message"), client, data=sent)


def assessed_of(case: Case) -> Assessed:
    opened = vault.of(case.pk)
    return assess(case, opened.open_json("data", case.sealed_data), field_facts(case, opened))


def test_a_message_is_assessed_by_its_words_and_its_measurements(upstream: ApiClient) -> None:
    case = message(upstream, vitals={"respiration_rate": 25, "temperature": 37.0})
    assessed = assessed_of(case)
    assert set(assessed.flags) == {"cardiac_chest_pain", "news2_single"}
    said, measured = assessed.content["flags"]
    assert [TEXT[start:end] for start, end in said["spans"]] == ["chest hurts"]
    assert measured["spans"] == []
    assert [each["status"] for each in assessed.content["mentions"]] == ["past"]
    assert assessed.content["tables"]["news2"]["points"] == 3
    unknown = {each["name"]: each["absent"] for each in assessed.content["unknown"]}
    assert "pulse" in unknown["news2_emergency"]


def test_an_assessment_is_kept_sealed_and_its_flags_in_clear(upstream: ApiClient) -> None:
    case = message(upstream)
    opened = vault.of(case.pk)
    assessed = assessed_of(case)
    keep_assessment(case, opened, assessed)
    row = Assessment.objects.get(case=case)
    assert row.flags == ["cardiac_chest_pain"]
    assert b"chest" not in bytes(row.sealed_content)
    assert assessment_of(case, opened).content == assessed.content


def test_that_nothing_was_found_is_kept_too_and_ends_what_was_said_before(
    upstream: ApiClient,
) -> None:
    case = message(upstream)
    opened = vault.of(case.pk)
    keep_assessment(case, opened, assessed_of(case))
    keep_assessment(case, opened, NOTHING)
    assert assessment_of(case, opened).flags == ()
    assert assessment_of(case, opened) is not NOTHING


def test_where_there_is_nothing_to_find_nothing_is_kept(upstream: ApiClient) -> None:
    case = received_case(pipeline_of("loan"), upstream)
    opened = vault.of(case.pk)
    keep_assessment(case, opened, assessed_of(case))
    assert not Assessment.objects.filter(case=case).exists()
