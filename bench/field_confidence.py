"""Fits the confidence of fields on papers of known truth, and measures it on papers held out.

    python -m bench.field_readings --out readings/
    python -m bench.field_confidence readings/ [--write]

Every fifth paper is held out. `--write` puts the coefficients into the product; without it only
figures are shown.
"""

import argparse
import json
import shelve
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.field_readings import ENGINES, RECEIPTS
from cases.definition import FieldSpec, parse, read_toml
from inference import images
from inference.calibration import area_under_curve, calibration_error, reliability
from inference.engines import engine, read_crop
from inference.extraction import FoundField, PageOfDocument, Second, find_fields
from inference.fieldconfidence import ANY, COEFFICIENTS, RAW, inputs, probability
from inference.training.regression import fit_logistic
from inference.values.folding import fold_letters
from inference.words import Box, PageWords, Word

OTHER = {"rapidocr": "tesseract", "tesseract": "rapidocr"}
HELD_OUT = 5
ANY_WITHOUT = RAW | {f"engine_{name}" for name in ENGINES}
EDGES = tuple(np.linspace(0, 1, 11))
PENALTY = 1.0
LOAN = Path("cases/pipelines/loan.toml")
TOTAL_LABELS = (
    "Total",
    "Grand total",
    "Net total",
    "Total due",
    "Amount due",
    "Net amount",
    "Amount payable",
    "Balance due",
    "To pay",
)
RECEIPT_FIELDS = (
    FieldSpec("merchant", "Merchant", "name", document="receipt", place="top"),
    FieldSpec("date", "Date", "date", ("Date",), document="receipt", place="anywhere"),
    FieldSpec("total", "Total", "money", TOTAL_LABELS, document="receipt"),
)


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
    held_out: bool


def records(folder: Path) -> Iterator[Record]:
    """Every field found on the papers in the folder, by each engine, alone and seconded."""
    specs = (*parse(read_toml(LOAN.read_text())).fields, *RECEIPT_FIELDS)
    with shelve.open(str(folder / "crops")) as crops:  # noqa: S301 - this script's own file
        for file in sorted(folder.glob("*.json")):
            facts = json.loads(file.read_text())
            own = [spec for spec in specs if spec.document == facts["kind"]]
            for name in ENGINES:
                pages = [
                    page_of(facts["kind"], number, page, name)
                    for number, page in enumerate(facts["pages"])
                ]
                second = second_reader(file, name, crops)
                for record in of_paper(own, facts, pages, second, is_held_out(file.stem)):
                    if name in (ENGINES[0], record.engine):  # a text layer is the same for both
                        yield record


def is_held_out(name: str) -> bool:
    """Whether a paper is kept from the fitting; all of an applicant's papers go the same way."""
    kind, number = name.rsplit("-", 1)
    return int(number) // (RECEIPTS if kind == "receipt" else 1) % HELD_OUT == 0


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
    held_out: bool,
) -> Iterator[Record]:
    """The fields of one paper as records."""
    engine_of = {page.page: page.words.engine for page in pages}
    for setting, reader in (("seconded", second), ("alone", None)):
        for spec, found in zip(specs, find_fields(specs, pages, second=reader), strict=True):
            if found.page is not None:
                yield Record(
                    engine_of[found.page],
                    setting,
                    spec.type,
                    spec.name,
                    facts["grade"],
                    dict(found.signals),
                    is_right(spec, found, facts["truth"]),
                    held_out,
                )


def is_right(spec: FieldSpec, found: FoundField, truth: dict[str, str | None]) -> bool:
    """Whether the value is the truth's; names are compared by letters and digits, without accents
    and case.
    """
    true = truth.get(spec.name)
    if true is None or found.value is None:
        return False
    return (
        fold_letters(found.value) == fold_letters(true)
        if spec.type == "name"
        else found.value == true
    )


def second_reader(paper: Path, first: str, crops: "shelve.Shelf[tuple[str, float]]") -> Second:
    """The other engine's reading of a box on the page as the first one read it, each remembered."""

    def read(page: int, box: Box) -> tuple[str, float]:
        key = f"{first} {paper.stem} {page} {box}"
        if key not in crops:
            content = paper.with_suffix(f".{page}.{first}.jpg").read_bytes()
            crops[key] = read_crop(engine(OTHER[first]), images.load(content), box)
        return crops[key]

    return read


def fit(rows: Sequence[Record], without: frozenset[str]) -> dict[str, float]:
    """The weights of each input but those `without`, and the bias, learnt from the rows that are
    not held out.
    """
    learnt = [inputs(row.signals, row.type, row.engine) for row in rows if not row.held_out]
    names = sorted({name for one in learnt for name in one} - without)
    table = np.array([[one.get(name, 0.0) for name in names] for one in learnt])
    used = [at for at in range(len(names)) if np.ptp(table[:, at]) > 0]
    right = np.array([row.right for row in rows if not row.held_out], dtype=float)
    bias, *weights = fit_logistic(table[:, used], right, penalty=PENALTY)
    return {"bias": round(float(bias), 4)} | {
        names[at]: round(float(weight), 4) for at, weight in zip(used, weights, strict=True)
    }


def measured(rows: Sequence[Record], weights: dict[str, float]) -> dict[str, float | int]:
    """How far the stated confidence of these rows can be believed."""
    stated = [probability(weights, inputs(row.signals, row.type, row.engine)) for row in rows]
    right = [row.right for row in rows]
    return {
        "fields": len(rows),
        "right": round(sum(right) / len(rows), 4),
        "auc": round(area_under_curve(stated, right), 4),
        "ece": round(calibration_error(reliability(stated, right, EDGES)), 4),
    }


def main() -> None:
    """Fit each engine's weights, with and without a second reading, and show the figures held out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    rows = list(records(wanted.folder))
    engines: dict[str, Any] = {}
    for name in (*ENGINES, ANY):
        for setting in ("seconded", "alone"):
            own = [row for row in rows if row.setting == setting and name in (row.engine, ANY)]
            weights = fit(own, ANY_WITHOUT if name == ANY else frozenset())
            figures = measured([row for row in own if row.held_out], weights)
            engines.setdefault(name, {})[setting] = {"weights": weights, "held_out": figures}
            print(name, setting, figures)
    if wanted.write:
        fitted = {
            "fitted_on": "invented papers (bench.field_readings), every fifth applicant's held out",
            "papers": len(list(wanted.folder.glob("*.json"))),
            "engines": engines,
        }
        COEFFICIENTS.write_text(json.dumps(fitted, indent=1) + "\n")


if __name__ == "__main__":
    main()
