"""Making another policy active from the command line."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from cases.models import Pipeline
from reviews.policies import active_policy

POLICY = """
queue = "loan-review"
field_queue = "loan-papers"
minimum_field_confidence = 0.9

[thresholds]
approve = 0.95
"""


def run(*arguments: str) -> str:
    said = io.StringIO()
    call_command("policy", *arguments, stdout=said)
    return said.getvalue()


def test_a_file_becomes_the_next_active_version(loan: Pipeline, tmp_path: Path) -> None:
    before = active_policy(loan)
    assert before is not None
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    run("activate", "loan", str(file))
    after = active_policy(loan)
    assert after is not None
    assert after.number == before.number + 1
    assert after.content["thresholds"] == {"approve": 0.95}
    assert Event.objects.filter(type="policy.activated").latest("id").data["number"] == after.number
    assert '"approve": 0.95' in run("show", "loan")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (POLICY.replace("approve", "maybe"), "no outcome 'maybe'"),
        (POLICY.replace("loan-papers", "elsewhere"), "no queue 'elsewhere'"),
        (POLICY.replace("0.95", "1.5"), "1.5"),
        ("queue = ", "Invalid value"),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(
    loan: Pipeline, tmp_path: Path, text: str, says: str
) -> None:
    before = active_policy(loan)
    file = tmp_path / "policy.toml"
    file.write_text(text)
    with pytest.raises(CommandError, match=says):
        run("activate", "loan", str(file))
    assert active_policy(loan) == before


def test_an_unknown_pipeline_is_said_so(loan: Pipeline) -> None:
    with pytest.raises(CommandError, match="no pipeline 'other'"):
        run("show", "other")
