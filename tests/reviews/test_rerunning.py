"""Decisions run again: the same route, or what differs, cause by cause."""

import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases.models import Case, Decision
from inference.models import FieldRead
from reviews.models import PolicyVersion, Route
from reviews.policies import put_in_force
from reviews.stopping import lift_stop, stop
from reviews.trail.differences import Answer, Way, between_answers, between_ways
from reviews.trail.rerunning import Rerun, rerun_decision, run_again
from reviews.verdicts import Verdict
from tests.casefiles import decided_case, held, submit
from tests.keys import destroy_key
from tests.loans import Loan, Read, loan_in_review

CLEAR = Loan(
    read={
        "net_income": Read("2341.18"),
        "employer": Read("Noord-Nederlandse Tuinbouw B.V."),
        "amount": Read("8450.00"),
        "interest_rate": Read("7.5"),
    }
)
"""One that the policy decides by itself."""


def decision_of(case: Case) -> Decision:
    """The decision in force."""
    rows = Decision.objects.select_related("case__pipeline")
    return rows.get(case=case, superseded_at=None)


def again(case: Case) -> Rerun:
    """The case's decision, run again."""
    return run_again(decision_of(case))


@pytest.fixture
def automatic(bank: ApiClient) -> Case:
    """A loan that the policy approved."""
    case = loan_in_review(bank, CLEAR)
    assert Route.objects.get(case=case).kind == Route.Kind.AUTOMATIC
    return case


def decline(case: Case, reviewer: User) -> None:
    """Somebody declines it."""
    words = "The payslip shows less income than was declared."
    submit(held(case, reviewer), Verdict("decline", ("income_insufficient",), words))


def test_what_the_policy_decided_goes_the_same_way(automatic: Case) -> None:
    found = again(automatic)
    assert found.differences == ()
    assert found.same is True


def test_so_does_what_people_decided_under_a_policy_that_is_no_longer_in_force(
    bank: ApiClient, reviewer: User
) -> None:
    case = loan_in_review(bank)
    decline(case, reviewer)
    active = PolicyVersion.objects.get(pipeline=case.pipeline, active=True)
    put_in_force(case.pipeline, {**active.content, "rules": [], "minimum_field_confidence": 0.1})
    assert again(case).same is True


def test_a_stop_that_was_lifted_since_counts_as_it_did(
    bank: ApiClient, reviewer: User, dora: User, karim: User
) -> None:
    placed = stop(reason="Looking into it", by=dora)
    case = loan_in_review(bank, CLEAR)
    assert [each["code"] for each in Route.objects.get(case=case).reasons] == ["stopped"]
    lift_stop(placed.pk, reason="Nothing was found", by=karim)
    submit(held(case, reviewer), Verdict("approve", ("means_sufficient",), "All is in order."))
    assert again(case).same is True


def test_what_was_read_otherwise_is_named_with_all_that_follows(automatic: Case) -> None:
    row = FieldRead.objects.get(case=automatic, name="amount")
    FieldRead.objects.filter(pk=row.pk).delete()
    row.confidence = 0.5
    row.save(force_insert=True)
    found = again(automatic)
    assert found.same is False
    assert found.codes == ["field", "reasons", "route"]
    field = next(each for each in found.differences if each.code == "field")
    assert field.values == {"field": "amount", "then": 0.97, "now": 0.5}


def test_a_model_whose_file_is_another_one_or_gone_is_told(
    automatic: Case, settings: Any, tmp_path: Path
) -> None:
    shutil.copytree(django_settings.MODEL_DIR, tmp_path / "models")
    settings.MODEL_DIR = tmp_path / "models"
    assert again(automatic).same is True
    file = tmp_path / "models" / "german-credit-scorecard" / "1"
    for each in file.glob("*.onnx"):
        each.unlink()
    assert again(automatic).codes == ["model_missing"]


