"""A policy as a form and in words: every pipeline's comes back from its form as it was."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import QueryDict

from cases.definition import Definition, Mistake, parse, read_toml
from inference.checking import strange
from reviews.policychecks import PREDICTED, policy_faults
from reviews.presenting.lab.mistakes import mistake_words
from reviews.presenting.lab.policyform import Control, PolicyForm, form_of
from reviews.presenting.lab.policywords import said
from reviews.presenting.lab.vocabulary import vocabulary
from reviews.views.lab.sent import content_of

PIPELINES: list[Path] = sorted((settings.BASE_DIR / "cases" / "pipelines").glob("*/pipeline.toml"))
Content = dict[str, Any]


@pytest.fixture(params=PIPELINES, ids=lambda path: path.parent.name)
def pipeline(request: pytest.FixtureRequest) -> tuple[Definition, Content]:
    """A pipeline, and its first policy."""
    read = read_toml(request.param.read_text())
    return parse(read), read["policy"]


@pytest.fixture
def loan_pipeline() -> tuple[Definition, Content]:
    read = read_toml((settings.BASE_DIR / "cases/pipelines/loan/pipeline.toml").read_text())
    return parse(read), read["policy"]


def controls(part: object) -> Iterator[Control]:
    """Every control of a form."""
    if isinstance(part, Control):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from controls(each)
    elif is_dataclass(part):
        for each in fields(part):
            yield from controls(getattr(part, each.name))


def posted(form: PolicyForm, **changed: str) -> QueryDict:
    """What a browser sends of a form, a control's value `changed` by its path."""
    sent = QueryDict(mutable=True)
    for control in controls(form):
        if control.name != "automatic_adverse" or control.value:
            path = control.path.replace(".", "_")
            sent.appendlist(control.name, changed.get(path, control.value))
    return sent


def test_a_policy_comes_back_from_its_form_as_it_was(
    pipeline: tuple[Definition, Content],
) -> None:
    definition, content = pipeline
    assert content_of(posted(form_of(content, definition))) == content


def test_every_mistake_stands_at_its_place(loan_pipeline: tuple[Definition, Content]) -> None:
    definition, content = loan_pipeline
    sent = posted(
        form_of(content, definition),
        thresholds_approve="often",
        rules_1_when="fields.amount.",
        samples_strata_0_share="0,1",
    )
    wrong = content_of(sent)
    assert wrong["thresholds"] == {"approve": "often"}
    assert wrong["samples"]["strata"][0]["share"] == 0.1
    form = form_of(wrong, definition, policy_faults(wrong, definition))
    assert [(each.path, each.value) for each in controls(form) if each.mistake] == [
        ("thresholds.approve", "often")
    ]
    wrong["thresholds"]["approve"] = 0.8
    form = form_of(wrong, definition, policy_faults(wrong, definition))
    assert [each.path for each in controls(form) if each.mistake] == ["rules.1.when"]
    assert form.unplaced == ()


def test_rules_have_names_of_their_own_and_reasons(
    loan_pipeline: tuple[Definition, Content],
) -> None:
    definition, content = loan_pipeline
    rule = {"name": "a", "when": "true", "reason": " "}
    wrong = {**content, "rules": [rule, {**rule, "reason": "Because"}]}
    form = form_of(wrong, definition, policy_faults(wrong, definition))
    assert [(each.path, each.mistake) for each in controls(form) if each.mistake] == [
        ("rules.0.reason", "This can’t be empty."),
        ("rules.1.name", "Another rule has the same name."),
    ]


def test_what_no_control_stands_for_is_said_all_the_same(
    loan_pipeline: tuple[Definition, Content],
) -> None:
    definition, content = loan_pipeline
    wrong = {**content, "thresholds": {"approve": 0.9, "maybe": 0.5}}
    form = form_of(wrong, definition, policy_faults(wrong, definition))
    assert form.unplaced == ("thresholds.maybe: The pipeline has no outcome 'maybe'.",)


def test_rows_are_sent_in_their_order_and_empty_ones_left_out() -> None:
    sent = QueryDict(mutable=True)
    for name, when, order in (("b", "true", "2"), ("", "", ""), ("a", "false", "1")):
        sent.appendlist("rule-name", name)
        sent.appendlist("rule-when", when)
        sent.appendlist("rule-reason", "Because" if name else "")
        sent.appendlist("rule-queue", "loan-review")
        sent.appendlist("rule-order", order)
    assert [rule["name"] for rule in content_of(sent)["rules"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("checked", "words"),
    [
        ("'x' is not of type 'number'", "This has to be a number."),
        ("1.5 is greater than the maximum of 1", "At most 1."),
        ("no CEL expression: unexpected <EOF> (at character 9)", "This is not complete."),
        (
            "no CEL expression: extraneous input ')' (at character 3)",
            "Not an expression from character 3 on: extraneous input ')'",
        ),
        ("the pipeline has no queue 'x'", "The pipeline has no queue 'x'."),
    ],
)
def test_mistakes_are_said_in_plain_words(checked: str, words: str) -> None:
    assert mistake_words(Mistake(("policy",), checked)) == words


def test_each_name_that_is_offered_is_one_that_a_rule_can_name(
    pipeline: tuple[Definition, Content],
) -> None:
    definition, _ = pipeline
    offered = [word for word in vocabulary(definition) if word.kind != "function"]
    assert len(offered) > 20
    assert not [words for word in offered for words in strange(word.text, definition, PREDICTED)]


def test_a_policy_is_said_in_words_and_numbers(loan_pipeline: tuple[Definition, Content]) -> None:
    definition, content = loan_pipeline
    words = said(content, definition)
    assert [(line.of, line.says) for line in words.automatic] == [
        ("Approve", "from 0.85"),
        ("Decline", "never"),
    ]
    assert ("Loan amount", "from 0.90") in [(line.of, line.says) for line in words.papers]
    assert ("Sample size", "149") in [(line.of, line.says) for line in words.samples]
    assert words.second_review is not None
    assert words.second_review.queue == "Loans for a second review"
