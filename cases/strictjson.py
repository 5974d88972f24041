"""JSON as strangers send it, read without surprises (RFC 8259, and RFC 7493 for what it leaves open)."""

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from cases.validation import Fault, step

DEEPEST = 32
LARGEST = 2**53 - 1
"""Whole numbers beyond this are not the same everywhere (RFC 7493, 2.2)."""


class MalformedJson(Exception):
    """The text is no JSON, or JSON that two readers would not understand alike."""

    def __init__(self, detail: str, *faults: Fault) -> None:
        super().__init__(detail)
        self.explanation = detail
        self.faults = faults


def parse_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8; raises MalformedJson, which quotes nothing of it."""
    try:
        value = json.loads(
            body.decode("utf-8-sig"), parse_constant=refuse_constant, object_pairs_hook=unique
        )
    except UnicodeDecodeError as error:
        raise MalformedJson(f"The text is not UTF-8 at byte {error.start}.") from None
    except json.JSONDecodeError as error:
        detail = f"The text is no JSON: see line {error.lineno}, column {error.colno}."
        raise MalformedJson(detail) from None
    except RecursionError:
        raise MalformedJson(f"It nests deeper than {DEEPEST} levels.") from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise MalformedJson("A number in it has too many digits.") from None
    faults = tuple(unfit_values(value))
    if faults:
        raise MalformedJson("It holds values that cannot be kept.", *faults)
    return value


def refuse_constant(name: str) -> NoReturn:
    """NaN and the infinities are Python's own addition to JSON."""
    raise MalformedJson(f"{name} is no JSON number.")


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members; which of two namesakes counts differs between readers."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise MalformedJson("An object in it has two members of the same name.")
    return members


def unfit_values(value: Any) -> Iterator[Fault]:
    """Whatever in a parsed value PostgreSQL, or another reader, could not take as it is."""
    waiting: list[tuple[str, Any, int]] = [("#", value, 1)]
    while waiting:
        pointer, value, depth = waiting.pop()
        if depth > DEEPEST:
            raise MalformedJson(f"It nests deeper than {DEEPEST} levels.")
        if isinstance(value, dict):
            if not all(map(fit_text, value)):
                yield Fault(pointer, "text", "has a member whose name cannot be kept as text")
            waiting += [(step(pointer, key), item, depth + 1) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(step(pointer, i), item, depth + 1) for i, item in enumerate(value)]
        elif isinstance(value, str) and not fit_text(value):
            yield Fault(pointer, "text", "holds U+0000 or half of a surrogate pair")
        elif isinstance(value, float) and not math.isfinite(value):
            yield Fault(pointer, "number", "is too large for a number")
        elif isinstance(value, int) and abs(value) > LARGEST:
            yield Fault(pointer, "number", f"is a whole number beyond ±{LARGEST}")


def fit_text(text: str) -> bool:
    """Whether a text can be kept: no NUL, no lone surrogate."""
    if "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
