"""What the text model achieves on messages whose wordings it never saw; the card's figures.

Every share comes with its exact 95 % interval (C. J. Clopper and E. S. Pearson, 1934). In the part for
testing each wording is in one message, so that the messages are as independent as the wordings are.
"""

import json
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from inference.calibration import calibration_error, reliability
from inference.runtimes import BadFeatures, Score, TextModel, score
from inference.training.messages.making import URGENCIES, Message

URGENT: Final = ("emergency", "same_day")
CHALLENGE: Final = Path(__file__).with_name("challenge.jsonl")
PIPELINE: Final = Path(__file__).parents[3] / "cases/pipelines/patient-message/pipeline.toml"
BANDS: Final = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
HALVINGS: Final = 60

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A message's true urgency, and what the model says; None where it gives no usable answer."""

    urgency: str
    answer: Score | None

    @property
    def said(self) -> str:
        """The urgency that the model answers with; a message without an answer goes to a person."""
        return self.answer.outcome if self.answer else "no answer"


@dataclass(frozen=True, slots=True)
class Closing:
    """From which confidence an outcome is decided without a person, and up to which chance of others."""

    thresholds: Mapping[str, float]
    ceilings: Mapping[str, float]

    def closes(self, answer: Score | None) -> bool:
        """Whether a message with this answer would be decided without a person, save for other rules."""
        if answer is None or answer.confidence < self.thresholds.get(answer.outcome, math.inf):
            return False
        return all(answer.probabilities[name] <= most for name, most in self.ceilings.items())


def closing() -> Closing:
    """What the pipeline's own policy closes."""
    policy = tomllib.loads(PIPELINE.read_text(encoding="utf-8"))["policy"]
    return Closing(policy.get("thresholds", {}), policy.get("ceilings", {}))


def challenge() -> list[Message]:
    """Messages written by hand and apart from all else here; for judging alone, never for training."""
    lines = CHALLENGE.read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines if line]
    return [Message(each["text"], each["urgency"], "challenge", each["text"]) for each in read]


def judged(model: TextModel, messages: Sequence[Message]) -> list[Judged]:
    """The messages as the product scores them."""
    return [Judged(message.urgency, answered(model, message.text)) for message in messages]


def answered(model: TextModel, text: str) -> Score | None:
    """What the model says of a text, if it says anything."""
    try:
        return score(model, {}, text)
    except BadFeatures:
        return None


def evaluate(cases: Sequence[Judged], rule: Closing) -> Figures:
    """All figures of judged messages."""
    urgent = [case for case in cases if case.urgency in URGENT]
    others = [case for case in cases if case.urgency not in URGENT]
    sure = [case for case in cases if case.answer]
    right = [case.said == case.urgency for case in sure]
    bands = reliability([case.answer.confidence for case in sure if case.answer], right, BANDS)
    return {
        "messages": len(cases),
        "missed_urgent": share("missed", urgent, is_missed),
        "missed_emergency": share(
            "missed",
            [case for case in cases if case.urgency == "emergency"],
            is_missed,
        ),
        "missed_urgent_closed": {
            **share("missed", urgent, lambda case: rule.closes(case.answer)),
            **asdict(rule),
        },
        "closed": share("closed", others, lambda case: rule.closes(case.answer)),
        "raised_needlessly": share("raised", others, lambda case: case.said in URGENT),
        "no_answer": len(cases) - len(sure),
        "right": share("right", cases, lambda case: case.said == case.urgency),
        "recall": {
            name: share(
                "right",
                [case for case in cases if case.urgency == name],
                lambda case: case.said == case.urgency,
            )
            for name in URGENCIES
        },
        "confusion": {
            true: {
                said: sum(case.urgency == true and case.said == said for case in cases)
                for said in (*URGENCIES, "no answer")
            }
            for true in URGENCIES
        },
        "calibration_error": round(calibration_error(bands), 4),
        "reliability": [
            {name: round(value, 4) for name, value in asdict(band).items()} for band in bands
        ],
    }


def is_missed(case: Judged) -> bool:
    """Whether the model puts a message among those that can wait."""
    return case.answer is not None and case.said not in URGENT


def share(name: str, cases: Sequence[Judged], is_one: Callable[[Judged], bool]) -> Figures:
    """How many of the cases are such, their share, and its interval."""
    count = sum(map(is_one, cases))
    lower, upper = interval(count, len(cases))
    return {
        name: count,
        "of": len(cases),
        "rate": round(count / len(cases), 4) if cases else None,
        "lower": round(lower, 4),
        "upper": round(upper, 4),
    }


def interval(count: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval for a share: it holds its level for whatever the true share is."""
    tail = (1 - level) / 2
    lower = 0.0 if count == 0 else solved(lambda chance: 1 - up_to(count - 1, of, chance), tail)
    upper = 1.0 if count == of else solved(lambda chance: -up_to(count, of, chance), -tail)
    return lower, upper


def solved(rising: Callable[[float], float], wanted: float) -> float:
    """Where between 0 and 1 a rising function reaches a value."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2


def up_to(count: int, of: int, chance: float) -> float:
    """The probability of `count` or fewer of `of`, each with the same chance."""
    return math.fsum(
        math.comb(of, each) * chance**each * (1 - chance) ** (of - each)
        for each in range(count + 1)
    )
