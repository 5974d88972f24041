"""The fields found on papers of known truth, with their signals and whether they are right."""

import json
import shelve
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from bench.field_readings import ENGINES, RECEIPTS
from cases.definition import FieldSpec, parse, read_toml
from inference import images
from inference.engines import engine, read_crop, second_engine
from inference.extraction import FoundField, PageOfDocument, Second, find_fields
from inference.values.folding import fold_letters, fold_shapes
from inference.words import Box, PageWords, Word

FOLDS = 5
LOAN = Path("cases/pipelines/loan/pipeline.toml")
EXPENSES = Path("cases/pipelines/expense-claim/pipeline.toml")
SAME_GOODS = 85.0
"""Per cent of letters that a row's words must share with what was printed."""


@dataclass(frozen=True, slots=True)
class Record:
    """One field found: its signals, and whether it was right."""

    engine: str
    setting: str
    type: str
    name: str
    grade: str
    signals: dict[str, float]
    right: bool
    fold: int


def records(folder: Path) -> Iterator[Record]:
    """Every field found on the papers in the folder, by each engine, alone and seconded."""
    specs = [
        spec for file in (LOAN, EXPENSES) for spec in parse(read_toml(file.read_text())).fields
    ]
    with shelve.open(str(folder / "crops")) as crops:  # noqa: S301 - this script's own file
        for file in sorted(folder.glob("*.json")):
            facts = json.loads(file.read_text())
            own = [spec for spec in specs if spec.document == facts["kind"]]
            for name in ENGINES:
                pages = [
                    page_of(facts["kind"], number, page, name)
                    for number, page in enumerate(facts["pages"])
                ]
                second = second_reader(file, name, pages, crops)
                for record in of_paper(own, facts, pages, second, fold_of(file.stem)):
                    if name in (ENGINES[0], record.engine):  # a text layer is the same for both
                        yield record


def fold_of(name: str) -> int:
    """The part of the papers that one belongs to; all of an applicant's are in the same."""
    kind, number = name.rsplit("-", 1)
    return int(number) // (RECEIPTS if kind == "receipt" else 1) % FOLDS


def page_of(kind: str, number: int, page: dict[str, Any], name: str) -> PageOfDocument:
    """A page as an engine read it."""
    words, width, height, engine_name, engine_version = page["words"][name]
    seen = tuple(Word(text, tuple(box), sure) for text, box, sure in words)
    read = PageWords(seen, width, height, engine_name, engine_version)
    return PageOfDocument(kind, number, read, page["quality"])


def of_paper(
    specs: Sequence[FieldSpec],
    facts: dict[str, Any],
    pages: Sequence[PageOfDocument],
    second: Second,
    fold: int,
) -> Iterator[Record]:
    """The fields of one paper as records."""
    engine_of = {page.page: page.words.engine for page in pages}
    for setting, reader in (("seconded", second), ("alone", None)):
        for spec, found in zip(specs, find_fields(specs, pages, second=reader), strict=True):
            if found.page is not None and spec.name in facts["truth"]:
                yield Record(
                    engine_of[found.page],
                    setting,
                    spec.type,
                    spec.name,
                    facts["grade"],
                    dict(found.signals),
                    is_right(spec, found, facts["truth"]),
                    fold,
                )


def is_right(spec: FieldSpec, found: FoundField, truth: dict[str, str | None]) -> bool:
    """Whether the value is the truth's; names are compared by letters and digits, without accents
    and case.
    """
    true = truth.get(spec.name)
    if true is None or found.value is None:
        return False
    match spec.type:
        case "name":
            return fold_letters(found.value) == fold_letters(true)
        case "table":
            return same_rows(json.loads(found.value), json.loads(true))
    return found.value == true


def same_rows(found: Sequence[dict[str, str]], true: Sequence[dict[str, str]]) -> bool:
    """Whether two tables have the same rows: figures equal, words but for slips."""
    return len(found) == len(true) and all(map(same_row, found, true))


def same_row(found: dict[str, str], true: dict[str, str]) -> bool:
    """Whether two rows say the same."""
    words = [fold_shapes(row.get("description") or "") for row in (found, true)]
    figures = all(found[name] == true[name] for name in ("quantity", "amount"))
    return figures and fuzz.ratio(*words) >= SAME_GOODS


def second_reader(
    paper: Path,
    first: str,
    pages: Sequence[PageOfDocument],
    crops: "shelve.Shelf[tuple[str, float]]",
) -> Second:
    """The second engine's reading of a box on the page as the first one read it, each remembered."""

    def read(page: int, box: Box) -> tuple[str, float]:
        second = second_engine(pages[page].words.engine, first)
        key = f"{first} {second} {paper.stem} {page} {box}"
        if key not in crops:
            content = paper.with_suffix(f".{page}.{first}.jpg").read_bytes()
            crops[key] = read_crop(engine(second), images.load(content), box)
        return crops[key]

    return read
