"""Fits the confidence of fields on papers of known truth.

    python -m bench.field_readings --out readings/
    python -m bench.field_confidence readings/ [--write]

Where the second engine differs on figures, the confidence is bounded by how often such values were
right: invented papers have too few of them wrong for a regression to see. The figures are of papers
that neither the weights nor the bounds which judged them had seen: five times, a fifth of the
applicants is held out. Those written in the end are fitted on all.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.field_readings import ENGINES
from bench.field_records import FOLDS, Record, records
from inference.calibration import area_under_curve, calibration_error, reliability
from inference.fieldconfidence import (
    ANY,
    COEFFICIENTS,
    ENGINE,
    RAW,
    TYPE,
    bounded,
    disagreement,
    inputs,
    probability,
)
from inference.training.regression import fit_with_agreeing_signs

ANY_WITHOUT = RAW | {f"{ENGINE}{name}" for name in ENGINES}
EDGES = tuple(np.linspace(0, 1, 11))
PENALTY = 0.3

Weights = dict[str, float]
Bounds = dict[str, dict[str, float | int]]


def fit(rows: Sequence[Record], without: frozenset[str]) -> Weights:
    """The weight of each input but those `without`, and the bias.

    Every input is such that more of it can only speak for a value, so none gets a negative weight; the type
    and the engine may, and stand in the table with either sign.
    """
    given = [inputs(row.signals, row.type, row.engine) for row in rows]
    names = sorted({name for one in given for name in one} - without)
    table = np.array([[one.get(name, 0.0) for name in names] for one in given])
    names = [name for name, varies in zip(names, np.ptp(table, axis=0) > 0, strict=True) if varies]
    free = [name for name in names if name.startswith((TYPE, ENGINE))]
    columns = [(name, 1) for name in names] + [(name, -1) for name in free]
    table = np.array([[sign * one.get(name, 0.0) for name, sign in columns] for one in given])
    right = np.array([row.right for row in rows], dtype=float)
    bias, *found = fit_with_agreeing_signs(table, right, penalty=PENALTY)
    weights = {"bias": float(bias)}
    for (name, sign), weight in zip(columns, found, strict=True):
        weights[name] = weights.get(name, 0.0) + sign * float(weight)
    return {name: round(weight, 4) for name, weight in weights.items() if weight}


def bounds(rows: Sequence[Record]) -> Bounds:
    """For each way to differ, the rate of being right, with one more right and one more wrong
    (the rule of succession), and the count that it is of.
    """
    found: Bounds = {}
    for way in ("contradicted", "unread"):
        right = [row.right for row in rows if disagreement(row.signals, row.type) == way]
        if right:
            rate = round((sum(right) + 1) / (len(right) + 2), 4)
            found[way] = {"most": rate, "fields": len(right), "right": sum(right)}
    return found


def stated_unseen(rows: Sequence[Record], without: frozenset[str]) -> list[float]:
    """Each row's confidence by weights and bounds of the other folds."""
    learnt = []
    for fold in range(FOLDS):
        others = [row for row in rows if row.fold != fold]
        learnt.append((fit(others, without), bounds(others)))
    return [stated(row, *learnt[row.fold]) for row in rows]


def stated(row: Record, weights: Weights, most: Bounds) -> float:
    """The row's confidence by weights and bounds."""
    sure = probability(weights, inputs(row.signals, row.type, row.engine))
    return bounded(sure, most, row.signals, row.type)


def figures(confidences: Sequence[float], right: Sequence[bool]) -> dict[str, float | int]:
    """How far stated confidence can be believed; the AUC only where some were right and some wrong."""
    found: dict[str, float | int] = {
        "fields": len(right),
        "right": round(sum(right) / len(right), 4),
        "stated": round(sum(confidences) / len(right), 4),
        "ece": round(calibration_error(reliability(confidences, right, EDGES)), 4),
    }
    if 0 < sum(right) < len(right):
        found["auc"] = round(area_under_curve(confidences, right), 4)
    return found


def fits(row: Record, setting: str) -> bool:
    """Whether a row is of a setting: nothing reads a table or a sum of taxes a second time."""
    return row.setting == setting and (setting == "alone" or bool(row.signals["second"]))


def judged(rows: Sequence[Record], without: frozenset[str]) -> dict[str, Any]:
    """Weights and bounds by all rows, with the figures of rows held out: all, and those that differ."""
    unseen = stated_unseen(rows, without)
    differ = [n for n, row in enumerate(rows) if disagreement(row.signals, row.type)]
    found: dict[str, Any] = {"held_out": figures(unseen, [row.right for row in rows])}
    if differ:
        right = [rows[n].right for n in differ]
        found["held_out_differing"] = figures([unseen[n] for n in differ], right)
    return found | {"bounds": bounds(rows), "weights": fit(rows, without)}


def main() -> None:
    """Fit each engine's weights, with and without a second reading, and show the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="put the weights into the product")
    wanted = parser.parse_args()
    rows = list(records(wanted.folder))
    engines: dict[str, Any] = {}
    for name in (*ENGINES, ANY):
        without = ANY_WITHOUT if name == ANY else frozenset()
        for setting in ("seconded", "alone"):
            own = [row for row in rows if fits(row, setting) and name in (row.engine, ANY)]
            engines.setdefault(name, {})[setting] = judged(own, without)
            shown = {
                key: value for key, value in engines[name][setting].items() if key != "weights"
            }
            print(name, setting, json.dumps(shown))
    if wanted.write:
        fitted = {
            "fitted_on": "invented papers (bench.field_readings); names count as right without accents",
            "papers": len(list(wanted.folder.glob("*.json"))),
            "engines": engines,
        }
        COEFFICIENTS.write_text(json.dumps(fitted, indent=1) + "\n")


if __name__ == "__main__":
    main()
