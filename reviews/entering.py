"""What a reviewer enters before the verdict: kept as a draft while their claim holds, and after it."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from audit import vault
from reviews.claims import ClaimLost, renew
from reviews.drafts import load_draft, save_draft
from reviews.merging import laid_beside, merged, parts, with_parts
from reviews.models import Claim, Draft
from reviews.verdicts import FieldVerdict


@transaction.atomic
def settle_field(
    case_id: UUID, name: str, word: FieldVerdict | None, *, fence: int, reviewer: User
) -> dict[str, Any]:
    """Keeps the reviewer's word on a field, or with None takes it back; returns the whole draft.

    Raises ClaimLost. Renewing the claim also locks it, so that two fields saved at once both stay.
    """
    claim = renew_for(case_id, fence=fence, reviewer=reviewer)
    now = claim.expires_at - timedelta(minutes=settings.CLAIM_MINUTES)  # by the database's clock
    draft = load_draft(vault.of(case_id), reviewer=reviewer)
    fields = dict(draft.get("fields", {}))
    fields.pop(name, None)
    if word is not None:
        fields[name] = {**word.kept(), "at": now.isoformat()}
    draft["fields"] = fields
    save_draft(case_id, draft, reviewer=reviewer)
    return draft


@transaction.atomic
def keep_verdict(case_id: UUID, entered: Mapping[str, Any], *, fence: int, reviewer: User) -> None:
    """Keeps a verdict that is not submitted yet; raises ClaimLost."""
    renew_for(case_id, fence=fence, reviewer=reviewer)
    keep(case_id, entered, reviewer=reviewer)


@transaction.atomic
def keep_for_return(
    case_id: UUID, entered: Mapping[str, Any], *, fence: int, reviewer: User
) -> bool:
    """Keeps what came too late, for when its reviewer gets the case again.

    What they kept since their claim ended is newer and stays; where the two differ the late one is laid
    beside it, to be merged. False where there is nothing to keep: the claim was never theirs, or led
    to a review that stands.
    """
    locked = Claim.objects.select_for_update(no_key=True, of=("self",))
    ended = locked.filter(~Q(ended=Claim.Ended.REVIEWED) | Q(review__undone_at__isnull=False))
    claim = ended.filter(pk=fence, case_id=case_id, reviewer=reviewer).first()
    if claim is None:
        return False
    draft = load_draft(vault.of(case_id), reviewer=reviewer)
    over = claim.ended_at or claim.expires_at
    newer = Draft.objects.filter(case_id=case_id, reviewer=reviewer, saved_at__gt=over).exists()
    kept = laid_beside(draft, entered) if newer else with_parts(draft, parts(entered))
    save_draft(case_id, kept, reviewer=reviewer)
    return True


@transaction.atomic
def merge_draft(case_id: UUID, *, take: Collection[str], reviewer: User) -> None:
    """Puts the late parts to `take` into the reviewer's own draft, and drops the others."""
    own = Draft.objects.select_for_update(no_key=True).filter(case_id=case_id, reviewer=reviewer)
    if own.first() is not None:
        draft = load_draft(vault.of(case_id), reviewer=reviewer)
        save_draft(case_id, merged(draft, take=take), reviewer=reviewer)


def keep(case_id: UUID, entered: Mapping[str, Any], *, reviewer: User) -> None:
    """Puts a verdict into the reviewer's draft. The claim is locked, so that none is lost."""
    save_draft(
        case_id, load_draft(vault.of(case_id), reviewer=reviewer) | dict(entered), reviewer=reviewer
    )


def renew_for(case_id: UUID, *, fence: int, reviewer: User) -> Claim:
    """Renews the reviewer's claim on this very case; raises ClaimLost."""
    claim = renew(fence, reviewer=reviewer)
    if claim.case_id != case_id:
        raise ClaimLost(str(fence))
    return claim
