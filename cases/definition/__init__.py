"""What a kind of case is: a pipeline's definition, read from TOML and checked before anything uses it."""

from cases.definition.checks import Mistake
from cases.definition.duties import SignatureSpec
from cases.definition.lines import line_of, places_of
from cases.definition.parsing import faults, parse, read_toml
from cases.definition.parts import (
    ColumnSpec,
    ConsentSpec,
    Definition,
    DocumentSpec,
    FhirPath,
    FhirSpec,
    FieldSpec,
    FieldType,
    InvalidDefinition,
    MessageSpec,
    ModelSpec,
    OutcomeSpec,
    Place,
    QueueSpec,
    ReasonSpec,
    ReplySpec,
    SegmentSpec,
)
from cases.definition.pointers import all_at, at_pointer
from cases.definition.signs import FlagSpec, ParameterSpec, SumSpec, TableSpec

__all__ = [
    "ColumnSpec",
    "ConsentSpec",
    "Definition",
    "DocumentSpec",
    "FhirPath",
    "FhirSpec",
    "FieldSpec",
    "FieldType",
    "FlagSpec",
    "InvalidDefinition",
    "MessageSpec",
    "Mistake",
    "ModelSpec",
    "OutcomeSpec",
    "ParameterSpec",
    "Place",
    "QueueSpec",
    "ReasonSpec",
    "ReplySpec",
    "SegmentSpec",
    "SignatureSpec",
    "SumSpec",
    "TableSpec",
    "all_at",
    "at_pointer",
    "faults",
    "line_of",
    "parse",
    "places_of",
    "read_toml",
]
