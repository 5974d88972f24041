"""The foot of the case: which verdicts there are, what each needs, which reasons can apply."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cases.definition import Definition, OutcomeSpec
from inference.models import Prediction


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A reason that can be cited."""

    code: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class OutcomeChoice:
    """A verdict that can be given."""

    name: str
    label: str
    key: str
    adverse: bool
    note: str
    chosen: bool
    explained: bool
    reasons: tuple[ReasonChoice, ...]

    @property
    def tone(self) -> str:
        """The class that colours it once it is chosen."""
        return "adverse" if self.adverse else "good"


def choices(
    definition: Definition,
    prediction: Prediction | None,
    entered: Mapping[str, Any],
    *,
    independent: bool,
) -> list[OutcomeChoice]:
    """The verdicts, as far as the reviewer has entered one.

    An `independent` judge explains every verdict: what needs no explanation would tell what the
    model said.
    """
    keys = keys_of(definition)
    return [
        OutcomeChoice(
            name=spec.name,
            label=spec.label,
            key=keys[spec.name],
            adverse=spec.adverse,
            note="" if independent else note(spec, prediction),
            chosen=entered.get("outcome") == spec.name,
            explained=independent or spec.adverse or differs(spec, prediction),
            reasons=tuple(
                ReasonChoice(
                    reason.code, reason.text, chosen=reason.code in entered.get("reasons", ())
                )
                for reason in definition.reasons_for(spec.name)
            ),
        )
        for spec in definition.outcomes
    ]


def differs(spec: OutcomeSpec, prediction: Prediction | None) -> bool:
    """Whether the verdict would override the prediction."""
    return prediction is not None and prediction.outcome != spec.name


def note(spec: OutcomeSpec, prediction: Prediction | None) -> str:
    """How the verdict stands to the prediction."""
    if prediction is None:
        return ""
    if differs(spec, prediction):
        return "against the model"
    return f"as the model says, {prediction.confidence:.2f}"


TAKEN = "jknixzew+prs?"
"""Keys that the page itself uses."""


def keys_of(definition: Definition) -> dict[str, str]:
    """A key for each outcome: the pipeline's own, else the first free letter of its label."""
    keys = {spec.name: spec.key for spec in definition.outcomes if spec.key}
    for spec in definition.outcomes:
        letters = [letter for letter in spec.label.lower() if letter.isalpha()]
        free = [letter for letter in letters if letter not in {*TAKEN, *keys.values()}]
        keys.setdefault(spec.name, free[0] if free else "")
    return keys
