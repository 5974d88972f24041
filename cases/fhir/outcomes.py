"""Errors as FHIR tells them: OperationOutcomes. Pure. https://hl7.org/fhir/R4/operationoutcome.html"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

PROBLEM_SYSTEM = "urn:countersign:problem"
ISSUE_TYPES = {
    "malformed-body": "structure",
    "bad-request": "structure",
    "invalid-query": "invalid",
    "no-valid-key": "login",
    "scope-missing": "forbidden",
    "not-found": "not-found",
    "method-not-allowed": "not-supported",
    "not-acceptable": "not-supported",
    "unsupported-media-type": "not-supported",
    "body-too-large": "too-long",
    "length-required": "required",
    "invalid-input": "invalid",
    "idempotency-key-malformed": "invalid",
    "idempotency-key-reused": "duplicate",
    "request-in-progress": "conflict",
    "not-withdrawable": "business-rule",
    "version-changed": "conflict",
    "if-match-missing": "required",
    "if-match-malformed": "invalid",
    "too-many-requests": "throttled",
    "house-full": "transient",
    "unavailable": "transient",
}
"""Each problem of the house as a code of issue-type; what is not named here is an exception."""

FAULT_TYPES = {
    "unknown_kind": "not-supported",
    "unknown_pipeline": "not-supported",
    "missing_document": "required",
    "additionalProperties": "structure",
    "maxLength": "too-long",
    "maxItems": "too-long",
    **dict.fromkeys(
        ("type", "enum", "format", "pattern", "minimum", "maximum", "minLength", "text", "number"),
        "value",
    ),
}
"""Each fault's code that is no code of issue-type itself; what is in neither is invalid."""

OWN_TYPES = (
    *("structure", "required", "value", "invariant", "code-invalid", "extension", "invalid"),
    *("not-supported", "duplicate", "not-found", "multiple-matches", "business-rule"),
)
"""The codes of issue-type (https://hl7.org/fhir/R4/valueset-issue-type.html) that faults have themselves."""

WORDS = {
    "unsupported-media-type": "Send application/fhir+json, of FHIR 4.0.",
    "not-acceptable": "Accept application/fhir+json, of FHIR 4.0: XML is not spoken here.",
    "method-not-allowed": "See the header Allow, and /metadata.",
    "if-match-missing": 'Send the ETag of the Task as you read it: “If-Match: W/"3"”.',
    "if-match-malformed": 'Send the ETag of the Task as you read it: “If-Match: W/"3"”.',
}
"""What to do about a problem, where FHIR has it otherwise than the rest of the API."""

NAME = re.compile(r"[A-Za-z]\w{0,63}")


def outcome(
    code: str,
    diagnostics: str,
    *,
    severity: str = "error",
    problem: str = "",
    expressions: Sequence[str] = (),
) -> dict[str, Any]:
    """An OperationOutcome of one issue."""
    return outcome_of([issue(code, diagnostics, severity, problem, expressions=expressions)])


def outcome_of(issues: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def issue(
    code: str,
    diagnostics: str,
    severity: str = "error",
    problem: str = "",
    *,
    expressions: Sequence[str] = (),
    locations: Sequence[str] = (),
) -> dict[str, Any]:
    """An issue; `problem` is the house's own name of it, stable where words change."""
    found: dict[str, Any] = {"severity": severity, "code": code}
    if problem:
        found["details"] = {"coding": [{"system": PROBLEM_SYSTEM, "code": problem}]}
    found["diagnostics"] = diagnostics
    if locations:
        found["location"] = list(locations)
    if expressions:
        found["expression"] = list(expressions)
    return found


def outcome_of_problem(problem: Mapping[str, Any]) -> dict[str, Any]:
    """A problem document (RFC 9457) as an OperationOutcome: an issue for each of its errors."""
    name = str(problem["type"]).rpartition("/")[2]
    code = ISSUE_TYPES.get(name, "exception")
    severity = "fatal" if code in ("structure", "exception") else "error"
    issues = [issue_of_error(error, name) for error in problem.get("errors", ())]
    if not issues:
        detail = f"{problem['title']}. {WORDS.get(name, problem['detail'])}"
        issues = [issue(code, detail, severity, name)]
    found = outcome_of(issues)
    found["id"] = str(problem["instance"]).rpartition(":")[2]
    return found


def issue_of_error(error: Mapping[str, str], name: str) -> dict[str, Any]:
    """One of a problem's errors: in the body at an expression, in the query at a parameter."""
    known = error["code"]
    code = known if known in OWN_TYPES else FAULT_TYPES.get(known, "invalid")
    if "parameter" in error:
        place = f"http.{error['parameter']}"
        return issue(
            code, f"{error['parameter']}: {error['detail']}", "error", name, locations=[place]
        )
    expression, words = expression_of(error["pointer"]), error["detail"]
    return issue(
        code,
        words if words.startswith("/") or not expression else f"{expression}: {words}",
        "error",
        known.replace("_", "-"),
        expressions=[expression] if expression else (),
    )


def expression_of(pointer: str) -> str:
    """A FHIRPath as it is; a JSON pointer as one, as far as the names on its way are FHIR's."""
    if not pointer.startswith("#"):
        return pointer
    found = ""
    for part in pointer.split("/")[1:]:
        if part.isdecimal() and found:
            found += f"[{part}]"
        elif NAME.fullmatch(part):
            found += f".{part}" if found else part
        else:
            break
    return found
