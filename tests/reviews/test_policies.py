"""Policies: checked in words, versioned, one active, unchangeable once written."""

import copy
import math
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from audit.models import Event
from cases.catalogue import apply_pipeline
from cases.definition import Definition, InvalidDefinition
from cases.models import Pipeline
from reviews.models import PolicyVersion, Queue
from reviews.policies import activate_policy, active_policy, read_policy
from reviews.policychecks import remarks
from reviews.routing import InvalidPolicy
from reviews.setting_up import open_to_roles, set_up_review
from tests.casefiles import TESTER


@pytest.fixture
def definition(loan: Pipeline) -> Definition:
    assert loan.current is not None
    return loan.current.definition


def changed(definition: Definition, **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(definition.policy)), **changes}


def test_the_loan_pipelines_policy_is_read_as_written(definition: Definition) -> None:
    policy = read_policy(definition.policy, definition)
    assert (policy.queue, policy.field_queue) == ("loan-review", "loan-papers")
    assert policy.thresholds == {"approve": 0.85}
    assert policy.field_confidence == {"amount": 0.9}
    assert policy.second_review is not None
    assert policy.second_review.queue == "loan-second"
    assert len(policy.rules) == 4
    assert policy.automatic_adverse == frozenset()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"queue": "nowhere"}, "the pipeline has no queue 'nowhere'"),
        ({"field_queue": "nowhere"}, "the pipeline has no queue 'nowhere'"),
        ({"thresholds": {"maybe": 0.5}}, "the pipeline has no outcome 'maybe'"),
        ({"thresholds": {"approve": 1.5}}, "thresholds.approve: 1.5 is greater than the maximum"),
        ({"thresholds": {"approve": "0.9"}}, "thresholds.approve: '0.9' is not of type 'number'"),
        ({"thresholds": {"approve": True}}, "thresholds.approve: True is not of type 'number'"),
        ({"thresholds": {"approve": math.nan}}, "approve: a confidence is a number from 0 to 1"),
        ({"minimum_field_confidence": math.nan}, "minimum_field_confidence: a confidence is"),
        ({"minimum_field_confidence": -0.1}, "minimum_field_confidence: -0.1 is less than"),
        ({"field_confidence": {"shoe_size": 0.5}}, "the pipeline has no field 'shoe_size'"),
        ({"automatic_adverse": ["maybe"]}, "the pipeline has no outcome 'maybe'"),
        ({"second_review": {"rule": "true", "queue": "x"}}, "the pipeline has no queue 'x'"),
        (
            {"second_review": {"rule": "1 +", "queue": "loan-second"}},
            "second_review.rule: no CEL expression",
        ),
        ({"second_review": {"queue": "loan-second"}}, "second_review: 'rule' is a required"),
        ({"rules": [{"name": "a", "when": "(", "reason": "b"}]}, "rules.0.when: no CEL expression"),
        ({"rules": [{"name": "a", "when": "true"}]}, "rules.0: 'reason' is a required property"),
        ({"rules": [{"name": "a", "when": "true", "reason": "b", "queue": "x"}]}, "no queue 'x'"),
        *(
            (
                {"rules": [{"name": name, "when": "true", "reason": "b"}]},
                "rules.0.name: the house gives a reason of its own this name",
            )
            for name in ("stopped", "sampled", "gate_of_ours")
        ),
        ({"flag_queue": "nowhere"}, "the pipeline has no queue 'nowhere'"),
        ({"ceilings": {"maybe": 0.5}}, "the pipeline has no outcome 'maybe'"),
        ({"ceilings": {"decline": math.nan}}, "decline: a confidence is a number from 0 to 1"),
        ({"ceilings": {"decline": 1.1}}, "ceilings.decline: 1.1 is greater than the maximum"),
        (
            {"ceilings": {"decline": 0.1}, "pressing": {"decline": 0.05}},
            "pressing.decline: presses",
        ),
        ({"bounds": [{"figure": "missed"}]}, "bounds.0: 'at_most' is a required property"),
        (
            {"bounds": [{"figure": "missed", "at_most": math.nan}]},
            "bounds.0.at_most: has to be a number",
        ),
        (
            {"bounds": [{"figure": "missed", "at_most": math.inf}]},
            "bounds.0.at_most: has to be a number",
        ),
        ({"surprise": 1}, "policy.surprise: is no part of a policy"),
        ({"gate": {"dais": 1}}, "gate.dais: is no part of a policy"),
        (
            {"samples": {"strata": 2 * [{"outcome": "approve", "lower": 0.9, "share": 0.1}]}},
            "samples.strata.1.lower: another stratum begins here",
        ),
    ],
)
def test_a_mistake_is_named(definition: Definition, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidPolicy) as refusal:
        read_policy(changed(definition, **changes), definition)
    assert message in str(refusal.value)


def test_what_is_sound_and_comes_to_nothing_is_remarked(definition: Definition) -> None:
    both = {"approve": 0.9, "decline": 0.9}
    vain = changed(definition, thresholds=both, automatic_adverse=["approve"])
    assert [remark.path[1:] for remark in remarks(vain, definition)] == [
        ("thresholds", "decline"),
        ("automatic_adverse", 0),
    ]
    meant = changed(definition, thresholds=both, automatic_adverse=["decline"])
    assert not [*remarks(meant, definition)]


def test_a_rule_that_judges_by_what_fairness_is_measured_by_is_remarked(
    definition: Definition,
) -> None:
    young = {"name": "young", "when": "age.years < 25.0 && confidence < 0.9", "reason": "Young"}
    judging = {**definition.policy, "rules": [young]}
    assert [(each.path[1:], each.words) for each in remarks(judging, definition)] == [
        (("rules", 0, "when"), "asks for age.years, by which fairness is measured")
    ]


