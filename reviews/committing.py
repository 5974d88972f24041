"""Committing: the answer that a reviewer gives before they see the model's view, where it is hidden.

It can't be changed, nor given twice. The verdict that follows may differ: how often it does, and
whether towards the model, is the measure of automation bias.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.vault import Vault
from reviews.adverse.checking import check_grounds
from reviews.claims import renew
from reviews.drafts import save_draft, with_drafted_fields
from reviews.locking import Held, LateWrite, locked_entry
from reviews.models import Commitment
from reviews.rights import Rights
from reviews.verdicts import Verdict, check_verdict


@transaction.atomic
def commit_verdict(
    *,
    fence: int,
    case_version: int,
    verdict: Verdict,
    reviewer: User,
    rights: Rights,
    by: Actor,
) -> Commitment:
    """Keeps the reviewer's first answer; their claim goes on. Who has given one keeps that one.

    Raises LateWrite and IncompleteVerdict, as submitting does: every verdict is explained, since to
    ask only where it differs from the prediction would tell what that was. Where the model's view is
    not hidden nothing can be answered unseen, and to keep such an answer would falsify the measure.
    """
    held = locked_entry(fence, case_version=case_version, reviewer=reviewer, rights=rights)
    if held.committed is not None:
        return held.committed
    if not held.blind:
        raise LateWrite(_("The case has changed since you opened it."))
    opened = vault.of(held.entry.case_id)
    verdict = with_drafted_fields(verdict, opened, reviewer=reviewer)
    case = held.entry.case
    check_verdict(verdict, case.definition, None, explained=True)
    check_grounds(case, held.entry.route_id, verdict, opened, unseen=True)
    commitment = keep_commitment(held, verdict, opened, fence=fence, reviewer=reviewer, by=by)
    drafted = {name: word.kept() for name, word in verdict.fields.items()}
    save_draft(
        held.entry.case_id, {"fields": drafted, "reply": verdict.reply.kept()}, reviewer=reviewer
    )
    renew(fence, reviewer=reviewer)
    return commitment


def keep_commitment(
    held: Held, verdict: Verdict, opened: Vault, *, fence: int, reviewer: User, by: Actor
) -> Commitment:
    """Keeps a first answer that is complete, with its event. Must run in a transaction."""
    case = held.entry.case
    words = {
        "reasons": list(dict.fromkeys(verdict.reason_codes)),
        "explanation": verdict.explanation,
        "fields": {name: word.kept() for name, word in verdict.fields.items()},
        **({"pointed": dict(verdict.pointed)} if verdict.pointed else {}),
    }
    commitment = Commitment.objects.create(
        case=case,
        reviewer=reviewer,
        claim_id=fence,
        route=held.entry.route,
        round=held.entry.round,
        outcome=verdict.outcome,
        sealed_content=opened.seal_json(purpose(fence), words),
    )
    record(
        "review.committed",
        by=by,
        case_id=case.pk,
        pipeline=case.definition.slug,
        data={
            "claim": fence,
            "commitment": commitment.pk,
            "outcome": verdict.outcome,
            "reasons": words["reasons"],
        },
        commitments={"answer": opened.commitment(purpose(fence), words)},
    )
    return commitment


def words_of(commitment: Commitment, opened: Vault) -> dict[str, Any]:
    """What was committed to beside the outcome: reasons, explanation and words on fields."""
    words: dict[str, Any] = opened.open_json(
        purpose(commitment.claim_id), commitment.sealed_content
    )
    return words


def purpose(fence: int) -> str:
    """What a commitment is sealed for."""
    return f"commitment:{fence}"
