"""Decisions: a case has one current outcome; a new one supersedes it, nothing edits it."""

from collections.abc import Mapping, Sequence
from typing import Any

from audit.actors import Actor
from audit.events import record
from cases import lifecycle
from cases.definition import Definition
from cases.lifecycle import Step
from cases.models import Case, Decision, Status


def decide(
    case: Case,
    outcome: str,
    *,
    by: Actor,
    made_by: Decision.MadeBy,
    route_id: int | None,
    override: bool = False,
    reason_codes: Sequence[str] = (),
    grounds: Mapping[str, Any] | None = None,
    step: Step | None = None,
) -> Decision:
    """Gives a case its outcome and moves it on. Must run in a transaction.

    Its event says it in words, too, and the `grounds`: by which versions of policy and model. Raises
    KeyError where the pipeline has no such outcome, IllegalMove where the case is not open.
    """
    decision = Decision.objects.create(
        case=case,
        outcome=outcome,
        adverse=case.definition.outcome(outcome).adverse,
        override=override,
        made_by=made_by,
        route_id=route_id,
        reason_codes=list(reason_codes),
    )
    facts = {
        "decision": decision.pk,
        "outcome": outcome,
        "made_by": made_by,
        "reasons": list(reason_codes),
        "words": in_words(case.definition, outcome, reason_codes),
        **(grounds or {}),
    }
    lifecycle.move(case, Status.DECIDED, by=by, step=step, data=facts)
    if override:
        record(
            "decision.overridden",
            by=by,
            case_id=case.pk,
            pipeline=case.definition.slug,
            data=facts,
        )
    return decision


def in_words(definition: Definition, outcome: str, reason_codes: Sequence[str]) -> dict[str, Any]:
    """An outcome and its reasons in the pipeline's own words; a policy's own codes have none there."""
    texts = {reason.code: reason.text for reason in definition.reasons}
    return {
        "outcome": definition.outcome(outcome).label,
        "reasons": [texts[code] for code in reason_codes if code in texts],
    }
