"""Reading a pipeline's definition: from TOML, checked before anything uses it."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema

from cases.definition.checks import Mistake, mistakes
from cases.definition.duties import AdverseSpec, ExportsSpec, RetentionSpec, SignatureSpec
from cases.definition.parts import (
    ColumnSpec,
    ConsentSpec,
    Definition,
    DocumentSpec,
    FhirPath,
    FhirSpec,
    FieldSpec,
    InvalidDefinition,
    Masking,
    MessageSpec,
    ModelSpec,
    OutcomeSpec,
    QueueSpec,
    ReasonSpec,
    ReplySpec,
    SegmentSpec,
)
from cases.definition.schema import DEFINITION_SCHEMA
from cases.definition.signs import FlagSpec, LevelSpec, ParameterSpec, SumSpec, TableSpec


def read_toml(text: str) -> dict[str, Any]:
    """The raw definition of a TOML text; raises InvalidDefinition with the line of a mistake."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidDefinition(str(error)) from error


def parse(raw: Mapping[str, Any]) -> Definition:
    """A raw definition, checked; raises InvalidDefinition naming the first mistake."""
    for mistake in faults(raw):
        raise InvalidDefinition(str(mistake))
    return built(raw)


def faults(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """All that is wrong with a raw definition; what names other parts only where the shape is right."""
    wrong = list(misshapen(raw))
    yield from wrong
    if not wrong:
        yield from mistakes(built(raw))


def misshapen(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """Where a raw definition has not the shape of one."""
    validator = jsonschema.Draft202012Validator(DEFINITION_SCHEMA)
    for error in sorted(validator.iter_errors(raw), key=lambda error: list(map(str, error.path))):
        if error.validator == "additionalProperties" and error.validator_value is False:
            for name in sorted(set(error.instance) - set(error.schema.get("properties", {}))):
                yield Mistake((*error.path, name), "there is no part of this name")
        else:
            yield Mistake(tuple(error.path), error.message)
    try:
        json.dumps(raw, allow_nan=False)
    except (TypeError, ValueError) as error:
        yield Mistake((), f"the file holds what JSON has not: {error}")
    try:
        jsonschema.Draft202012Validator.check_schema(raw.get("schema", {}))
    except jsonschema.SchemaError as error:
        yield Mistake(("schema", *error.path), error.message)


def built(raw: Mapping[str, Any]) -> Definition:
    """The definition that a raw one of the right shape describes."""
    return Definition(
        slug=raw["slug"],
        name=raw["name"],
        version=raw["version"],
        guidance=raw.get("guidance", "").strip(),
        schema=raw["schema"],
        model=ModelSpec(**tuples(raw["model"])) if "model" in raw else None,
        documents=tuple(DocumentSpec(**tuples(item)) for item in raw.get("documents", ())),
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
        segments=tuple(SegmentSpec(**item) for item in raw.get("segments", ())),
        fhir=fhir_of(raw["fhir"]) if "fhir" in raw else None,
        retention=RetentionSpec(**raw.get("retention", {})),
        signature=SignatureSpec(**tuples(raw["signature"])) if "signature" in raw else None,
        adverse=AdverseSpec(**raw["adverse"]) if "adverse" in raw else None,
        exports=ExportsSpec(**raw.get("exports", {})),
    )


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
    levels = tuple(LevelSpec(**each) for each in item.get("levels", ()))
    return TableSpec(**{**item, "parameters": parameters, "levels": levels})


def fhir_of(item: Mapping[str, Any]) -> FhirSpec:
    """How FHIR is read: a path is written by itself, or as a table where it has a unit."""
    data = {
        pointer: FhirPath(path) if isinstance(path, str) else FhirPath(**path)
        for pointer, path in item["data"].items()
    }
    return FhirSpec(data, item.get("attachments"))
