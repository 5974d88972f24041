"""Fits the confidence of fields on papers of known truth.

    python -m bench.field_readings --out readings/
    python -m bench.field_confidence readings/ [--write]

The figures are of papers that the weights which judged them had not seen: five times, a fifth of the
applicants is held out. The weights written in the end are fitted on all.
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
from inference.fieldconfidence import ANY, COEFFICIENTS, ENGINE, RAW, TYPE, inputs, probability
from inference.training.regression import fit_with_agreeing_signs

ANY_WITHOUT = RAW | {f"{ENGINE}{name}" for name in ENGINES}
EDGES = tuple(np.linspace(0, 1, 11))
PENALTY = 0.3

Weights = dict[str, float]


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


def stated_unseen(rows: Sequence[Record], without: frozenset[str]) -> list[float]:
    """Each row's confidence by weights fitted on the other folds."""
    by_fold = [fit([row for row in rows if row.fold != fold], without) for fold in range(FOLDS)]
    return [
        probability(by_fold[row.fold], inputs(row.signals, row.type, row.engine)) for row in rows
    ]


def figures(stated: Sequence[float], right: Sequence[bool]) -> dict[str, float | int]:
    """How far stated confidence can be believed."""
    return {
        "fields": len(right),
        "right": round(sum(right) / len(right), 4),
        "auc": round(area_under_curve(stated, right), 4),
        "ece": round(calibration_error(reliability(stated, right, EDGES)), 4),
    }


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
            own = [row for row in rows if row.setting == setting and name in (row.engine, ANY)]
            unseen = figures(stated_unseen(own, without), [row.right for row in own])
            engines.setdefault(name, {})[setting] = {
                "held_out": unseen,
                "weights": fit(own, without),
            }
            print(name, setting, unseen)
    if wanted.write:
        fitted = {
            "fitted_on": "invented papers (bench.field_readings); names count as right without accents",
            "papers": len(list(wanted.folder.glob("*.json"))),
            "engines": engines,
        }
        COEFFICIENTS.write_text(json.dumps(fitted, indent=1) + "\n")


if __name__ == "__main__":
    main()
