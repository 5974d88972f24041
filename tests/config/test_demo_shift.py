"""The demo's people at work: what they leave behind, by the house's own acts, and only once."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from accounts.keys import make_client
from accounts.models import User
from audit.models import Event
from cases.models import Case
from config.demo import loans, saying, seeding, shift
from config.demo.shift import Shift, worked
from reviews.claims import claim_case, claim_in_hand
from reviews.models import Claim, Comment, Hold, Notice, QueueEntry, Review
from reviews.rights import rights_of
from tests.casefiles import TESTER
from tests.loans import Loan, Read, loan_in_review

SURE = {"employer": Read("Noord-Nederlandse Tuinbouw B.V."), "net_income": Read("2341.18")}


@pytest.fixture
def cases(db: None) -> Sequence[Case]:
    """The demo's people, and cases of its upstream that wait."""
    seeding.make_people()
    client = make_client(seeding.PORTALS["loan"], pipelines=["loan"], by=TESTER)
    return [
        loan_in_review(client, Loan(SURE, 8450 + hours, timedelta(hours=hours)))
        for hours in range(1, 15)
    ]


def work(monkeypatch: pytest.MonkeyPatch, *, left: int) -> Shift:
    """A shift whose people are done with a case as soon as they look again."""
    monkeypatch.setattr(shift, "SECONDS", (0.0, 0.0))
    people = Shift(left=left)
    for _ in range(2 * left):
        people.look()
    return people


def test_people_judge_as_many_cases_as_they_were_to(
    cases: Sequence[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = work(monkeypatch, left=4)
    assert Review.objects.count() == 4
    assert Claim.objects.filter(ended_at=None).count() == 0
    assert people.hands == {}


def test_a_shift_leaves_something_of_everything(cases: Sequence[Case]) -> None:
    Shift(left=0).close()
    kinds = Counter(Hold.objects.values_list("kind", flat=True))
    assert kinds == {"follow_up": len(saying.HOLDS), "question": 1}
    assert QueueEntry.objects.filter(escalated=True).count() == 1
    given = QueueEntry.objects.get(reserved_for__isnull=False)
    assert given.reserved_for == User.objects.get(username="bruno")
    ada = User.objects.get(username="ada")
    assert ada.notices.filter(kind=Notice.Kind.MENTIONED).exists()
    assert Comment.objects.count() >= len(saying.REMARKS)
    assert QueueEntry.objects.filter(claim=None, hold=None, reserved_for=None).count() > 5


def test_who_is_at_work_already_is_left_alone(cases: Sequence[Case]) -> None:
    ada = User.objects.get(username="ada")
    mine = claim_case(cases[0].pk, reviewer=ada, rights=rights_of(ada), by=ada.actor)
    Shift(left=0).close()
    assert claim_in_hand(ada, by=TESTER) == mine
    assert not Hold.objects.filter(held_by=ada).exists()
    assert Hold.objects.count() == len(saying.HOLDS) + 1


def test_that_it_was_the_demo_is_an_event_and_is_known(cases: Sequence[Case]) -> None:
    assert not worked()
    Shift(left=0).close()
    assert worked()
    event = Event.objects.get(type=shift.WORKED)
    assert (event.actor_kind, event.actor_id) == ("system", "demo")


def test_nothing_is_done_where_there_are_no_cases(db: None) -> None:
    seeding.make_people()
    people = Shift(left=3)
    people.look()
    people.close()
    assert not Claim.objects.exists()
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        ({}, "approve", "papers_confirm"),
        ({"balance": -12.0}, "decline", "account_overdrawn"),
        ({"income": 900.0, "history": "delayed"}, "decline", "credit_history_delinquent"),
        ({"income": 900.0, "employed": "below_1_year"}, "decline", "employment_short"),
        ({"income": 900.0, "history": "critical"}, "decline", "obligations_excessive"),
        ({"income": 900.0}, "decline", "income_insufficient"),
    ],
)
def test_what_people_say_is_true_of_the_case(
    changes: dict[str, float | str], outcome: str, reason: str
) -> None:
    facts = {
        "amount": 4800.0,
        "months": 24,
        "income": 2400.0,
        "balance": 1200.0,
        "history": "paid_till_now",
        "employed": "4_to_7_years",
        "credits": 1,
    }
    [said, *_] = saying.opinions(saying.Loan(**(facts | changes)), "decline")  # type: ignore[arg-type]  # by name
    assert (said.outcome, said.reason) == (outcome, reason)


def test_amounts_are_written_as_people_type_them() -> None:
    assert [saying.euros(1234.4), saying.euros(-12.0)] == ["€1,234", "-€12"]


def test_the_showpieces_are_beside_the_others() -> None:
    shown = {case.reference: case for case in loans.showpieces()}
    assert set(shown) == set(loans.SHOWPIECES)
    assert shown[loans.UNREADABLE].papers[1].grade == "unreadable"
    assert all(shown[reference].data["loan"]["amount"] > 10_000 for reference in loans.LARGE)
    assert loans.LONG not in {case.reference for case in loans.loan_cases(3)}
