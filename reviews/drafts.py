"""Drafts: what a reviewer has entered so far, saved as they go and handed back on return."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from accounts.models import User
from audit import vault
from audit.models import ClockTimestamp
from audit.vault import Vault
from reviews.models import Draft
from reviews.verdicts import FieldVerdict, Verdict


def save_draft(case_id: UUID, content: dict[str, Any], *, reviewer: User) -> None:
    """Keeps a reviewer's draft of a case, sealed, in place of the one before."""
    sealed = vault.of(case_id).seal_json(purpose(reviewer), content)
    Draft.objects.update_or_create(
        case_id=case_id,
        reviewer=reviewer,
        defaults={"sealed_content": sealed, "saved_at": ClockTimestamp()},
    )


def load_draft(opened: Vault, *, reviewer: User) -> dict[str, Any]:
    """A reviewer's draft of a case; empty where there is none."""
    draft = Draft.objects.filter(case_id=opened.case_id, reviewer=reviewer).first()
    if draft is None:
        return {}
    content: dict[str, Any] = opened.open_json(purpose(reviewer), draft.sealed_content)
    return content


def with_drafted_fields(verdict: Verdict, opened: Vault, *, reviewer: User) -> Verdict:
    """The verdict with the drafted words on the fields that it does not speak of itself.

    To be read while the claim is locked: a word is kept under it, so that none is overlooked.
    """
    kept = load_draft(opened, reviewer=reviewer).get("fields", {})
    drafted = {name: FieldVerdict.of(word) for name, word in kept.items()}
    return replace(verdict, fields={**drafted, **verdict.fields})


def purpose(reviewer: User) -> str:
    """What a draft is sealed for."""
    return f"draft:{reviewer.pk}"
