"""Routing: what a policy makes of a prediction. Pure: no database, no clock.

A case is decided without a person only where everything speaks for it; each single doubt sends it
to a queue and stands among the reasons. What can't be evaluated is a doubt, never an answer.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cases.definition import OutcomeSpec
from cases.expressions import InvalidExpression, holds
from inference.knowing import FieldFact
from reviews.gate import UNMEASURED, Gate, LiveFigures, Samples, gate_doubts
from reviews.reasons import SECOND_FAILED, UNKNOWN, UNUSABLE, Reason, because

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
class Bound:
    """What a figure of the model's card may be at most, by the upper end of its interval.

    `label` is what the figure is called; without one its name has to do.
    """

    figure: str
    at_most: float
    label: str = ""

    @property
    def words(self) -> str:
        """What the figure is called."""
        return self.label or self.figure.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy version's content. `thresholds` are confidences (0–1) from which to decide.

    `ceilings` are probabilities (0–1) of outcomes above which nothing is decided, `bounds` have to be
    met before anything is. What may be urgent goes to the `flag_queue`, where there is one; what is above
    a ceiling, but less probable than is `pressing`, to the `ceiling_queue`: an alarm for each would be
    heard by nobody.
    Of the cases that go to people the `blind_share` (0–1) is judged without the model's view.
    Confidences are those that `calibration`, one of the pipeline's by its number, makes of the model's,
    and those of fields what `field_calibration` makes of the reading's; without one they are taken as
    they are.
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
    flag_queue: str | None = None
    ceilings: Mapping[str, float] = field(default_factory=dict)
    pressing: Mapping[str, float] = field(default_factory=dict)
    ceiling_queue: str | None = None
    bounds: tuple[Bound, ...] = ()
    calibration: int | None = None
    field_calibration: int | None = None
    gate: Gate = field(default_factory=Gate)
    samples: Samples = field(default_factory=Samples)

    def minimum_of(self, fact: FieldFact) -> float:
        """The confidence that a field has to be read with."""
        own = self.field_confidence.get(fact.base, self.minimum_field_confidence)
        return self.field_confidence.get(fact.name, own)

    def names(self, fact: FieldFact) -> bool:
        """Whether it asks something of this field, or of all papers' fields of this kind."""
        return fact.name in self.field_confidence or fact.base in self.field_confidence


@dataclass(frozen=True, slots=True)
class Flag:
    """A raised flag: its name, and what it is called."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a policy may look at.

    `known` is what expressions can name, `probabilities` are the model's by outcome, `figures` the
    upper ends of its card's. `failure` is the code of why there is no usable prediction; `unread` names
    papers of which a page could not be read at all, `unseen` those that are for people alone; `asked` is
    whether a reviewer asked the upstream about the case. `unlooked` are codes of why flags could not be
    looked for. Without `consent` nothing may be sent by itself. `live` is what live labels show of the
    model version; `stopped` says what is stopped, where automatic decisions are.
    """

    outcome: str | None
    confidence: float
    fields: tuple[FieldFact, ...]
    known: Mapping[str, Any] = field(default_factory=dict)
    probabilities: Mapping[str, float] = field(default_factory=dict)
    failure: str = ""
    unread: tuple[str, ...] = ()
    asked: bool = False
    unseen: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    unlooked: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    consent: bool = True
    live: LiveFigures = UNMEASURED
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """The route: decided with `outcome`, or sent to `queue`; `second_review` names its queue.

    `flags` are the names of those that are raised: with one it is never decided. `answers` are those of
    the policy's rules, as `answers_of` gives them.
    """

    outcome: str | None
    queue: str | None
    reasons: tuple[Reason, ...]
    second_review: str | None = None
    flags: tuple[str, ...] = ()
    answers: Mapping[str, bool | None] = field(default_factory=dict)


Doubt = tuple[str | None, Reason]
"""A reason for a person to look, and the queue it asks for."""


def route(facts: Facts, policy: Policy, outcomes: Sequence[OutcomeSpec]) -> Routed:
    """Where a case goes under a policy, and why. What may be urgent decides first on the queue."""
    answers = answers_of(facts, policy)
    second, second_doubt = second_review_of(policy, answers)
    doubts = [
        *flag_doubts(facts, policy.flag_queue),
        *urgent_doubts(facts, policy, outcomes),
        *ceiling_doubts(facts, policy, outcomes),
        *failure_doubts(facts, policy),
        *asked_doubts(facts),
        *paper_doubts(facts, policy),
        *field_doubts(facts, policy),
        *rule_doubts(policy, answers),
        *second_doubt,
        *outcome_doubts(facts, policy, outcomes),
        *consent_doubts(facts),
        *bound_doubts(facts, policy),
    ]
    doubts += held_back(facts, policy) if not doubts else []
    if not doubts:
        outcome = str(facts.outcome)
        threshold = float(policy.thresholds[outcome])
        label = next(spec.label for spec in outcomes if spec.name == outcome)
        reason = because(
            "confident", outcome=label, confidence=facts.confidence, threshold=threshold
        )
        return Routed(facts.outcome, None, (reason,), answers=answers)
    queue = next((queue for queue, _ in doubts if queue), policy.queue)
    reasons = tuple(reason for _, reason in doubts)
    flags = tuple(flag.name for flag in facts.flags)
    return Routed(None, queue, reasons, second, flags, answers)


def answers_of(facts: Facts, policy: Policy) -> dict[str, bool | None]:
    """Whether each rule of a policy holds, by its text; None where that can't be evaluated."""
    texts = [rule.when for rule in policy.rules]
    if policy.second_review is not None:
        texts.append(policy.second_review.rule)
    known = names(facts)
    return {text: answer_of(text, known) for text in texts}


