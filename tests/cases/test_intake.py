"""Taking a case in: all of it or nothing, sealed, with its event and its deadline."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit import vault
from audit.models import CaseKey, Event
from cases import blobs, intake
from cases.intake import SentPaper, open_case
from cases.models import Case, Document, Priority, Status
from cases.validation import InvalidInput
from tests.cases.loans import DATA, KINDS, NAME, pdf

PAPERS = [SentPaper(kind, f"{NAME}.pdf", pdf()) for kind in KINDS]


def opened(upstream: Any, **changes: Any) -> Case:
    """A loan, taken in."""
    given = {"pipeline_slug": "loan", "reference": "SB-1", "data": DATA, "papers": PAPERS}
    given |= {"priority": Priority.NORMAL, "client": upstream.client, "by": upstream.client.actor}
    return open_case(**{**given, **changes})


def faults(upstream: Any, **changes: Any) -> set[tuple[str, str]]:
    """What is wrong with a loan, by pointer and code; nothing of it may be kept."""
    with pytest.raises(InvalidInput) as refusal:
        opened(upstream, **changes)
    assert not Case.objects.exists()
    assert not CaseKey.objects.exists()
    assert not Event.objects.filter(type="case.received").exists()
    return {(fault.pointer, fault.code) for fault in refusal.value.faults}


def stored_files(folder: Path) -> list[Path]:
    """The files under the test's storage."""
    return [file for file in folder.rglob("*") if file.is_file()]


def test_a_case_is_kept_sealed_and_opens_again(
    make_upstream: Any, loan: Any, tmp_path: Path
) -> None:
    case = opened(make_upstream())
    case.refresh_from_db()
    key = vault.of(case.pk)
    assert key.open_json("data", case.sealed_data) == DATA
    documents = list(Document.objects.filter(case=case))
    assert [document.kind for document in documents] == list(KINDS)
    for document in documents:
        assert blobs.fetch(key, f"document:{document.pk}", document.blob) == pdf()
        name = key.open(f"document_name:{document.pk}", document.sealed_name)
        assert name.decode() == f"{NAME}.pdf"
    kept = b"".join(file.read_bytes() for file in stored_files(tmp_path))
    assert b"%PDF" not in kept


def test_the_event_tells_what_came_and_nothing_personal(make_upstream: Any, loan: Any) -> None:
    case = opened(make_upstream(), reference="SB-77")
    event = Event.objects.get(case_id=case.pk)
    assert event.type == "case.received"
    assert "SB-77" not in str(event.data) + str(event.commitments)
    assert event.commitments["reference"] == vault.of(case.pk).commitment("reference", "SB-77")
    assert [paper["kind"] for paper in event.data["documents"]] == list(KINDS)
    assert "Brz" not in str(event.data) + str(event.commitments)
    assert event.commitments["data"] == vault.of(case.pk).commitment("data", DATA)
    assert len(event.commitments) == 2 + len(KINDS)


@pytest.mark.parametrize(("priority", "minutes"), [("urgent", 60), ("low", 4320)])
def test_the_priority_sets_the_deadline(
    make_upstream: Any, loan: Any, priority: str, minutes: int
) -> None:
    case = opened(make_upstream(), priority=Priority(priority))
    late = case.due_at - case.created_at
    assert abs(late - timedelta(minutes=minutes)) < timedelta(seconds=30)


def test_all_that_is_wrong_with_the_data_is_told_at_once(make_upstream: Any, loan: Any) -> None:
    data = {**DATA, "loan": {"amount": -1, "purpose": "yacht", "extra": 1, "duration_months": "x"}}
    data["applicant"] = {"name": NAME, "date_of_birth": "1981-02-29"}
    assert faults(make_upstream(), data=data) == {
        ("#/data/loan/amount", "exclusiveMinimum"),
        ("#/data/loan/purpose", "enum"),
        ("#/data/loan", "additionalProperties"),
        ("#/data/loan/duration_months", "type"),
        ("#/data/loan/instalment_percent", "required"),
        ("#/data/applicant/date_of_birth", "format"),
    }


def test_missing_surplus_and_unknown_papers_are_named(
    make_upstream: Any, loan: Any, settings: Any
) -> None:
    settings.CASE_MAX_PAPERS = 2
    papers = [*PAPERS[:2], SentPaper("passport", "", pdf())]
    assert faults(make_upstream(), papers=papers) == {
        ("#/documents", "missing_document"),
        ("#/documents", "maxItems"),
        ("#/documents/2/kind", "unknown_kind"),
    }


def test_each_refused_paper_is_named(make_upstream: Any, loan: Any) -> None:
    papers = [PAPERS[0], SentPaper("payslip", "", b""), SentPaper("bank_statement", "", b"PK\3\4")]
    assert faults(make_upstream(), papers=papers) == {
        ("#/documents/1/content", "empty"),
        ("#/documents/2/content", "unknown_type"),
    }


def test_a_pipeline_that_is_not_granted_is_as_unknown_as_none(
    make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    unknown = faults(upstream, pipeline_slug="yacht")
    upstream.client.pipelines = []
    assert faults(upstream) == unknown == {("#/pipeline", "unknown_pipeline")}


def test_files_go_again_where_the_transaction_does_not_commit(
    make_upstream: Any, loan: Any, tmp_path: Path
) -> None:
    upstream = make_upstream()
    with pytest.raises(IntegrityError), transaction.atomic():
        opened(upstream, reference="refused by\nthe database")
    assert not stored_files(tmp_path)
    assert not CaseKey.objects.exists()


def test_files_of_an_inner_block_go_with_the_outer_one(
    make_upstream: Any, loan: Any, tmp_path: Path
) -> None:
    upstream = make_upstream()
    with pytest.raises(RuntimeError), transaction.atomic(), blobs.atomic():
        case = opened(upstream)
        assert default_storage.exists(case.papers[0].blob)
        raise RuntimeError
    assert not stored_files(tmp_path)


def test_the_bell_rings_once_after_the_commit(
    make_upstream: Any, loan: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as rings:
        case = opened(make_upstream())
    assert len(rings) == 1
    assert case.status == Status.RECEIVED
    assert case.step_due_at is not None


def test_the_number_of_statements_does_not_grow_with_the_papers(
    make_upstream: Any, loan: Any
) -> None:
    upstream = make_upstream()
    opened(upstream)
    with CaptureQueriesContext(connection) as few:
        opened(upstream)
    with CaptureQueriesContext(connection) as many:
        opened(upstream, papers=PAPERS * 3)
    assert len(few) == len(many) <= 5 + 2  # two are the savepoint that a test makes of it


def test_a_full_house_takes_nothing_in(make_upstream: Any, loan: Any, settings: Any) -> None:
    settings.INTAKE_WATERMARK = 1
    upstream = make_upstream()
    opened(upstream)
    assert not intake.is_full(-1)
    opened(upstream)
    assert intake.is_full(-2)
    intake.is_full.cache_clear()
