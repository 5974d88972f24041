"""Decisions as a table: every current one once, safe to open, the same in each format."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import ApiClient, User
from accounts.roles import Role, give_role
from cases.models import Decision, Pipeline
from reviews.adverse.contests import contest_decision
from reviews.committing import commit_verdict
from reviews.models import Correction, Export, Route
from reviews.rights import rights_of
from reviews.trail.selecting import Selection
from reviews.undoing import undo_review
from reviews.verdicts import FieldVerdict, Verdict
from tests.casefiles import (
    DECLINE,
    OVERRIDE,
    decided_case,
    found,
    give,
    held,
    reviewed_case,
    submit,
    waiting_case,
)
from tests.conftest import TESTER, Upstream
from tests.keys import destroy_key
from tests.reviews.exports import exported, rows


@pytest.fixture
def client_(make_upstream: Callable[[], Upstream]) -> ApiClient:
    return make_upstream().client


@pytest.fixture
def reviewer(make_person: Callable[..., User]) -> User:
    return make_person(Role.REVIEWER)


@pytest.fixture
def auditor(make_person: Callable[..., User]) -> User:
    return make_person(Role.AUDITOR)


def test_an_override_is_exported_with_its_explanation(
    loan: Pipeline, client_: ApiClient, reviewer: User, auditor: User
) -> None:
    text = 'He said "yes",\nand the papers — 证据 — agree'
    verdict = Verdict(
        "approve",
        reason_codes=("papers_confirm",),
        explanation=text,
        fields={
            "amount": FieldVerdict(Correction.Kind.CORRECTED, "4900.00"),
            "iban": FieldVerdict(Correction.Kind.CONFIRMED),
            "pay_date": FieldVerdict(Correction.Kind.ILLEGIBLE),
        },
    )
    case = reviewed_case(loan, client_, reviewer, verdict=verdict, predicted="decline")
    (row,) = rows(exported(Selection(loan), Export.Format.CSV, auditor))
    assert row["case"] == str(case.pk)
    assert row["outcome"] == "approve"
    assert row["predicted"] == "decline"
    assert row["override"] == "true"
    assert row["made_by"] == "review"
    assert row["reasons"] == "papers_confirm"
    assert row["reasons_in_words"] == "The papers show means that the score does not count"
    assert row["reviewers"] == f"first:{reviewer.username}"
    assert row["corrected_fields"] == "amount"
    assert row["illegible_fields"] == "pay_date"
    assert row["explanations"] == text


def test_json_lines_say_the_same_as_the_csv(
    loan: Pipeline, client_: ApiClient, reviewer: User, auditor: User
) -> None:
    reviewed_case(loan, client_, reviewer, verdict=OVERRIDE, predicted="decline")
    decided_case(loan, client_)
    table = rows(exported(Selection(loan), Export.Format.CSV, auditor))
    lines = exported(Selection(loan), Export.Format.JSON_LINES, auditor).decode().splitlines()
    members = [json.loads(line, parse_float=str) for line in lines]
    assert len(members) == 2
    for row, member in zip(table, members, strict=True):
        assert list(row) == list(member)
        for name, value in member.items():
            assert row[name] == in_a_cell(name, value)


def in_a_cell(name: str, value: Any) -> str:
    """A member of JSON Lines as the CSV has it."""
    if name == "reviewers":
        return " ".join(f"{one['stage']}:{one['username']}" for one in value)
    if name == "explanations":
        return "".join(one["text"] for one in value)
    if isinstance(value, list):
        return ("; " if name in ("reasons_in_words", "routed_because") else " ").join(value)
    shown = "" if value is None else str(value)
    return shown.lower() if isinstance(value, bool) else shown


def test_an_automatic_decision_says_why_in_words(
    loan: Pipeline, client_: ApiClient, auditor: User
) -> None:
    decided_case(loan, client_)
    (line,) = exported(Selection(loan), Export.Format.JSON_LINES, auditor).splitlines()
    member = json.loads(line)
    reasons = Route.objects.get().reasons
    assert member["reasons_in_words"] == [reason["text"] for reason in reasons]
    assert member["made_by"] == "policy"
    assert (member["reviewers"], member["explanations"]) == ([], [])


def test_an_erased_case_does_not_end_the_file(
    loan: Pipeline, client_: ApiClient, reviewer: User, auditor: User
) -> None:
    erased, kept = (
        reviewed_case(loan, client_, reviewer, verdict=OVERRIDE, predicted="decline")
        for _ in range(2)
    )
    destroy_key(erased.pk)
    table = rows(exported(Selection(loan), Export.Format.CSV, auditor))
    assert {row["case"]: row["explanations"] for row in table} == {
        str(erased.pk): "[erased]",
        str(kept.pk): OVERRIDE.explanation,
    }


def test_what_turns_text_is_shown_and_not_obeyed(
    loan: Pipeline, client_: ApiClient, reviewer: User, auditor: User
) -> None:
    text = "It is \u202edetcejer\u2069 approved"
    verdict = Verdict("approve", reason_codes=("papers_confirm",), explanation=text)
    reviewed_case(loan, client_, reviewer, verdict=verdict, predicted="decline")
    (row,) = rows(exported(Selection(loan), Export.Format.CSV, auditor))
    assert row["explanations"] == "It is [U+202E]detcejer[U+2069] approved"
    line = exported(Selection(loan), Export.Format.JSON_LINES, auditor)
    assert b"\\u202edetcejer\\u2069" in line
    assert json.loads(line)["explanations"] == [{"stage": "first", "text": text}]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_is_a_formula(
    loan: Pipeline, client_: ApiClient, reviewer: User, auditor: User, start: str
) -> None:
    verdict = Verdict(
        "approve", reason_codes=("papers_confirm",), explanation=f"{start}cmd|'/c calc'!A0"
    )
    reviewed_case(
        loan,
        client_,
        reviewer,
        verdict=verdict,
        reference=f"{start.strip()}1+1",
        predicted="decline",
    )
    (row,) = rows(exported(Selection(loan), Export.Format.CSV, auditor))
    assert row["reference"] == f"'{start.strip()}1+1"
    assert row["explanations"].startswith("'")


def test_a_selection_leaves_out_what_it_does_not_name(
    loan: Pipeline, client_: ApiClient, reviewer: User, auditor: User
) -> None:
    approved = decided_case(loan, client_)
    reviewed_case(
        loan,
        client_,
        reviewer,
        predicted="approve",
        verdict=Verdict("decline", ("income_insufficient",), "Too little for the instalments."),
    )
    today = Decision.objects.get(case=approved).decided_at.date()
    day = timedelta(days=1)

    def count(
        since: date | None = None, until: date | None = None, outcome: str | None = None
    ) -> int:
        selection = Selection(loan, since=since, until=until, outcome=outcome)
        return len(rows(exported(selection, Export.Format.CSV, auditor)))

    assert count() == 2
    assert count(since=today, until=today) == 2
    assert count(since=today + day) == 0
    assert count(until=today - day) == 0
    assert count(outcome="approve") == 1
    assert count(outcome="decline") == 1


def test_a_superseded_decision_is_exported_where_that_is_asked(
    loan: Pipeline, client_: ApiClient, auditor: User
) -> None:
    case = decided_case(loan, client_)
    Decision.objects.filter(case=case).update(
        superseded_at=date(2999, 1, 1).isoformat() + "T00:00Z"
    )
    assert rows(exported(Selection(loan), Export.Format.CSV, auditor)) == []
    chosen = Selection(loan, superseded=True)
    (row,) = rows(exported(chosen, Export.Format.CSV, auditor))
    assert row["superseded_at"] == "2999-01-01T00:00:00.000000Z"


def test_who_may_judge_a_case_anew_exports_nothing_of_what_was_decided_before(
    loan: Pipeline,
    client_: ApiClient,
    reviewer: User,
    auditor: User,
    make_person: Callable[..., User],
) -> None:
    both = make_person(Role.SENIOR_REVIEWER)
    with transaction.atomic():
        give_role(Role.AUDITOR, to=both, by=TESTER)
    case = reviewed_case(loan, client_, reviewer, verdict=DECLINE)
    chosen = Selection(loan, superseded=True)
    assert len(rows(exported(chosen, Export.Format.CSV, both))) == 1
    contest_decision(case.pk, "That is not so.", by=client_.actor)
    assert rows(exported(chosen, Export.Format.CSV, both)) == []
    assert len(rows(exported(chosen, Export.Format.CSV, auditor))) == 1


def test_a_second_review_is_told_beside_the_first(
    loan: Pipeline,
    client_: ApiClient,
    reviewer: User,
    auditor: User,
    make_person: Callable[..., User],
) -> None:
    senior = make_person(Role.SENIOR_REVIEWER)
    case = waiting_case(loan, client_, second_review="loan-second", predicted="decline")
    submit(held(case, reviewer), OVERRIDE)
    submit(held(case, senior), OVERRIDE)
    (row,) = rows(exported(Selection(loan), Export.Format.CSV, auditor))
    assert row["reviewers"] == f"first:{reviewer.username} second:{senior.username}"
    assert row["explanations"] == f"first: {OVERRIDE.explanation} | second: {OVERRIDE.explanation}"


def test_nothing_decided_gives_a_file_with_its_heads(loan: Pipeline, auditor: User) -> None:
    content = exported(Selection(loan), Export.Format.CSV, auditor)
    assert content.decode().startswith("\ufeffcase,reference,")
    assert content.endswith(b"explanations\r\n")


def test_what_was_answered_unseen_whether_a_person_was_needed_and_nothing_undone(
    loan: Pipeline, client_: ApiClient, reviewer: User, auditor: User, settings: Any
) -> None:
    settings.UNDO_SECONDS = 600
    claim = held(waiting_case(loan, client_, blind=True, predicted="approve"), reviewer)
    rights, by = rights_of(reviewer), reviewer.actor
    version = found(claim.case).version
    commit_verdict(
        fence=claim.pk,
        case_version=version,
        verdict=DECLINE,
        reviewer=reviewer,
        rights=rights,
        by=by,
    )
    give(claim, DECLINE)
    again = undo_review(claim.pk, reviewer=reviewer, rights=rights, by=by)
    settings.UNDO_SECONDS = 0
    submit(again, replace(OVERRIDE, needed_person=False))
    (row,) = rows(exported(Selection(loan), Export.Format.CSV, auditor))
    assert (row["answered_unseen"], row["needed_person"]) == ("first:decline", "first:no")
    assert (row["outcome"], row["reviewers"]) == ("approve", f"first:{reviewer.username}")
    assert row["explanations"] == OVERRIDE.explanation
