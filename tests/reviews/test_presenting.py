"""What people read: deadlines, the sentence that comes first, fields, figures, history."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cases.definition import Definition, FieldSpec, parse, read_toml
from cases.lifecycle import MOVES
from config.demo.history import ADDED
from reviews.models import Claim, Stage
from reviews.presenting import values
from reviews.presenting.data import groups
from reviews.presenting.fields import ReadField, errors_first, field_row
from reviews.presenting.histories import INDEPENDENT, WORDS
from reviews.presenting.home import headline, subline
from reviews.presenting.times import due, span
from reviews.presenting.why import why
from reviews.queues import CAP, Depth
from reviews.views.glances import opened_of, seen_in

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LOAN: Definition = parse(
    read_toml((settings.BASE_DIR / "cases" / "pipelines" / "loan" / "pipeline.toml").read_text())
)


@pytest.mark.parametrize(
    ("left", "words", "css"),
    [
        (timedelta(days=3, hours=2), "3 d 2 h left", ""),
        (timedelta(hours=3, minutes=10), "3 h 10 min left", ""),
        (timedelta(minutes=119), "1 h 59 min left", "due-warn"),
        (timedelta(minutes=29, seconds=59), "29 min left", "due-bad"),
        (timedelta(seconds=40), "40 s left", "due-bad"),
        (-timedelta(days=2), "2 d late", "due-bad"),
    ],
)
def test_deadlines_are_said_as_people_say_them(left: timedelta, words: str, css: str) -> None:
    said = due(NOW + left, NOW)
    assert (said.words, said.css) == (words, css)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3000)))
def test_a_span_says_no_more_than_there_is(length: timedelta) -> None:
    units = {"d": 86400, "h": 3600, "min": 60, "s": 1}
    said = sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+) (\w+)", span(length)))
    assert said <= length.total_seconds()


def reason(code: str, text: str, field: str | None = None) -> dict[str, Any]:
    return {"code": code, "text": text, "field": field}


def sentence(reasons: list[dict[str, Any]], stage: Stage = Stage.FIRST) -> str:
    return "".join(
        part.text for part in why(reasons, LOAN, stage=stage, independent=stage != Stage.FIRST).lead
    )


def test_the_sentence_names_what_contradicts_before_what_is_doubtful() -> None:
    reasons = [
        reason("not_confident", "Approve at 0.74, below 0.85"),
        reason("field_doubtful", "IBAN was read at 0.71, below 0.80", "iban"),
        reason("income_mismatch", "The payslip's net income differs from the application's"),
    ]
    assert sentence(reasons) == (
        "Sent to you because the payslip's net income differs from the application's, "
        "and IBAN was read at 0.71, below 0.80."
    )
    said = why(reasons, LOAN, stage=Stage.FIRST, independent=False)
    assert said.more == ("Approve at 0.74, below 0.85",)
    assert [part.text for part in said.lead if part.strong] == ["IBAN"]


def test_papers_that_could_not_be_read_are_said_once() -> None:
    reasons = [
        {
            **reason("paper_unread", f"A page could not be read: {paper}"),
            "values": [["paper", paper]],
        }
        for paper in ("Application form", "Payslip", "Bank statement")
    ]
    assert sentence([*reasons, reason("second_review", "The policy asks for two people")]) == (
        "Sent to you because pages of Application form, Payslip and Bank statement could not be read, "
        "and the policy asks for two people."
    )
    assert (
        sentence(reasons[:1]) == "Sent to you because a page could not be read: Application form."
    )


def test_from_the_second_stage_on_the_sentence_tells_nothing_of_the_score() -> None:
    reasons = [reason("not_confident", "Approve at 0.74, below 0.85")]
    assert "0.74" not in sentence(reasons, Stage.SECOND)
    assert sentence(reasons, Stage.SECOND) == "Sent to you for a second, independent review."


def row(name: str, read: ReadField, **options: Any) -> Any:
    options = {"declared": None, "minimum": 0.8, "word": None} | options
    return field_row(LOAN.field_spec(name), read, **options)


def test_errors_come_first() -> None:
    sure = ReadField("24", found=True, confidence=0.97, mismatch="")
    rows = [
        row("duration_months", sure),
        row("amount", ReadField("8450.00", found=True, confidence=0.7, mismatch="")),
        row(
            "net_income",
            ReadField("2431.18", found=True, confidence=0.97, mismatch="differs"),
            declared=2341.18,
        ),
        row("interest_rate", ReadField(None, found=False, confidence=0, mismatch="")),
        row("applicant_name", ReadField(None, found=False, confidence=0, mismatch="")),
    ]
    settle, rest = errors_first(rows)
    assert [(each.name, each.state) for each in settle] == [
        ("net_income", "bad"),
        ("applicant_name", "bad"),
        ("amount", "warn"),
    ]
    assert [each.name for each in rest] == ["duration_months", "interest_rate"]
    assert settle[0].why == "Declared: 2,341.18"
    assert (settle[2].why, settle[2].score) == (
        "Not clearly read",
        "Read at 0.70. At least 0.80 is asked.",
    )


def test_a_corrected_field_shows_what_was_read_struck() -> None:
    read = ReadField("2431.18", found=True, confidence=0.97, mismatch="differs")
    said = row("net_income", read, word={"kind": "corrected", "value": "2341.18"})
    assert (said.state, said.struck, said.value) == ("settled", "2,431.18", "2,341.18")


MONEY = FieldSpec("amount", "Amount", "money")


@given(st.decimals(min_value=-(10**8), max_value=10**8, places=2))
def test_an_amount_as_shown_can_be_typed_again(amount: Decimal) -> None:
    canonical = str(amount + 0)
    again = values.typed(values.shown(canonical, MONEY), MONEY)
    assert again is not None
    assert Decimal(again) == amount


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("amount", "1234.5", "1234.50"),
        ("amount", "1.234,5 EUR", "1234.50"),
        ("amount", "-1 234", "-1234.00"),
        ("amount", "1.234.5", None),
        ("amount", "24 months", None),
        ("duration_months", "24 months", "24"),
        ("duration_months", "24.0", "24"),
        ("duration_months", "24.5", None),
    ],
)
def test_people_may_type_as_papers_do_not_print(field: str, text: str, value: str | None) -> None:
    assert values.typed(text, LOAN.field_spec(field)) == value


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("iban", "NL91ABNA0417164301", "check digits"),
        ("iban", "NL91ABNA0417164300", ""),
        ("duration_months", "1000", "more than"),
        ("duration_months", "0", "less than"),
        ("amount", "0.00", "less than"),
        ("duration_months", "120", ""),
        ("employer", "0", ""),
    ],
)
def test_what_is_unusual_is_taken_with_a_hint(field: str, value: str, hint: str) -> None:
    limits = {"duration_months": {"minimum": 1, "maximum": 120}, "amount": {"exclusiveMinimum": 0}}
    read = ReadField(None, found=False, confidence=0, mismatch="")
    word = {"kind": "corrected", "value": value}
    said = row(field, read, word=word, allowed=limits.get(field, {}))
    assert said.state == "settled"
    assert hint in said.hint
    assert bool(hint) == bool(said.hint)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_value_or_none(text: str) -> None:
    for spec in LOAN.fields:
        value = values.typed(text, spec)
        assert value is None or value


def test_data_is_titled_as_its_schema_says() -> None:
    data = {"loan": {"purpose": "car_new", "duration_months": 24, "amount": 8450}, "extra": None}
    (single, loan) = groups(data, LOAN)
    assert single.title == "Case"
    assert [(item.title, item.value) for item in loan.entries] == [
        ("Amount", "8,450.00"),
        ("Duration, months", "24"),
        ("Purpose", "car new"),
    ]


def depth(**differs: Any) -> Depth:
    usual: dict[str, Any] = {
        "slug": "q",
        "name": "Q",
        "pipeline": "P",
        "now": NOW,
        "waiting": 0,
        "at_risk": 0,
        "next_due": None,
        "oldest": None,
        "in_progress": 0,
        "pinned": False,
        "frees_at": None,
        "on_hold": 0,
        "follow_up_at": None,
    }
    return Depth(**usual | differs)


def test_home_never_says_empty_while_work_is_held() -> None:
    holding = depth(in_progress=4, frees_at=NOW + timedelta(minutes=3))
    assert headline([depth(), holding]) == "Nothing waits right now"
    assert subline([depth(), holding]) == "4 in progress, next frees in 3 min or sooner"
    aside = depth(on_hold=2, follow_up_at=datetime(2026, 3, 12, tzinfo=UTC))
    assert headline([depth(), aside]) == "Nothing waits right now"
    assert subline([aside]) == "2 on hold, next follow-up on 12 Mar or sooner"
    assert headline([depth()]) == "All done"
    assert headline([depth(waiting=1)]) == "1 case waits for you"
    assert headline([depth(waiting=CAP)]) == "1,000+ cases wait for you"


def recorded_types() -> set[str]:
    """Every type of event that the code records for a case."""
    found = {event for moves in MOVES.values() for event in moves.values()}
    told_otherwise = {Claim.Ended.REVIEWED, Claim.Ended.SET_ASIDE, Claim.Ended.ESCALATED}
    found |= {f"claim.{how}" for how in set(Claim.Ended.values) - told_otherwise} | {ADDED}
    for app in ("audit", "accounts", "cases", "inference", "reviews"):
        for file in (settings.BASE_DIR / app).rglob("*.py"):
            if file.name == "histories.py":  # whose words are to be held against what is recorded
                continue
            found |= set(
                re.findall(
                    r'"((?:(?:case|claim|review|reply|slot|decision|step|document|comment|sample|glass|notice|contest|receipt|legal_hold|export)\.|webhook\.deliver)\w+)"',
                    file.read_text(),
                )
            )
    return found - {"case.pdf", "export.json"}  # names of files


def test_every_event_of_a_case_has_words() -> None:
    types = recorded_types()
    assert "case.received" in types
    assert "review.submitted" in types
    assert types == set(WORDS), "each has words, and no words are left over"
    assert set(INDEPENDENT) <= set(WORDS)


def test_pages_in_view_are_kept_with_their_seconds_and_nonsense_is_left_out() -> None:
    assert opened_of(seen_in("1:41,3:0,2")) == {"pages": [1, 3, 2], "seconds": {"1": 41, "3": 0}}
    assert opened_of(seen_in("1,2")) == {"pages": [1, 2]}
    assert opened_of(seen_in("x:1,:5,-1:2,4:99999999")) == {"pages": [4], "seconds": {"4": 86_400}}
    assert opened_of(seen_in("")) == {"pages": []}
