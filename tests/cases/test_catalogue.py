"""Applying pipelines: versions are numbered, immutable, and the last applied is current."""

import copy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

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


def test_the_command_checks_and_applies_files(loan: Pipeline, tmp_path: Path, capsys: Any) -> None:
    call_command("pipelines", "check", FILE)
    file = tmp_path / "loan.toml"
    file.write_text(FILE.read_text().replace("version = 1\nguidance", "version = 2\nguidance"))
    call_command("pipelines", "apply", file)
    assert Pipeline.objects.get(slug="loan").current.number == 2  # type: ignore[union-attr]
    assert "loan version 2: apply done" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "Small', "name = = ", "line 3"),
        ('queue = "loan-review"   ', 'queue = "nowhere"', "no queue 'nowhere'"),
        ("approve = 0.85", "approve = nan", "what JSON has not"),
        ("version = 1\nguidance", 'version = "x"\nguidance', "version: "),
    ],
)
def test_the_command_names_file_and_mistake(
    loan: Pipeline, tmp_path: Path, old: str, new: str, message: str
) -> None:
    file = tmp_path / "broken.toml"
    text = FILE.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    for act in ("check", "apply"):
        with pytest.raises(CommandError) as refusal:
            call_command("pipelines", act, file)
        assert str(refusal.value).startswith(str(file))
        assert message in str(refusal.value)
    with pytest.raises(CommandError, match="No such file"):
        call_command("pipelines", "check", tmp_path / "absent.toml")
