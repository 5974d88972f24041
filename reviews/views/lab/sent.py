"""A policy as a form sends it: put together from its controls. What is no number stays a text."""

import math
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from django.http import QueryDict

WHOLE = re.compile(r"-?[0-9]{1,9}")
NUMBERS = ("minimum_field_confidence", "blind_share", "calibration", "field_calibration")
TEXTS = ("queue", "field_queue", "flag_queue", "ceiling_queue")
MAPS = {
    "threshold": "thresholds",
    "field": "field_confidence",
    "ceiling": "ceilings",
    "pressing": "pressing",
    "gate": "gate",
    "samples": "samples",
}
"""Controls named `threshold:approve`, by what stands before the colon: the parts that they are of."""
Row = dict[str, Any]


def content_of(sent: QueryDict) -> Row:
    """The policy's content; an empty control leaves its part out."""
    content: Row = {name: sent[name] for name in TEXTS if sent.get(name)}
    content |= {name: figure(text) for name in NUMBERS if (text := sent.get(name, "")).strip()}
    if adverse := sent.getlist("automatic_adverse"):
        content["automatic_adverse"] = adverse
    for control in sent:
        part, colon, key = control.partition(":")
        if colon and part in MAPS and (text := sent.get(control, "")).strip():
            content.setdefault(MAPS[part], {})[key] = figure(text)
    if strata := [*rows(sent, "stratum", numbers=("lower", "share"), needed=("outcome",))]:
        content.setdefault("samples", {})["strata"] = strata
    if rule := one_line(sent.get("second-rule", "")):
        content["second_review"] = {"rule": rule, "queue": sent.get("second-queue", "")}
    if bounds := [*rows(sent, "bound", numbers=("at_most",), needed=("figure",))]:
        content["bounds"] = bounds
    if rules := [*rows(sent, "rule", needed=("name", "when", "reason"))]:
        content["rules"] = rules
    return content


PARTS = {
    "rule": ("name", "when", "reason", "queue"),
    "stratum": ("outcome", "lower", "share"),
    "bound": ("figure", "at_most", "label"),
}
CHOSEN = {"queue"}
"""Parts of a row that are chosen, not typed: alone they make none."""


def rows(
    sent: QueryDict, of: str, *, needed: tuple[str, ...], numbers: tuple[str, ...] = ()
) -> Iterator[Row]:
    """The rows of a list in their order, the empty ones left out."""
    parts = PARTS[of]
    lists = [sent.getlist(f"{of}-{part}") for part in parts]
    order = sent.getlist(f"{of}-order")
    found = list(zip_longest(*lists, order, fillvalue=""))
    for *texts, _place in sorted(found, key=lambda row: place_of(row[-1])):
        row = dict(zip(parts, map(one_line, texts), strict=False))
        if not any(text for part, text in row.items() if part not in CHOSEN):
            continue
        yield {
            part: figure(text) if part in numbers else text
            for part, text in row.items()
            if text or part in needed or part in numbers
        }


def place_of(text: str) -> float:
    """Which place a row is to have; the last where it does not say."""
    number = figure(text)
    return number if isinstance(number, int | float) else math.inf


def one_line(text: str) -> str:
    """A text without line breaks or the space around it: an expression is one line."""
    return " ".join(line.strip() for line in text.splitlines()).strip()


def figure(text: str) -> float | str:
    """The number that was typed; what is none stays as it was typed, for the check to name it."""
    text = text.strip().replace(",", ".", 1)
    if WHOLE.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text
