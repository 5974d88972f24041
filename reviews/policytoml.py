"""Policies as TOML, as people keep them in git: read with its lines, and written. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import tomli_w

from cases.definition import line_of, places_of
from cases.definition.checks import Path
from cases.strictjson import MalformedJson, unfit_values
from cases.validation import Fault, step
from reviews.policychecks import POLICY_SCHEMA

LARGEST = 64 * 1024
"""Bytes of a policy, at most."""
AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


class MalformedToml(Exception):
    """The text is no TOML, or more than a policy can be; `faults` say on which line, where one is."""

    def __init__(self, explanation: str, *faults: Fault) -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Text:
    """A policy as it was written, and on which line what of it stands."""

    content: dict[str, Any]
    places: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line (from 1) of what stands at `path`."""
        return line_of(path, self.places)


def read_text(body: bytes) -> Text:
    """The policy of a TOML text in UTF-8; raises MalformedToml."""
    if len(body) > LARGEST:
        raise MalformedToml(f"A policy has {LARGEST // 1024} KiB at most.")
    try:
        text = body.decode("utf-8-sig").replace("\r\n", "\n")
        content = tomllib.loads(text)
        unfit = next(iter(unfit_values(content)), None)
    except UnicodeDecodeError as error:
        raise MalformedToml(f"The text is not UTF-8 at byte {error.start}.") from None
    except tomllib.TOMLDecodeError as error:
        raise MalformedToml(f"The text is no TOML: {error}.", *slip(str(error), body)) from None
    except (RecursionError, MalformedJson):
        raise MalformedToml("It nests too deep.") from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise MalformedToml("A number in it has too many digits.") from None
    places = dict(places_of(text))
    if unfit is not None:
        placed = replace(unfit, line=line_at(unfit.pointer, places))
        words = f"It holds a value that cannot be kept, at {unfit.pointer} (at line {placed.line})."
        raise MalformedToml(words, placed)
    return Text(content, places)


def slip(words: str, body: bytes) -> Iterator[Fault]:
    """What keeps a text from being TOML, by its line: the last one where the text ends too soon."""
    found = AT_LINE.search(words)
    line = int(found[1]) if found else body.count(b"\n") + 1
    yield Fault("#", "syntax", AT_LINE.sub("", words).removesuffix(" (at end of document)"), line)


def line_at(pointer: str, places: Mapping[Path, int]) -> int:
    """The line of what a JSON pointer leads to, or of the nearest around it."""
    lines = {"#": 1, **{reduce(step, path, "#"): line for path, line in places.items()}}
    while pointer not in lines:
        pointer = pointer.rpartition("/")[0]
    return lines[pointer]


def written(content: Mapping[str, Any]) -> str:
    """A policy as TOML, its parts in the order of the schema; reading it gives the same content."""
    return tomli_w.dumps(in_order(content, POLICY_SCHEMA))


def in_order(value: Any, schema: Mapping[str, Any]) -> Any:
    """A value with its members as the schema orders them: the database keeps no order."""
    if isinstance(value, Mapping):
        parts: Mapping[str, Any] = schema.get("properties", {})
        names = sorted(value, key=[*parts, *sorted(value)].index)
        return {name: in_order(value[name], parts.get(name, {})) for name in names}
    if isinstance(value, list):
        return [in_order(item, schema.get("items", {})) for item in value]
    return value
