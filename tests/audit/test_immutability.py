"""Rows that are facts: the database refuses to change them, the application's role included."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError

from accounts.roles import Role
from audit.models import ClockTimestamp
from cases.models import Document, Page, Pipeline
from inference.models import Assessment, Calibration, Reading
from reviews.models import (
    AccessReview,
    Basis,
    BrokenGlass,
    Comment,
    Commitment,
    Contest,
    Correction,
    Disposal,
    DisposalCase,
    Export,
    Hold,
    LegalHold,
    Notice,
    Proposal,
    Reopening,
    ReopeningCase,
    Reply,
    Review,
    Sample,
    Signature,
    Stop,
    Unmasking,
)
from reviews.verdicts import FieldVerdict, Verdict
from tests.casefiles import decided_case, reviewed_case

FACTS = {
    "cases_pipelineversion": ("content", "sha256", "number", "pipeline_id"),
    "cases_document": ("case_id", "kind", "digest", "blob"),
    "cases_page": ("document_id", "digest", "blob", "quality"),
    "cases_decision": (
        "case_id", "outcome", "adverse", "override", "made_by", "route_id", "reason_codes",
        "decided_at",
    ),
    "inference_modelversion": ("sha256", "facts", "number", "model_id"),
    "inference_prediction": ("outcome", "confidence", "probabilities", "case_id", "sealed_input"),
    "inference_assessment": ("flags", "sealed_content"),
    "inference_fieldread": ("sealed_value", "confidence", "box", "case_id"),
    "inference_reading": ("engine_version", "sealed_words"),
    "reviews_policyversion": ("pipeline_id", "number", "content", "restored_by_id", "reason"),
    "reviews_claim": ("case_id", "reviewer_id", "stage", "claimed_at"),
    "reviews_export": ("exported_by_id", "pipeline_id", "format", "filter", "asked_at"),
    "inference_calibration": ("maps", "figures", "number", "labels"),
    "reviews_basis": ("case_id", "pipeline_version_id", "predicted", "doubts", "rules_met"),
    "reviews_sample": ("case_id", "kind", "outcome", "probability", "drawn_at"),
    "reviews_gatecheck": ("labels", "figures", "checked_at"),
    "reviews_stop": ("reason", "stopped_by_id", "stopped_at", "pipeline_id"),
    "reviews_proposal": ("pipeline_id", "drafted_by_id", "drafted_at"),
    "reviews_reopening": ("reason", "because_of_id", "opened_by_id", "opened_at"),
    "reviews_reopeningcase": ("reopening_id", "case_id"),
    "auditlog_logentry": ("actor_id", "changes"),
    "reviews_route": ("kind", "outcome", "reasons", "queue_id"),
    "reviews_review": (
        "outcome", "reviewer_id", "reason_codes", "sealed_explanation", "shown", "committed_outcome",
        "needed_person",
    ),
    "reviews_commitment": ("outcome", "reviewer_id", "sealed_content", "committed_at"),
    "reviews_hold": ("kind", "held_by_id", "sealed_words", "held_at"),
    "reviews_comment": ("author_id", "sealed_text", "written_at"),
    "reviews_notice": ("person_id", "kind", "told_at"),
    "reviews_unmasking": ("person_id", "field", "purpose", "unmasked_at"),
    "reviews_signature": ("review_id", "printed_name", "meaning", "method", "signed_at"),
    "reviews_accessreview": ("since", "until", "figures", "reviewed_by_id"),
    "reviews_brokenglass": ("case_id", "person_id", "sealed_reason", "broken_at", "ends_at"),
    "reviews_correction": ("kind", "field", "sealed_values"),
    "reviews_reply": ("sealed_text", "contact", "consent", "slot_id"),
    "reviews_legalhold": ("pipeline_id", "case_id", "matter", "placed_by_id", "placed_at"),
    "reviews_disposal": ("pipeline_id", "kind", "filter", "asked_by_id", "asked_at"),
    "reviews_disposalcase": ("disposal_id", "case_id"),
    "reviews_adversenotice": ("decision_id", "case_id", "pipeline_id", "due_at", "made_at"),
    "reviews_contest": ("case_id", "decision_id", "sealed_words", "taken_by_id", "contested_at"),
}  # fmt: skip
MAY_CHANGE = {
    "cases_decision": ("superseded_at",),
    "reviews_policyversion": ("active", "activated_at"),
    "reviews_claim": ("expires_at", "ended_at", "ended"),
    "reviews_basis": ("segments", "label", "labelled_at"),
    "reviews_sample": ("verdict", "judged_at"),
    "reviews_stop": ("lifted_at", "lifted_reason"),
    "reviews_proposal": ("title", "content", "status"),
    "reviews_reopening": ("finished_at",),
    "reviews_reopeningcase": ("result", "done_at"),
    "reviews_review": ("undone_at",),
    "reviews_hold": ("follow_up_at", "ended"),
    "reviews_notice": ("seen_at",),
    "reviews_brokenglass": ("justified",),
    "reviews_legalhold": ("lifted_at",),
    "reviews_disposal": ("status", "counted"),
    "reviews_disposalcase": ("result",),
    "reviews_adversenotice": ("escalated_at", "sealed_letter", "sent_at", "dropped_at"),
    "reviews_contest": ("answer_id",),
}


@pytest.fixture
def facts(
    own_database: str, make_upstream: Callable[..., Any], make_person: Callable[..., Any]
) -> None:
    """At least one row of each kind, committed, so that the tables' owner can try its hand on it."""
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    client, reviewer = make_upstream().client, make_person(Role.REVIEWER)
    confirmed = FieldVerdict(Correction.Kind.CONFIRMED)
    verdict = Verdict("decline", ("income_insufficient",), "Too little.", {"amount": confirmed})
    reviewed_case(loan, client, reviewer, verdict=verdict)
    case = decided_case(loan, client)
    document = Document.objects.create(
        case=case, position=0, size=1, page_count=1, sealed_name=b"", kind="id", blob="a/b"
    )
    page = Page.objects.create(document=document, number=1, width=1, height=1, blob="a/c")
    Reading.objects.create(page=page, word_count=0, confidence=1, sealed_words=b"")
    Export.objects.create(
        exported_by=reviewer, pipeline=loan, format=Export.Format.CSV, kind=Export.Kind.DECISIONS,
        status=Export.Status.RUNNING,
    )  # fmt: skip
    review = Review.objects.get()
    Commitment.objects.create(
        case=review.case, reviewer=reviewer, claim=review.claim, route=review.route, round=1,
        outcome="approve", sealed_content=b"",
    )  # fmt: skip
    Hold.objects.create(
        case=case, kind=Hold.Kind.QUESTION, held_by=reviewer, sealed_words=b"",
        follow_up_at=ClockTimestamp() + timedelta(days=1),
    )  # fmt: skip
    Assessment.objects.create(case=case, sealed_content=b"")
    Reply.objects.create(
        case=case, review=review, sealed_text=b"", contact=Reply.Contact.PHONE, consent=False
    )
    comment = Comment.objects.create(case=case, author=reviewer, sealed_text=b"")
    Notice.objects.create(person=reviewer, kind=Notice.Kind.MENTIONED, case=case, comment=comment)
    Signature.objects.create(
        review=review, printed_name="Mara", meaning="I answer for it", method="password"
    )
    today = date(2026, 11, 20)
    AccessReview.objects.create(pipeline=loan, since=today, until=today, reviewed_by=reviewer)
    BrokenGlass.objects.create(
        case=case, person=reviewer, sealed_reason=b"",
        ends_at=ClockTimestamp() + timedelta(hours=1),
    )  # fmt: skip
    Unmasking.objects.create(case=case, person=reviewer, field="iban", purpose="Complaint")
    Calibration.objects.create(
        pipeline=loan, number=1, kind="fields", method="platt", maps={}, figures={}, labels=9,
        since=ClockTimestamp(), until=ClockTimestamp(),
    )  # fmt: skip
    Basis.objects.create(
        route=review.route, case=review.case, pipeline=loan,
        pipeline_version=review.case.pipeline_version, confidence=0.7,
    )  # fmt: skip
    Sample.objects.create(case=case, kind=Sample.Kind.KNOWN, route=review.route, outcome="approve")
    Stop.objects.create(reason="An outage", stopped_by=reviewer)
    Proposal.objects.create(pipeline=loan, title="Less", content={}, drafted_by=reviewer)
    reopening = Reopening.objects.create(pipeline=loan, reason="Wrong", opened_by=reviewer)
    ReopeningCase.objects.create(reopening=reopening, case=case)
    LegalHold.objects.create(pipeline=loan, case=case, matter="4 O 17/26", placed_by=reviewer)
    disposal = Disposal.objects.create(pipeline=loan, kind="request", asked_by=reviewer)
    DisposalCase.objects.create(disposal=disposal, case=case)
    Contest.objects.create(case=case, decision=case.decisions.get(), sealed_words=b"")


def change(table: str, column: str) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {column}")  # noqa: S608  # names of our own
        return int(cursor.rowcount)


def test_no_fact_can_be_changed_even_by_the_tables_owner(facts: None) -> None:
    for table, columns in FACTS.items():
        for column in columns:
            with pytest.raises(ProgrammingError, match="its rows are facts"):
                change(table, column)


def test_what_is_no_fact_can(facts: None) -> None:
    for table, columns in MAY_CHANGE.items():
        for column in columns:
            assert change(table, column) > 0


def test_the_end_of_an_export_is_written_once(facts: None) -> None:
    ended = {"finished_at": ClockTimestamp(), "row_count": 3, "sha256": "0" * 64}
    assert Export.objects.update(**ended) == 1
    with pytest.raises(ProgrammingError, match="its rows are facts"):
        Export.objects.update(**ended)


def test_every_guard_holds_for_a_replica_too(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT relname, tgenabled FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE proname IN ('refuse_change', 'refuse_change_unless_erased')"
        )
        guards = dict(cursor.fetchall())
    assert set(guards.values()) == {"A"}
    assert {*FACTS, "audit_event"} <= guards.keys()
