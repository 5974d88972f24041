"""The principal reasons of a decision that no person makes: chosen from what was scored and what fired."""

from collections.abc import Sequence

from cases.definition import Definition
from cases.models import Case
from inference.models import Prediction
from reviews.adverse.reasons import Facts, grounds_asked, points_towards, principal
from reviews.reasons import because
from reviews.routing import Routed
from reviews.verdicts import MOST_REASONS


def principal_reasons(
    case: Case, prediction: Prediction | None, routed: Routed
) -> Sequence[str] | None:
    """Codes of the reasons that a person is told of an automatic adverse decision, four at most.

    Empty where none are asked for, None where they are and nothing bears one out: then it is for a
    person to decide.
    """
    definition, outcome = case.definition, routed.outcome
    if outcome is None or not reasons_asked(definition, outcome):
        return ()
    contributions = prediction.contributions if prediction else []
    facts = Facts(towards=points_towards(outcome, definition, contributions))
    return principal(definition, outcome, facts, MOST_REASONS) or None


def reasons_asked(definition: Definition, outcome: str) -> bool:
    """Whether a decision for the outcome owes somebody its reasons."""
    adverse = definition.outcome(outcome).adverse
    return adverse and (definition.adverse is not None or grounds_asked(definition, outcome))


def for_want_of_reasons(routed: Routed, definition: Definition, queue: str) -> Routed:
    """The way to a person of what would have been decided without a reason that anybody could be told."""
    label = definition.outcome(str(routed.outcome)).label
    reason = because("no_principal", outcome=label)
    return Routed(None, queue, (reason,), routed.second_review, routed.flags, routed.answers)
