"""On which line of a TOML file something stands, so that a mistake can be found. Pure.

The libraries that read TOML forget the lines. This reads no values, only where they begin and end:
a table's header, a key, and for what lies inside of a value the value's first line.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate

from cases.definition.checks import Path

HEADER = re.compile(r"^\s*\[(\[)?(.+?)\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
VALUE = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"'''
    r"""|'''(?:[^']|'(?!''))*'''|'[^'\n]*'|#[^\n]*|[\[\]{}\n]""",
    re.DOTALL,
)
"""What of a value may hold the end of a line, or say that it goes on: texts, comments, brackets."""
PART = re.compile(r"""[\w-]+|"([^"]*)"|'([^']*)'""")


def line_of(path: Path, places: Mapping[Path, int]) -> int:
    """The line (from 1) of what stands at `path`, by a text's places, or of the nearest around it."""
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return 1


def places_of(text: str) -> Iterator[tuple[Path, int]]:
    """Each table and key with its line; tables of a list by their place in it, from 0."""
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    counts: dict[Path, int] = {}
    table: Path = ()
    number = 0
    while number < len(lines):
        line = lines[number]
        if header := HEADER.match(line):
            table = placed(parts_of(header[2]), counts, new=bool(header[1]))
            yield table, number + 1
        elif key := KEY.match(line):
            yield from ((each, number + 1) for each in stages(table, parts_of(key[1])))
            number += value_lines(text, starts[number] + key.end())
        number += 1


def parts_of(dotted: str) -> list[str]:
    """The parts of a dotted key, without their quotes."""
    return [match[1] or match[2] or match[0] for match in PART.finditer(dotted)]


def placed(parts: list[str], counts: dict[Path, int], *, new: bool) -> Path:
    """A header's path, with the place of each list's item; `new` begins another item."""
    path: Path = ()
    for position, part in enumerate(parts, 1):
        path = (*path, part)
        if new and position == len(parts):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def stages(table: Path, parts: list[str]) -> Iterator[Path]:
    """The path of a dotted key, and those on the way to it."""
    for length in range(1, len(parts) + 1):
        yield (*table, *parts[:length])


def value_lines(text: str, start: int) -> int:
    """How many more lines the value takes that begins at `start`."""
    depth = more = 0
    for found in VALUE.finditer(text, start):
        if found[0] == "\n" and depth == 0:
            break
        depth += (found[0] in "[{") - (found[0] in "]}")
        more += found[0].count("\n")
    return more
