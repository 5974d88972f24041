"""A case's whole file as a PDF: all that its record shows, to who audits it, as they may see it."""

from collections.abc import Callable
from dataclasses import replace

import pypdfium2
import pytest
from django.http import Http404

from accounts.models import ApiClient, User
from accounts.roles import Role
from cases.models import Case
from reviews.models import Correction
from reviews.trail.casepdf import case_pdf
from reviews.trail.wholefile import MayHaveToJudge
from reviews.verdicts import FieldVerdict, Verdict
from tests.casefiles import held, submit
from tests.keys import destroy_key
from tests.loans import Loan, Read, draw, loan_in_review
from tests.messages import Message, message_case
from tests.pipelines import store_paper

PURPOSE = "Complaint or contest"
VERDICT = Verdict(
    outcome="decline",
    reason_codes=("income_insufficient",),
    explanation="Łódź & Ωμέγα: the payslip shows less than 王 declared.",
    fields={"net_income": FieldVerdict(Correction.Kind.CORRECTED, "2413.18")},
    opened={"pages": [1, 2], "seconds": {"1": 41}},
)


@pytest.fixture
def auditor(db: None, make_person: Callable[..., User]) -> User:
    """Somebody who audits the loan pipeline and works on none of its queues."""
    return make_person(Role.AUDITOR)


@pytest.fixture
def judged(bank: ApiClient, reviewer: User) -> Case:
    """A loan that a person declined, with a field put right."""
    case = loan_in_review(bank)
    submit(held(case, reviewer), VERDICT)
    case.refresh_from_db()
    return case


def words_of(content: bytes) -> str:
    """The text of a PDF, its pages one after another."""
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    return "\n".join(pages).replace("\r\n", "\n")


def test_the_file_shows_what_was_known_said_and_decided(judged: Case, auditor: User) -> None:
    content = case_pdf(judged.pk, reader=auditor, purpose=PURPOSE)
    document = pypdfium2.PdfDocument(content)
    words = words_of(content)
    assert document.get_metadata_dict()["Title"] == f"Case {judged.reference}"
    headings = [mark.get_title() for mark in document.get_toc() if mark.level == 0]
    assert headings[1:] == [
        "The data as sent",
        "Fields as read",
        "The model's view",
        "The policy and the route",
        "Reviews",
        "What became of decisions",
        "History",
        "Papers",
    ]
    assert len(document) == 7  # the last three are the papers'
    for said in (
        "Wilhelmina van den Broek-Jünger",
        "Decline (an adverse outcome)",
        "2,413.18 (read: 2,431.18)",
        "Łódź & Ωμέγα: the payslip shows less than [U+738B] declared.",
        "Income is insufficient for the amount requested",
        "Application form (41 s); Payslip",
        "Pages never in view Bank statement",
        "Approve: from 0.85",
        "page 7 of 7",
    ):
        assert said in words.replace("\n", " "), said
    boxes = [each for each in document[6].get_objects() if each.type == 2]
    assert len(boxes) >= 6  # of three fields, each with its tag


def test_the_same_case_gives_the_same_bytes(judged: Case, auditor: User) -> None:
    assert case_pdf(judged.pk, reader=auditor) == case_pdf(judged.pk, reader=auditor)


def test_what_is_masked_from_the_reader_stays_so(judged: Case, auditor: User) -> None:
    words = words_of(case_pdf(judged.pk, reader=auditor))
    assert "Broek" not in words
    assert "Masked: Application form; Payslip; Bank statement" in words
    assert "Broek" not in words_of(case_pdf(judged.pk, reader=auditor, purpose="curiosity"))


def test_nobody_prints_what_they_may_not_see_or_have_to_judge(
    bank: ApiClient, reviewer: User, senior: User, make_person: Callable[..., User]
) -> None:
    waiting = loan_in_review(bank, Loan(amount=12_000))
    with pytest.raises(Http404):
        case_pdf(waiting.pk, reader=make_person(Role.OPERATOR))
    with pytest.raises(MayHaveToJudge):
        case_pdf(waiting.pk, reader=senior)


def test_a_long_case_is_printed_whole(bank: ApiClient, reviewer: User, auditor: User) -> None:
    case = loan_in_review(bank, Loan(read={"employer": Read("Ünîcödé " * 400, 0.93)}))
    for place in range(3, 12):
        store_paper(case, "payslip", place, draw(f"Paper {place}", [])[0])
    submit(held(case, reviewer), replace(VERDICT, explanation="Long words. " * 800, fields={}))
    document = pypdfium2.PdfDocument(case_pdf(case.pk, reader=auditor, purpose=PURPOSE))
    assert [mark.get_title() for mark in document.get_toc()][-1] == "Page 12: Payslip"
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert text.count("Ünîcödé") >= 400
    assert text.count("Long") >= 800


def test_of_an_erased_case_the_file_says_that_and_what_is_left(judged: Case, auditor: User) -> None:
    destroy_key(judged.pk)
    words = words_of(case_pdf(judged.pk, reader=auditor))
    assert "Erased on" in words
    assert "Decline (an adverse outcome)" in words
    assert "Review: decline, an override" in words


def test_the_file_of_a_message_says_who_wrote_it_and_what_before(
    bank: ApiClient, auditor: User
) -> None:
    before = [{"text": "It began on Monday.", "from": "patient", "sent_at": "2026-11-18T08:00:00Z"}]
    case = message_case(bank, replace(Message(), data={"earlier": before}))
    words = words_of(case_pdf(case.pk, reader=auditor, purpose=PURPOSE))
    for said in (Message().patient["name"], "left arm is heavy", "It began on Monday."):
        assert said in words
    masked = words_of(case_pdf(case.pk, reader=auditor))
    assert Message().patient["name"] not in masked
    assert "It began on Monday." not in masked
