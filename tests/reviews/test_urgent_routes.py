"""Routing where a case may be urgent: flags, ceilings, bounds and consent, and queues with a deadline."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.utils import IntegrityError

from accounts.models import ApiClient, User
from audit.models import ClockTimestamp, Event
from cases import lifecycle
from cases.models import Case, Decision, Pipeline, Status
from inference.models import Model, ModelVersion
from reviews.models import (
    Notice,
    PolicyVersion,
    Queue,
    QueueEntry,
    Reopening,
    Route,
    Sample,
    Stage,
)
from reviews.policies import activate_policy
from reviews.settling import settle_review
from reviews.tasks import queue_quarantined_case, route_case
from reviews.verdicts import Verdict
from tests.casefiles import TESTER, found, held, received_case, submit
from tests.messages import MODEL, Found, Message, assess, message_case, message_pipeline, predict
from tests.pipelines import store_paper
from tests.reviews.holds import now
from tests.reviews.test_sampling import judge

NOTHING_FOUND = Found({}, (), {})
CLEAR = Message(
    text="How often may I take paracetamol for my cold?",
    data={"consent": {"automated_contact": True}},
    found=NOTHING_FOUND,
    tables={},
    probabilities={"emergency": 0.005, "same_day": 0.01, "routine": 0.015, "self_care": 0.97},
)
MET = {"figures": {"missed_urgent": {"value": 0.01, "lower": 0.005, "upper": 0.018}}}
PNG = b"not looked at"


@pytest.fixture
def messages(db: None) -> Pipeline:
    """The pipeline of patients' messages, with a model whose card meets the policy's bound."""
    pipeline = message_pipeline()
    model, _ = Model.objects.get_or_create(name=MODEL["name"])
    ModelVersion.objects.create(model=model, number=1, sha256="0" * 64, facts=MET)
    return pipeline


def scored(pipeline: Pipeline, client: ApiClient, message: Message = CLEAR, **options: Any) -> Case:
    """A message as the step of routing finds it; `assessed=False` leaves its assessment out."""
    assessed = options.pop("assessed", True)
    sent: dict[str, Any] = {"text": message.text, "language": message.language}
    data = {"patient": dict(message.patient), "message": sent, **message.data}
    case = received_case(pipeline, client, data=data, **options)
    for position in range(message.photos):
        store_paper(case, "photo", position, PNG)
    lifecycle.move(case, Status.READ, by=TESTER)
    if assessed:
        assess(case, message)
    if message.probabilities:
        predict(case, message)
    lifecycle.move(case, Status.SCORED, by=TESTER)
    return found(case)


def routed(case: Case) -> Route:
    route_case(str(case.pk))
    return case.routes.select_related("queue", "second_review_queue").get()


def place(route: Route) -> str:
    return route.queue.slug if route.queue else ""


def codes(route: Route) -> list[str]:
    return [reason["code"] for reason in route.reasons]


def test_what_is_clear_of_everything_is_decided_without_a_person(
    messages: Pipeline, bank: ApiClient
) -> None:
    route = routed(scored(messages, bank))
    assert (route.kind, route.outcome, route.flags) == ("automatic", "self_care", [])


@pytest.mark.parametrize(
    ("changes", "code", "queue"),
    [
        ({"found": replace(NOTHING_FOUND, flags={"chest_pain": ["cold"]})}, "flag", "urgent"),
        ({"probabilities": {**(CLEAR.probabilities or {}), "emergency": 0.021}}, "above_ceiling", "soon"),
        ({"language": "fr"}, "language_unknown", "urgent"),
        ({"data": {}}, "no_consent", "review"),
        ({"data": {"consent": {"automated_contact": False}}}, "no_consent", "review"),
        ({"photos": 1}, "paper_unseen", "review"),
        ({"probabilities": None}, "no_prediction", "soon"),
    ],
)  # fmt: skip
def test_each_sign_alone_keeps_a_message_for_a_person(
    messages: Pipeline, bank: ApiClient, changes: dict[str, Any], code: str, queue: str
) -> None:
    route = routed(scored(messages, bank, replace(CLEAR, **changes)))
    assert (route.kind, codes(route)) == ("review", [code])
    assert place(route) == f"messages-{queue}"
    assert route.flags == (["chest_pain"] if code == "flag" else [])
    assert not Decision.objects.exists()


def test_a_case_that_was_not_assessed_may_show_any_flag(
    messages: Pipeline, bank: ApiClient
) -> None:
    route = routed(scored(messages_with_flags(), bank, assessed=False))
    assert (place(route), codes(route)) == ("messages-urgent", ["not_assessed"])


def messages_with_flags() -> Pipeline:
    """The pipeline with one flag of the tests' own, whatever its file has."""
    flag = {"name": "pain", "label": "Pain", "source": "A guideline", "when": "age.years > 200.0"}
    return message_pipeline(flags=[flag])


