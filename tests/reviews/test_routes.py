"""The step of routing: facts from the papers and the model, the policy's answer carried out."""

import copy
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from accounts.models import ApiClient
from audit.models import Event
from cases import lifecycle, steps
from cases.catalogue import apply_pipeline
from cases.models import Case, Decision, Document, Page, Pipeline, Status
from cases.steps import StepFailed
from inference.models import Reading
from reviews.models import PolicyVersion, Queue, QueueEntry, Route
from reviews.policies import activate_policy
from reviews.presenting.words import name
from reviews.routes import drawn_blind, unread_papers
from reviews.routing import rules_of_score
from reviews.tasks import queue_quarantined_case, route_case
from tests.casefiles import (
    TESTER,
    due_now,
    found,
    loan_data,
    quarantined_case,
    received_case,
    scored_case,
)
from tests.claims_made import RECEIPTS, Expenses, expense_case
from tests.keys import destroy_key


def routed(case: Case) -> tuple[Case, Route]:
    route_case(str(case.pk))
    return found(case), case.routes.get()


def reason_codes(route: Route) -> list[str]:
    return [reason["code"] for reason in route.reasons]


def test_a_clear_case_is_decided_by_the_policy(loan: Pipeline, bank: ApiClient) -> None:
    case, route = routed(scored_case(loan, bank, predicted="approve", confidence=0.93))
    assert case.status == Status.DECIDED
    decision = Decision.objects.get(case=case)
    assert (decision.outcome, decision.made_by, decision.adverse) == ("approve", "policy", False)
    assert (decision.route_id, decision.reason_codes) == (route.pk, ["confident"])
    assert (route.kind, route.prediction) == ("automatic", case.predictions.get())
    assert route.policy_version == PolicyVersion.objects.get(active=True)
    event = Event.objects.get(case_id=case.pk, type="case.decided")
    assert (str(event.actor_kind), event.actor_id) == ("system", "policy")
    assert not QueueEntry.objects.filter(pk=case.pk).exists()


def test_a_case_in_doubt_waits_with_its_reasons(loan: Pipeline, bank: ApiClient) -> None:
    case, route = routed(scored_case(loan, bank, predicted="approve", confidence=0.6))
    entry = QueueEntry.objects.get(pk=case.pk)
    assert (case.status, entry.queue.slug, entry.claim) == (Status.IN_REVIEW, "loan-review", None)
    assert (entry.due_at, entry.stage, entry.round) == (case.due_at, "first", 1)
    assert route.reasons == [
        {
            "code": "not_confident",
            "text": "Approve at 0.60, below 0.85",
            "field": None,
            "values": [["outcome", "Approve"], ["confidence", 0.6], ["threshold", 0.85]],
        }
    ]
    event = Event.objects.get(case_id=case.pk, type="case.sent_to_review")
    assert event.data["reasons"] == ["not_confident"]
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("case", "codes", "queue"),
    [
        ({"predicted": "decline", "confidence": 0.99}, ["adverse"], "loan-review"),
        ({"predicted": None}, ["no_prediction"], "loan-review"),
        ({"fields": {"amount": {"value": None}}}, ["field_not_found"], "loan-papers"),
        ({"fields": {"amount": {"confidence": 0.89}}}, ["field_doubtful"], "loan-papers"),
        ({"fields": {"iban": {"confidence": 0.1}}}, [], ""),
        ({"fields": {"net_income": {"mismatch": "differs"}}}, ["income_mismatch"], "loan-papers"),
        ({"fields": {"account_holder": {"mismatch": "differs"}}}, ["name_mismatch"], "loan-papers"),
        ({"data": loan_data(loan__amount=9000, loan__duration_months=48)}, ["long_and_large"], "loan-review"),
        ({"data": loan_data(loan__amount=10001)}, ["second_review"], "loan-review"),
    ],
)  # fmt: skip
def test_the_loan_policys_doubts(
    loan: Pipeline, bank: ApiClient, case: dict[str, Any], codes: list[str], queue: str
) -> None:
    scored = scored_case(loan, bank, **{"predicted": "approve", "confidence": 0.95, **case})
    after, route = routed(scored)
    if not codes:
        assert after.status == Status.DECIDED
        return
    assert reason_codes(route) == codes
    assert route.queue is not None
    assert route.queue.slug == queue
    two = "second_review" in codes
    assert (route.second_review_queue == Queue.objects.get(slug="loan-second")) is two


