"""What a kind of case is: a pipeline's definition, read from TOML and checked before anything uses it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import jsonschema

FieldType = Literal["money", "date", "percentage", "name", "id", "choice", "integer", "text"]
Priority = Literal["urgent", "high", "normal", "low"]
PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "normal", "low")


class InvalidDefinition(ValueError):
    """A definition that cannot be used; the message names the place and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class DocumentSpec:
    """A kind of paper that a case brings."""

    kind: str
    name: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A value to be found on the papers; `declared` is the JSON pointer of the same fact in the data."""

    name: str
    label: str
    type: FieldType
    labels: tuple[str, ...] = ()
    document: str | None = None
    declared: str | None = None
    required: bool = False
    personal: bool = False
    weight: int = 1
    format: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeSpec:
    """An answer that a case can end with; an adverse one goes against the person the case is about."""

    name: str
    label: str
    adverse: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class ReasonSpec:
    """A reason that a reviewer may cite, and the outcomes it can apply to."""

    code: str
    text: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue that the pipeline brings along."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """The model version that scores the case; `features` maps its inputs to JSON pointers into the data."""

    name: str
    version: int
    positive: str
    negative: str
    features: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a pipeline."""

    slug: str
    name: str
    version: int
    schema: Mapping[str, Any]
    model: ModelSpec
    documents: tuple[DocumentSpec, ...]
    fields: tuple[FieldSpec, ...]
    outcomes: tuple[OutcomeSpec, ...]
    reasons: tuple[ReasonSpec, ...]
    queues: tuple[QueueSpec, ...]
    sla_minutes: Mapping[Priority, int]
    policy: Mapping[str, Any] = field(default_factory=dict)
    guidance: str = ""

    def outcome(self, name: str) -> OutcomeSpec:
        """The outcome called `name`; raises KeyError where the pipeline has none."""
        for outcome in self.outcomes:
            if outcome.name == name:
                return outcome
        raise KeyError(name)

    def field_spec(self, name: str) -> FieldSpec:
        """The field called `name`; raises KeyError where the pipeline has none."""
        for spec in self.fields:
            if spec.name == name:
                return spec
        raise KeyError(name)

    def reasons_for(self, outcome: str) -> tuple[ReasonSpec, ...]:
        """The reasons that can be cited for `outcome`."""
        return tuple(reason for reason in self.reasons if outcome in reason.outcomes)
