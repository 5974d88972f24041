"""Fits the confidence of fields on pages of known truth, and measures it on pages held out.

    python -m bench.field_readings --out readings/
    python -m bench.field_confidence readings/ [--write]

Every fifth paper is held out. `--write` puts the coefficients into the product; without it only figures are shown.
"""

import argparse
import json
import pickle
import shelve
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cases.definition import FieldSpec, parse, read_toml
from inference.calibration import area_under_curve, calibration_error, reliability
from inference.engines import engine, read_crop
from inference.extraction import FoundField, PageOfDocument, find_fields
from inference.fieldconfidence import COEFFICIENTS, RAW, inputs, probability
from inference.training.regression import fit_logistic
from inference.values.folding import fold_letters
from inference.words import Box, PageWords

ENGINES = ("rapidocr", "tesseract")
OTHER = {"rapidocr": "tesseract", "tesseract": "rapidocr"}
HELD_OUT = 5
EDGES = tuple(np.linspace(0, 1, 11))
PENALTY = 1.0
LOAN = Path("cases/pipelines/loan.toml")
RECEIPT_FIELDS = (
    FieldSpec("merchant", "Merchant", "name", document="receipt", place="top"),
    FieldSpec("date", "Date", "date", ("Date",), document="receipt", place="anywhere"),
    FieldSpec("total", "Total", "money", document="receipt",
              labels=("Total", "Grand total", "Net total", "Total due", "Amount due", "Total amount",
                      "Net amount", "Amount payable", "Balance due", "To pay")),  # fmt: skip
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
    """Every field found on the pages in the folder, by each engine, alone and with the other's second reading."""
    specs = (*parse(read_toml(LOAN.read_text())).fields, *RECEIPT_FIELDS)
    with shelve.open(str(folder / "crops")) as crops:
        for facts_file in sorted(folder.glob("*.json")):
            facts = json.loads(facts_file.read_text())
            words = pickle.loads(facts_file.with_suffix(".words").read_bytes())  # noqa: S301 - our own file
            own = [spec for spec in specs if spec.document == facts["kind"]]
            held_out = int(facts_file.stem.rsplit("-", 1)[1]) % HELD_OUT == 0
            for name in ENGINES:
                second = second_reader(facts_file, OTHER[name], crops)
                yield from of_paper(own, facts, words[name], second, held_out)


def of_paper(
    specs: Sequence[FieldSpec],
    facts: dict[str, Any],
    words: Sequence[PageWords],
    second: Callable[[int, Box], tuple[str, float]],
    held_out: bool,
) -> Iterator[Record]:
    """The fields of one paper as records."""
    pages = [PageOfDocument(facts["kind"], number, page) for number, page in enumerate(words)]
    for setting, reader in (("seconded", second), ("alone", None)):
        for spec, found in zip(specs, find_fields(specs, pages, second=reader), strict=True):
            if found.value is not None:
                yield Record(words[0].engine, setting, spec.type, spec.name, facts["grade"],
                             dict(found.signals), is_right(spec, found, facts["truth"]), held_out)  # fmt: skip


def is_right(spec: FieldSpec, found: FoundField, truth: dict[str, str | None]) -> bool:
    """Whether the value is the truth's; names are compared by letters and digits, without accents and case."""
    true = truth.get(spec.name)
    if true is None or found.value is None:
        return False
    return fold_letters(found.value) == fold_letters(true) if spec.type == "name" else found.value == true


def second_reader(
    paper: Path, name: str, crops: "shelve.Shelf[tuple[str, float]]"
) -> Callable[[int, Box], tuple[str, float]]:
    """The other engine's reading of a box, each remembered."""

    def read(page: int, box: Box) -> tuple[str, float]:
        key = f"{name} {paper.stem} {page} {box}"
        if key not in crops:
            crops[key] = read_crop(engine(name), image(str(paper.with_suffix(f".{page}.webp"))), box)
        return crops[key]

    return read


@lru_cache(maxsize=4)
def image(file: str) -> Image.Image:
    """A page's image."""
    return Image.open(file).convert("RGB")


def fit(rows: Sequence[Record], without: frozenset[str]) -> dict[str, float]:
    """The weights of each input but those `without`, and the bias, learnt from the rows that are not held out."""
    learnt = [inputs(row.signals, row.type) for row in rows if not row.held_out]
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
    stated = [probability(weights, inputs(row.signals, row.type)) for row in rows]
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
    fitted: dict[str, Any] = {"about": __doc__.split("\n")[0], "papers": len(list(wanted.folder.glob("*.json")))}
    for name in (*ENGINES, "any"):
        for setting in ("seconded", "alone"):
            own = [row for row in rows if row.setting == setting and name in (row.engine, "any")]
            weights = fit(own, RAW if name == "any" else frozenset())
            figures = measured([row for row in own if row.held_out], weights)
            fitted.setdefault(name, {})[setting] = {"weights": weights, "held_out": figures}
            print(name, setting, figures)
    if wanted.write:
        COEFFICIENTS.write_text(json.dumps(fitted, indent=1) + "\n")


if __name__ == "__main__":
    main()