def test_a_pipeline_with_an_urgent_outcome_automates_nothing_without_a_ceiling_for_it(
    definition: Definition,
) -> None:
    decline = definition.outcome("decline")
    others = tuple(each for each in definition.outcomes if each != decline)
    urgent = replace(definition, outcomes=(*others, replace(decline, urgent=True)))
    with pytest.raises(InvalidPolicy, match="ceilings: decline is urgent"):
        read_policy(changed(definition), urgent)
    with pytest.raises(InvalidPolicy, match=r"thresholds\.decline: an urgent outcome is never"):
        both = {"approve": 0.9, "decline": 0.99}
        read_policy(changed(definition, thresholds=both, ceilings={"decline": 0.1}), urgent)
    assert read_policy(changed(definition, ceilings={"decline": 0.02}), urgent).ceilings
    assert not read_policy(changed(definition, thresholds={}), urgent).thresholds


def test_a_field_of_several_papers_is_named_as_the_definition_has_it(
    definition: Definition,
) -> None:
    papers = tuple(replace(spec, several=True) for spec in definition.documents)
    several = replace(definition, documents=papers)
    content = changed(definition, field_confidence={"amount": 0.9})
    assert read_policy(content, several).field_confidence == {"amount": 0.9}
    kind = str(definition.field_spec("amount").document)
    one = several.with_copies({kind: 2})
    for name in ("amount", "amount-2"):
        assert read_policy(changed(definition, field_confidence={name: 0.9}), one)


def test_activating_makes_the_next_version_and_rests_the_last(
    loan: Pipeline, definition: Definition
) -> None:
    before = active_policy(loan)
    assert before is not None
    content = changed(definition, thresholds={"approve": 0.9})
    version = activate_policy(loan, content, definition=definition, by=TESTER)
    assert active_policy(loan) == version
    assert version.number == before.number + 1
    assert not PolicyVersion.objects.get(pk=before.pk).active
    event = Event.objects.filter(type="policy.activated").latest("id")
    assert event.pipeline == "loan"
    assert event.data["content"] == content


def test_a_refused_policy_leaves_the_active_one(loan: Pipeline, definition: Definition) -> None:
    before = active_policy(loan)
    with pytest.raises(InvalidPolicy):
        activate_policy(loan, changed(definition, queue="x"), definition=definition, by=TESTER)
    assert active_policy(loan) == before


def test_one_person_cannot_automate_an_adverse_outcome(
    loan: Pipeline, definition: Definition
) -> None:
    content = changed(definition, automatic_adverse=["decline"])
    with pytest.raises(InvalidPolicy, match="second approver"):
        activate_policy(loan, content, definition=definition, by=TESTER)


def test_the_database_knows_one_active_policy_that_nobody_edits(loan: Pipeline) -> None:
    before = active_policy(loan)
    assert before is not None
    with pytest.raises(IntegrityError, match="one_active_policy"), transaction.atomic():
        PolicyVersion.objects.create(
            pipeline=loan, number=99, content={}, active=True, activated_at=before.activated_at
        )
    with pytest.raises(IntegrityError, match="policy_active_since"), transaction.atomic():
        PolicyVersion.objects.create(pipeline=loan, number=99, content={}, active=True)
    lower = "UPDATE reviews_policyversion SET content = jsonb_set(content, '{queue}', '\"x\"')"
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(lower)


# ---------------------------------------------------------------- setting up


def next_version(loan: Pipeline, **changes: Any) -> dict[str, Any]:
    assert loan.current is not None
    return {**copy.deepcopy(loan.current.content), "version": loan.current.number + 1, **changes}


def test_setting_up_again_changes_nothing(loan: Pipeline) -> None:
    assert loan.current is not None
    before = (Queue.objects.count(), PolicyVersion.objects.count(), Event.objects.count())
    set_up_review(loan.current, by=TESTER)
    assert (Queue.objects.count(), PolicyVersion.objects.count(), Event.objects.count()) == before


def test_a_new_version_arranges_its_queues_anew(loan: Pipeline) -> None:
    assert loan.current is not None
    arranged = {"pinned": True, "sla_minutes": 15, "alarm_minutes": 10}
    first, *others = loan.current.content["queues"]
    version = apply_pipeline(next_version(loan, queues=[{**first, **arranged}, *others]), by=TESTER)
    for _ in range(2):
        set_up_review(version, by=TESTER)
    queue = Queue.objects.get(slug=first["slug"])
    assert {name: getattr(queue, name) for name in arranged} == arranged
    (event,) = Event.objects.filter(type="queue.arranged")
    assert event.data == {"queue": queue.pk, "slug": queue.slug, **arranged}


def test_a_new_version_brings_its_queue_and_leaves_the_active_policy(loan: Pipeline) -> None:
    before = active_policy(loan)
    assert loan.current is not None
    queues = [*loan.current.content["queues"], {"slug": "loan-new", "name": "New"}]
    version = apply_pipeline(next_version(loan, queues=queues), by=TESTER)
    set_up_review(version, by=TESTER)
    assert Queue.objects.get(slug="loan-new").pipeline == loan
    assert active_policy(loan) == before
    assert Event.objects.filter(type="queue.made").latest("id").data["slug"] == "loan-new"
    open_to_roles(version, by=TESTER)
    granted = Event.objects.filter(type="account.right_granted")
    assert f"reviews.queue:{Queue.objects.get(slug='loan-new').pk}" in str(list(granted.values()))


def test_a_queue_belongs_to_one_pipeline(loan: Pipeline) -> None:
    version = apply_pipeline(next_version(loan, slug="lease", name="Leases"), by=TESTER)
    with pytest.raises(InvalidDefinition, match="queue 'loan-review' is another pipeline's"):
        set_up_review(version, by=TESTER)
