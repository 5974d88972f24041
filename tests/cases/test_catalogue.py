"""Applying pipelines: versions are numbered, immutable, and the last applied is current."""

import copy
from typing import Any

import pytest
from django.conf import settings

from accounts.models import ApiClient
from audit.models import Event
from cases.catalogue import apply_pipeline
from cases.definition import InvalidDefinition
from cases.models import Pipeline, PipelineVersion
from tests.casefiles import TESTER, found, received_case

FILE = settings.BASE_DIR / "cases/pipelines/loan/pipeline.toml"


def content_of(loan: Pipeline, **changes: Any) -> dict[str, Any]:
    assert loan.current is not None
    return {**copy.deepcopy(loan.current.content), **changes}


def applied() -> list[Event]:
    return list(Event.objects.filter(type="pipeline.applied"))


def test_the_same_again_changes_nothing(loan: Pipeline) -> None:
    before = len(applied())
    assert apply_pipeline(content_of(loan), by=TESTER) == loan.current
    assert len(applied()) == before


def test_another_content_under_the_same_number_is_refused(loan: Pipeline) -> None:
    with pytest.raises(InvalidDefinition, match="version 1 of loan exists and differs"):
        apply_pipeline(content_of(loan, name="Other"), by=TESTER)
    assert Pipeline.objects.get(pk=loan.pk).name == loan.name


def test_a_new_version_is_current_and_open_cases_keep_theirs(
    loan: Pipeline, make_upstream: Any
) -> None:
    client: ApiClient = make_upstream().client
    case = received_case(loan, client)
    version = apply_pipeline(content_of(loan, version=2, name="Loans"), by=TESTER)
    after = Pipeline.objects.get(pk=loan.pk)
    assert (after.current, after.name, version.number) == (version, "Loans", 2)
    assert found(case).definition.version == 1
    assert version.definition.version == 2
    assert applied()[-1].data["new"] is True


def test_an_earlier_version_can_be_made_current_again(loan: Pipeline) -> None:
    apply_pipeline(content_of(loan, version=2), by=TESTER)
    apply_pipeline(content_of(loan), by=TESTER)
    assert Pipeline.objects.get(pk=loan.pk).current == loan.current
    assert applied()[-1].data == {
        "version": 1, "new": False, "sha256": loan.current.sha256,  # type: ignore[union-attr]
    }  # fmt: skip


def test_a_mistake_leaves_everything_as_it_was(loan: Pipeline) -> None:
    before = PipelineVersion.objects.count()
    with pytest.raises(InvalidDefinition):
        apply_pipeline(content_of(loan, version=2, outcomes=[]), by=TESTER)
    assert PipelineVersion.objects.count() == before
