"""What differs between two policies: all that counts, and nothing else."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cases.definition import Definition, parse, read_toml
from reviews.policies import read_policy
from reviews.policychecks import POLICY_SCHEMA
from reviews.policydiff import differences

FILE = settings.BASE_DIR / "cases" / "pipelines" / "loan" / "pipeline.toml"
LOAN: Definition = parse(read_toml(FILE.read_text()))
POLICY: Mapping[str, Any] = LOAN.policy
PAPERS, REVIEWED = "“Loans with doubtful papers”", "“Loans to review”"
CHANGES: dict[str, tuple[Any, str]] = {
    "queue": ("loan-papers", f"Queue of what goes to people: {PAPERS}, before {REVIEWED}"),
    "field_queue": ("loan-review", f"Queue for doubtful fields: {REVIEWED}, before {PAPERS}"),
    "thresholds": ({"approve": 0.925}, "“Approve” is automatic from: 0.925, before 0.85"),
    "minimum_field_confidence": (0.7, "required fields have to be read with: 0.70, before 0.80"),
    "field_confidence": ({}, "“Loan amount” has to be read with: as other fields, before 0.90"),
    "automatic_adverse": (["decline"], "“Decline”, an adverse outcome, may be automatic: yes, bef"),
    "blind_share": (0.25, "Share judged before the model's view is seen: 25%, before 10%"),
    "flag_queue": ("loan-second", "flagged cases: “Loans for a second review”, before the policy's own"),
    "ceilings": ({"decline": 0.3}, "automatic where “Decline” is above: 0.30, before none"),
    "ceiling_queue": ("loan-papers", "ceiling: “Loans with doubtful papers”, before that of flagged cases"),
    "pressing": ({"decline": 0.5}, "“Decline” is urgent from: 0.50, before never"),
    "bounds": (
        [{"figure": "missed_share", "at_most": 0.01}],
        "The model's missed share may be at most: 0.01, before no bound",
    ),
    "calibration": (3, "Calibration of the model's confidence: 3, before none"),
    "field_calibration": (4, "Calibration of the fields' confidence: 4, before none"),
    "gate": ({"auroc": 0.8}, "Gate: area under the ROC curve at least: 0.80, before 0.70"),
    "samples": ({"find": 0.01}, "Labels that this takes, and that the gate asks for: 299, before 149"),
    "second_review": (
        {"rule": "true", "queue": "loan-second"},
        "where true, in “Loans for a second review”, before where data.loan.amount > 10000.0, in “Loans",
    ),
    "rules": (
        [{"name": "large", "when": "confidence < 0.5", "reason": "Large"}],
        "New rule large: where confidence < 0.5. To the policy's own queue: “Large”",
    ),
}  # fmt: skip


def changed(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(POLICY)), **changes}


def said(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [each.words for each in differences(before, after, LOAN)]


@pytest.mark.parametrize("part", POLICY_SCHEMA["properties"])
def test_every_part_of_a_policy_that_changes_is_told(part: str) -> None:
    value, words = CHANGES[part]
    after = changed(**{part: value})
    found = differences(POLICY, after, LOAN)
    assert words in "\n".join(each.words for each in found)
    assert {each.part.split(".")[0] for each in found} == {part}
    for each in found:
        assert each.before != each.after
        assert each.facts == {"part": each.part, "before": each.before, "after": each.after}
    back = differences(after, POLICY, LOAN)
    turned = {each.part: (each.after, each.before) for each in back}
    assert turned == {each.part: (each.before, each.after) for each in found}


@pytest.mark.parametrize("part", ["gate", "samples"])
def test_each_number_of_what_is_measured_counts(part: str) -> None:
    for name in POLICY_SCHEMA["properties"][part]["properties"].keys() - {"strata"}:
        one, other = changed(**{part: {name: 0.15}}), changed(**{part: {name: 0.16}})
        assert f"{part}.{name}" in [each.part for each in differences(one, other, LOAN)]


def test_of_a_rule_is_told_what_is_another() -> None:
    rules = copy.deepcopy(POLICY["rules"])
    rules[0]["when"] = "true"
    rules[0]["reason"] = "Always"
    del rules[0]["queue"]
    (only,) = said(POLICY, changed(rules=rules))
    assert only == (
        "Rule income_mismatch: where true, before where 'net_income' in mismatches;"
        " Reason of rule income_mismatch: “Always”, before “The payslip's net income differs from the"
        " application's”; Queue of rule income_mismatch: the policy's own queue, before “Loans"
        " with doubtful papers”"
    )
    (gone,) = said(POLICY, changed(rules=POLICY["rules"][:-1]))
    assert gone.startswith("Rule long_and_large is gone: where data.loan.amount > 8000.0")
    (turned,) = differences(POLICY, changed(rules=POLICY["rules"][::-1]), LOAN)
    assert "another order" in turned.words
    assert turned.before == turned.after[::-1] == [rule["name"] for rule in POLICY["rules"]]


def test_a_stratum_and_a_bound_are_told_by_what_they_are_of() -> None:
    first, second = POLICY["samples"]["strata"]
    samples = {**POLICY["samples"], "strata": [{**first, "share": 0.2}, second]}
    assert said(POLICY, changed(samples=samples)) == [
        "Share that is sampled of “Approve” from 0.85 on: 20%, before 10%"
    ]
    bound = {"figure": "missed_share", "at_most": 0.01}
    named = changed(bounds=[{**bound, "label": "misses"}])
    assert said(changed(bounds=[bound]), named) == ["The model's missed share is called misses"]


def test_what_is_left_out_does_not_differ_from_what_it_stands_for() -> None:
    queue = POLICY["queue"]
    explicit = changed(
        flag_queue=queue, ceiling_queue=queue, automatic_adverse=[], bounds=[], ceilings={}
    )
    assert said(POLICY, explicit) == []
    assert (
        said(changed(gate={}, samples={}), changed(gate={"ece": 0.05}, samples={"share": 0})) == []
    )


def test_the_first_policy_differs_from_none_in_all_that_it_says() -> None:
    found = differences({}, POLICY, LOAN)
    assert {each.part.split(".")[0] for each in found} >= POLICY.keys()
    assert all(each.before is None for each in found)


def test_two_rules_of_one_name_are_two() -> None:
    twice = {"name": "twice", "when": "true", "reason": "One"}
    before = changed(rules=[twice, {**twice, "reason": "Two"}])
    after = changed(rules=[twice, {**twice, "reason": "Three"}])
    assert [each.part for each in differences(before, after, LOAN)] == ["rules.twice.2"]


PARTS = [{part: value} for part, (value, _words) in CHANGES.items()]


@given(st.lists(st.sampled_from(PARTS), max_size=4), st.lists(st.sampled_from(PARTS), max_size=4))
@hypothesis_settings(max_examples=40, deadline=None)
def test_policies_that_decide_alike_do_not_differ_and_others_do(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    before, after = dict(POLICY), dict(POLICY)
    for part in one:
        before |= part
    for part in other:
        after |= part
    if "pressing" in before and "ceilings" not in before:
        before |= CHANGES_TOGETHER
    if "pressing" in after and "ceilings" not in after:
        after |= CHANGES_TOGETHER
    alike = read_policy(before, LOAN) == read_policy(after, LOAN)
    assert alike == (not differences(before, after, LOAN))


CHANGES_TOGETHER = {"ceilings": CHANGES["ceilings"][0]}