def test_a_model_whose_card_does_not_meet_the_bound_decides_nothing(
    db: None, bank: ApiClient
) -> None:
    route = routed(scored(message_pipeline(), bank))  # its card has no figure at all
    assert codes(route) == ["bound_not_met"]
    assert "missed-urgent rate" in route.reasons[0]["text"]


def test_no_failure_leads_past_a_flag(messages: Pipeline, bank: ApiClient) -> None:
    flagged = replace(CLEAR, found=replace(NOTHING_FOUND, flags={"chest_pain": ["cold"]}))
    case = scored(messages, bank, flagged)
    lifecycle.move(case, Status.QUARANTINED, by=TESTER)
    queue_quarantined_case(str(case.pk))
    route = case.routes.get()
    assert (place(route), codes(route)) == ("messages-urgent", ["step_failed", "flag"])
    assert route.flags == ["chest_pain"]
    case = scored(messages, bank, flagged)
    PolicyVersion.objects.filter(pipeline=messages).update(active=False)
    route = routed(case)
    assert (codes(route), route.flags) == (["policy_failed", "flag"], ["chest_pain"])


def test_the_database_refuses_to_decide_a_flagged_case(messages: Pipeline, bank: ApiClient) -> None:
    route = routed(scored(messages, bank))
    copy = """
        INSERT INTO reviews_route (case_id, policy_version_id, prediction_id, kind, outcome, reasons, flags)
        SELECT case_id, policy_version_id, prediction_id, 'automatic', 'self_care', '[]', %s
        FROM reviews_route WHERE id = %s
    """
    connection.cursor().execute(copy, ["[]", route.pk])
    with pytest.raises(IntegrityError, match="flagged_route"), transaction.atomic():
        connection.cursor().execute(copy, ['["chest_pain"]', route.pk])


# ---------------------------------------------------------------- a queue's own deadline


def test_in_a_queue_with_a_deadline_a_case_is_due_by_then_or_sooner(
    messages: Pipeline, bank: ApiClient
) -> None:
    flagged = replace(CLEAR, found=replace(NOTHING_FOUND, flags={"chest_pain": ["cold"]}))
    case = scored(messages, bank, flagged, due_in=timedelta(hours=8))
    routed(case)
    entry = QueueEntry.objects.select_related("case").annotate(now=ClockTimestamp()).get()
    assert entry.due_at == entry.case.due_at
    assert timedelta(minutes=14) < entry.due_at - entry.now <= timedelta(minutes=15)
    event = Event.objects.get(case_id=case.pk, type="case.sent_to_review")
    assert event.data["due_at"] == entry.due_at.isoformat()
    assert event.data["version"] == entry.case.version

    sooner = scored(messages, bank, flagged, due_in=timedelta(minutes=5))
    routed(sooner)
    assert QueueEntry.objects.get(pk=sooner.pk).due_at == sooner.due_at
    sent = Event.objects.get(case_id=sooner.pk, type="case.sent_to_review")
    assert "due_at" not in sent.data


