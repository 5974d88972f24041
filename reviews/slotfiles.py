"""Slots as a clinic sends them: CSV, or FHIR R4 `Slot`s in a Bundle or as NDJSON. Pure.

CSV has the columns `id,service,place,start,end`; times are ISO 8601 with their offset, since a time
without one is nobody's. Of FHIR's slots those that are `free` count. https://hl7.org/fhir/R4/slot.html
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

COLUMNS = ("id", "service", "place", "start", "end")
MOST = 20_000
"""Slots in one file."""
LONGEST = {"id": 100, "service": 200, "place": 200}


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A time that the clinic offers; `source_id` is its own name for it, `line` where it stands."""

    line: int
    source_id: str
    service: str
    place: str
    starts_at: datetime
    ends_at: datetime


class InvalidSlots(ValueError):
    """Slots that can't be loaded; `mistakes` are pairs of the line (0: the whole) and what is wrong."""

    def __init__(self, mistakes: Sequence[tuple[int, str]]) -> None:
        super().__init__(
            "\n".join(f"line {line}: {words}" if line else words for line, words in mistakes)
        )
        self.mistakes = tuple(mistakes)


def read_slots(text: str) -> list[SlotRow]:
    """The slots in a file, of whichever kind it is; raises InvalidSlots with all that is wrong."""
    found = fhir_items(text) if text.lstrip().startswith("{") else csv_items(text)
    rows: list[SlotRow] = []
    mistakes: list[tuple[int, str]] = []
    for line, item in found:
        try:
            rows.append(row_of(line, item))
        except ValueError as error:
            mistakes.append((line, str(error)))
        if len(rows) > MOST:
            raise InvalidSlots([(line, f"more than {MOST} slots")])
    if mistakes:
        raise InvalidSlots(mistakes)
    check_together(rows)
    return rows


def csv_items(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The lines of a CSV file, by its columns."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InvalidSlots([(1, f"the first line has to be {','.join(COLUMNS)}")])
        for item in reader:
            more = {"more": "cells"} if None in item else {}  # as csv has it: cells of no column
            yield reader.line_num, {name: item.get(name) or "" for name in COLUMNS} | more
    except csv.Error as error:
        raise InvalidSlots([(reader.line_num, str(error))]) from error


def fhir_items(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The free slots of a Bundle, counted, or of NDJSON, by line."""
    try:
        whole = json.loads(text)
        entries = whole.get("entry", [{"resource": whole}])
        numbered = [(number, entry.get("resource")) for number, entry in enumerate(entries, 1)]
    except ValueError:
        numbered = list(ndjson(text))
    except AttributeError as error:
        raise InvalidSlots([(0, "that is no Bundle of Slots")]) from error
    for number, resource in numbered:
        if not isinstance(resource, Mapping) or resource.get("resourceType") != "Slot":
            raise InvalidSlots([(number, "that is no Slot")])
        if resource.get("status") == "free":
            yield number, item_of(resource)


def ndjson(text: str) -> Iterator[tuple[int, Any]]:
    """Each line's resource."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise InvalidSlots([(number, f"that is no JSON: {error}")]) from error


def item_of(slot: Mapping[str, Any]) -> dict[str, str]:
    """A FHIR Slot by the columns of a CSV file."""
    return {
        "id": str(slot.get("id", "")),
        "service": concept(slot, "serviceType") or concept(slot, "appointmentType"),
        "place": part(slot, "schedule", "display"),
        "start": str(slot.get("start", "")),
        "end": str(slot.get("end", "")),
    }


def concept(slot: Mapping[str, Any], name: str) -> str:
    """What a CodeableConcept, or the first of several, says in words."""
    given = slot.get(name)
    first = given[0] if isinstance(given, list) and given else given
    if not isinstance(first, Mapping):
        return ""
    codings = first.get("coding")
    coding = codings[0] if isinstance(codings, list) and codings else {}
    return str(first.get("text") or (isinstance(coding, Mapping) and coding.get("display")) or "")


def part(slot: Mapping[str, Any], *path: str) -> str:
    """A text inside of a slot; empty where there is none."""
    found: Any = slot
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return str(found or "")


def row_of(line: int, item: Mapping[str, str]) -> SlotRow:
    """A slot; raises ValueError with what is wrong."""
    if "more" in item:
        raise ValueError("it has more cells than columns; a text with a comma stands in quotes")
    texts = {name: " ".join(item[name].split()) for name in COLUMNS}
    for name in ("id", "service"):
        if not texts[name]:
            raise ValueError(f"{name} is missing")
    for name, longest in LONGEST.items():
        if len(texts[name]) > longest:
            raise ValueError(f"{name} is longer than {longest} characters")
    starts_at, ends_at = time_of(texts, "start"), time_of(texts, "end")
    if ends_at <= starts_at:
        raise ValueError("it ends before it begins")
    return SlotRow(line, texts["id"], texts["service"], texts["place"], starts_at, ends_at)


def time_of(texts: Mapping[str, str], name: str) -> datetime:
    """A time with its offset; raises ValueError where it is none."""
    try:
        at = datetime.fromisoformat(texts[name])
    except ValueError:
        raise ValueError(
            f"{name} is no time: {texts[name]!r}; 2027-03-01T09:00+01:00 is one"
        ) from None
    if at.utcoffset() is None:
        raise ValueError(f"{name} has no offset from UTC, such as +01:00 or Z: {texts[name]!r}")
    return at


def check_together(rows: Sequence[SlotRow]) -> None:
    """Raises InvalidSlots where one id stands twice, or two slots of one service and place overlap."""
    mistakes = []
    lines: dict[str, int] = {}
    for row in rows:
        if row.source_id in lines:
            mistakes.append((row.line, f"the id stands in line {lines[row.source_id]} as well"))
        lines.setdefault(row.source_id, row.line)
    for one, other in pairwise(
        sorted(rows, key=lambda row: (row.service, row.place, row.starts_at, row.line))
    ):
        same = (one.service, one.place) == (other.service, other.place)
        if same and other.starts_at < one.ends_at:
            words = f"it overlaps line {one.line}, of the same service at the same place"
            mistakes.append((other.line, words))
    if mistakes:
        raise InvalidSlots(sorted(mistakes))
