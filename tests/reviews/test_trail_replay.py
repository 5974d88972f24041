"""A past decision on screen as it was, and run again; for who audits the pipeline and nobody else."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases.models import Case, Decision
from reviews.models import Correction, PolicyVersion
from reviews.policies import put_in_force
from reviews.verdicts import FieldVerdict, Verdict
from tests.casefiles import held, submit
from tests.keys import destroy_key
from tests.loans import loan_in_review

VERDICT = Verdict(
    outcome="decline",
    reason_codes=("income_insufficient",),
    explanation="The payslip shows less than was declared.",
    fields={"net_income": FieldVerdict(Correction.Kind.CORRECTED, "2413.18")},
    opened={"pages": [1, 2], "seconds": {"1": 41, "2": 5}},
)


def text_of(content: bytes) -> str:
    """The words of a page, without its markup."""
    shown = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split()).replace(" ;", ";")


@pytest.fixture
def auditor(db: None, make_person: Callable[..., User], client: Client) -> User:
    """Somebody who audits the loan pipeline, signed in."""
    person = make_person(Role.AUDITOR, first_name="Emil", last_name="Roth")
    client.force_login(person)
    return person


@pytest.fixture
def judged(bank: ApiClient, reviewer: User) -> Case:
    """A loan that a person declined."""
    case = loan_in_review(bank)
    submit(held(case, reviewer), VERDICT)
    case.refresh_from_db()
    return case


def read(client: Client, case: Case, **asked: int) -> str:
    """The page's words."""
    answer = client.get(reverse("trail_replay", args=[case.pk]), asked)
    assert answer.status_code == 200
    return text_of(answer.content)


def test_a_decision_is_shown_as_it_was_under_the_policy_of_then(
    judged: Case, auditor: User, client: Client
) -> None:
    active = PolicyVersion.objects.get(pipeline=judged.pipeline, active=True)
    put_in_force(judged.pipeline, {**active.content, "thresholds": {"approve": 0.99}})
    words = read(client, judged)
    assert "Policy 1, in force since" in words
    assert "Approve: 0.856; from 0.85 on no person was needed" in words
    assert "Application form 41 s Payslip 5 s Never in view: Bank statement" in words
    assert "The model's view was in sight." in words
    assert "Decline" in words
    assert "Income is insufficient for the amount requested" in words
    opened = Event.objects.filter(type="case.opened", case_id=judged.pk, actor_id=str(auditor.pk))
    assert opened.count() == 1


def test_it_is_run_again_at_a_press_and_that_is_noted(
    judged: Case, auditor: User, client: Client
) -> None:
    decision = Decision.objects.get(case=judged)
    answer = client.post(reverse("trail_rerun", args=[judged.pk, decision.pk]))
    words = text_of(answer.content)
    assert "The same: the same input through the same versions takes the same way." in words
    assert "Emil Roth: the same" in words
    assert Event.objects.get(type="decision.rerun").data["same"] is True
    assert "Emil Roth: the same" in read(client, judged, decision=decision.pk)


def test_only_who_audits_the_pipeline_finds_it(
    judged: Case, client: Client, senior: User, dora: User
) -> None:
    decision = Decision.objects.get(case=judged)
    for person in (senior, dora):
        client.force_login(person)
        assert client.get(reverse("trail_replay", args=[judged.pk])).status_code == 404
        rerun = reverse("trail_rerun", args=[judged.pk, decision.pk])
        assert client.post(rerun).status_code == 404
    assert not Event.objects.filter(type="decision.rerun").exists()


def test_of_an_erased_case_it_says_that(judged: Case, auditor: User, client: Client) -> None:
    destroy_key(judged.pk)
    words = read(client, judged)
    assert "The case was erased on" in words
    assert "Review: decline, an override" in words


def test_where_nothing_was_decided_there_is_nothing_to_see(
    bank: ApiClient, auditor: User, client: Client
) -> None:
    case = loan_in_review(bank)
    assert client.get(reverse("trail_replay", args=[case.pk])).status_code == 404
