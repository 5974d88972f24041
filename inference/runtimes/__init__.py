"""Scoring a case with a model's files: what kinds of model there are, and how each is asked."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from inference.runtimes import scorecards, textmodels
from inference.runtimes.answers import (
    BadFeatures,
    BadScore,
    Contribution,
    Evidence,
    Score,
    read_facts,
)
from inference.runtimes.scorecards import Scorecard
from inference.runtimes.textmodels import TextModel

__all__ = [
    "BadFeatures",
    "BadScore",
    "Contribution",
    "Evidence",
    "Score",
    "Scorecard",
    "Scorer",
    "TextModel",
    "load",
    "score",
]

Scorer = Scorecard | TextModel
KINDS: Final[Mapping[str, Callable[[Mapping[str, Any], Path], Scorer]]] = {
    "scorecard": scorecards.from_files,
    "text": textmodels.from_files,
}


def load(directory: Path) -> Scorer:
    """The model whose files are in `directory`: of the kind that its model.json names.

    Raises BadScore where a file is absent or malformed, or is not the one that model.json was written
    for (SHA-256).
    """
    try:
        facts = read_facts(directory)
        return KINDS[facts.get("kind", "scorecard")](facts, directory)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadScore(f"the model's files cannot be used: {type(error).__name__}") from error


def score(model: Scorer, features: Mapping[str, object], text: str = "") -> Score:
    """What a model says of `features` and, where it reads one, of a `text`.

    Raises BadFeatures for what the model can't take, and BadScore for an answer that can't be trusted.
    """
    return model.answer(features, text)