def test_of_what_is_erased_or_was_no_policys_nothing_can_be_said(
    automatic: Case, bank: ApiClient
) -> None:
    destroy_key(automatic.pk)
    assert (again(automatic).same, again(automatic).codes) == (None, ["erased"])
    other = again(decided_case(automatic.pipeline, bank))
    assert (other.same, other.codes) == (None, ["not_by_policy"])


def test_that_somebody_ran_it_is_an_event(
    automatic: Case, make_person: Callable[..., User]
) -> None:
    auditor = make_person(Role.AUDITOR)
    rerun_decision(decision_of(automatic), by=auditor.actor)
    event = Event.objects.get(type="decision.rerun", case_id=automatic.pk)
    assert event.actor_id == str(auditor.pk)
    assert event.data == {"decision": decision_of(automatic).pk, "same": True, "differs": []}


# ---------------------------------------------------------------- what differs, without a database


def test_answers_differ_by_more_than_rounding() -> None:
    then = Answer("approve", {"approve": 0.9, "decline": 0.1})
    near = Answer("approve", {"approve": 0.9 + 4e-7, "decline": 0.1})
    other = Answer("decline", {"approve": 0.3, "decline": 0.7})
    assert [*between_answers(then, near)] == []
    assert [each.code for each in between_answers(then, other)] == ["outcome", "probabilities"]
    broken = Answer("approve", {"approve": float("nan"), "decline": 0.1})
    assert [each.code for each in between_answers(then, broken)] == ["probabilities"]


def test_ways_differ_cause_by_cause() -> None:
    then = Way(
        outcome="approve",
        queue="",
        second="",
        confidence=0.9,
        reasons=[("confident", "")],
        flags=[],
        clear={"amount": 0.9, "iban": float("nan")},
        poor={},
        rules={"a > 1": False, "b": None},
        doubts=0,
    )
    assert [*between_ways(then, replace(then, clear={**then.clear}))] == []
    now = replace(
        then,
        outcome="",
        queue="q",
        confidence=0.8,
        reasons=[("field_doubtful", "amount")],
        flags=["fall"],
        clear={"amount": float("nan"), "iban": float("nan")},
        rules={"a > 1": True, "b": None},
        doubts=1,
    )
    found = {each.code: each.values for each in between_ways(then, now)}
    assert [*found] == ["field", "rule", "flags", "doubts", "confidence", "route", "reasons"]
    assert found["rule"] == {"rule": "a > 1", "then": False, "now": True}
    assert found["route"] == {"then": "approve", "now": "q"}
    assert found["reasons"] == {"gone": "confident", "new": "field_doubtful (amount)"}


def test_the_command_tells_each_that_differs_and_ends_with_1(
    automatic: Case, bank: ApiClient, make_person: Callable[..., User], settings: Any
) -> None:
    make_person(Role.AUDITOR, username="emil")
    said = io.StringIO()
    call_command("rerun", str(automatic.pk), by="emil", stdout=said)
    assert said.getvalue() == "1 the same, 0 otherwise, 0 can't be run again\n"
    settings.MODEL_DIR = django_settings.BASE_DIR / "docs"
    said.truncate(0)
    with pytest.raises(CommandError) as ended:
        call_command("rerun", since=automatic.created_at.date(), by="emil", stdout=said)
    assert ended.value.returncode == 1
    assert "The file of german-credit-scorecard 1 is missing" in said.getvalue()
    assert Event.objects.get(type="decision.rerun").data["differs"] == ["model_missing"]
    last = Event.objects.filter(type="decisions.rerun").order_by("id").last()
    assert last is not None
    assert last.data == {"same": 0, "otherwise": 1, "unrunnable": 0}


def test_who_audits_nothing_runs_nothing_again(automatic: Case, reviewer: User) -> None:
    with pytest.raises(CommandError, match="may audit none"):
        call_command("rerun", str(automatic.pk), by=reviewer.username)