def test_reasons_hold_no_value_of_the_case(loan: Pipeline, bank: ApiClient) -> None:
    data = loan_data(
        applicant__name="Xaverina Quux", loan__amount=9876.54, loan__duration_months=40
    )
    fields = {"applicant_name": {"confidence": 0.2}, "amount": {"mismatch": "differs"}}
    routed(scored_case(loan, bank, data=data, fields=fields))
    stored = str(list(Route.objects.values())) + str(list(Event.objects.values()))
    for secret in ("Xaverina", "Quux", "9876.5"):  # a digest may well have the digits
        assert secret not in stored


def test_an_unread_page_is_a_doubt(loan: Pipeline, bank: ApiClient) -> None:
    case = scored_case(loan, bank, predicted="approve", confidence=0.95)
    document = Document.objects.create(
        case=case, position=0, kind="payslip", media_type="image/png", size=1, page_count=1,
        digest="d", sealed_name=b"", blob="b",
    )  # fmt: skip
    page = Page.objects.create(
        document=document, number=0, width=1, height=1, digest="d", media_type="image/png", blob="b"
    )
    Reading.objects.create(
        page=page, engine="e", engine_version="1", sealed_words=b"", word_count=0, confidence=0
    )
    _, route = routed(case)
    assert route.reasons[0]["text"] == "A page could not be read: Payslip"


def test_one_of_several_papers_is_named_with_its_number(loan: Pipeline, bank: ApiClient) -> None:
    case = expense_case(bank, Expenses((RECEIPTS[0], RECEIPTS[2])))
    assert unread_papers(case) == ["Receipt 1", "Receipt 2"]  # drawn, and never read by an engine
    with override("de"):
        assert name("Receipt 2") == "Beleg 2"


def test_without_a_usable_policy_a_person_decides(loan: Pipeline, bank: ApiClient) -> None:
    case = scored_case(loan, bank, predicted="approve", confidence=0.95)
    PolicyVersion.objects.filter(pipeline=loan).update(active=False)
    case, route = routed(case)
    assert (reason_codes(route), route.policy_version) == (["policy_failed"], None)
    assert case.status == Status.IN_REVIEW


def test_a_policy_made_for_another_version_sends_the_case_to_a_person(
    loan: Pipeline, bank: ApiClient
) -> None:
    assert loan.current is not None
    content = copy.deepcopy(loan.current.content)
    content["version"] += 1
    content["fields"] = [spec for spec in content["fields"] if spec["name"] != "amount"]
    content["reasons"] = [
        spec for spec in content["reasons"] if "amount" not in spec.get("fields", ())
    ]
    loan.current = apply_pipeline(content, by=bank.actor)
    case = scored_case(loan, bank, predicted="approve", confidence=0.95)
    _, route = routed(case)
    assert reason_codes(route) == ["policy_failed"]


def test_routing_twice_routes_once(loan: Pipeline, bank: ApiClient) -> None:
    case = scored_case(loan, bank)
    route_case(str(case.pk))
    route_case(str(case.pk))
    assert Route.objects.filter(case=case).count() == 1


def test_a_router_that_lost_its_lease_leaves_nothing(loan: Pipeline, bank: ApiClient) -> None:
    case = scored_case(loan, bank, predicted="approve", confidence=0.95)

    def overtaken(case: Case, step: lifecycle.Step) -> None:
        from reviews.routes import route_case as work  # noqa: PLC0415

        due_now(case)
        lifecycle.take_step(case.pk, Status.SCORED)
        work(case, step)

    steps.run(case.pk, Status.SCORED, overtaken)
    assert found(case).status == Status.SCORED
    assert not Route.objects.filter(case=case).exists()
    assert not Decision.objects.exists()


def test_routing_costs_the_same_however_many_fields(loan: Pipeline, bank: ApiClient) -> None:
    case = scored_case(loan, bank, predicted="approve", confidence=0.95)
    with CaptureQueriesContext(connection) as queries:
        route_case(str(case.pk))
    # five are the lock against stops, the stops, the gate, the basis and the grounds that it names
    assert len(queries) <= 22


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "automatic", "outcome": ""},
        {"kind": "automatic", "outcome": "approve"},
        {"kind": "review", "outcome": ""},
    ],
)
def test_a_route_either_decides_or_queues(
    loan: Pipeline, bank: ApiClient, wrong: dict[str, str]
) -> None:
    case = scored_case(loan, bank)
    with pytest.raises(IntegrityError, match="route_decides_or_queues"), transaction.atomic():
        Route.objects.create(case=case, **wrong)


# ---------------------------------------------------------------- quarantined to a person


