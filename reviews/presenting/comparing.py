"""What a reviewer committed to, beside the model's view that was hidden until then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviews.casefile import CaseFile
from reviews.committing import words_of
from reviews.models import Commitment
from reviews.presenting.formats import decimals
from reviews.presenting.outcomes import OutcomeChoice


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two answers; `agree` where they are the same, `signs` where mine is to be signed."""

    mine: str
    adverse: bool
    reasons: tuple[str, ...]
    explanation: str
    model: str
    model_adverse: bool
    confidence: str
    agree: bool
    signs: bool


def comparison(committed: Commitment, file: CaseFile) -> Comparison | None:
    """A commitment beside the prediction that the case was routed by; None where there was none."""
    if file.prediction is None:
        return None
    texts = {reason.code: reason.text for reason in file.definition.reasons}
    words = words_of(committed, file.opened)
    mine = file.definition.outcome(committed.outcome)
    model = file.definition.outcome(file.prediction.outcome)
    return Comparison(
        mine=mine.label,
        adverse=mine.adverse,
        reasons=tuple(texts.get(code, code) for code in words["reasons"]),
        explanation=words["explanation"],
        model=model.label,
        model_adverse=model.adverse,
        confidence=decimals(file.prediction.confidence),
        agree=mine == model,
        signs=file.definition.signature is not None and file.definition.signature.asks(mine.name),
    )


def changes_explained(
    choices: Sequence[OutcomeChoice], committed: Commitment | None
) -> list[OutcomeChoice]:
    """The verdicts; each that differs from what was committed to needs its reason and explanation."""
    if committed is None:
        return list(choices)
    return [
        replace(
            choice,
            explained=choice.explained or (choice.name != committed.outcome and not choice.at_once),
        )
        for choice in choices
    ]