def answer_of(text: str, known: Mapping[str, Any]) -> bool | None:
    """Whether a rule holds of what is known; None where that can't be evaluated."""
    try:
        return holds(text, known)
    except InvalidExpression:
        return None


def flag_doubts(facts: Facts, queue: str | None) -> list[Doubt]:
    """Each raised flag, and why flags could not be looked for: nothing in a policy takes these away."""
    raised = [because("flag", label=flag.label) for flag in facts.flags]
    return [(queue, reason) for reason in (*raised, *map(because, facts.unlooked))]


def urgent_doubts(facts: Facts, policy: Policy, outcomes: Sequence[OutcomeSpec]) -> list[Doubt]:
    """An urgent outcome that the model holds for the likeliest, wherever its ceiling is."""
    urgent = [spec for spec in outcomes if spec.urgent and spec.name == facts.outcome]
    if facts.failure:
        return []
    return [(policy.flag_queue, because("urgent", outcome=spec.label)) for spec in urgent]


def ceiling_doubts(facts: Facts, policy: Policy, outcomes: Sequence[OutcomeSpec]) -> list[Doubt]:
    """Outcomes that are too probable to decide on any; what is no probability is too much as well."""
    if facts.failure:
        return []
    labels = {spec.name: spec.label for spec in outcomes}
    doubts: list[Doubt] = []
    for name, ceiling in policy.ceilings.items():
        probability = float(facts.probabilities.get(name, math.nan))
        if not 0 <= probability <= ceiling:
            reason = because(
                "above_ceiling",
                outcome=labels.get(name, name),
                probability=probability if math.isfinite(probability) else UNKNOWN,
                ceiling=float(ceiling),
            )
            presses = not probability < policy.pressing.get(name, ceiling)
            doubts.append((policy.flag_queue if presses else policy.ceiling_queue, reason))
    return sorted(doubts, key=lambda doubt: doubt[0] != policy.flag_queue)


def consent_doubts(facts: Facts) -> list[Doubt]:
    """Without consent somebody has to tell the person what was decided: so a person decides."""
    return [] if facts.consent else [(None, because("no_consent"))]


def bound_doubts(facts: Facts, policy: Policy) -> list[Doubt]:
    """Bounds that the model's figures do not meet, or that its card has no figure for."""
    doubts: list[Doubt] = []
    for bound in policy.bounds:
        upper = facts.figures.get(bound.figure, math.nan)
        if facts.failure or 0 <= upper <= bound.at_most:
            continue
        said = float(upper) if math.isfinite(upper) else UNKNOWN
        reason = because(
            "bound_not_met", figure=bound.words, upper=said, at_most=float(bound.at_most)
        )
        doubts.append((None, reason))
    return doubts


def held_back(facts: Facts, policy: Policy) -> list[Doubt]:
    """What holds back a case that the policy would decide: a stop, or the gate."""
    stop = [because("stopped", scope=facts.stopped)] if facts.stopped else []
    gate = gate_doubts(facts.live, policy.gate, policy.samples)
    return [(None, reason) for reason in (*stop, *gate)]


def failure_doubts(facts: Facts, policy: Policy) -> list[Doubt]:
    """Why there is no prediction, where there is none: then anything may be above its ceiling."""
    queue = policy.ceiling_queue if policy.ceilings else None
    return [(queue, because(facts.failure))] if facts.failure else []


def asked_doubts(facts: Facts) -> list[Doubt]:
    """A person has asked: what the answer is worth is for a person to say."""
    if facts.asked:
        return [(None, because("answered"))]
    return []


def paper_doubts(facts: Facts, policy: Policy) -> list[Doubt]:
    """Papers of which a page could not be read, and those that nobody but a person can look at."""
    unread = [(policy.field_queue, because("paper_unread", paper=name)) for name in facts.unread]
    return [*unread, *((None, because("paper_unseen", paper=name)) for name in facts.unseen)]


def field_doubts(facts: Facts, policy: Policy) -> list[Doubt]:
    """Fields that are missing or were read with too little confidence.

    A field that the papers need not show counts once it is found and the policy names it.
    """
    doubts: list[Doubt] = []
    for fact in facts.fields:
        if not fact.required and not (fact.found and policy.names(fact)):
            continue
        minimum = policy.minimum_of(fact)
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


def rule_doubts(policy: Policy, answers: Mapping[str, bool | None]) -> list[Doubt]:
    """Rules that hold, and rules that could not be evaluated."""
    doubts: list[Doubt] = []
    for rule in policy.rules:
        met = answers[rule.when]
        if met is None:
            doubts.append((rule.queue, because("rule_failed", rule=rule.name)))
        elif met:
            doubts.append((rule.queue, Reason(rule.name, rule.reason)))
    return doubts


def second_review_of(
    policy: Policy, answers: Mapping[str, bool | None]
) -> tuple[str | None, list[Doubt]]:
    """The queue of the second review, where the case asks for one; then nothing is automatic."""
    if policy.second_review is None:
        return None, []
    asked = answers[policy.second_review.rule]
    if asked is None:
        reason = Reason("rule_failed", SECOND_FAILED)
        return policy.second_review.queue, [(None, reason)]
    if not asked:
        return None, []
    return policy.second_review.queue, [(None, because("second_review"))]


def outcome_doubts(facts: Facts, policy: Policy, outcomes: Sequence[OutcomeSpec]) -> list[Doubt]:
    """An outcome that is unknown, adverse, never automatic or not confident enough.

    Of an urgent one all is said already.
    """
    if facts.failure:
        return []
    spec = next((spec for spec in outcomes if spec.name == facts.outcome), None)
    if spec is None or not math.isfinite(facts.confidence) or not 0 <= facts.confidence <= 1:
        return [(None, Reason("no_prediction", UNUSABLE))]
    if spec.urgent:
        return []
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
