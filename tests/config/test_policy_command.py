"""Policies in files, from the command line: shown, proposed, listed; never past the second person."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.roles import Role
from cases.models import Pipeline
from reviews.models import Proposal
from reviews.policies import active_policy
from reviews.proposing import request_signature, roll_back, sign_proposal

POLICY = """
queue = "loan-review"
field_queue = "loan-papers"
minimum_field_confidence = 0.9

[thresholds]
approve = 0.95
"""


@pytest.fixture
def dora(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN, username="dora")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    return file


def run(*arguments: str) -> str:
    said = io.StringIO()
    call_command("policy", *arguments, stdout=said)
    return said.getvalue()


def propose(file: Path, by: str = "dora") -> str:
    return run("propose", "loan", str(file), "--title", "Stricter", "--by", by)


def test_a_file_becomes_a_draft_and_is_not_in_force(loan: Pipeline, dora: User, file: Path) -> None:
    before = active_policy(loan)
    said = propose(file)
    proposal = Proposal.objects.get()
    assert (proposal.drafted_by, proposal.status, proposal.title) == (dora, "draft", "Stricter")
    assert proposal.content["thresholds"] == {"approve": 0.95}
    assert "“Approve” is automatic from: 0.95, before 0.85" in said
    assert f"loan: draft {proposal.pk}." in said
    assert active_policy(loan) == before


def test_what_is_shown_can_be_proposed_as_it_is(loan: Pipeline, dora: User, file: Path) -> None:
    file.write_text(run("show", "loan"))
    assert propose(file).startswith("loan: draft")
    before = active_policy(loan)
    assert before is not None
    assert Proposal.objects.get().content == before.content


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            POLICY.replace("approve", "maybe"),
            r"policy\.toml:7: policy\.thresholds\.maybe: .* 'maybe'",
        ),
        (POLICY.replace("loan-papers", "elsewhere"), r":3: policy\.field_queue: .* 'elsewhere'"),
        (POLICY.replace("0.95", "1.5"), r":7: policy\.thresholds\.approve: 1\.5"),
        ("queue = ", "Invalid value"),
    ],
)
def test_a_mistake_is_told_by_its_line_and_changes_nothing(
    loan: Pipeline, dora: User, file: Path, text: str, says: str
) -> None:
    file.write_text(text)
    with pytest.raises(CommandError, match=says):
        propose(file)
    assert not Proposal.objects.exists()


def test_who_may_not_configure_it_is_told_so(
    loan: Pipeline, file: Path, make_person: Callable[..., User]
) -> None:
    make_person(Role.REVIEWER, username="ada")
    with pytest.raises(CommandError, match="You may not change"):
        propose(file, by="ada")
    with pytest.raises(CommandError, match="no user 'nobody'"):
        propose(file, by="nobody")


def test_the_history_says_where_each_version_came_from(
    loan: Pipeline, dora: User, file: Path, make_person: Callable[..., User]
) -> None:
    first = active_policy(loan)
    assert first is not None
    propose(file)
    proposal = Proposal.objects.get()
    request_signature(proposal.pk, revision=1, by=dora)
    sign_proposal(proposal.pk, revision=1, by=make_person(Role.PIPELINE_ADMIN))
    roll_back(first, reason="Too strict", by=dora)
    newest, second, *_ = run("history", "loan").splitlines()
    assert newest.startswith(f"* {first.number + 2:>4}")
    assert newest.endswith(f"version {first.number} again: Too strict")
    assert second.startswith(f"  {first.number + 1:>4}")
    assert second.endswith("Stricter")
    assert "approve = 0.95" in run("show", "loan", "--number", str(first.number + 1))
    with pytest.raises(CommandError, match="no policy version 99"):
        run("show", "loan", "--number", "99")


def test_an_unknown_pipeline_is_said_so(loan: Pipeline) -> None:
    with pytest.raises(CommandError, match="no pipeline 'other'"):
        run("show", "other")
