"""Red flags: signs that beat any confidence, found in a message's words and in measurements. Pure.

A flag with `phrases` (grammar: `inference.phrases`) is raised where one of them is said of the person
now; what is said as not there, long past, of somebody else or as a mere possibility is kept as a
mention, so that people see it (`inference.context`). A flag with `when` is raised where that holds, and
one with both where both do.

It fails to the safe side. A condition that can't be evaluated raises its flag, unless it is for want of
an input: then the flag stands under `unknown` with what is absent, for nothing that was not measured is
normal. Words that are said under a condition that can't be told raise their flag.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any

from cases.definition import FlagSpec
from cases.expressions import AbsentInput, InvalidExpression, holds
from inference.context import PRESENT, status_of
from inference.phrases import InvalidPhrase, Phrase, Place, Text, compiled, finds

NAMED = re.compile(r"\b(?:data|tables|sums|fields)(?:\.[A-Za-z_]\w*)+")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")

Span = tuple[int, int]


def check_phrases(spec: FlagSpec) -> None:
    """Raises InvalidPhrase, naming the phrase, where one of the flag's phrases has a slip."""
    for phrase in spec.phrases:
        try:
            compiled(phrase)
        except InvalidPhrase as error:
            raise InvalidPhrase(f"flag {spec.name!r}: {phrase!r}: {error}") from error


def flags(
    specs: Sequence[FlagSpec], text: str, known: Mapping[str, Any], *, on: date
) -> dict[str, list[dict[str, Any]]]:
    """What a case shows, `on` the day that it came in: `flags`, `mentions` and `unknown` ones.

    `known` are the names of `inference.knowing`; spans are places in `text`.
    """
    words = Text(text)
    found: dict[str, list[dict[str, Any]]] = {"flags": [], "mentions": [], "unknown": []}
    for spec in specs:
        said = said_of(spec, words, on)
        mentioned = {status: spans for status, spans in said.items() if status != PRESENT}
        found["mentions"] += [
            {"name": spec.name, "status": status, "spans": spans}
            for status, spans in sorted(mentioned.items())
        ]
        if spec.phrases and PRESENT not in said:
            continue
        raised, absent = condition(spec, known)
        if raised or (absent and spec.phrases):
            found["flags"].append(
                {
                    "name": spec.name,
                    "label": spec.label,
                    "source": spec.source,
                    "spans": said.get(PRESENT, []),
                }
            )
        elif absent:
            found["unknown"].append({"name": spec.name, "label": spec.label, "absent": absent})
    return found


def said_of(spec: FlagSpec, words: Text, on: date) -> dict[str, list[list[int]]]:
    """The places of the flag's phrases by their status; of places in one another only the longest."""
    said: dict[str, set[Span]] = {}
    for phrase in compiled_all(spec.phrases):
        for status, place in meant(phrase, words, on):
            start, end = words.span(place)
            said.setdefault(status, set()).add((start, end))
    raised = outermost(said.pop(PRESENT, set()))
    shown = {PRESENT: raised} if raised else {}
    for status, spans in said.items():
        left = [span for span in outermost(spans) if not any(within(span, each) for each in raised)]
        shown |= {status: left} if left else {}
    return {status: [list(span) for span in spans] for status, spans in shown.items()}


def meant(phrase: Phrase, words: Text, on: date) -> Iterator[tuple[str, Place]]:
    """The places of a phrase, each with its status: of parts that need each other, all or none."""
    found = finds(phrase, words)
    if not all(found):
        return
    taken = [{index for start, end in row for index in range(start, end)} for row in found]
    rows = []
    for own, row in enumerate(found):
        others = set().union(*(each for at, each in enumerate(taken) if at != own))
        rows.append([(status_of(words, place, phrase, on, others), place) for place in row])
    missing = [row[0][0] for row in rows if all(status != PRESENT for status, _ in row)]
    for status, place in chain.from_iterable(rows):
        yield missing[0] if missing and status == PRESENT else status, place


@lru_cache(maxsize=256)
def compiled_all(phrases: tuple[str, ...]) -> tuple[Phrase, ...]:
    """The phrases, compiled once."""
    return tuple(compiled(phrase) for phrase in phrases)


def outermost(spans: set[Span]) -> list[Span]:
    """The spans that lie in no other, in their order."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept


def within(inner: Span, outer: Span) -> bool:
    """Whether a span lies in another."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def condition(spec: FlagSpec, known: Mapping[str, Any]) -> tuple[bool, list[str]]:
    """Whether the flag's condition is met, and what is absent where that can't be told for sure."""
    if not spec.when:
        return True, []
    named = list(dict.fromkeys(NAMED.findall(QUOTED.sub("", spec.when))))
    try:
        return holds(spec.when, known), missing_of(named, known)
    except AbsentInput:
        return False, [path for path in named if value_at(path, known) is None] or [spec.when]
    except InvalidExpression:
        return True, []


def missing_of(named: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    """What was not measured of the tables that are named."""
    tables = dict.fromkeys(path.split(".")[1] for path in named if path.startswith("tables."))
    return [name for table in tables for name in value_at(f"tables.{table}.missing", known) or ()]


def value_at(path: str, known: Mapping[str, Any]) -> Any:
    """The value of a dotted name; None where there is none."""
    place: Any = known
    for name in path.split("."):
        place = place.get(name) if isinstance(place, Mapping) else None
    return place
