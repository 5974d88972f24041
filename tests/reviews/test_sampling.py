"""Samples: drawn, judged unseen, and settled beside a decision that stands."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import ApiClient, User
from audit.models import Event
from cases import lifecycle
from cases.models import Case, Decision, Pipeline, Status
from reviews.adverse.contests import contest_decision
from reviews.asking import Question, request_information
from reviews.committing import commit_verdict
from reviews.holding import hold_case, take_up
from reviews.models import Basis, Claim, Hold, Queue, QueueEntry, Review, Route, Sample
from reviews.policies import activate_policy
from reviews.replying import announce
from reviews.reviewing import submit_review
from reviews.rights import rights_of
from reviews.routes import route_case
from reviews.settling import settle_review
from reviews.undoing import undo_review
from reviews.verdicts import Verdict
from tests.casefiles import DECLINE, OVERRIDE, TESTER, found, held, scored_case
from tests.reviews.holds import now

ALMOST_ALL = 1 - 2**-40
"""A share that is not all, and yet misses no case in a test."""


@pytest.fixture
def sampling(loan: Pipeline) -> None:
    """A policy that has as good as each automatic decision judged, from 0.9 on as a stratum of its own."""
    assert loan.current is not None
    samples = {"share": 1.0, "strata": [{"outcome": "approve", "lower": 0.9, "share": ALMOST_ALL}]}
    content = {**loan.current.definition.policy, "samples": samples}
    activate_policy(loan, content, definition=loan.current.definition, by=TESTER)


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient, sampling: None) -> Case:
    """A case that was decided, announced and drawn."""
    case = scored_case(loan, bank, predicted="approve", confidence=0.93)
    route_case(case, lifecycle.take_step(case.pk, Status.SCORED))
    case = found(case)
    announce(case, lifecycle.take_step(case.pk, Status.DECIDED))
    return found(case)


def words_on(claim: Claim, verdict: Verdict) -> dict[str, Any]:
    """What a reviewer sends with a verdict: the version that the page shows."""
    return {
        "fence": claim.pk,
        "case_version": Sample.objects.get(case=claim.case_id, judged_at=None).shown_version,
        "verdict": verdict,
        "reviewer": claim.reviewer,
        "rights": rights_of(claim.reviewer),
        "by": claim.reviewer.actor,
    }


def judge(claim: Claim, first: Verdict, then: Verdict) -> Review:
    commit_verdict(**words_on(claim, first))
    return submit_review(**words_on(claim, then))


def test_a_contest_takes_the_case_from_who_judges_it_as_a_sample(
    case: Case, bank: ApiClient, senior: User
) -> None:
    claim = held(case, senior)
    contest_decision(case.pk, "That is not so.", by=bank.actor)
    claim.refresh_from_db()
    assert claim.ended == Claim.Ended.TAKEN_OVER
    assert Event.objects.get(type="claim.taken_over").data == {"claim": claim.pk}
    assert Sample.objects.get(case=case).ended == Sample.Ended.GONE
    entry = QueueEntry.objects.get(pk=case.pk)
    assert (entry.sample, entry.fresh, entry.claim) == (None, True, None)
    assert held(case, senior)


def test_a_contest_ends_the_hold_on_a_sample_so_that_the_case_can_be_set_aside_anew(
    case: Case, bank: ApiClient, senior: User
) -> None:
    for _ in range(2):
        fence = held(case, senior).pk
        hold_case(
            "On leave",
            fence=fence,
            follow_up_at=now() + timedelta(days=1),
            reviewer=senior,
            by=senior.actor,
        )
        if not case.contests.exists():
            contest_decision(case.pk, "That is not so.", by=bank.actor)
    assert Hold.objects.get(case=case, ended_at=None).entry.sample is None


def test_a_drawn_case_is_decided_and_announced_as_ever(case: Case) -> None:
    sample = Sample.objects.get()
    assert (case.status, Decision.objects.get().made_by) == (Status.ANNOUNCED, "policy")
    assert (sample.outcome, sample.stratum, sample.probability) == ("approve", 0.9, ALMOST_ALL)
    entry = QueueEntry.objects.select_related("route__queue", "sample").get()
    assert (entry.sample, entry.round, entry.due_at) == (sample, 1, case.due_at)
    assert entry.route.blind
    assert entry.route.queue == Queue.objects.get(slug="loan-review")
    assert sample.route.kind == Route.Kind.AUTOMATIC
    assert sample.shown_version == 4


def test_what_is_said_of_a_sample_is_kept_and_decides_nothing(case: Case, reviewer: User) -> None:
    before = found(case).version
    claim = held(case, reviewer)
    judge(claim, DECLINE, OVERRIDE)
    assert settle_review(claim.pk) is None
    sample, basis = Sample.objects.get(), Basis.objects.get()
    assert (sample.verdict, sample.reviewer) == ("decline", reviewer), "what was said unseen"
    assert (basis.label, basis.label_kind) == ("decline", "sample")
    assert basis.weight == 1 / ALMOST_ALL > 1, "it stands for all that it was drawn from"
    assert basis.route_id == sample.route_id
    assert (Decision.objects.count(), QueueEntry.objects.count()) == (1, 0)
    assert (found(case).status, found(case).version) == (Status.ANNOUNCED, before)
    told = Event.objects.filter(case_id=case.pk, type__startswith="sample.").order_by("id")
    types = [event.type for event in told]
    assert types == ["sample.drawn", "sample.judged", "sample.disagreed"]


def test_a_verdict_on_a_sample_can_be_undone_and_given_again(
    case: Case, reviewer: User, settings: Any
) -> None:
    settings.UNDO_SECONDS = 600
    claim = held(case, reviewer)
    judge(claim, OVERRIDE, OVERRIDE)
    settle_review(claim.pk)
    assert Sample.objects.get().judged_at is None, "not before it is due"
    again = undo_review(claim.pk, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor)
    settings.UNDO_SECONDS = 0
    submit_review(**words_on(again, OVERRIDE))
    settle_review(again.pk)
    assert Sample.objects.get().verdict == "approve"
    assert not Event.objects.filter(type="sample.disagreed").exists()


def test_a_sample_can_be_set_aside_and_nothing_moves_that_the_upstream_knows(
    case: Case, reviewer: User
) -> None:
    hold_case(
        "Later.",
        fence=held(case, reviewer).pk,
        follow_up_at=now() + timedelta(days=2),
        reviewer=reviewer,
        by=reviewer.actor,
    )
    take_up(case.pk, reviewer=reviewer, rights=rights_of(reviewer), by=reviewer.actor)
    after = found(case)
    assert (after.due_at, after.version) == (case.due_at, case.version)
    assert Sample.objects.get().shown_version == 5, "as of any case that rested"
    assert QueueEntry.objects.get().due_at > case.due_at


def test_the_upstream_is_asked_nothing_of_what_it_knows_as_decided(
    case: Case, reviewer: User
) -> None:
    claim = held(case, reviewer)
    asked = request_information(
        Question("Who wrote it?"),
        fence=claim.pk,
        follow_up_at=now() + timedelta(days=2),
        reviewer=reviewer,
        by=reviewer.actor,
    )
    assert (asked, Hold.objects.count(), QueueEntry.objects.count()) == (None, 0, 0)
    assert (Sample.objects.get().ended, Sample.objects.get().verdict) == ("asked", "")
    claim.refresh_from_db()
    assert claim.ended == Claim.Ended.SET_ASIDE
    assert Event.objects.filter(type="comment.written").count() == 1, "the question is not lost"


def test_the_draw_is_keyed_and_falls_as_often_as_the_stratum_says(
    loan: Pipeline, bank: ApiClient
) -> None:
    assert loan.current is not None
    content = {**loan.current.definition.policy, "samples": {"share": 0.5}}
    activate_policy(loan, content, definition=loan.current.definition, by=TESTER)
    cases = [scored_case(loan, bank, predicted="approve", confidence=0.93) for _ in range(20)]
    for case in cases:
        route_case(case, lifecycle.take_step(case.pk, Status.SCORED))
    assert 1 <= Sample.objects.count() <= 19  # fails once in 500,000 runs
    assert set(Sample.objects.values_list("probability", flat=True)) == {0.5}
    assert Decision.objects.count() == 20


def test_what_the_gate_alone_held_back_is_judged_blind_and_measured(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    assert loan.current is not None
    content = {**loan.current.definition.policy, "gate": {"days": 30}}
    activate_policy(loan, content, definition=loan.current.definition, by=TESTER)
    case = scored_case(loan, bank, predicted="approve", confidence=0.93)
    route_case(case, lifecycle.take_step(case.pk, Status.SCORED))
    sample = Sample.objects.get()
    assert (sample.kind, sample.probability, sample.route.blind) == ("held", 1.0, True)
    claim, verdict = held(found(case), reviewer), DECLINE
    sent = {**words_on(claim, verdict), "case_version": found(case).version}
    commit_verdict(**sent)
    submit_review(**sent)
    decision = settle_review(claim.pk)
    assert decision is not None
    assert (decision.outcome, Sample.objects.get().verdict) == ("decline", "decline")
