"""The German credit data, and its fixed split into rows to learn from and rows held out."""

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).with_name("german_credit.csv")
DATA_SHA256: Final = "c9722f02a2f2f7e997d0271cf84a54e7a5a76b11b9f981bfb3f5cac0ede95850"
NUMBERS: Final = frozenset(("duration_months", "amount", "instalment_percent", "existing_credits"))
TRAINING_SHARE: Final = 0.6

Value = int | float | str | None
"""None where a fact is not known."""


class WrongData(ValueError):
    """The data file is not the one that the model was trained on."""


@dataclass(frozen=True, slots=True)
class HeldOutRow:
    """One past case: its place in the data (from 1), the scorecard's inputs, how it ended."""

    number: int
    features: Mapping[str, Value]
    outcome: str


def held_out_rows() -> list[HeldOutRow]:
    """The 40 % of each outcome that no part of the training ever sees, in the data's order."""
    learnt = {row.number for row in training_rows()}
    return [row for row in _all_rows() if row.number not in learnt]


def training_rows() -> list[HeldOutRow]:
    """The 60 % of each outcome to learn from, in an order that says nothing about the rows."""
    rows = sorted(_all_rows(), key=lambda row: _lot(row.number))
    chosen = []
    for outcome in ("approve", "decline"):
        ended = [row for row in rows if row.outcome == outcome]
        chosen += ended[: round(len(ended) * TRAINING_SHARE)]
    return sorted(chosen, key=lambda row: _lot(row.number))


def _all_rows() -> list[HeldOutRow]:
    content = DATA.read_bytes()
    if hashlib.sha256(content).hexdigest() != DATA_SHA256:
        raise WrongData(f"{DATA.name} is not the file that the model was trained on")
    lines = csv.DictReader(io.StringIO(content.decode("ascii")))
    return [_row(number, line) for number, line in enumerate(lines, start=1)]


def _row(number: int, line: dict[str, str]) -> HeldOutRow:
    outcome = line.pop("outcome")
    features = {name: int(text) if name in NUMBERS else text for name, text in line.items()}
    return HeldOutRow(number, features, outcome)


def _lot(number: int) -> str:
    return hashlib.sha256(f"german-credit:{number}".encode()).hexdigest()
