"""Sentences in German: their own order, names as they are, amounts with their currency."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils.translation import override

from cases.definition import Definition, parse, read_toml
from reviews.models import Slot, Stage
from reviews.presenting.appointments import day_and_time, told_time
from reviews.presenting.fields import ReadField, field_row
from reviews.presenting.papers import title
from reviews.presenting.why import why
from reviews.presenting.words import translated
from reviews.reasons import because
from reviews.verdicts import IncompleteVerdict, Verdict, check_verdict

PIPELINES = settings.BASE_DIR / "cases" / "pipelines"
LOAN: Definition = parse(read_toml((PIPELINES / "loan" / "pipeline.toml").read_text()))


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with override("de"):
        yield


def test_the_sentence_has_its_reasons_where_german_has_them() -> None:
    unsure = because("not_confident", outcome="Approve", confidence=0.74, threshold=0.85)
    doubtful = because("field_doubtful", label="Loan amount", confidence=0.71, minimum=0.8)
    reasons = [asdict(unsure), asdict(doubtful) | {"field": "amount"}]
    said = why(reasons, translated(LOAN), stage=Stage.FIRST, independent=False)
    assert "".join(part.text for part in said.lead) == (
        "An Sie gegeben: Kreditbetrag wurde mit 0,71 gelesen, unter 0,80. "
        "Außerdem: Das Modell sagt „Bewilligen“ mit 0,74, unter 0,85."
    )
    assert [part.text for part in said.lead if part.strong] == ["Kreditbetrag"]


def test_amounts_of_the_application_bear_their_currency() -> None:
    read = ReadField("2431.18", found=True, confidence=0.97, mismatch="differs")
    spec = translated(LOAN).field_spec("net_income")
    row = field_row(spec, read, declared=2341.18, minimum=0.8, word=None, currency="EUR")
    assert row.why.replace("\xa0", " ") == "Angegeben: 2.341,18 €"
    assert row.value == "2.431,18"  # what is typed over has no sign


def test_names_keep_their_capitals() -> None:
    verdict = Verdict("decline", reason_codes=("papers_confirm",), explanation="…")
    with pytest.raises(IncompleteVerdict) as refused:
        check_verdict(verdict, LOAN, "decline")
    assert refused.value.problems["reasons"] == "Ein gewählter Grund passt nicht zu „Ablehnen“."


def test_a_sheet_says_which_page_of_its_paper_it_is() -> None:
    assert title("Kontoauszug", 2, 3) == "Kontoauszug, Seite 2 von 3"
    assert title("Kontoauszug", 1, 1) == "Kontoauszug"


def test_a_field_of_one_of_several_papers_has_its_names_in_german() -> None:
    claims = PIPELINES / "expense-claim" / "pipeline.toml"
    definition = translated(parse(read_toml(claims.read_text()))).with_copies({"receipt": 2})
    missing = because("field_not_found", label="Total (Receipt 2)")
    said = why(
        [asdict(missing) | {"field": "total-2"}], definition, stage=Stage.FIRST, independent=False
    )
    assert "".join(part.text for part in said.lead) == (
        "An Sie gegeben: Summe (Beleg 2) steht nicht in den Unterlagen."
    )
    assert [part.text for part in said.lead if part.strong] == ["Summe (Beleg 2)"]


def test_what_a_person_is_sent_stays_in_the_language_of_its_pipeline() -> None:
    messages = parse(read_toml((PIPELINES / "patient-message" / "pipeline.toml").read_text()))
    assert [each.text for each in translated(messages).replies] == [
        each.text for each in messages.replies
    ]
    slot = Slot(starts_at=datetime(2027, 3, 1, 9, 30, tzinfo=UTC), place="The Mill", utc_minutes=0)
    assert told_time(slot) == "Monday, 1 March 2027, 09:30, The Mill"
    assert day_and_time(slot) == "Mo., 1. März, 09:30"
