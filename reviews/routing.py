"""Routing: what a policy makes of a prediction. Pure: no database, no clock.

A case is decided without a person only where everything speaks for it; each single doubt sends it
to a queue and stands among the reasons. What can't be evaluated is a doubt, never an answer.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _

from cases.definition import OutcomeSpec
from cases.expressions import InvalidExpression, holds
from inference.knowing import FieldFact

ANSWER = re.compile(r"(?<![.\w])(?:outcome|confidence|probabilities)\b")
"""The names in a rule by which it asks for the model's answer; `fields.amount.confidence` does not."""


class InvalidPolicy(ValueError):
    """A policy that can't be used; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A CEL expression over what is known of the case (`inference.knowing`) and what the model says:
    `outcome`, `confidence` and `probabilities`.

    Where it holds the case goes to a person, in `queue` or in the policy's own.
    """

    name: str
    when: str
    reason: str
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class SecondReview:
    """When a case asks for two people, and in which queue the second one works."""

    rule: str
    queue: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy version's content. `thresholds` are confidences (0–1) from which to decide.

    Of the cases that go to people the `blind_share` (0–1) is judged without the model's view.
    """

    queue: str
    field_queue: str
    thresholds: Mapping[str, float] = field(default_factory=dict)
    minimum_field_confidence: float = 0.0
    field_confidence: Mapping[str, float] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    second_review: SecondReview | None = None
    automatic_adverse: frozenset[str] = frozenset()
    blind_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a policy may look at.

    `known` is what expressions can name, `probabilities` are the model's by outcome. `failure` says in
    words why there is no usable prediction; `unread` names papers of which a page could not be read at
    all; `asked` is whether a reviewer asked the upstream about the case.
    """

    outcome: str | None
    confidence: float
    fields: tuple[FieldFact, ...]
    known: Mapping[str, Any] = field(default_factory=dict)
    probabilities: Mapping[str, float] = field(default_factory=dict)
    failure: str = ""
    unread: tuple[str, ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a case was sent where it was sent: a code for counting, words for people.

    The text is English, for the record; `values` are what it says by name, for readers of other
    languages.
    """

    code: str
    text: str
    field: str | None = None
    values: tuple[tuple[str, float | str], ...] = ()


SAYS: Mapping[str, str] = {
    "confident": _("%(outcome)s at %(confidence)s, at or above %(threshold)s"),
    "no_prediction": _("The model gave no usable answer"),
    "answered": _("The upstream has answered"),
    "paper_unread": _("A page could not be read: %(paper)s"),
    "field_not_found": _("%(label)s was not found on the papers"),
    "field_doubtful": _("%(label)s was read at %(confidence)s, below %(minimum)s"),
    "rule_failed": _("The rule %(rule)s could not be evaluated"),
    "second_review": _("The policy asks for two people"),
    "adverse": _("The model says %(outcome)s, and an adverse outcome is never automatic"),
    "never_automatic": _("%(outcome)s is not decided automatically"),
    "not_confident": _("%(outcome)s at %(confidence)s, below %(threshold)s"),
    "policy_failed": _("The policy could not be evaluated"),
    "step_failed": _("The system could not do its part: %(error)s"),
}
"""The reasons of our own, by code; those of rules are the pipeline's."""
PLACES = {"confident": 3}
"""Decimals of a reason's numbers, where they are not two."""
INSIDE = frozenset({"adverse"})
"""Reasons that name the outcome inside of their sentence."""


def spoken(value: float | str, code: str) -> str:
    """A value as it stands in a reason's English text."""
    if isinstance(value, float):
        return f"{value:.{PLACES.get(code, 2)}f}"
    return value.lower() if code in INSIDE else value


def because(code: str, field: str | None = None, **values: float | str) -> Reason:
    """A reason of our own, its text made of its values."""
    said = {name: spoken(value, code) for name, value in values.items()}
    kept = {
        name: value if isinstance(value, str) or math.isfinite(value) else said[name]
        for name, value in values.items()
    }
    return Reason(code, SAYS[code] % said, field, tuple(kept.items()))


@dataclass(frozen=True, slots=True)
class Routed:
    """The route: decided with `outcome`, or sent to `queue`; `second_review` names its queue."""

    outcome: str | None
    queue: str | None
    reasons: tuple[Reason, ...]
    second_review: str | None = None


def route(facts: Facts, policy: Policy, outcomes: Sequence[OutcomeSpec]) -> Routed:
    """Where a case goes under a policy, and why."""
    second, second_doubt = second_review_of(facts, policy)
    doubts = [
        *failure_doubts(facts),
        *asked_doubts(facts),
        *paper_doubts(facts, policy),
        *field_doubts(facts, policy),
        *rule_doubts(facts, policy),
        *second_doubt,
    ]
    doubts += outcome_doubts(facts, policy, outcomes)
    if not doubts:
        outcome = str(facts.outcome)
        threshold = float(policy.thresholds[outcome])
        label = next(spec.label for spec in outcomes if spec.name == outcome)
        reason = because(
            "confident", outcome=label, confidence=facts.confidence, threshold=threshold
        )
        return Routed(facts.outcome, None, (reason,))
    queue = next((queue for queue, _ in doubts if queue), policy.queue)
    return Routed(None, queue, tuple(reason for _, reason in doubts), second)


Doubt = tuple[str | None, Reason]
"""A reason for a person to look, and the queue it asks for."""


def failure_doubts(facts: Facts) -> list[Doubt]:
    """A model that gave no usable answer."""
    if facts.failure:
        return [(None, Reason("no_prediction", facts.failure))]
    return []


def asked_doubts(facts: Facts) -> list[Doubt]:
    """A person has asked: what the answer is worth is for a person to say."""
    if facts.asked:
        return [(None, because("answered"))]
    return []


def paper_doubts(facts: Facts, policy: Policy) -> list[Doubt]:
    """Papers of which a page could not be read."""
    return [(policy.field_queue, because("paper_unread", paper=name)) for name in facts.unread]


def field_doubts(facts: Facts, policy: Policy) -> list[Doubt]:
    """Fields that are missing or were read with too little confidence.

    A field that the papers need not show counts once it is found and the policy names it.
    """
    doubts: list[Doubt] = []
    for fact in facts.fields:
        named = fact.found and fact.name in policy.field_confidence
        if not fact.required and not named:
            continue
        minimum = policy.field_confidence.get(fact.name, policy.minimum_field_confidence)
        if not fact.found:
            reason = because("field_not_found", fact.name, label=fact.label)
            doubts.append((policy.field_queue, reason))
        elif not minimum <= fact.confidence <= 1:
            reason = because(
                "field_doubtful",
                fact.name,
                label=fact.label,
                confidence=float(fact.confidence),
                minimum=float(minimum),
            )
            doubts.append((policy.field_queue, reason))
    return doubts


def rule_doubts(facts: Facts, policy: Policy) -> list[Doubt]:
    """Rules that hold, and rules that could not be evaluated."""
    doubts: list[Doubt] = []
    known = names(facts)
    for rule in policy.rules:
        try:
            met = holds(rule.when, known)
        except InvalidExpression:
            doubts.append((rule.queue, because("rule_failed", rule=rule.name)))
            continue
        if met:
            doubts.append((rule.queue, Reason(rule.name, rule.reason)))
    return doubts


def second_review_of(facts: Facts, policy: Policy) -> tuple[str | None, list[Doubt]]:
    """The queue of the second review, where the case asks for one; then nothing is automatic."""
    if policy.second_review is None:
        return None, []
    try:
        asked = holds(policy.second_review.rule, names(facts))
    except InvalidExpression:
        reason = Reason("rule_failed", _("The rule for second reviews could not be evaluated"))
        return policy.second_review.queue, [(None, reason)]
    if not asked:
        return None, []
    return policy.second_review.queue, [(None, because("second_review"))]


def outcome_doubts(facts: Facts, policy: Policy, outcomes: Sequence[OutcomeSpec]) -> list[Doubt]:
    """An outcome that is unknown, adverse, never automatic or not confident enough."""
    if facts.failure:
        return []
    spec = next((spec for spec in outcomes if spec.name == facts.outcome), None)
    if spec is None or not math.isfinite(facts.confidence) or not 0 <= facts.confidence <= 1:
        return [(None, Reason("no_prediction", _("The model's answer is not usable")))]
    if spec.adverse and spec.name not in policy.automatic_adverse:
        return [(None, because("adverse", outcome=spec.label))]
    threshold = policy.thresholds.get(spec.name)
    if threshold is None:
        return [(None, because("never_automatic", outcome=spec.label))]
    if not facts.confidence >= threshold:  # true of a threshold that is no number, too
        reason = because(
            "not_confident",
            outcome=spec.label,
            confidence=float(facts.confidence),
            threshold=float(threshold),
        )
        return [(None, reason)]
    return []


def names(facts: Facts) -> dict[str, Any]:
    """What a rule can name: what is known of the case, and what the model says."""
    return {
        **facts.known,
        "outcome": facts.outcome or "",
        "confidence": float(facts.confidence),
        "probabilities": {name: float(each) for name, each in facts.probabilities.items()},
    }


def rules_of_score(policy: Mapping[str, Any]) -> frozenset[str]:
    """Codes of the reasons, by a policy's content, whose rules ask for the model's answer: they tell it."""
    asked = {rule["name"]: rule["when"] for rule in policy.get("rules", ())}
    if second := policy.get("second_review"):
        asked["second_review"] = second["rule"]
    return frozenset(code for code, rule in asked.items() if ANSWER.search(rule))
