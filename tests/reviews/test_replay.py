"""Replays: what a policy makes of columns is what routing makes of each case, whatever the policy."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.models import Case, Pipeline, PipelineVersion
from inference.knowing import NOTHING, FieldFact, names
from inference.models import ModelVersion, Prediction
from reviews.bases import basis_of, segment_of
from reviews.calibrating import calibrated_confidence, calibrated_fields
from reviews.doubts import HELD, rule_key
from reviews.lab.columns import FAILED, MET, NOT_MET, Columns, Rules
from reviews.lab.replay import CannotReplay, Replayed, replay_policy
from reviews.models import Basis, PolicyVersion, Route
from reviews.reasons import because
from reviews.routing import (
    Bound,
    Facts,
    Flag,
    Policy,
    Routed,
    Rule,
    SecondReview,
    answers_of,
    flag_doubts,
    route,
    second_review_of,
)
from tests.gates import SPOKEN_FOR

CONTENT: dict[str, Any] = {
    "slug": "claims",
    "name": "Claims",
    "version": 1,
    "schema": {"type": "object"},
    "documents": [{"kind": "receipt", "name": "Receipt", "several": True}],
    "fields": [
        {"name": "amount", "label": "Amount", "type": "money", "required": True},
        {"name": "issued", "label": "Issued", "type": "date"},
        {"name": "total", "label": "Total", "type": "money", "document": "receipt"},
    ],
    "outcomes": [
        {"name": "approve", "label": "Approve"},
        {"name": "decline", "label": "Decline", "adverse": True},
        {"name": "emergency", "label": "Emergency", "urgent": True},
    ],
    "reasons": [],
    "queues": [
        {"slug": name, "name": name} for name in ("main", "papers", "urgent", "soon", "two")
    ],
    "sla_minutes": {"urgent": 1, "high": 1, "normal": 1, "low": 1},
    "segments": [{"name": "region", "label": "Region", "value": "data.region"}],
}
VERSION = PipelineVersion(pk=1, number=1, content=CONTENT, sha256="replay")
DEFINITION = VERSION.definition
OUTCOMES = tuple(spec.name for spec in DEFINITION.outcomes)
FIELDS = tuple(spec.name for spec in DEFINITION.fields)
TEXTS = (
    "data.large",
    "data.amount > 5.0",
    "confidence < 0.7",
    "outcome == 'approve' && probabilities.emergency > 0.2",
    "fields.amount.confidence < 0.6",
    "size(papers.receipt) > 1",
)
CURVE = {"x": [0.0, 0.4, 0.8, 1.0], "y": [0.1, 0.3, 0.9, 0.95]}
MAPS = {"approve": CURVE}
FIELD_MAPS = {"money:poor": {"x": [0.0, 1.0], "y": [0.0, 0.8]}, "money:clear": CURVE}

shares = st.sampled_from([0.0, 0.2, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0]) | st.floats(0, 1)
queues = st.sampled_from(["main", "papers", "urgent", "soon", "two"])
outcomes = st.sampled_from(OUTCOMES)
policies = st.builds(
    Policy,
    queue=queues,
    field_queue=queues,
    thresholds=st.dictionaries(outcomes, shares),
    minimum_field_confidence=shares,
    field_confidence=st.dictionaries(st.sampled_from(FIELDS), shares),
    rules=st.lists(
        st.builds(
            Rule, st.just("rule"), st.sampled_from(TEXTS), st.just("It holds"), st.none() | queues
        ),
        max_size=3,
    ).map(tuple),
    second_review=st.none() | st.builds(SecondReview, st.sampled_from(TEXTS), queues),
    automatic_adverse=st.sampled_from([frozenset[str](), frozenset({"decline"})]),
    flag_queue=st.none() | queues,
    ceilings=st.dictionaries(outcomes, shares, max_size=2),
    pressing=st.dictionaries(outcomes, shares, max_size=1),
    ceiling_queue=st.none() | queues,
    bounds=st.lists(st.builds(Bound, st.just("missed"), shares), max_size=1).map(tuple),
    calibration=st.none() | st.just(3),
    field_calibration=st.none() | st.just(4),
)


@st.composite
def field_facts(draw: Any) -> tuple[FieldFact, ...]:
    """The amount, the date, and the totals of up to two receipts."""
    copies = [("total", number) for number in range(1, draw(st.integers(0, 2)) + 1)]
    facts = []
    for base, number in [("amount", None), ("issued", None), *copies]:
        found = draw(st.booleans() | st.just(True))
        facts.append(
            FieldFact(
                name=f"{base}-{number}" if number else base,
                label=base,
                confidence=draw(shares) if found else 0.0,
                found=found,
                required=base == "amount",
                document="receipt" if number else None,
                number=number,
                poor=draw(st.booleans()),
            )
        )
    return tuple(facts)


@st.composite
def cases(draw: Any) -> Facts:
    """Facts of a case, most of them clear, with a stop now and then."""
    seldom = st.sampled_from([False] * 7 + [True])
    fields = draw(field_facts())
    failure = "no_prediction" if draw(seldom) else ""
    data = draw(
        st.sampled_from([{}, {"large": True}, {"large": False, "amount": 4}, {"amount": 6}])
    )
    data = {**data, "region": draw(st.sampled_from(["north", 7, "n" * 61]))}
    outcome = None if failure else draw(outcomes | st.just("approve") | st.just("gone"))
    return Facts(
        outcome=outcome,
        confidence=0.0 if failure else draw(shares),
        fields=fields,
        known=names(DEFINITION, data, fields, NOTHING, on=date(2026, 5, 4)),
        probabilities={} if failure else draw(st.dictionaries(outcomes, shares)),
        failure=failure,
        unread=("Receipt",) if draw(seldom) else (),
        asked=draw(seldom),
        unseen=("Photo",) if draw(seldom) else (),
        flags=(Flag("pain", "Pain"),) if draw(seldom) else (),
        unlooked=("not_assessed",) if draw(seldom) else (),
        figures={"missed": 0.3},
        consent=not draw(seldom),
        live=SPOKEN_FOR,
        stopped="the whole house" if draw(seldom) else "",
    )


def seen(facts: Facts, policy: Policy) -> Facts:
    """The facts as a policy sees them: calibrated."""
    maps = MAPS if policy.calibration else {}
    return replace(
        facts,
        confidence=calibrated_confidence(facts.outcome or "", facts.confidence, maps)
        if not facts.failure
        else 0.0,
        fields=calibrated_fields(
            facts.fields, DEFINITION, FIELD_MAPS if policy.field_calibration else {}
        ),
    )


def handed_over(facts: Facts, policy: Policy) -> Routed:
    """Where a case goes whose step failed, as `reviews.routes.to_a_person` has it."""
    signs = [reason for _, reason in flag_doubts(facts, None)]
    answers = answers_of(facts, replace(policy, rules=()))
    second = second_review_of(policy, answers)[0]
    queue = policy.flag_queue if signs and policy.flag_queue else policy.queue
    return Routed(None, queue, (because("step_failed", error="x"), *signs), second, (), answers)


def routed(facts: Facts, policy: Policy, *, failed: bool) -> Routed:
    """Where routing sends the case."""
    if failed:
        return handed_over(facts, policy)
    return route(seen(facts, policy), policy, DEFINITION.outcomes)


def kept(facts: Facts, found: Routed, policy: Policy) -> Basis:
    """The basis that would be kept of the route."""
    prediction = None
    if not facts.failure:
        prediction = Prediction(
            outcome=facts.outcome or "",
            confidence=facts.confidence,
            probabilities=facts.probabilities,
            model_version=ModelVersion(pk=1),
        )
    case = Case(pk=UUID(int=1), pipeline=Pipeline(pk=1), pipeline_version=VERSION)
    version = PolicyVersion(content={"calibration": policy.calibration})
    row = Route(case=case, prediction=prediction, policy_version=version)
    return basis_of(row, facts, found)


def columns_of(bases: Sequence[Basis]) -> Columns:
    """The bases as they come out of the database."""
    keys = sorted({key for basis in bases for key in basis.rules_known})
    count = len(bases)
    said = {key: np.array([said_by(basis, key) for basis in bases], np.int8) for key in keys}
    doubts = np.array([basis.doubts for basis in bases], np.int32)
    places = [
        OUTCOMES.index(basis.predicted) if basis.predicted in OUTCOMES else -1 for basis in bases
    ]
    return Columns(
        outcomes=OUTCOMES,
        fields=FIELDS,
        route=np.arange(count),
        case=np.zeros(count, "V16"),
        routed_at=np.zeros(count),
        model_version=np.ones(count, np.int64),
        policy_version=np.ones(count, np.int64),
        predicted=np.array(places, np.int16),
        confidence=np.array([basis.confidence for basis in bases]),
        probabilities=np.array([basis.probabilities for basis in bases]),
        doubts=doubts,
        fields_clear=np.array([basis.fields_clear for basis in bases]),
        fields_poor=np.array([basis.fields_poor for basis in bases]),
        label=np.full(count, -1, np.int16),
        label_kind=np.zeros(count, np.int8),
        weight=np.zeros(count),
        seconds=np.full(count, np.nan),
        held=(doubts & HELD) != 0,
        rules=Rules(said, np.arange(count)),
        figures={1: {"missed": 0.3}},
    )


def said_by(basis: Basis, key: int) -> int:
    """What a basis keeps of a rule."""
    if key not in basis.rules_known:
        return -2
    return MET if key in basis.rules_met else FAILED if key in basis.rules_failed else NOT_MET


def replayed(columns: Columns, policy: Policy) -> Replayed:
    """The policy replayed, under the maps that it names."""
    return replay_policy(
        columns,
        policy,
        DEFINITION,
        MAPS if policy.calibration else {},
        FIELD_MAPS if policy.field_calibration else {},
    )


def place_of(found: Routed, facts: Facts) -> tuple[str | None, str | None, str | None]:
    """Outcome, queue and second review that routing gave, but for a stop."""
    if [reason.code for reason in found.reasons] == ["stopped"]:
        return facts.outcome, None, None
    return found.outcome, found.queue, found.second_review


def place_in(replay: Replayed, place: int) -> tuple[str | None, str | None, str | None]:
    """The same as a replay has it."""
    queue, outcome = replay.queue[place], replay.outcome[place]
    return (
        OUTCOMES[outcome] if outcome >= 0 else None,
        replay.queues[queue] if queue >= 0 else None,
        replay.second_queue if replay.second[place] else None,
    )


Cases = list[tuple[Facts, bool]]
"""Facts, and whether a step failed."""
SOME = st.lists(st.tuples(cases(), st.sampled_from([False] * 7 + [True])), min_size=1, max_size=6)


@settings(max_examples=80, deadline=None)
@given(SOME, policies)
def test_a_replay_of_the_policy_that_routed_is_what_it_did(some: Cases, policy: Policy) -> None:
    found = [routed(facts, policy, failed=failed) for facts, failed in some]
    bases = [kept(facts, each, policy) for (facts, _), each in zip(some, found, strict=True)]
    replay = replayed(columns_of(bases), policy)
    assert replay.known.all()
    for place, (facts, _) in enumerate(some):
        assert place_in(replay, place) == place_of(found[place], facts)


@settings(max_examples=80, deadline=None)
@given(SOME, policies, policies)
def test_a_replay_of_another_policy_is_what_it_would_have_done(
    some: Cases, then: Policy, draft: Policy
) -> None:
    loose = replace(draft, thresholds=dict.fromkeys(OUTCOMES, 0.0))
    bases = []
    for facts, failed in some:
        basis = kept(facts, routed(facts, then, failed=failed), then)
        later = kept(facts, routed(facts, draft, failed=failed), draft)
        for name in ("rules_known", "rules_met", "rules_failed"):
            setattr(basis, name, sorted({*getattr(basis, name), *getattr(later, name)}))
        bases.append(basis)
    replay = replayed(columns_of(bases), draft)
    for place, (facts, failed) in enumerate(some):
        assert place_in(replay, place) == place_of(routed(facts, draft, failed=failed), facts)
        let_go = place_of(routed(facts, loose, failed=failed), facts)[0] is not None
        assert replay.clear[place] == let_go


@settings(max_examples=40, deadline=None)
@given(SOME, policies, policies)
def test_a_rule_that_was_never_asked_leaves_a_case_apart(
    some: Cases, then: Policy, draft: Policy
) -> None:
    bases = [kept(facts, routed(facts, then, failed=failed), then) for facts, failed in some]
    replay = replayed(columns_of(bases), draft)
    rules = {rule.when for rule in draft.rules}
    second = {draft.second_review.rule} if draft.second_review else set()
    for place, (basis, (_, failed)) in enumerate(zip(bases, some, strict=True)):
        asked = second if failed else rules | second
        keys = {rule_key(text, draft.calibration) for text in asked}
        assert replay.known[place] == (keys <= set(basis.rules_known))
        if not replay.known[place]:
            assert place_in(replay, place) == (None, None, None)
    other = replayed(columns_of(bases), then).among(replay.known)
    for place in range(len(bases)):
        assert other.known[place] == replay.known[place]
        if not replay.known[place]:
            assert place_in(other, place) == (None, None, None)


def test_a_minimum_for_single_papers_is_refused_in_words() -> None:
    policy = Policy("main", "papers", field_confidence={"total-2": 0.9})
    with pytest.raises(CannotReplay, match="total-2"):
        replayed(columns_of([]), policy)


def test_a_rule_is_the_same_under_each_calibration_unless_it_asks_for_the_answer() -> None:
    assert rule_key("data.large") == rule_key("data.large", 3)
    assert rule_key("fields.total.confidence < 0.5") == rule_key("fields.total.confidence < 0.5", 3)
    assert rule_key("confidence < 0.5") != rule_key("confidence < 0.5", 3)


def test_a_segment_that_cannot_be_told_or_names_too_much_is_none() -> None:
    known = [{"data": {"region": each}} for each in ("north", 7, "n" * 61)] + [{"data": {}}]
    assert [segment_of("data.region", each) for each in known] == ["north", "", "", ""]
