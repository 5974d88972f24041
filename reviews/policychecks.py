"""What can be wrong with a policy: each mistake with its place in the policy. Pure."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema

from cases.definition import Definition, Mistake
from cases.definition.checks import Path
from cases.expressions import InvalidExpression, check
from inference.checking import strange
from reviews.reasons import SAYS

PREDICTED = frozenset({"outcome", "confidence", "probabilities"})
"""What rules of a policy can name beside `inference.knowing.NAMES`."""
PATH = re.compile(r"\b[a-z_]\w*(?:\.\w+)+")
"""What an expression asks for by its path: data.applicant.region."""
PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
INSIDE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
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
        "automatic_adverse": {"type": "array", "maxItems": 50, "items": {"type": "string"}},
        "blind_share": PROBABILITY,
        "flag_queue": {"type": "string"},
        "ceilings": {"type": "object", "additionalProperties": PROBABILITY},
        "ceiling_queue": {"type": "string"},
        "pressing": {"type": "object", "additionalProperties": PROBABILITY},
        "bounds": {
            "type": "array",
            "maxItems": 50,
            "items": {
                "type": "object",
                "required": ["figure", "at_most"],
                "additionalProperties": False,
                "properties": {
                    "figure": {"type": "string", "minLength": 1, "maxLength": 100},
                    "at_most": {"type": "number", "minimum": 0},
                    "label": {"type": "string", "maxLength": 100},
                },
            },
        },
        "calibration": {"type": "integer", "minimum": 1},
        "field_calibration": {"type": "integer", "minimum": 1},
        "gate": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "ece": PROBABILITY,
                "auroc": PROBABILITY,
                "days": {"type": "integer", "minimum": 1, "maximum": 3650},
            },
        },
        "samples": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "share": PROBABILITY,
                "find": INSIDE,
                "power": INSIDE,
                "known": {"type": "number", "minimum": 0, "maximum": 0.2},
                "strata": {
                    "type": "array",
                    "maxItems": 50,
                    "items": {
                        "type": "object",
                        "required": ["outcome", "lower", "share"],
                        "additionalProperties": False,
                        "properties": {
                            "outcome": {"type": "string"},
                            "lower": PROBABILITY,
                            "share": PROBABILITY,
                        },
                    },
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
            "maxItems": 200,
            "items": {
                "type": "object",
                "required": ["name", "when", "reason"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 100},
                    "when": {"type": "string"},
                    "reason": {"type": "string", "minLength": 1, "maxLength": 500},
                    "queue": {"type": "string"},
                },
            },
        },
    },
}


def policy_faults(content: Mapping[str, Any], definition: Definition) -> Iterator[Mistake]:
    """All that is wrong with a policy; what names other parts only where the shape is right."""
    wrong = list(misshapen(content)) or [
        *no_numbers(content),
        *unknown_names(content, definition),
        *careless(content, definition),
        *broken_rules(content),
        *unnamed_rules(content),
        *strata_named_twice(content),
    ]
    for mistake in wrong:
        yield Mistake(("policy", *mistake.path), mistake.words)


def misshapen(content: Mapping[str, Any]) -> Iterator[Mistake]:
    """Where a policy has not the shape of one."""
    for error in jsonschema.Draft202012Validator(POLICY_SCHEMA).iter_errors(content):
        if error.validator == "additionalProperties":
            for name in sorted(set(error.instance) - set(error.schema["properties"])):
                yield Mistake((*error.path, name), "is no part of a policy")
        else:
            yield Mistake(tuple(error.path), error.message)


def no_numbers(content: Mapping[str, Any]) -> Iterator[Mistake]:
    """Numbers that are NaN, and a bound that has no end: they hold nothing back."""
    for part in ("minimum_field_confidence", "blind_share"):
        if math.isnan(content.get(part, 0.0)):
            yield Mistake((part,), "a confidence is a number from 0 to 1")
    for part in ("thresholds", "field_confidence", "ceilings", "pressing"):
        for name, confidence in content.get(part, {}).items():
            if math.isnan(confidence):
                yield Mistake((part, name), "a confidence is a number from 0 to 1")
    for path, number in numbers_of_measuring(content):
        if math.isnan(number):
            yield Mistake(path, "has to be a number")
    for number, bound in enumerate(content.get("bounds", ())):
        if not math.isfinite(bound["at_most"]):
            yield Mistake(("bounds", number, "at_most"), "has to be a number")


def numbers_of_measuring(content: Mapping[str, Any]) -> Iterator[tuple[Path, float]]:
    """The numbers of the gate and of the samples, with their places."""
    for part in ("gate", "samples"):
        for name, number in content.get(part, {}).items():
            if name != "strata":
                yield (part, name), number
    for place, stratum in enumerate(content.get("samples", {}).get("strata", ())):
        for name in ("lower", "share"):
            yield ("samples", "strata", place, name), stratum[name]


def unknown_names(content: Mapping[str, Any], definition: Definition) -> Iterator[Mistake]:
    """What a policy names and the pipeline does not have."""
    outcomes = {outcome.name for outcome in definition.outcomes}
    queues = {queue.slug for queue in definition.queues}
    fields = {name for spec in definition.fields for name in (spec.name, spec.base)}
    for part, what, known in (
        ("thresholds", "outcome", outcomes),
        ("ceilings", "outcome", outcomes),
        ("automatic_adverse", "outcome", outcomes),
        ("field_confidence", "field", fields),
    ):
        for name in content.get(part, ()):
            if name not in known:
                yield Mistake((part, name), f"the pipeline has no {what} {name!r}")
    for number, stratum in enumerate(content.get("samples", {}).get("strata", ())):
        if stratum["outcome"] not in outcomes:
            words = f"the pipeline has no outcome {stratum['outcome']!r}"
            yield Mistake(("samples", "strata", number, "outcome"), words)
    for path, queue in queues_named(content):
        if queue not in queues:
            yield Mistake(path, f"the pipeline has no queue {queue!r}")


def queues_named(content: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every queue that a policy names, with its place."""
    for part in ("queue", "field_queue", "flag_queue", "ceiling_queue"):
        if part in content:
            yield (part,), content[part]
    if "second_review" in content:
        yield ("second_review", "queue"), content["second_review"]["queue"]
    for number, rule in enumerate(content.get("rules", ())):
        if "queue" in rule:
            yield ("rules", number, "queue"), rule["queue"]


