"""What is wrong with a value, told by pointer and rule, and never by the value itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry

MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: a JSON pointer as a URI fragment (RFC 6901, 6), a stable code, and words.

    `line` is where it stands, from 1, in a text that has lines.
    """

    pointer: str
    code: str
    detail: str
    line: int | None = None


class InvalidInput(Exception):
    """What was sent can be understood but not accepted; `faults` says all that is wrong."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def validator_of(schema: Mapping[str, Any]) -> Draft202012Validator:
    """A validator that checks formats too and fetches nothing from anywhere."""
    return Draft202012Validator(
        dict(schema),
        registry=Registry(),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def faults_of(validator: Draft202012Validator, value: Any, *, at: str = "#") -> tuple[Fault, ...]:
    """What is wrong with a value, which stands at the pointer `at`: the first hundred faults."""
    found = (fault for error in validator.iter_errors(value) for fault in faults_in(error, at))
    return tuple(islice(dict.fromkeys(islice(found, 10 * MOST_FAULTS)), MOST_FAULTS))


def faults_in(error: ValidationError, at: str) -> Iterator[Fault]:
    """An error of jsonschema in our words: its own message quotes the value."""
    pointer = at
    for part in error.absolute_path:
        pointer = step(pointer, part)
    rule: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    code = str(error.validator)
    if code == "required":
        for name in rule:
            if name not in instance:
                yield Fault(step(pointer, name), code, "is required")
    elif code == "additionalProperties":
        known = ", ".join(schema.get("properties", ())) or "none"
        yield Fault(pointer, code, f"has members beyond those it may have: {known}")
    else:
        yield Fault(pointer, code, words_for(code, rule, schema))


def words_for(code: str, rule: Any, schema: Any) -> str:
    """What a rule asks for: in its schema's own words, else in ours."""
    if code == "pattern" and "x-rule" in schema:
        return str(schema["x-rule"])
    if code == "format" and rule in FORMATS:
        return FORMATS[rule]
    return RULES.get(code, f"breaks the schema's rule “{code}”").replace("{}", told(rule))


RULES = {
    "type": "must be of the type {}",
    "enum": "must be one of: {}",
    "const": "must be {}",
    "format": "must have the format {}",
    "pattern": "has not the form that the schema's `pattern` asks for",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "uniqueItems": "must not hold the same item twice",
    "contains": "lacks an item of the kind that the schema asks for",
    "minProperties": "must have at least {} members",
    "maxProperties": "must have at most {} members",
    "dependentRequired": "lacks a member that another one calls for",
    "anyOf": "has none of the forms that the schema allows",
    "oneOf": "has none of the forms that the schema allows, or more than one",
    "not": "has a form that the schema forbids",
}
"""What each rule of a schema asks for, in words; for a pattern, its schema's own `x-rule`."""

FORMATS = {
    "date": "must be a date, as 2026-03-01",
    "date-time": "must be a date and time with an offset, as 2026-03-01T09:30:00Z",
    "email": "must be an email address",
    "uri": "must be a URI, as https://example.com/path",
    "uuid": "must be a UUID",
}
"""The formats of texts in words."""


def told(rule: Any) -> str:
    """A rule's own value in words; it comes from the schema, so it names nobody."""
    return ", ".join(map(str, rule)) if isinstance(rule, list) else str(rule)


def step(pointer: str, part: str | int) -> str:
    """The pointer to a member or an item of what `pointer` points to."""
    return f"{pointer}/{str(part).replace('~', '~0').replace('/', '~1')}"
