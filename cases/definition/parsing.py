"""What a kind of case is: a pipeline's definition, read from TOML and checked before anything uses it."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import jsonschema

from accounts.rolenames import Role

FieldType = Literal["money", "date", "percentage", "name", "id", "choice", "integer", "text"]
Place = Literal["top", "bottom", "anywhere"]
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
    """A value to be found on the papers; `declared` is the JSON pointer of the same fact in the data.

    `place` is where on the paper the value may be taken from where no label names it; without one it is
    looked for by its labels alone, or, where it has none, anywhere.
    """

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
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class OutcomeSpec:
    """An answer that a case can end with; an adverse one goes against the person the case is about."""

    name: str
    label: str
    adverse: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class ReasonSpec:
    """A reason that a reviewer may cite, and the outcomes it can apply to.

    One marked `correction` stands by itself where a verdict differs from a read field alone.
    `guidance` is the house's word on when to cite it.
    """

    code: str
    text: str
    outcomes: tuple[str, ...]
    correction: bool = False
    guidance: str = ""


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue that the pipeline brings along."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Masking:
    """From whom personal fields are hidden until they say what for: roles, and purposes to choose from.

    `data` are JSON pointers of what else in the data is personal, beside what the personal fields declare.
    """

    roles: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


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
    masking: Masking = Masking()

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


DEFINITION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["slug", "name", "version", "schema", "model", "outcomes", "queues", "sla_minutes"],
    "additionalProperties": False,
    "properties": {
        "slug": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,59}$"},
        "name": {"type": "string", "minLength": 1},
        "version": {"type": "integer", "minimum": 1},
        "guidance": {"type": "string"},
        "schema": {"type": "object"},
        "model": {
            "type": "object",
            "required": ["name", "version", "positive", "negative", "features"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "version": {"type": "integer", "minimum": 1},
                "positive": {"type": "string"},
                "negative": {"type": "string"},
                "features": {"type": "object", "additionalProperties": {"$ref": "#/$defs/pointer"}},
            },
        },
        "documents": {"type": "array", "items": {"$ref": "#/$defs/document"}},
        "fields": {"type": "array", "items": {"$ref": "#/$defs/field"}},
        "outcomes": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/outcome"}},
        "reasons": {"type": "array", "items": {"$ref": "#/$defs/reason"}},
        "queues": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/queue"}},
        "sla_minutes": {
            "type": "object",
            "required": list(PRIORITIES),
            "additionalProperties": False,
            "properties": {p: {"type": "integer", "minimum": 1} for p in PRIORITIES},
        },
        "masking": {
            "type": "object",
            "required": ["roles", "purposes"],
            "additionalProperties": False,
            "properties": {
                "roles": {"type": "array", "items": {"type": "string"}},
                "purposes": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                "data": {"type": "array", "items": {"$ref": "#/$defs/pointer"}},
            },
        },
        "policy": {"type": "object"},
    },
    "$defs": {
        "word": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$"},
        "pointer": {"type": "string", "pattern": "^(/[^/]+)+$"},
        "document": {
            "type": "object",
            "required": ["kind", "name"],
            "additionalProperties": False,
            "properties": {
                "kind": {"$ref": "#/$defs/word"},
                "name": {"type": "string"},
                "required": {"type": "boolean"},
            },
        },
        "field": {
            "type": "object",
            "required": ["name", "label", "type"],
            "additionalProperties": False,
            "properties": {
                "name": {"$ref": "#/$defs/word"},
                "label": {"type": "string"},
                "type": {"enum": list(get_args(FieldType))},
                "labels": {"type": "array", "items": {"type": "string"}},
                "document": {"type": "string"},
                "declared": {"$ref": "#/$defs/pointer"},
                "required": {"type": "boolean"},
                "personal": {"type": "boolean"},
                "weight": {"type": "integer", "minimum": 1},
                "format": {"type": "string"},
                "choices": {"type": "array", "items": {"type": "string"}},
                "place": {"enum": list(get_args(Place))},
            },
        },
        "outcome": {
            "type": "object",
            "required": ["name", "label"],
            "additionalProperties": False,
            "properties": {
                "name": {"$ref": "#/$defs/word"},
                "label": {"type": "string"},
                "adverse": {"type": "boolean"},
                "key": {"type": "string", "pattern": "^[a-z]$"},
            },
        },
        "reason": {
            "type": "object",
            "required": ["code", "text", "outcomes"],
            "additionalProperties": False,
            "properties": {
                "code": {"$ref": "#/$defs/word"},
                "text": {"type": "string"},
                "outcomes": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                "correction": {"type": "boolean"},
                "guidance": {"type": "string"},
            },
        },
        "queue": {
            "type": "object",
            "required": ["slug", "name"],
            "additionalProperties": False,
            "properties": {
                "slug": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,59}$"},
                "name": {"type": "string"},
            },
        },
    },
}


def read_toml(text: str) -> dict[str, Any]:
    """The raw definition of a TOML text; raises InvalidDefinition with the line of a mistake."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidDefinition(str(error)) from error


