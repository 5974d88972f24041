"""Routing: decided only where everything speaks for it; each doubt is a reason for a person."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.definition import OutcomeSpec, parse
from cases.expressions import InvalidExpression, holds
from inference.knowing import NOTHING, FieldFact, names
from reviews.routing import Bound, Facts, Flag, Policy, Routed, Rule, SecondReview, route
from tests.gates import SPOKEN_FOR

DEFINITION = parse(
    {
        "slug": "bare",
        "name": "Bare",
        "version": 1,
        "schema": {},
        "outcomes": [{"name": "approve", "label": "Yes"}, {"name": "decline", "label": "No"}],
        "queues": [{"slug": "bare", "name": "Bare"}],
        "sla_minutes": {"urgent": 1, "high": 1, "normal": 1, "low": 1},
    }
)
OUTCOMES = (
    OutcomeSpec("approve", "Approve"),
    OutcomeSpec("decline", "Decline", adverse=True),
    OutcomeSpec("emergency", "Emergency", urgent=True),
)
AMOUNT = FieldFact("amount", "Amount", 0.95, found=True, required=True, value="4870.00")
BALANCE = FieldFact("balance", "Balance", 0.5, found=True, required=False)
LOAN = {"amount": 4870, "months": 24}


def known(fields: tuple[FieldFact, ...], data: Mapping[str, Any]) -> Mapping[str, Any]:
    return names(DEFINITION, data, fields, NOTHING, on=date(2026, 5, 4))


CLEAR = Facts(
    "approve",
    0.93,
    (AMOUNT, BALANCE),
    known((AMOUNT, BALANCE), {"loan": LOAN}),
    probabilities={"approve": 0.93, "decline": 0.05, "emergency": 0.02},
    figures={"missed": 0.02},
    live=SPOKEN_FOR,
)
POLICY = Policy(
    queue="main",
    field_queue="papers",
    thresholds={"approve": 0.85},
    minimum_field_confidence=0.8,
    rules=(
        Rule("large", "data.loan.amount > 8000.0", "The amount is large", "large"),
        Rule("long", "data.loan.months > 36.0 && confidence < 0.9", "It is long"),
        Rule("differs", "'amount' in mismatches", "The amount differs", "papers"),
    ),
    second_review=SecondReview("data.loan.amount > 10000.0", "second"),
    flag_queue="urgent",
    ceilings={"emergency": 0.02},
    pressing={"emergency": 0.2},
    ceiling_queue="soon",
    bounds=(Bound("missed", 0.02),),
)


def with_(facts: Facts = CLEAR, *, data: Mapping[str, Any] | None = None, **changes: Any) -> Facts:
    """The facts with others in their place; rules are told of them too."""
    changed = replace(facts, **changes)
    told = known(changed.fields, {"loan": LOAN} if data is None else data)
    return replace(changed, known=told)


def routed(facts: Facts = CLEAR, policy: Policy = POLICY, **changes: Any) -> Routed:
    return route(with_(facts, **changes), policy, OUTCOMES)


def codes(result: Routed) -> list[str]:
    return [reason.code for reason in result.reasons]


def read(**changes: Any) -> tuple[FieldFact, ...]:
    return (replace(AMOUNT, **changes), BALANCE)


def loan(**changes: Any) -> dict[str, Any]:
    return {"loan": {**LOAN, **changes}}


# ---------------------------------------------------------------- by example


def test_a_clear_case_is_decided_and_says_why() -> None:
    result = routed()
    assert (result.outcome, result.queue, result.second_review) == ("approve", None, None)
    assert codes(result) == ["confident"]
    assert result.reasons[0].text == "Approve at 0.930, at or above 0.850"


def test_the_threshold_itself_is_enough() -> None:
    assert routed(confidence=0.85).outcome == "approve"
    assert routed(confidence=math.nextafter(0.85, 0)).outcome is None


@pytest.mark.parametrize(
    ("changes", "code", "queue"),
    [
        ({"confidence": 0.84}, "not_confident", "main"),
        ({"outcome": "decline", "confidence": 0.999}, "adverse", "main"),
        ({"outcome": "refer"}, "no_prediction", "main"),
        ({"outcome": None, "failure": "no_prediction"}, "no_prediction", "soon"),
        ({"outcome": None, "failure": "no_model"}, "no_model", "soon"),
        ({"flags": (Flag("chest_pain", "Chest pain"),)}, "flag", "urgent"),
        ({"unlooked": ("not_assessed",)}, "not_assessed", "urgent"),
        ({"unlooked": ("language_unknown",)}, "language_unknown", "urgent"),
        ({"probabilities": {"emergency": 0.0201}}, "above_ceiling", "soon"),
        ({"probabilities": {"emergency": 0.1999}}, "above_ceiling", "soon"),
        ({"probabilities": {"emergency": 0.2}}, "above_ceiling", "urgent"),
        ({"probabilities": {}}, "above_ceiling", "urgent"),
        ({"outcome": "emergency", "confidence": 0.99}, "urgent", "urgent"),
        ({"consent": False}, "no_consent", "main"),
        ({"figures": {"missed": 0.021}}, "bound_not_met", "main"),
        ({"figures": {}}, "bound_not_met", "main"),
        ({"unseen": ("Photo",)}, "paper_unseen", "main"),
        ({"fields": read(found=False)}, "field_not_found", "papers"),
        ({"fields": read(confidence=0.79)}, "field_doubtful", "papers"),
        ({"fields": read(mismatch="differs")}, "differs", "papers"),
        ({"unread": ("Payslip",)}, "paper_unread", "papers"),
        ({"data": loan(amount=8001)}, "large", "large"),
        ({"data": loan(months=40), "confidence": 0.89}, "long", "main"),
        ({"data": loan(amount="much")}, "rule_failed", "large"),
        ({"data": {}}, "rule_failed", "large"),
    ],
)
def test_each_doubt_sends_the_case_to_a_person(
    changes: dict[str, Any], code: str, queue: str
) -> None:
    result = routed(**changes)
    assert result.outcome is None
    assert result.queue == queue
    assert code in codes(result)


@pytest.mark.parametrize("confidence", [math.nan, math.inf, -math.inf, -0.1, 1.1])
def test_a_confidence_that_is_none_decides_nothing(confidence: float) -> None:
    result = routed(confidence=confidence, data=loan())
    assert result.outcome is None
    assert "no_prediction" in codes(result)
    doubtful = routed(fields=read(confidence=confidence))
    assert codes(doubtful) == ["field_doubtful"]


@pytest.mark.parametrize("threshold", [math.nan, math.inf, 1.1])
def test_a_threshold_that_is_none_lets_nothing_through(threshold: float) -> None:
    assert routed(policy=replace(POLICY, thresholds={"approve": threshold})).outcome is None
    assert routed(policy=replace(POLICY, minimum_field_confidence=math.nan)).outcome is None


def test_an_outcome_without_a_threshold_is_never_automatic() -> None:
    result = routed(policy=replace(POLICY, thresholds={}))
    assert codes(result) == ["never_automatic"]


def test_a_field_can_have_a_minimum_of_its_own() -> None:
    strict = replace(POLICY, field_confidence={"amount": 0.96})
    assert codes(routed(policy=strict)) == ["field_doubtful"]
    named = replace(POLICY, field_confidence={"balance": 0.6})
    result = routed(policy=named)
    assert codes(result) == ["field_doubtful"]
    assert result.reasons[0].field == "balance"
    absent = (AMOUNT, replace(BALANCE, found=False, confidence=0.0))
    assert routed(policy=named, fields=absent).outcome == "approve"


def test_what_may_be_urgent_decides_on_the_queue_before_anything_else() -> None:
    flags = (Flag("chest_pain", "Chest pain"), Flag("sepsis", "Sepsis signs"))
    result = routed(flags=flags, fields=read(found=False), data=loan(amount=9000))
    assert codes(result) == ["flag", "flag", "field_not_found", "large"]
    assert (result.queue, result.flags) == ("urgent", ("chest_pain", "sepsis"))
    likely = routed(probabilities={"emergency": 0.3}, fields=read(found=False))
    assert (likely.queue, likely.flags) == ("urgent", ())
    assert likely.reasons[0].text == "Emergency at 0.300, above 0.020"
    said = routed(outcome="emergency", probabilities={"emergency": 0.1}, fields=read(found=False))
    assert codes(said) == ["urgent", "above_ceiling", "field_not_found"]
    assert said.queue == "urgent"


@pytest.mark.parametrize("probability", [math.nan, math.inf, -0.01])
def test_what_is_no_probability_is_below_no_ceiling(probability: float) -> None:
    assert codes(routed(probabilities={"emergency": probability})) == ["above_ceiling"]


@pytest.mark.parametrize("upper", [math.nan, -math.inf, math.inf])
def test_what_is_no_figure_meets_no_bound(upper: float) -> None:
    assert codes(routed(figures={"missed": upper})) == ["bound_not_met"]


def test_a_field_of_several_papers_is_asked_for_by_its_own_name_and_by_theirs() -> None:
    papers = tuple(
        FieldFact(f"total-{n}", f"Total {n}", 0.9, found=True, required=False, number=n)
        for n in (1, 2)
    )
    strict = replace(POLICY, field_confidence={"total": 0.95})
    doubted = routed(policy=strict, fields=papers)
    assert [reason.field for reason in doubted.reasons] == ["total-1", "total-2"]
    but_one = replace(POLICY, field_confidence={"total": 0.95, "total-2": 0.5})
    assert [reason.field for reason in routed(policy=but_one, fields=papers).reasons] == ["total-1"]


def test_every_doubt_is_told_and_the_first_with_a_queue_wins() -> None:
    result = routed(confidence=0.5, data=loan(amount=9000), fields=read(found=False))
    assert codes(result) == ["field_not_found", "large", "not_confident"]
    assert result.queue == "papers"
    assert result.reasons[0].text == "Amount was not found on the papers"


def test_two_people_are_asked_where_the_policy_wants_them() -> None:
    result = routed(data=loan(amount=10001))
    assert (result.outcome, result.second_review) == (None, "second")
    assert "second_review" in codes(result)
    alone = replace(POLICY, rules=())
    assert route(with_(data=loan(amount=10001)), alone, OUTCOMES).outcome is None


def test_a_rule_for_second_reviews_that_fails_asks_for_one() -> None:
    broken = replace(POLICY, second_review=SecondReview("data.nothing > 1.0", "second"))
    result = routed(policy=broken)
    assert (result.outcome, result.queue, result.second_review) == (None, "main", "second")
    assert codes(result) == ["rule_failed"]


@pytest.mark.parametrize("amount", [8000, 8000.0, 1e308])
def test_whole_numbers_compare_with_fractions(amount: float) -> None:
    assert ("large" in codes(routed(data=loan(amount=amount)))) is (amount > 8000)


def test_a_number_beyond_all_doubles_is_larger_than_any() -> None:
    assert "large" in codes(routed(data=loan(amount=10**400)))


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "1 +",
        "1",
        "'yes'",
        "null",
        "data.none",
        "1/0 == 1",
        "undefined",
        "[1][3] == 1",
        "confidence",
    ],
)
def test_what_gives_no_answer_is_never_taken_for_one(expression: str) -> None:
    with pytest.raises(InvalidExpression):
        holds(expression, {"data": {}, "confidence": 0.5})
    rule = Rule("broken", expression, "Never told")
    result = routed(policy=replace(POLICY, rules=(rule,)))
    assert codes(result) == ["rule_failed"]
    assert "broken" in result.reasons[0].text


def test_reasons_tell_no_values() -> None:
    secret = FieldFact("name", "Name", 0.1, found=True, required=True, value="Wilhelmina")
    assert "Wilhelmina" not in str(routed(fields=(secret,), data={"name": "Wilhelmina"}))


# ---------------------------------------------------------------- whatever the facts

NUMBERS = st.floats(0, 1) | st.sampled_from([math.nan, math.inf, -1.0, 2.0, 0.85, 1.0])
FIELDS = st.builds(
    FieldFact, st.sampled_from(["amount", "balance"]), st.just("A field"), NUMBERS,
    found=st.booleans(), required=st.booleans(),
    mismatch=st.sampled_from(["", "differs", "unsure"]), value=st.none() | st.text(),
)  # fmt: skip
DATA = st.fixed_dictionaries(
    {"loan": st.fixed_dictionaries({}, optional={
        "amount": st.integers() | st.floats() | st.text() | st.none(), "months": st.integers(),
    })}
)  # fmt: skip
FACTS = st.builds(
    Facts, st.sampled_from(["approve", "decline", "emergency", "refer", None]), NUMBERS,
    st.lists(FIELDS, max_size=3).map(tuple), DATA,
    probabilities=st.dictionaries(st.sampled_from(["approve", "decline", "emergency"]), NUMBERS),
    failure=st.sampled_from(["", "", "no_prediction", "no_model"]),
    unread=st.sampled_from([(), ("Payslip",)]),
    flags=st.sampled_from([(), (), (Flag("chest_pain", "Chest pain"),)]),
    unlooked=st.sampled_from([(), (), ("not_assessed",)]),
    figures=st.dictionaries(st.just("missed"), NUMBERS), consent=st.booleans(),
)  # fmt: skip
RULES = st.lists(
    st.builds(
        Rule, st.just("rule"),
        st.sampled_from(["true", "false", "1/0 > 0", "confidence < 0.9", "'amount' in mismatches",
                         "data.loan.amount > 5.0", "nonsense("]),
        st.just("A rule"), st.sampled_from([None, "large"]),
    ), max_size=3,
).map(tuple)  # fmt: skip
POLICIES = st.builds(
    Policy, st.just("main"), st.just("papers"),
    st.dictionaries(
        st.sampled_from(["approve", "decline", "emergency", "refer"]), st.floats(0, 1)
    ),
    st.floats(0, 1), st.dictionaries(st.just("balance"), st.floats(0, 1)), RULES,
    st.none() | st.builds(SecondReview, st.sampled_from(["true", "false", "1"]), st.just("second")),
    flag_queue=st.sampled_from([None, "urgent"]),
    ceilings=st.dictionaries(st.sampled_from(["decline", "emergency"]), st.floats(0, 1)),
    bounds=st.sampled_from([(), (), (Bound("missed", 0.02),)]),
)  # fmt: skip


@given(FACTS, POLICIES)
def test_a_case_is_decided_or_waits_with_a_reason_and_never_both(
    facts: Facts, policy: Policy
) -> None:
    result = route(facts, policy, OUTCOMES)
    assert (result.outcome is None) != (result.queue is None)
    assert result.reasons
    assert all(reason.text for reason in result.reasons)


@given(FACTS, POLICIES)
def test_an_adverse_outcome_is_never_automatic(facts: Facts, policy: Policy) -> None:
    assert route(facts, policy, OUTCOMES).outcome in (None, "approve")


@given(FACTS, POLICIES)
def test_with_a_flag_no_policy_decides_anything(facts: Facts, policy: Policy) -> None:
    clear = replace(CLEAR, flags=(Flag("chest_pain", "Chest pain"),))
    for flagged in (replace(facts, flags=clear.flags), clear):
        result = route(flagged, policy, OUTCOMES)
        assert (result.outcome, result.flags) == (None, ("chest_pain",))
        assert result.queue == policy.flag_queue or policy.flag_queue is None


@given(FACTS, POLICIES, st.floats(0, 1), st.floats(0, 1))
def test_above_a_ceiling_no_policy_decides_anything(
    facts: Facts, policy: Policy, ceiling: float, above: float
) -> None:
    strict = replace(policy, ceilings={**policy.ceilings, "emergency": ceiling})
    probability = min(1.0, math.nextafter(ceiling, 2) + above)
    for clear in (facts, CLEAR):
        result = route(replace(clear, probabilities={"emergency": probability}), strict, OUTCOMES)
        assert result.outcome is None or probability <= ceiling


@given(FACTS, POLICIES)
def test_without_consent_or_with_an_unmet_bound_nothing_is_decided(
    facts: Facts, policy: Policy
) -> None:
    assert route(replace(facts, consent=False), policy, OUTCOMES).outcome is None
    bound = replace(policy, bounds=(*policy.bounds, Bound("other", 0.5)))
    assert route(facts, bound, OUTCOMES).outcome is None


@given(FACTS, POLICIES)
def test_what_is_decided_speaks_for_itself(facts: Facts, policy: Policy) -> None:
    result = route(facts, policy, OUTCOMES)
    if result.outcome is None:
        return
    assert (facts.failure, facts.unlooked, facts.consent) == ("", (), True)
    assert policy.thresholds[result.outcome] <= facts.confidence <= 1
    needed = [fact for fact in facts.fields if fact.required]
    assert all(fact.found and fact.confidence >= 0 for fact in needed)
    assert result.second_review is None


@given(FACTS, POLICIES, st.floats(0, 1))
def test_a_higher_threshold_never_decides_more(facts: Facts, policy: Policy, by: float) -> None:
    higher = {name: min(1.0, value + by) for name, value in policy.thresholds.items()}
    stricter = replace(policy, thresholds=higher)
    if route(facts, stricter, OUTCOMES).outcome is not None:
        assert route(facts, policy, OUTCOMES).outcome is not None


@given(FACTS, POLICIES, RULES, FIELDS)
def test_another_rule_or_field_never_takes_a_doubt_away(
    facts: Facts, policy: Policy, rules: tuple[Rule, ...], fact: FieldFact
) -> None:
    before = route(facts, policy, OUTCOMES)
    with_rules = route(facts, replace(policy, rules=(*policy.rules, *rules)), OUTCOMES)
    with_field = route(
        replace(facts, fields=(*facts.fields, replace(fact, mismatch=""))), policy, OUTCOMES
    )
    for after in (with_rules, with_field):
        if before.outcome is None:
            assert after.outcome is None
            assert set(before.reasons) <= set(after.reasons)


@given(FACTS, POLICIES)
def test_the_same_facts_always_go_the_same_way(facts: Facts, policy: Policy) -> None:
    assert repr(route(facts, policy, OUTCOMES)) == repr(route(facts, policy, OUTCOMES))
