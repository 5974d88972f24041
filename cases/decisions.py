"""Decisions: a case has one current outcome; a new one supersedes it, nothing edits it."""

from collections.abc import Sequence

from audit.actors import Actor
from audit.events import record
from cases import lifecycle
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
    step: Step | None = None,
) -> Decision:
    """Gives a case its outcome and moves it on. Must run in a transaction.

    Raises KeyError where the pipeline has no such outcome, IllegalMove where the case is not open.
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
