"""Whether a verdict's reasons are true of the case, asked before it is kept."""

from audit.vault import Vault
from cases.definition import Definition
from cases.models import Case
from reviews.adverse.knowing import facts_of
from reviews.adverse.reasons import Facts, contradictions, grounds, grounds_asked
from reviews.models import Correction
from reviews.presenting.grounds import contradiction_words, refused_words
from reviews.verdicts import IncompleteVerdict, Verdict

Grounds = dict[str, list[str]]
"""By a reason's code what bears it out, as an event keeps it: "scored:amount", "confirmed:net_income"."""


def check_grounds(
    case: Case, route_id: int, verdict: Verdict, opened: Vault, *, unseen: bool
) -> Grounds:
    """What bears out the verdict's reasons, where that is asked of them.

    Raises IncompleteVerdict where nothing bears one out, or where it contradicts what the same verdict
    says of a field. What is asked, and what the refusal says, is the same whatever the model said
    where the judge judges `unseen`.
    """
    definition = case.definition
    if not (grounds_asked(definition, verdict.outcome) or may_contradict(verdict, definition)):
        return {}
    facts = facts_of(case, route_id, verdict, opened, unseen=unseen)
    return check_reasons(verdict, facts, definition)


def may_contradict(verdict: Verdict, definition: Definition) -> bool:
    """Whether a verdict could say a field is illegible on which a reason of its rests."""
    illegible = any(word.kind == Correction.Kind.ILLEGIBLE for word in verdict.fields.values())
    return illegible and any(
        reason.fields and reason.code in verdict.reason_codes
        for reason in definition.reasons_for(verdict.outcome)
    )


def check_reasons(verdict: Verdict, facts: Facts, definition: Definition) -> Grounds:
    """What bears out each cited reason; raises IncompleteVerdict. One that names no facts is free."""
    adverse = definition.outcome(verdict.outcome).adverse
    cited = [
        reason
        for reason in definition.reasons_for(verdict.outcome)
        if reason.code in verdict.reason_codes and reason.names_facts
    ]
    problems: dict[str, str] = {}
    for reason in cited:
        for found in contradictions(reason, facts, adverse=adverse):
            problems.setdefault(found.field, contradiction_words(found, definition))
    if problems:
        raise IncompleteVerdict(problems)
    if not adverse:
        return {}
    borne_out = {reason.code: grounds(reason, facts) for reason in cited}
    bare = [reason for reason in cited if not borne_out[reason.code]]
    if bare:
        words = refused_words(bare[0], facts, definition, verdict.outcome)
        raise IncompleteVerdict({"reasons": words})
    return {
        code: [f"{each.kind}:{each.name}" for each in found] for code, found in borne_out.items()
    }