def handed_over(case: Case) -> tuple[QueueEntry, Route]:
    queue_quarantined_case(str(case.pk))
    assert found(case).status == Status.IN_REVIEW
    return QueueEntry.objects.select_related("queue").get(pk=case.pk), case.routes.get()


def test_a_step_that_keeps_failing_ends_with_a_person_who_is_told(
    loan: Pipeline, bank: ApiClient
) -> None:
    case = received_case(loan, bank)

    def fail(case: Case, step: lifecycle.Step) -> None:
        raise StepFailed("a page has 5,000 lines")

    for _ in range(settings.STEP_ATTEMPTS):
        steps.run(case.pk, Status.RECEIVED, fail)
    entry, route = handed_over(case)
    assert entry.queue.slug == "loan-review"
    assert route.reasons == [
        {
            "code": "step_failed",
            "text": "The system could not do its part: a page has 5,000 lines",
            "field": None,
            "values": [["error", "a page has 5,000 lines"]],
        }
    ]


def test_a_failure_is_no_way_round_the_second_review(loan: Pipeline, bank: ApiClient) -> None:
    small = quarantined_case(loan, bank)
    large = quarantined_case(loan, bank, data=loan_data(loan__amount=10001))
    unknown = quarantined_case(loan, bank)
    destroy_key(unknown.pk)
    asked = [handed_over(case)[1].second_review_queue for case in (small, large, unknown)]
    assert [queue.slug if queue else "" for queue in asked] == ["", "loan-second", "loan-second"]


def test_a_prediction_made_before_the_failure_is_kept(loan: Pipeline, bank: ApiClient) -> None:
    case = scored_case(loan, bank)
    lifecycle.move(case, Status.QUARANTINED, by=bank.actor)
    assert handed_over(case)[1].prediction == case.predictions.get()


def test_without_a_policy_or_its_queue_another_queue_takes_it(
    loan: Pipeline, bank: ApiClient
) -> None:
    Queue.objects.filter(slug="loan-review").update(slug="renamed")
    assert handed_over(quarantined_case(loan, bank))[0].queue.slug == "loan-papers"
    PolicyVersion.objects.filter(pipeline=loan).update(active=False)
    entry, route = handed_over(quarantined_case(loan, bank))
    assert (entry.queue.slug, route.policy_version) == ("loan-papers", None)


# ---------------------------------------------------------------- the blind share


def share(loan: Pipeline, blind_share: float) -> None:
    assert loan.current is not None
    definition = loan.current.definition
    content = {**definition.policy, "blind_share": blind_share}
    activate_policy(loan, content, definition=definition, by=TESTER)


def test_the_blind_share_of_the_cases_for_people_is_drawn(loan: Pipeline, bank: ApiClient) -> None:
    share(loan, 1.0)
    case, route = routed(scored_case(loan, bank))
    assert route.blind
    event = Event.objects.get(case_id=case.pk, type="case.sent_to_review")
    assert event.data["blind"] is True
    decided = scored_case(loan, bank, predicted="approve", confidence=0.95)
    assert not routed(decided)[1].blind
    unscored = scored_case(loan, bank, predicted=None)
    assert not routed(unscored)[1].blind, "there is no view to be blind to"
    share(loan, 0.0)
    assert not routed(scored_case(loan, bank))[1].blind


def test_the_draw_is_even_keyed_and_falls_the_same_way_each_time(
    loan: Pipeline, settings: Any
) -> None:
    share(loan, 0.3)
    version = PolicyVersion.objects.get(active=True)
    cases = [Case(pk=uuid.UUID(int=number)) for number in range(2000)]
    drawn = [drawn_blind(case, version) for case in cases]
    assert 0.27 < sum(drawn) / len(drawn) < 0.33
    assert drawn == [drawn_blind(case, version) for case in cases]
    settings.MASTER_KEYS = {"another": bytes(32)}
    assert drawn != [drawn_blind(case, version) for case in cases]


def test_what_a_rule_asks_of_the_model_makes_it_tell() -> None:
    rules = {
        "declined": "outcome == 'decline'",
        "unsure": "confidence < 0.6 && data.loan.amount > 5.0",
        "read": "fields.amount.confidence < 0.5",
        "large": "data.loan.amount > 8000.0",
        "data": "data.outcome == 'x'",
    }
    policy = {"rules": [{"name": name, "when": when} for name, when in rules.items()]}
    assert rules_of_score(policy) == {"declined", "unsure"}
    for rule, tells in (("confidence < 0.6", True), ("data.loan.amount > 5.0", False)):
        asked = {"second_review": {"rule": rule, "queue": "loan-second"}}
        assert ("second_review" in rules_of_score(asked)) is tells
