"""Scoring with other facts while a person waits: in a child that may hang or die, never in this process."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from cases import sandbox
from cases.definition import FieldSpec, at_pointer
from cases.sandbox import Bounds, SandboxDied
from inference.models import ModelVersion
from inference.registry import scorecard_of
from inference.runtimes import BadFeatures, BadScore, Contribution, Score, score

BOUNDS = Bounds(cpu_seconds=4, seconds=4)
"""A scorecard answers in milliseconds; a person should not wait longer for one that does not."""


class NoScore(Exception):
    """The model gave no usable answer: it failed, hung, or answered what it may not."""


def rescore(version: ModelVersion, features: Mapping[str, Any]) -> Score:
    """What a model version says of `features`; raises NoScore."""
    try:
        answer: Score = sandbox.run(
            score,
            scorecard_of(version),
            dict(features),
            bounds=BOUNDS,
            known=(Score, Contribution, BadFeatures, BadScore),
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
    """The data with another value at a path of keys; what is no object on the way becomes one."""
    key, *rest = path
    key = key.replace("~1", "/").replace("~0", "~")
    inner = data.get(key)
    below = inner if isinstance(inner, Mapping) else {}
    return {**data, key: with_value(below, rest, value) if rest else value}
