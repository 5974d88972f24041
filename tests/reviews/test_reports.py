"""The ready reports: what they count, and that every format says the same."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Decision, Pipeline
from reviews.models import Basis, Export, Route
from reviews.stopping import stop
from reviews.trail import decisions, figures, parquet, reports
from reviews.trail.figures import Part, compared
from reviews.trail.selecting import Selection
from reviews.verdicts import Verdict
from tests.casefiles import APPROVE, OVERRIDE, decided_case, reviewed_case, waiting_case
from tests.reviews.exports import rows, written

AGAINST = Verdict("decline", ("income_insufficient",), "Too little for the instalments.")


@pytest.fixture
def emil(loan: Pipeline, make_person: Callable[..., User]) -> User:
    return make_person(Role.AUDITOR)


@pytest.mark.parametrize(
    "report",
    [
        decisions.decisions,
        reports.overrides,
        reports.access,
        reports.models,
        figures.segments,
        figures.thresholds,
    ],
)
def test_every_report_says_the_same_in_each_format(
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    emil: User,
    make_person: Callable[..., User],
    report: Callable[..., Any],
) -> None:
    case = reviewed_case(loan, bank, reviewer, verdict=OVERRIDE, predicted="decline")
    with transaction.atomic():
        record(
            "case.unmasked",
            by=reviewer.actor,
            case_id=case.pk,
            pipeline="loan",
            data={"what": "iban", "purpose": "=Audit"},
        )
    if report is reports.models:
        stop(pipeline=loan, reason="-5 % in a day", by=make_person(Role.PIPELINE_ADMIN))
    table = report(Selection(loan, case=case.pk), reader=emil)
    listed = rows(written(table))
    members = [json.loads(line) for line in written(table, Export.Format.JSON_LINES).splitlines()]
    assert members or report is figures.segments
    assert [list(row) for row in listed] == [list(member) for member in members]
    content = b"".join(chunk for chunk, _ in parquet.content(table))
    assert content.startswith(b"PAR1") and content.endswith(b"PAR1")
    assert sum(count for _, count in parquet.content(table)) == len(members)


def test_overrides_have_their_side_and_what_came_later(
    loan: Pipeline, bank: ApiClient, reviewer: User, emil: User, senior: User
) -> None:
    low = reviewed_case(loan, bank, reviewer, verdict=OVERRIDE, predicted="decline")
    high = reviewed_case(loan, bank, reviewer, verdict=AGAINST, predicted="approve")
    reviewed_case(loan, bank, reviewer, verdict=APPROVE, predicted="approve")
    first = Decision.objects.get(case=high)
    Decision.objects.filter(pk=first.pk).update(superseded_at=ClockTimestamp())
    Decision.objects.create(
        case=high, outcome="approve", adverse=False, override=False, made_by="review"
    )
    table = reports.overrides(Selection(loan), reader=emil)
    told = {row["case"]: row for row in rows(written(table))}
    assert set(told) == {str(low.pk), str(high.pk)}
    assert told[str(low.pk)]["side"] == "low side"
    assert told[str(high.pk)]["side"] == "high side"
    assert (told[str(high.pk)]["later_outcome"], told[str(high.pk)]["later_by"]) == (
        "approve",
        "decision",
    )
    assert rows(written(reports.overrides(Selection(loan, reviewer=senior.pk), reader=emil))) == []


def test_access_names_who_read_what_and_no_formula(
    loan: Pipeline, bank: ApiClient, reviewer: User, emil: User
) -> None:
    case = decided_case(loan, bank)
    with transaction.atomic():
        for type in ("case.unmasked", "case.opened", "case.claimed", "claim.released"):
            data = {"purpose": "=1+1"}
            record(type, by=reviewer.actor, case_id=case.pk, pipeline="loan", data=data)
        taken = {"filter": {"purpose": "Audit sample"}}
        record("export.downloaded", by=reviewer.actor, pipeline="loan", data=taken)
    table = reports.access(Selection(loan, reviewer=reviewer.pk), reader=emil)
    unmasked, *others = rows(written(table))
    types = [each["type"] for each in (unmasked, *others)]
    assert types == ["case.unmasked", "case.opened", "case.claimed", "export.downloaded"]
    assert others[-1]["purpose"] == "Audit sample"
    assert (unmasked["person"], unmasked["purpose"]) == (reviewer.username, "'=1+1")
    yesterday = date.today() - timedelta(days=2)
    assert rows(written(reports.access(Selection(loan, until=yesterday), reader=emil))) == []


def test_who_may_judge_a_case_reads_in_no_report_that_its_receipt_was_taken(
    loan: Pipeline, bank: ApiClient, senior: User, emil: User
) -> None:
    case = waiting_case(loan, bank)
    with transaction.atomic():
        record("receipt.taken", by=bank.actor, case_id=case.pk, pipeline="loan")
    seen = [rows(written(reports.access(Selection(loan), reader=one))) for one in (emil, senior)]
    assert [len(listed) for listed in seen] == [1, 0]


def test_parts_of_a_segment_stand_beside_the_one_that_fares_best() -> None:
    parts = [
        Part("age", "under 30", 100, 60, 40, 4),
        Part("age", "over 30", 100, 50, 20, 5),
        Part("age", "", 10, 5, 1, 0),
    ]
    young, old, unknown = compared(parts)
    assert (young["favourable_ratio"], young["below_four_fifths"]) == (0.75, True)
    assert young["ratio_from"] < 0.75 < young["ratio_to"]
    assert (old["favourable_ratio"], old["override_rate"]) == (1.0, 0.1)
    assert unknown["favourable_ratio"] is None


def test_decisions_are_counted_by_the_segments_they_were_routed_with(
    loan: Pipeline, bank: ApiClient, reviewer: User, emil: User
) -> None:
    assert loan.current
    names = [segment.name for segment in loan.current.definition.segments]
    for case in (decided_case(loan, bank), reviewed_case(loan, bank, reviewer, verdict=OVERRIDE)):
        Basis.objects.create(
            route=Route.objects.get(case=case),
            case=case,
            pipeline=loan,
            pipeline_version=loan.current,
            confidence=0.9,
            segments=["some", *["others"] * (len(names) - 1)],
        )
    table = rows(written(figures.segments(Selection(loan), reader=emil)))
    assert len(table) == len(names) > 0
    (first,) = [row for row in table if row["segment"] == names[0]]
    assert (first["part"], first["decisions"], first["automatic"]) == ("some", "2", "1")
    assert (first["reviewed"], first["automatic_share"]) == ("1", "0.5")
