"""CEL expressions over what is known of a case. Pure. https://cel.dev

CEL compares like with like alone, so every number that an expression can name is a double.
"""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cel


class InvalidExpression(ValueError):
    """An expression that is no CEL, or gives something else than it should."""


class AbsentInput(InvalidExpression):
    """An expression that asks for something that is not there."""


LONGEST = 2000
"""Characters of an expression: the library climbs down one of ten thousand parts until the stack ends."""
SLIP = re.compile(r"<input>:\d+:(\d+): (?:Syntax error: )?(.+?)(?: expecting \{.*)?$", re.M)
"""What the library says of a slip, without its drawing: the column (from 1) and the words."""


def check(expression: str) -> None:
    """Raises InvalidExpression, with the place of the first slip, where it is no CEL expression."""
    if len(expression) > LONGEST:
        raise InvalidExpression(f"it is longer than {LONGEST} characters")
    try:
        cel.compile(expression)
    except Exception as error:  # the library raises several kinds
        found = SLIP.search(str(error))
        words = f"{found[2]} (at character {found[1]})" if found else str(error)
        raise InvalidExpression(words) from error


@lru_cache(maxsize=1024)
def roots(expression: str) -> frozenset[str]:
    """The names that an expression begins with, those that it gives to items of lists included.

    Raises InvalidExpression where it is no CEL expression.
    """
    check(expression)
    return frozenset(cel.compile(expression).variables())


def holds(expression: str, known: Mapping[str, Any]) -> bool:
    """Whether an expression holds; raises InvalidExpression where it can't be evaluated to a bool."""
    value = value_of(expression, known)
    if not isinstance(value, bool):
        raise InvalidExpression(f"{expression}: gives {type(value).__name__}, not true or false")
    return value


def value_of(expression: str, known: Mapping[str, Any]) -> Any:
    """What an expression gives; raises InvalidExpression where it can't be evaluated.

    Where that is for want of an input it is an AbsentInput. What it does not name is left out: the
    library goes through all that it is given.
    """
    named = {name: known[name] for name in roots(expression) if name in known}
    try:
        return cel.evaluate(expression, named)
    except LookupError as error:
        raise AbsentInput(f"{expression}: there is no {error.args[0]}") from error
    except Exception as error:  # the library raises several kinds, by what the expression met
        raise InvalidExpression(f"{expression}: {type(error).__name__}") from error


def doubles(value: Any) -> Any:
    """The value with every whole number made a double."""
    if isinstance(value, Mapping):
        return {key: doubles(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [doubles(item) for item in value]
    return double(value) if isinstance(value, int) and not isinstance(value, bool) else value


def double(value: int) -> float:
    """The nearest double; infinite where there is none as large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
