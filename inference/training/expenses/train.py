"""Train, evaluate and write the scorecard of expense claims; the same bytes come out every time.

    python -m inference.training.expenses.train [directory]

Needs `onnx`, which the running product doesn't.
"""

import hashlib
import json
import sys
import tomllib
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any, Final

from inference.runtimes.scorecards import Scorecard, scorecard
from inference.training.description import cells, describe_feature
from inference.training.evaluation import evaluate
from inference.training.expenses.card import card_text
from inference.training.expenses.features import FEATURES
from inference.training.expenses.rows import DATA, DATA_SHA256, PIPELINE, rows_of
from inference.training.expenses.simulating import HELD_OUT, LEARNT, SHIFTED
from inference.training.fitting import FOLDS, PENALTY, FittedCard, fit_calibrated
from inference.training.graph import build_graph
from inference.training.holdout import HeldOutRow

NAME: Final = "expense-scorecard"
VERSION: Final = 1
OUTCOMES: Final = ("reimburse", "refuse")
SMALLEST: Final = 0.01
"""Of the rows in a bin: with so many rows that is evidence enough, and some faults are rare."""
THRESHOLDS: Final = (0.8, 0.9, 0.93, 0.95)
DIRECTORY: Final = Path(__file__).parents[2] / "models" / NAME / str(VERSION)


def train(directory: Path) -> None:
    """Write model.onnx, model.json and CARD.md into `directory`."""
    facts, graph = fitted()
    card = scorecard(facts, graph)
    facts["evaluation"] = measured(card, rows_of(HELD_OUT))
    facts["evaluation_shifted"] = measured(card, rows_of(SHIFTED))
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "model.onnx").write_bytes(graph)
    described = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    (directory / "model.json").write_text(described, encoding="utf-8")
    (directory / "CARD.md").write_text(card_text(facts, threshold()), encoding="utf-8")


def fitted() -> tuple[dict[str, Any], bytes]:
    """The scorecard on the claims to learn from: model.json but for the evaluation, and model.onnx."""
    rows = rows_of(LEARNT)
    card = fit_calibrated(rows, FEATURES, OUTCOMES[0], SMALLEST)
    graph = build_graph(card.intercept, cells(card)).SerializeToString(deterministic=True)
    return describe(card, rows, hashlib.sha256(graph).hexdigest()), graph


def threshold() -> float:
    """The confidence from which the pipeline's first policy reimburses by itself."""
    policy = tomllib.loads(PIPELINE.read_text(encoding="utf-8"))["policy"]
    return float(policy["thresholds"][OUTCOMES[0]])


def measured(card: Scorecard, rows: Sequence[HeldOutRow]) -> dict[str, Any]:
    """Figures of the card on rows, the share of right reimbursements with its interval."""
    figures = evaluate(card, rows, THRESHOLDS)
    for each in figures["coverage"]:
        count = round(each["positive_decided"] * len(rows))
        each["positive_right_95"] = wilson(each["positive_right"] or 0.0, count)
    return figures


def wilson(share: float, count: int) -> list[float]:
    """The score interval for 95 % of a share (E. B. Wilson, 1927); all of 0 to 1 where nothing counts."""
    if not count:
        return [0.0, 1.0]
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return [round(middle - half, 4), round(middle + half, 4)]


def describe(card: FittedCard, rows: Sequence[HeldOutRow], graph_sha256: str) -> dict[str, Any]:
    """All of model.json but for the evaluation; `rows` are those that the card was fitted on."""
    return {
        "name": NAME,
        "version": VERSION,
        "graph": {"file": "model.onnx", "sha256": graph_sha256},
        "outcomes": dict(zip(("positive", "negative"), OUTCOMES, strict=True)),
        "points": "added to the intercept they give the log-odds of the positive outcome",
        "missing": "a value absent or unknown counts 0 points, flagged",
        "intercept": card.intercept,
        "features": [
            describe_feature(spec, part, rows, OUTCOMES)
            for spec, part in zip(FEATURES, card.features, strict=True)
        ],
        "training": {
            "data": "simulated claims and verdicts: inference/training/expenses/simulating.py",
            "data_licence": "Apache-2.0",
            "data_file": DATA.name,
            "data_sha256": DATA_SHA256,
            "rows": len(rows),
            "positive_rows": sum(row.outcome == OUTCOMES[0] for row in rows),
            "method": "logistic regression on weights of evidence",
            "l2_penalty": PENALTY,
            "smallest_bin_share": SMALLEST,
            "folds_of_the_platt_correction": FOLDS,
            "platt_slope": card.platt_slope,
            "platt_shift": card.platt_shift,
        },
    }


if __name__ == "__main__":
    train(Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY)
