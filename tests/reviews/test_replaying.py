"""Cases that were really routed: what is kept of them, replayed, is where they went."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from accounts.models import ApiClient, User
from audit import vault
from cases.catalogue import apply_pipeline
from cases.models import Case, Pipeline
from inference.assessing import assess, field_facts, keep_assessment
from inference.models import ModelVersion
from reviews.bases import label_basis
from reviews.doubts import rule_key
from reviews.findingrules import asked_by, unknown
from reviews.lab.columns import FAILED, LABEL_KINDS, MET, NOT_KNOWN, NOT_MET, Columns
from reviews.lab.replay import Replayed, replay_policy
from reviews.lab.wire import NotInForm, Wire, columns_of
from reviews.models import Basis, GateCheck, Proposal, Route, RuleResult
from reviews.policies import active_policy, read_policy
from reviews.replaying import load_columns
from reviews.tasks import find_rules, queue_quarantined_case, route_case
from tests.casefiles import (
    OVERRIDE,
    found,
    held,
    loan_data,
    quarantined_case,
    scored_case,
    submit,
    waiting_case,
)
from tests.expenses import claim, item
from tests.keys import destroy_key
from tests.pipelines import pipeline_of

DAY = timedelta(days=1)


def loaded(pipeline: Pipeline, **options: Any) -> Columns:
    now = timezone.now()
    return load_columns(pipeline, now - DAY, now + DAY, **options)


def replayed(pipeline: Pipeline, columns: Columns) -> Replayed:
    version = active_policy(pipeline)
    assert version is not None
    assert pipeline.current is not None
    definition = pipeline.current.definition
    return replay_policy(columns, read_policy(version.content, definition), definition, {}, {})


def routed(case: Case) -> Case:
    route_case(str(case.pk))
    return found(case)


def agrees(pipeline: Pipeline, count: int) -> Replayed:
    """Checks that the active policy, replayed, did with each case what was done with it."""
    columns = loaded(pipeline)
    replay = replayed(pipeline, columns)
    assert len(columns) == count
    assert replay.known.all()
    for place, pk in enumerate(columns.cases(np.arange(count))):
        row = Case.objects.get(pk=pk).routes.latest("pk")
        assert columns.route[place] == row.pk
        if columns.held[place]:
            assert (bool(replay.automatic[place]), row.kind) == (True, "review")
            continue
        outcome = columns.outcomes[replay.outcome[place]] if replay.automatic[place] else ""
        queue = replay.queues[replay.queue[place]] if replay.queue[place] >= 0 else None
        second = replay.second_queue if replay.second[place] else None
        assert (outcome, queue, second) == (
            row.outcome,
            row.queue.slug if row.queue else None,
            row.second_review_queue.slug if row.second_review_queue else None,
        )
        if row.confidence is not None:
            assert replay.confidence[place] == row.confidence
    return replay


LOANS: tuple[dict[str, Any], ...] = (
    {},
    {"confidence": 0.6},
    {"predicted": "decline", "confidence": 0.99},
    {"predicted": None},
    {"fields": {"amount": {"value": None}}},
    {"fields": {"amount": {"confidence": 0.89}}},
    {"fields": {"iban": {"confidence": 0.1}}},
    {"fields": {"net_income": {"mismatch": "differs"}}},
    {"confidence": 0.85},  # exactly at the threshold
    {"data": loan_data(loan__amount=9000, loan__duration_months=48)},
    {"data": loan_data(loan__amount=10001), "fields": {"amount": {"confidence": 0.2}}},
)


def test_replaying_the_active_policy_is_what_routing_did(loan: Pipeline, bank: ApiClient) -> None:
    for options in LOANS:
        routed(scored_case(loan, bank, **{"predicted": "approve", "confidence": 0.95, **options}))
    for amount in (5000, 10001):
        quarantined = quarantined_case(loan, bank, data=loan_data(loan__amount=amount))
        queue_quarantined_case(str(quarantined.pk))
    for model_version in ModelVersion.objects.all():
        GateCheck.objects.create(pipeline=loan, model_version=model_version, days=90, labels=3)
    routed(scored_case(loan, bank, predicted="approve", confidence=0.95))
    replay = agrees(loan, len(LOANS) + 3)
    assert replay.automatic.sum() == 4


def test_claims_of_several_receipts_are_replayed_as_they_were_routed(bank: ApiClient) -> None:
    pipeline = pipeline_of("expense-claim")
    day = timezone.now().date().isoformat()
    items = [item(amount, category="meals", date=day) for amount in (20.0, 30.0)]
    meals = claim(*items, **{"from": None, "to": None})
    doubts: tuple[dict[str, Any], ...] = (
        {},
        {"total-2": {"confidence": 0.85}},
        {"total-1": {"value": None}},
        {"date-2": {"mismatch": "differs"}},
    )
    for fields in doubts:
        case = scored_case(
            pipeline, bank, predicted="reimburse", confidence=0.97, data=meals,
            copies={"receipt": 2}, fields=fields,
        )  # fmt: skip
        opened = vault.of(case.pk)
        keep_assessment(case, opened, assess(case, meals, field_facts(case, opened)))
        routed(case)
    assert agrees(pipeline, 4).automatic.sum() == 1


def test_a_case_that_was_routed_again_counts_by_its_last_route(
    loan: Pipeline, bank: ApiClient
) -> None:
    case = routed(scored_case(loan, bank, predicted="approve", confidence=0.95))
    first = Basis.objects.get(case=case)
    again = Route.objects.create(
        case=case, policy_version=first.policy_version, kind="automatic", outcome="approve"
    )
    Basis.objects.create(
        route=again, case=case, pipeline=loan, pipeline_version=first.pipeline_version,
        confidence=0.5, predicted="decline",
    )  # fmt: skip
    columns = loaded(loan)
    assert columns.route.tolist() == [again.pk]
    assert columns.cases([0]) == [case.pk]
    assert np.isnan(columns.probabilities).all()
    assert columns.outcomes[columns.predicted[0]] == "decline"


def test_the_same_window_gives_the_same_numbers(loan: Pipeline, bank: ApiClient) -> None:
    routed(scored_case(loan, bank))
    first = loaded(loan).digest
    assert first == loaded(loan).digest
    label_basis(Case.objects.get(), "approve", Basis.Label.REVIEW)
    assert first != loaded(loan).digest
    now = timezone.now()
    assert len(load_columns(loan, now + DAY, now + 2 * DAY)) == 0


def test_segments_and_later_answers_of_rules_stand_beside_a_case(
    loan: Pipeline, bank: ApiClient
) -> None:
    routed(scored_case(loan, bank, data=loan_data(applicant__region="North")))
    routed(scored_case(loan, bank))
    key = rule_key("data.loan.amount > 1.0")
    basis = Basis.objects.order_by("pk")[0]
    RuleResult.objects.create(basis=basis, rule=key, met=None)
    columns = loaded(loan, rules=[key])
    codes, names = columns.segments["region"]
    assert [names[code] for code in codes] == ["North", ""]
    assert columns.rule(key).tolist() == [FAILED, NOT_KNOWN]


def test_what_people_decided_is_the_label_of_its_basis(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = waiting_case(loan, bank)
    Basis.objects.create(
        route=case.routes.get(), case=case, pipeline=loan, predicted="decline", confidence=0.7,
        pipeline_version=case.pipeline_version,
    )  # fmt: skip
    submit(held(case, reviewer), OVERRIDE)
    basis = Basis.objects.get(case=case)
    assert (basis.label, basis.label_kind, basis.weight) == ("approve", "review", 1)
    assert basis.seconds is not None
    label_basis(case, "decline", Basis.Label.SAMPLE, 20.0)
    label_basis(case, "approve", Basis.Label.REVIEW)
    basis.refresh_from_db()
    assert (basis.label, basis.label_kind, basis.weight) == ("decline", "sample", 20)
    columns = loaded(loan)
    assert (LABEL_KINDS[columns.label_kind[0]], columns.weight[0]) == ("sample", 20)


def test_rows_of_another_form_are_refused() -> None:
    wires = [Wire("one", ">i4"), Wire("many", ">f8", 2)]
    with pytest.raises(NotInForm):
        columns_of([bytes(19)], wires)
    with pytest.raises(NotInForm):
        columns_of([bytes(19 + 60), b"\xff\xff"], wires)
    assert len(columns_of([bytes(19), b"\xff\xff"], wires)["one"]) == 0


def test_rules_of_a_draft_are_found_out_of_past_cases(
    loan: Pipeline, bank: ApiClient, make_person: Callable[..., User]
) -> None:
    small, large, gone, failed = (
        routed(scored_case(loan, bank, data=loan_data(loan__amount=5000))),
        routed(scored_case(loan, bank, data=loan_data(loan__amount=7000))),
        routed(scored_case(loan, bank)),
        quarantined_case(loan, bank, data=loan_data(loan__amount=7000)),
    )
    queue_quarantined_case(str(failed.pk))
    destroy_key(gone.pk)
    assert loan.current is not None
    rules = [
        {"name": "large", "when": "data.loan.amount > 6000.0", "reason": "Large"},
        {"name": "sure", "when": "confidence > 0.7 && outcome == 'decline'", "reason": "Sure"},
        {"name": "broken", "when": "data.loan.nothing > 1.0", "reason": "Broken"},
    ]
    content = {**loan.current.definition.policy, "rules": rules}
    proposal = Proposal.objects.create(
        pipeline=loan, title="Rules", content=content, drafted_by=make_person()
    )
    keys = [rule_key(str(rule["when"])) for rule in rules]
    asked = asked_by(loan, content)
    assert unknown(asked).count() == 3
    find_rules("proposal", proposal.pk)
    assert unknown(asked).count() == 0
    columns = loaded(loan, rules=keys)
    cases = columns.cases(np.arange(4))
    answers = {
        case: [int(columns.rule(key)[place]) for key in keys] for place, case in enumerate(cases)
    }
    assert answers[small.pk] == [NOT_MET, MET, FAILED]
    assert answers[large.pk] == [MET, MET, FAILED]
    assert answers[gone.pk] == [NOT_KNOWN] * 3
    assert answers[failed.pk] == [MET, NOT_MET, FAILED]
    policy = read_policy(content, loan.current.definition)
    replay = replay_policy(columns, policy, loan.current.definition, {}, {})
    assert [case for case, known in zip(cases, replay.known, strict=True) if not known] == [gone.pk]


def test_versions_that_order_their_fields_otherwise_are_put_together(
    loan: Pipeline, bank: ApiClient
) -> None:
    routed(scored_case(loan, bank, fields={"amount": {"confidence": 0.5}}))
    assert loan.current is not None
    content = dict(loan.current.content)
    changed = {"version": content["version"] + 1, "fields": content["fields"][::-1]}
    loan.current = apply_pipeline({**content, **changed}, by=bank.actor)
    routed(scored_case(loan, bank, fields={"amount": {"confidence": 0.6}}))
    columns = loaded(loan)
    place = columns.fields.index("amount")
    assert columns.fields[0] == content["fields"][-1]["name"]
    assert columns.fields_poor[:, place].tolist() == [0.5, 0.6]  # no page was ever measured
