"""The demo's clinicians and approvers at work: what they answer, what they put right, what they leave."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from accounts.keys import make_client
from accounts.models import User
from audit import vault
from audit.models import Event
from cases.models import Case
from config.demo import answering, approving, clinic, messages, seeding
from config.demo.approving import approve_claims
from config.demo.cases import DemoCase
from config.demo.receipts import Receipt as Shown
from reviews.models import Correction, Hold, QueueEntry, Reply, Review, Slot
from reviews.reviewing import correction_purpose
from reviews.slotfiles import check_together
from tests.casefiles import TESTER, held
from tests.claims_made import Expenses, Receipt, expense_case
from tests.loans import Read
from tests.messages import Found, Message, message_case, message_pipeline
from tests.pipelines import pipeline_of


def written(urgency: str, number: int = 0) -> str:
    """A message of the demo that wants an answer so soon."""
    return [text for text, soon in answering.urgencies().items() if soon == urgency][number]


@pytest.fixture
def send(db: None) -> Callable[..., Case]:
    """Sends a message through the demo's portal; `pressing` ones have a flag."""
    pipeline = message_pipeline()
    seeding.make_people()
    client = make_client(seeding.PORTALS["patient-message"], pipelines=[pipeline.slug], by=TESTER)

    def sent(text: str, *, flags: Sequence[str] = (), consent: bool = True) -> Case:
        found = Found(dict.fromkeys(flags, ()), (), {})
        data = {"consent": {"automated_contact": consent}}
        return message_case(
            client, Message(text=text, data=data, found=found, tables={}), pipeline=pipeline
        )

    return sent


def test_clinicians_answer_what_presses_and_leave_some_of_all(send: Callable[..., Case]) -> None:
    flagged = [send(written("emergency", n), flags=["cardiac_chest_pain"]) for n in range(3)]
    calm = [send(written("routine", n), consent=n != 3) for n in range(8)]
    clinic.offer()
    answering.answer_messages()
    answered = {each.case_id: each for each in Review.objects.select_related("reply__slot")}
    assert set(answered) == {each.pk for each in (*flagged[:2], *calm[::3])}
    raised, usual, unasked = (answered[each.pk] for each in (flagged[0], calm[0], calm[3]))
    assert (raised.outcome, raised.reply.contact, raised.reply.slot) == ("emergency", "phone", None)
    assert (usual.outcome, usual.override) == ("routine", True)
    assert usual.reason_codes == ["less_urgent_than_scored"]
    assert (usual.reply.contact, usual.reply.template) == ("automated", "seen_soon")
    assert usual.reply.slot == Slot.objects.get(booked_by=usual)
    assert unasked.reply.contact == "phone"
    kinds = Counter(Hold.objects.values_list("kind", flat=True))
    assert kinds == {"follow_up": 1, "question": 1}
    assert QueueEntry.objects.filter(escalated=True).count() == 1
    assert QueueEntry.objects.filter(claim=None, hold=None, escalated=False).count() == 3


def test_a_colleague_answers_where_a_visitor_works_under_a_name(send: Callable[..., Case]) -> None:
    mine, other, _ = (send(written("emergency", n), flags=["cardiac_chest_pain"]) for n in range(3))
    held(mine, User.objects.get(username="greta"))
    answering.answer_messages()
    review = Review.objects.get()
    assert (review.case_id, review.reviewer.username) == (other.pk, "henrik")


def test_the_clinic_offers_two_weeks_and_is_asked_again_when_they_are_over(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_pipeline()
    clinic.offer()
    offered = Slot.objects.count()
    clinic.offer()
    assert (Slot.objects.count(), Event.objects.filter(type="slots.loaded").count()) == (offered, 1)
    rows = list(clinic.rows(date(2026, 11, 20)))
    check_together(rows)
    assert {row.starts_at.date() for row in rows} == {
        date(2026, 11, 20) + timedelta(days=n) for n in range(clinic.DAYS)
    }
    assert all(8 <= row.starts_at.hour < 22 for row in rows)
    assert len({(row.service, row.place) for row in rows}) >= 4


def test_approvers_put_right_what_was_read_wrongly_and_refuse_what_was_entered_so(db: None) -> None:
    pipeline = pipeline_of("expense-claim")
    seeding.make_people()
    client = make_client(seeding.PORTALS["expense-claim"], pipelines=[pipeline.slug], by=TESTER)
    misread = Receipt(read={"total": Read("46.80", 0.9, "differs"), "items": Read("[]")})
    shown = Shown(
        {"total": "48.60", "items": json.dumps(misread.lines), "merchant": "TRATTORIA DA NINO"},
        b"", "", "", "clean", "it", "meals",
    )  # fmt: skip
    claims: dict[str, DemoCase] = {}

    def claim(receipt: Receipt) -> Case:
        case = expense_case(client, Expenses([receipt], drawn=False), pipeline=pipeline)
        data = vault.of(case.pk).open_json("data", case.sealed_data)
        claims[case.reference] = DemoCase(pipeline.slug, case.reference, data, [("receipt", shown)])
        return case

    sound, asked, wrong, later = (
        claim(each) for each in (misread, misread, replace(misread, amount="58.60"), misread)
    )
    approve_claims(claims)
    reimbursed, refused = (Review.objects.get(case=each) for each in (sound, wrong))
    assert (reimbursed.outcome, reimbursed.reason_codes) == ("reimburse", ["receipts_suffice"])
    assert (refused.outcome, refused.reason_codes) == ("refuse", ["sums_differ"])
    opened = vault.of(sound.pk)
    right = {
        each.field: opened.open_json(
            correction_purpose(reimbursed.claim_id, each.field), each.sealed_values
        )["right"]
        for each in Correction.objects.filter(review=reimbursed)
    }
    assert right == {"total-1": "48.60", "items-1": json.dumps(misread.lines)}
    kinds = {hold.case_id: hold.kind for hold in Hold.objects.all()}
    assert kinds == {asked.pk: "question", later.pk: "follow_up"}


def test_a_dear_fare_is_refused_by_what_its_receipt_shows(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = pipeline_of("expense-claim")
    seeding.make_people()
    client = make_client(seeding.PORTALS["expense-claim"], pipelines=[pipeline.slug], by=TESTER)
    fare = Receipt(currency="CHF", category="travel", claimed=5400.0)
    reasons = [{"code": "travel_limit"}]
    case = expense_case(client, Expenses([fare], drawn=False), pipeline=pipeline, reasons=reasons)
    monkeypatch.setattr(approving, "SAID", {case.reference: approving.FAR_ABOVE})
    paper = Shown({"total": "48.60"}, b"", "", "", "clean", "it", "travel")
    approve_claims(
        {case.reference: DemoCase(pipeline.slug, case.reference, {}, [("receipt", paper)])}
    )
    assert Review.objects.get().reason_codes == ["above_limit", "sums_differ"]


def test_every_message_of_the_demo_has_its_answer() -> None:
    now = datetime.fromisoformat("2026-11-20T12:00:00Z")
    told = answering.urgencies()
    for case in messages.messages(20, now):
        if case.reference != messages.LONG:  # which is left to whoever looks at the demo
            assert told[case.data["message"]["text"]] in answering.WORDS


def test_nobody_answers_where_nothing_waits(db: None) -> None:
    seeding.make_people()
    answering.answer_messages()
    approve_claims({})
    assert not Reply.objects.exists()
