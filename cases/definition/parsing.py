"""Reading a pipeline's definition: from TOML, checked before anything uses it."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

import jsonschema

from accounts.rolenames import Role
from cases.definition.parts import (
    ColumnSpec,
    ConsentSpec,
    Definition,
    DocumentSpec,
    FhirSpec,
    FieldSpec,
    FlagSpec,
    InvalidDefinition,
    Masking,
    MessageSpec,
    ModelSpec,
    OutcomeSpec,
    ParameterSpec,
    QueueSpec,
    ReasonSpec,
    ReplySpec,
    SumSpec,
    TableSpec,
)
from cases.definition.pointers import may_lead_somewhere
from cases.definition.schema import DEFINITION_SCHEMA


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
        model=ModelSpec(**tuples(raw["model"])) if "model" in raw else None,
        documents=tuple(DocumentSpec(**item) for item in raw.get("documents", ())),
        fields=tuple(field_of(item) for item in raw.get("fields", ())),
        outcomes=tuple(OutcomeSpec(**item) for item in raw["outcomes"]),
        reasons=tuple(ReasonSpec(**tuples(item)) for item in raw.get("reasons", ())),
        queues=tuple(QueueSpec(**item) for item in raw["queues"]),
        sla_minutes=raw["sla_minutes"],
        policy=raw.get("policy", {}),
        masking=Masking(**tuples(raw.get("masking", {}))),
        message=MessageSpec(**tuples(raw["message"])) if "message" in raw else None,
        born=raw.get("born"),
        person=raw.get("person"),
        flags=tuple(FlagSpec(**tuples(item)) for item in raw.get("flags", ())),
        tables=tuple(table_of(item) for item in raw.get("tables", ())),
        sums=tuple(SumSpec(**item) for item in raw.get("sums", ())),
        consent=ConsentSpec(**raw["consent"]) if "consent" in raw else None,
        replies=tuple(ReplySpec(**tuples(item)) for item in raw.get("replies", ())),
        fhir=FhirSpec(**raw["fhir"]) if "fhir" in raw else None,
    )
    check_references(definition)
    return definition


def tuples(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item with its lists made immutable."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}


def field_of(item: Mapping[str, Any]) -> FieldSpec:
    """A field with its columns, if it is a table."""
    columns = tuple(ColumnSpec(**tuples(column)) for column in item.get("columns", ()))
    return FieldSpec(**{**tuples(item), "columns": columns})


def table_of(item: Mapping[str, Any]) -> TableSpec:
    """A table of points with its lines."""
    parameters = tuple(
        ParameterSpec(
            **{**each, "bands": tuple((float(bound), points) for bound, points in each["bands"])}
            if "bands" in each
            else each
        )
        for each in item["parameters"]
    )
    return TableSpec(**{**item, "parameters": parameters})


def check_references(definition: Definition) -> None:
    """Raises InvalidDefinition where one part names another that is not there, or a name twice."""
    outcomes = {outcome.name for outcome in definition.outcomes}
    kinds = {document.kind for document in definition.documents}
    named = list(definition.model.outcomes) if definition.model else []
    named += [outcome for reply in definition.replies for outcome in reply.outcomes]
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
        ("flag", [flag.name for flag in definition.flags]),
        ("table", [table.name for table in definition.tables]),
        ("sum", [each.name for each in definition.sums]),
        ("reply", [reply.name for reply in definition.replies]),
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
