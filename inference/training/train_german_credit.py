"""Train, evaluate and write the loan pipeline's scorecard; the same bytes come out every time.

    python -m inference.training.train_german_credit [directory]

Needs `onnx`, which the running product doesn't.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Final

from inference.runtimes.scorecards import scorecard
from inference.training.card import card_text
from inference.training.description import NAME, VERSION, cells, describe
from inference.training.evaluation import evaluate
from inference.training.fitting import fit_calibrated
from inference.training.graph import build_graph
from inference.training.holdout import held_out_rows, training_rows

DIRECTORY: Final = Path(__file__).parents[1] / "models" / NAME / str(VERSION)


def train(directory: Path) -> None:
    """Write model.onnx, model.json and CARD.md into `directory`."""
    rows = training_rows()
    fitted = fit_calibrated(rows)
    graph = build_graph(fitted.intercept, cells(fitted)).SerializeToString(deterministic=True)
    facts = describe(fitted, rows, hashlib.sha256(graph).hexdigest())
    facts["evaluation"] = evaluate(scorecard(facts, graph), held_out_rows())
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "model.onnx").write_bytes(graph)
    described = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    (directory / "model.json").write_text(described, encoding="utf-8")
    (directory / "CARD.md").write_text(card_text(facts), encoding="utf-8")


if __name__ == "__main__":
    train(Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY)
