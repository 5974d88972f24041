"""Scoring with other facts while a person waits: in a child that may hang or die, never in this process."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cases import sandbox
from cases.definition import FieldSpec, at_pointer
from cases.sandbox import Bounds, SandboxDied
from inference.knowing import FieldFact
from inference.models import ModelVersion
from inference.registry import scorer_of
from inference.runtimes import BadFeatures, BadScore, Contribution, Evidence, Score, score
from inference.scoring import Asked

BOUNDS = Bounds(cpu_seconds=4, seconds=4)
"""A model answers in milliseconds; a person should not wait longer for one that does not."""


class NoScore(Exception):
    """The model gave no usable answer: it failed, hung, or answered what it may not."""


def rescore(version: ModelVersion, asked: Asked) -> Score:
    """What a model version says to what it is `asked`; raises NoScore."""
    try:
        answer: Score = sandbox.run(
            score,
            scorer_of(version),
            dict(asked.features),
            asked.text,
            bounds=BOUNDS,
            known=(Score, Contribution, Evidence, BadFeatures, BadScore),
        )
    except (BadFeatures, BadScore, SandboxDied) as error:
        raise NoScore(type(error).__name__) from error
    return answer


def put_right(
    data: Mapping[str, Any], specs: Iterable[FieldSpec], right: Mapping[str, str]
) -> dict[str, Any]:
    """The data with each field's right value where it declares the same fact; `data` stays as it is.

    `right` maps names of fields to canonical values. Where two speak of one fact the later one counts.
    """
    changed = dict(data)
    for spec in specs:
        if spec.declared and spec.name in right:
            value = like_declared(right[spec.name], spec, at_pointer(changed, spec.declared))
            changed = with_value(changed, spec.declared.split("/")[1:], value)
    return changed


def like_declared(value: str, spec: FieldSpec, declared: Any) -> Any:
    """A canonical value as the data would have it: a number, unless it declares text."""
    if isinstance(declared, str) or spec.type not in ("money", "percentage", "integer"):
        return value
    try:
        return int(Decimal(value)) if spec.type == "integer" else float(Decimal(value))
    except ArithmeticError:  # no number: for the model to refuse
        return value


def with_value(data: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """The data with another value at a path of keys; what is no object on the way becomes one.

    A place in a list is a key too, where the list has it.
    """
    key, *rest = path
    key = key.replace("~1", "/").replace("~0", "~")
    return {**data, key: within(data.get(key), rest, value) if rest else value}


def within(inner: Any, path: list[str], value: Any) -> Any:
    """An object or a list with another value at a path in it."""
    key, *rest = path
    if not isinstance(inner, list) or not key.isdecimal() or int(key) >= len(inner):
        return with_value(inner if isinstance(inner, Mapping) else {}, path, value)
    changed = list(inner)
    changed[int(key)] = within(changed[int(key)], rest, value) if rest else value
    return changed


def facts_put_right(facts: Iterable[FieldFact], right: Mapping[str, str]) -> list[FieldFact]:
    """What is known of the fields, once those in `right` have been read as a person holds for right."""
    return [
        replace(fact, value=right[fact.name], found=True, confidence=1.0, mismatch="")
        if fact.name in right
        else fact
        for fact in facts
    ]
