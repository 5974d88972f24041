"""Make the messages, train the model on them, evaluate it, and write its files.

    python -m inference.training.messages [directory]

The same bytes come out every time on the same processor and libraries. Needs `scikit-learn`, which the
running product doesn't.
"""

import hashlib
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from inference.runtimes import TextModel
from inference.runtimes.textmodels import text_model
from inference.training.messages.card import card_text
from inference.training.messages.evaluation import challenge, closing, evaluate, judged
from inference.training.messages.fitting import LEAST, PENALTY, Weights, fit, points, temperature
from inference.training.messages.making import COPIES, PARTS, URGENCIES, messages, wordings

NAME: Final = "patient-urgency"
VERSION: Final = 1
KNOWN_SHARE: Final = 0.5
"""Of a text's words, below which the model says nothing."""
DIRECTORY: Final = Path(__file__).parents[2] / "models" / NAME / str(VERSION)


def train(directory: Path) -> None:
    """Write model.json, points.tsv and CARD.md into `directory`."""
    weights = fit(messages("training"))
    heat = heat_of(made(weights, 1.0))
    model = made(weights, heat)
    facts = {**model.facts, **measured(model)}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "points.tsv").write_bytes(table(points(weights, heat)))
    (directory / "model.json").write_text(
        json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (directory / "CARD.md").write_text(card_text(facts), encoding="utf-8")


def made(weights: Weights, heat: float) -> TextModel:
    """The model of some weights at a temperature."""
    content = table(points(weights, heat))
    return text_model(described(content, heat), content)


def table(earned: Weights) -> bytes:
    """Points as the file that they are kept in."""
    lines = ["\t".join(("term", *URGENCIES))]
    lines += ["\t".join((term, *map(str, each))) for term, each in earned.items()]
    return ("\n".join(lines) + "\n").encode()


def described(content: bytes, heat: float) -> dict[str, Any]:
    """All of model.json but for its figures."""
    return {
        "kind": "text",
        "name": NAME,
        "version": VERSION,
        "outcomes": list(URGENCIES),
        "table": {"file": "points.tsv", "sha256": hashlib.sha256(content).hexdigest()},
        "temperature": heat,
        "known_share": KNOWN_SHARE,
        "features": [],
        "points": "the difference of two outcomes' points is what a term adds to the log-odds between them",
        "training": {
            "data": "made by this project from wordings of its own; no message is a patient's",
            "data_licence": "Apache-2.0, as the project",
            "wordings": {part: sum(1 for _ in wordings(part)) for part in PARTS},
            "messages": {part: COPIES[part] * sum(1 for _ in wordings(part)) for part in PARTS},
            "data_sha256": digest(),
            "method": "multinomial logistic regression over terms, and meanings of words",
            "l2_penalty": PENALTY,
            "least_wordings_of_a_pair": LEAST,
        },
    }


def digest() -> str:
    """What tells these messages from any others."""
    made = [[each.text, each.urgency] for part in PARTS for each in messages(part)]
    return hashlib.sha256(json.dumps(made).encode()).hexdigest()


def heat_of(model: TextModel) -> float:
    """The temperature under which the part for calibration is least surprising."""
    cases = [case for case in judged(model, messages("calibration")) if case.answer]
    logits = [logs(case.answer.probabilities) for case in cases if case.answer]
    return temperature(logits, [URGENCIES.index(case.urgency) for case in cases])


def logs(probabilities: Mapping[str, float]) -> Sequence[float]:
    """The logarithms of probabilities, in the order of URGENCIES."""
    return [math.log(probabilities[name]) for name in URGENCIES]


def measured(model: TextModel) -> dict[str, Any]:
    """The model's figures: on wordings that it never saw, and on the messages written by hand."""
    rule = closing()
    return {
        "figures": evaluate(judged(model, messages("testing")), rule),
        "challenge": evaluate(judged(model, challenge()), rule),
    }


if __name__ == "__main__":
    train(Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY)