def parse(raw: Mapping[str, Any]) -> Definition:
    """A raw definition, checked; raises InvalidDefinition naming the first mistake."""
    validator = jsonschema.Draft202012Validator(DEFINITION_SCHEMA)
    for error in sorted(validator.iter_errors(raw), key=lambda error: list(map(str, error.path))):
        raise InvalidDefinition(f"{'.'.join(map(str, error.path)) or 'the file'}: {error.message}")
    try:
        json.dumps(raw, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidDefinition(f"the file holds what JSON has not: {error}") from error
    try:
        jsonschema.Draft202012Validator.check_schema(raw["schema"])
    except jsonschema.SchemaError as error:
        raise InvalidDefinition(f"schema: {error.message}") from error
    definition = Definition(
        slug=raw["slug"],
        name=raw["name"],
        version=raw["version"],
        guidance=raw.get("guidance", "").strip(),
        schema=raw["schema"],
        model=ModelSpec(**raw["model"]),
        documents=tuple(DocumentSpec(**item) for item in raw.get("documents", ())),
        fields=tuple(FieldSpec(**tuples(item)) for item in raw.get("fields", ())),
        outcomes=tuple(OutcomeSpec(**item) for item in raw["outcomes"]),
        reasons=tuple(ReasonSpec(**tuples(item)) for item in raw.get("reasons", ())),
        queues=tuple(QueueSpec(**item) for item in raw["queues"]),
        sla_minutes=raw["sla_minutes"],
        policy=raw.get("policy", {}),
        masking=Masking(**tuples(raw.get("masking", {}))),
    )
    check_references(definition)
    return definition


def tuples(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item with its lists made immutable."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}


def check_references(definition: Definition) -> None:
    """Raises InvalidDefinition where one part names another that is not there, or a name twice."""
    outcomes = {outcome.name for outcome in definition.outcomes}
    kinds = {document.kind for document in definition.documents}
    named = [definition.model.positive, definition.model.negative]
    named += [outcome for reason in definition.reasons for outcome in reason.outcomes]
    for outcome in named:
        if outcome not in outcomes:
            raise InvalidDefinition(f"outcome {outcome!r} is named but not defined")
    for spec in definition.fields:
        if spec.document is not None and spec.document not in kinds:
            raise InvalidDefinition(
                f"field {spec.name!r}: document {spec.document!r} is not defined"
            )
    for what, names in (
        ("field", [spec.name for spec in definition.fields]),
        ("outcome", [outcome.name for outcome in definition.outcomes]),
        ("reason", [reason.code for reason in definition.reasons]),
        ("queue", [queue.slug for queue in definition.queues]),
        ("document", [document.kind for document in definition.documents]),
    ):
        if len(set(names)) < len(names):
            raise InvalidDefinition(f"the same {what} is defined twice")
    check_masking(definition.masking, definition.schema)


def check_masking(masking: Masking, schema: Mapping[str, Any]) -> None:
    """Raises InvalidDefinition where a mask would hide nothing: no such role, no such place in the data."""
    roles = list(Role)
    for role in masking.roles:
        if role not in roles:
            known = ", ".join(roles)
            raise InvalidDefinition(f"masking.roles: there is no role {role!r}, but {known}")
    for pointer in masking.data:
        if not may_lead_somewhere(pointer, schema):
            raise InvalidDefinition(f"masking.data: the schema has nothing at {pointer!r}")


def may_lead_somewhere(pointer: str, schema: Any) -> bool:
    """Whether data by a JSON Schema can have a value at a pointer, as far as closed objects tell."""
    for part in pointer.split("/")[1:]:
        properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
        key = part.replace("~1", "/").replace("~0", "~")
        if key not in properties:
            return (
                not isinstance(schema, Mapping) or schema.get("additionalProperties") is not False
            )
        schema = properties[key]
    return True


def at_pointer(data: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901), or None where there is none."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, Mapping) and key in data:
            data = data[key]
        elif isinstance(data, list) and key.isdecimal() and int(key) < len(data):
            data = data[int(key)]
        else:
            return None
    return data