def test_a_second_review_in_a_queue_with_a_deadline_is_due_by_then(
    messages: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = message_case(bank, pipeline=messages, second_review="messages-urgent")
    submit(held(case, reviewer), ROUTINE)
    entry = QueueEntry.objects.annotate(left=F("due_at") - ClockTimestamp()).get(pk=case.pk)
    assert (entry.stage, entry.queue) == (Stage.SECOND, Queue.objects.get(slug="messages-urgent"))
    assert entry.left <= timedelta(minutes=15)
    assert entry.due_at == found(case).due_at


ROUTINE = Verdict(
    "routine", reason_codes=("known_condition",), explanation="Known, and as it was in spring."
)


def test_a_verdict_of_an_urgent_outcome_waits_for_no_second_review(
    messages: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = message_case(bank, pipeline=messages, second_review="messages-second")
    emergency = Verdict("emergency", reason_codes=("emergency_suspected",), explanation="Now.")
    decision = submit(held(case, reviewer), emergency)
    assert decision is not None
    assert decision.outcome == "emergency"
    assert found(case).status == Status.DECIDED


def test_what_goes_against_somebody_waits_for_the_second_review_though_it_is_urgent(
    db: None, bank: ApiClient, reviewer: User
) -> None:
    usual = message_pipeline().current
    assert usual is not None
    outcomes = [
        {**each, "adverse": each["name"] == "emergency"} for each in usual.content["outcomes"]
    ]
    pipeline = message_pipeline(outcomes=outcomes)
    case = message_case(bank, pipeline=pipeline, second_review="messages-second")
    emergency = Verdict("emergency", reason_codes=("emergency_suspected",), explanation="Now.")
    assert submit(held(case, reviewer), emergency) is None
    assert QueueEntry.objects.get(pk=case.pk).stage == Stage.SECOND


# ---------------------------------------------------------------- judged unseen


@pytest.mark.parametrize(
    ("changes", "queue"),
    [
        ({"found": replace(NOTHING_FOUND, flags={"chest_pain": ["cold"]})}, "urgent"),
        ({"probabilities": {**(CLEAR.probabilities or {}), "emergency": 0.021}}, "soon"),
        ({"data": {}}, "review"),
    ],
)
def test_no_case_is_judged_unseen_in_a_queue_that_tells_what_the_model_said(
    messages: Pipeline, bank: ApiClient, changes: dict[str, Any], queue: str
) -> None:
    assert messages.current is not None
    definition = messages.current.definition
    always = {**definition.policy, "blind_share": 1.0}
    activate_policy(messages, always, definition=definition, by=TESTER)
    route = routed(scored(messages, bank, replace(CLEAR, **changes)))
    assert place(route) == f"messages-{queue}"
    assert route.blind is (queue == "review")


# ---------------------------------------------------------------- an emergency that was answered by itself


def drawn(messages: Pipeline, client: ApiClient) -> Case:
    """A message that was answered without a person, and waits to be judged as a sample."""
    assert messages.current is not None
    definition = messages.current.definition
    content = {**definition.policy, "samples": {"share": 1.0}}
    activate_policy(messages, content, definition=definition, by=TESTER)
    case = scored(messages, client)
    route_case(str(case.pk))
    assert (found(case).status, Sample.objects.get().kind) == (Status.DECIDED, "automatic")
    return found(case)


def said_of_sample(case: Case, reviewer: User, verdict: Verdict) -> None:
    claim = held(case, reviewer)
    judge(claim, verdict, verdict)
    settle_review(claim.pk)


def test_a_sample_said_to_be_an_emergency_is_with_people_again_at_once(
    messages: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = drawn(messages, bank)
    emergency = Verdict("emergency", reason_codes=("emergency_suspected",), explanation="Now.")
    said_of_sample(case, reviewer, emergency)
    entry = QueueEntry.objects.select_related("queue", "route").get()
    assert (entry.queue.slug, entry.sample, entry.fresh) == ("messages-urgent", None, True)
    assert entry.due_at <= now() + timedelta(minutes=entry.queue.sla_minutes or 0)
    assert found(case).status == Status.IN_REVIEW
    assert Decision.objects.get().superseded_at is not None
    reopening = Reopening.objects.get()
    assert (reopening.because_of, reopening.cases.get().result) == (
        Sample.objects.get(),
        "reopened",
    )
    told = Event.objects.filter(type="decision.superseded").get()
    assert (told.actor_kind, told.actor_id) == ("system", "sampling")
    notice = Notice.objects.get()
    assert (notice.person, notice.kind, notice.by) == (senior, "escalated", None)


def test_a_sample_said_to_be_less_than_that_is_only_listed(
    messages: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = drawn(messages, bank)
    routine = Verdict("routine", reason_codes=("worse_than_scored",), explanation="Not so well.")
    said_of_sample(case, reviewer, routine)
    assert Sample.objects.get().verdict == "routine"
    assert found(case).status == Status.DECIDED
    assert not Reopening.objects.exists()
