"""Policies: read from their content, checked, versioned and made active."""

import math
from collections.abc import Mapping
from typing import Any

import jsonschema
from django.db import transaction

from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.definition import Definition
from cases.expressions import InvalidExpression, check
from cases.models import Pipeline
from reviews.models import PolicyVersion
from reviews.routing import Bound, InvalidPolicy, Policy, Rule, SecondReview

PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
POLICY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["queue", "field_queue"],
    "additionalProperties": False,
    "properties": {
        "queue": {"type": "string"},
        "field_queue": {"type": "string"},
        "thresholds": {"type": "object", "additionalProperties": PROBABILITY},
        "minimum_field_confidence": PROBABILITY,
        "field_confidence": {"type": "object", "additionalProperties": PROBABILITY},
        "automatic_adverse": {"type": "array", "items": {"type": "string"}},
        "blind_share": PROBABILITY,
        "flag_queue": {"type": "string"},
        "ceilings": {"type": "object", "additionalProperties": PROBABILITY},
        "bounds": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["figure", "at_most"],
                "additionalProperties": False,
                "properties": {
                    "figure": {"type": "string", "minLength": 1},
                    "at_most": {"type": "number", "minimum": 0},
                    "label": {"type": "string"},
                },
            },
        },
        "second_review": {
            "type": "object",
            "required": ["rule", "queue"],
            "additionalProperties": False,
            "properties": {"rule": {"type": "string"}, "queue": {"type": "string"}},
        },
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "when", "reason"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "when": {"type": "string"},
                    "reason": {"type": "string"},
                    "queue": {"type": "string"},
                },
            },
        },
    },
}


def read_policy(content: Mapping[str, Any], definition: Definition) -> Policy:
    """The policy in `content`; raises InvalidPolicy naming the first mistake."""
    for error in jsonschema.Draft202012Validator(POLICY_SCHEMA).iter_errors(content):
        raise InvalidPolicy(f"{'.'.join(map(str, error.path)) or 'policy'}: {error.message}")
    second = content.get("second_review")
    policy = Policy(
        queue=content["queue"],
        field_queue=content["field_queue"],
        thresholds=content.get("thresholds", {}),
        minimum_field_confidence=content.get("minimum_field_confidence", 0.0),
        field_confidence=content.get("field_confidence", {}),
        rules=tuple(Rule(**rule) for rule in content.get("rules", ())),
        second_review=SecondReview(**second) if second else None,
        blind_share=content.get("blind_share", 0.0),
        automatic_adverse=frozenset(content.get("automatic_adverse", ())),
        flag_queue=content.get("flag_queue", content["queue"]),
        ceilings=content.get("ceilings", {}),
        bounds=tuple(Bound(**bound) for bound in content.get("bounds", ())),
    )
    check_numbers(policy)
    check_names(policy, definition)
    check_urgent(policy, definition)
    check_rules(policy)
    return policy


def check_numbers(policy: Policy) -> None:
    """Raises InvalidPolicy where a number is NaN, or a bound has no end: it holds nothing back."""
    confidences = {**policy.thresholds, **policy.field_confidence}
    confidences["minimum_field_confidence"] = policy.minimum_field_confidence
    confidences["blind_share"] = policy.blind_share
    for name, confidence in [*confidences.items(), *policy.ceilings.items()]:
        if math.isnan(confidence):
            raise InvalidPolicy(f"{name}: a confidence is a number from 0 to 1")
    for bound in policy.bounds:
        if not math.isfinite(bound.at_most):
            raise InvalidPolicy(f"bound {bound.figure}: at_most is a number")


def check_urgent(policy: Policy, definition: Definition) -> None:
    """Raises InvalidPolicy where something would be decided although it may be urgent."""
    if not policy.thresholds:
        return
    for outcome in definition.outcomes:
        if outcome.urgent and outcome.name in policy.thresholds:
            raise InvalidPolicy(f"thresholds.{outcome.name}: an urgent outcome is never automatic")
        if outcome.urgent and outcome.name not in policy.ceilings:
            raise InvalidPolicy(
                f"ceilings: {outcome.name} is urgent, and with a threshold it needs a ceiling"
            )


def check_names(policy: Policy, definition: Definition) -> None:
    """Raises InvalidPolicy where a policy names what the pipeline does not have."""
    outcomes = {outcome.name for outcome in definition.outcomes}
    queues = {queue.slug for queue in definition.queues}
    fields = {name for spec in definition.fields for name in (spec.name, spec.base)}
    used = [policy.queue, policy.field_queue, *(rule.queue for rule in policy.rules if rule.queue)]
    if policy.flag_queue:
        used.append(policy.flag_queue)
    if policy.second_review:
        used.append(policy.second_review.queue)
    for what, names, known in (
        ("outcome", {*policy.thresholds, *policy.ceilings, *policy.automatic_adverse}, outcomes),
        ("queue", set(used), queues),
        ("field", set(policy.field_confidence), fields),
    ):
        for name in sorted(names - known):
            raise InvalidPolicy(f"the pipeline has no {what} {name!r}")


def check_rules(policy: Policy) -> None:
    """Raises InvalidPolicy where a rule is no CEL expression."""
    expressions = {rule.name: rule.when for rule in policy.rules}
    if policy.second_review:
        expressions["second_review"] = policy.second_review.rule
    for name, expression in expressions.items():
        try:
            check(expression)
        except InvalidExpression as error:
            raise InvalidPolicy(f"rule {name}: {error}") from error


@transaction.atomic
def activate_policy(
    pipeline: Pipeline, content: Mapping[str, Any], *, definition: Definition, by: Actor
) -> PolicyVersion:
    """Makes `content` the pipeline's active policy, as its next version; the last one rests.

    Raises InvalidPolicy, also where it would automate an adverse outcome: that takes a second
    person's approval, which a single act does not carry.
    """
    policy = read_policy(content, definition)
    if policy.automatic_adverse:
        raise InvalidPolicy("automating an adverse outcome needs a second approver")
    Pipeline.objects.select_for_update().get(pk=pipeline.pk)
    last = PolicyVersion.objects.filter(pipeline=pipeline).order_by("number").last()
    PolicyVersion.objects.filter(pipeline=pipeline, active=True).update(active=False)
    version = PolicyVersion.objects.create(
        pipeline=pipeline,
        number=last.number + 1 if last else 1,
        content=dict(content),
        active=True,
        activated_at=ClockTimestamp(),
    )
    record(
        "policy.activated",
        by=by,
        pipeline=pipeline.slug,
        data={"policy_version": version.pk, "number": version.number, "content": dict(content)},
    )
    return version


def active_policy(pipeline: Pipeline) -> PolicyVersion | None:
    """The pipeline's active policy version, if it has one."""
    return PolicyVersion.objects.filter(pipeline=pipeline, active=True).first()