def careless(content: Mapping[str, Any], definition: Definition) -> Iterator[Mistake]:
    """Where something would be decided although it may be urgent."""
    thresholds = content.get("thresholds", {})
    for outcome in definition.outcomes if thresholds else ():
        if outcome.urgent and outcome.name in thresholds:
            path = ("thresholds", outcome.name)
            yield Mistake(path, "an urgent outcome is never automatic")
        if outcome.urgent and outcome.name not in content.get("ceilings", {}):
            words = f"{outcome.name} is urgent, and with a threshold it needs a ceiling"
            yield Mistake(("ceilings",), words)
    for name, probability in content.get("pressing", {}).items():
        if not probability >= content.get("ceilings", {}).get(name, math.inf):
            words = f"presses from a probability on that is above the ceiling of {name}"
            yield Mistake(("pressing", name), words)


def unnamed_rules(content: Mapping[str, Any]) -> Iterator[Mistake]:
    """Rules without a name or a reason of their own: a case's reasons are told apart by these."""
    names = [rule["name"] for rule in content.get("rules", ())]
    for number, rule in enumerate(content.get("rules", ())):
        for part in ("name", "reason"):
            if not rule[part].strip():
                yield Mistake(("rules", number, part), "has to be said")
        if rule["name"] in names[:number]:
            yield Mistake(("rules", number, "name"), "another rule has the same name")
        if rule["name"] in SAYS or rule["name"].startswith("gate_"):
            yield Mistake(
                ("rules", number, "name"), "the house gives a reason of its own this name"
            )


def strata_named_twice(content: Mapping[str, Any]) -> Iterator[Mistake]:
    """Strata of one outcome that begin at the same confidence: only one of their shares could hold."""
    strata = content.get("samples", {}).get("strata", ())
    places = [(stratum["outcome"], stratum["lower"]) for stratum in strata]
    for number, place in enumerate(places):
        if place in places[:number]:
            yield Mistake(("samples", "strata", number, "lower"), "another stratum begins here")


def broken_rules(content: Mapping[str, Any]) -> Iterator[Mistake]:
    """Rules that are no CEL expression."""
    for path, expression in expressions(content):
        try:
            check(expression)
        except InvalidExpression as error:
            yield Mistake(path, f"no CEL expression: {error}")


def expressions(content: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every CEL expression of a policy, with its place."""
    for number, rule in enumerate(content.get("rules", ())):
        yield ("rules", number, "when"), rule["when"]
    if "second_review" in content:
        yield ("second_review", "rule"), content["second_review"]["rule"]


def remarks(content: Mapping[str, Any], definition: Definition) -> Iterator[Mistake]:
    """What is no mistake of a sound policy and yet not meant."""
    yield from strange_rules(content, definition)
    yield from without_effect(content, definition)
    yield from judged_by_segments(content, definition)


def without_effect(content: Mapping[str, Any], definition: Definition) -> Iterator[Mistake]:
    """What a policy says of adverse outcomes, or of others as if they were, and nothing comes of."""
    named = content.get("automatic_adverse", ())
    for spec in definition.outcomes:
        if spec.adverse and spec.name in content.get("thresholds", {}) and spec.name not in named:
            words = f"{spec.name} is adverse: never automatic unless automatic_adverse names it"
            yield Mistake(("policy", "thresholds", spec.name), words)
    adverse = {spec.name for spec in definition.outcomes if spec.adverse}
    for number, name in enumerate(named):
        if name not in adverse:
            yield Mistake(("policy", "automatic_adverse", number), f"{name} is not adverse")


def judged_by_segments(content: Mapping[str, Any], definition: Definition) -> Iterator[Mistake]:
    """Rules that ask for what segments are made of: the law may forbid that (15 U.S.C. 1691(a))."""
    measured = {name for segment in definition.segments for name in PATH.findall(segment.value)}
    for path, expression in expressions(content):
        for name in sorted(measured & set(PATH.findall(expression))):
            yield Mistake(("policy", *path), f"asks for {name}, by which fairness is measured")


def strange_rules(content: Mapping[str, Any], definition: Definition) -> Iterator[Mistake]:
    """Sound rules that ask for what no case of the pipeline has: they would hold back every one."""
    for path, expression in expressions(content):
        for words in strange(expression, definition, PREDICTED):
            yield Mistake(("policy", *path), words)
