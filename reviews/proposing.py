"""How a policy changes: drafted by one, signed by another, in force from a moment on, or put back.

A draft is its drafter's alone; what is asked to be signed does not change any more. Whoever signs has
neither drafted it nor asked for the signature. Every step is an event.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import ApiClient, User
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Pipeline
from reviews.models import PolicyVersion, Proposal
from reviews.policies import (
    active_policy,
    check_policy,
    definition_of,
    facts_of,
    locked,
    put_in_force,
)
from reviews.policydiff import differences
from reviews.proposals import (
    Author,
    against_active,
    answered,
    at_hand,
    changes_of,
    check_other,
    check_own,
    check_right,
    checked_title,
    clock,
    listed,
    move,
    tell,
)
from reviews.proposals import Changed as Changed
from reviews.proposals import NotYours as NotYours
from reviews.routing import InvalidPolicy

log = structlog.get_logger()
Status = Proposal.Status


# ---------------------------------------------------------------- drafts


@transaction.atomic
def draft_proposal(
    pipeline: Pipeline,
    content: Mapping[str, Any],
    *,
    title: str,
    reason: str = "",
    base: PolicyVersion | None = None,
    by: Author,
) -> Proposal:
    """Begins a proposal; `base` is the version that it began from, else the active one.

    Raises NotYours, and InvalidPolicy also where it has no title.
    """
    check_right(pipeline, by)
    check_policy(pipeline, content)
    proposal = Proposal.objects.create(
        pipeline=pipeline,
        base=base or active_policy(pipeline),
        title=checked_title(title),
        reason=reason.strip(),
        content=dict(content),
        drafted_by=by if isinstance(by, User) else None,
        drafted_by_client=by if isinstance(by, ApiClient) else None,
    )
    tell("policy.drafted", proposal, by=by.actor, data=changes_of(proposal))
    return proposal


@transaction.atomic
def change_proposal(
    pk: int,
    content: Mapping[str, Any],
    *,
    title: str,
    reason: str,
    revision: int,
    by: Author,
) -> Proposal:
    """Changes a draft of one's own, as its next revision; raises NotYours, Changed, InvalidPolicy."""
    proposal = at_hand(pk, Status.DRAFT, revision=revision, by=by)
    check_own(proposal, by)
    check_policy(proposal.pipeline, content)
    before = proposal.content
    proposal.content = dict(content)
    proposal.title = checked_title(title)
    proposal.reason = reason.strip()
    move(proposal, Status.DRAFT, revision=proposal.revision + 1)
    found = differences(before, proposal.content, definition_of(proposal.pipeline))
    tell("policy.changed", proposal, by=by.actor, data={"changes": listed(found)})
    return proposal


@transaction.atomic
def discard_proposal(pk: int, *, by: Author) -> Proposal:
    """Ends a draft of one's own, or of a program's; or what is signed and not yet in force, whoever's.

    Raises NotYours, Changed.
    """
    proposal = at_hand(pk, Status.DRAFT, Status.APPROVED, by=by)
    if proposal.status == Status.DRAFT:
        check_own(proposal, by, or_of_program=True)
    elif isinstance(by, ApiClient):
        raise NotYours(_("What was signed is for people to discard."))
    before = proposal.status
    move(proposal, Status.DISCARDED)
    tell("policy.discarded", proposal, by=by.actor, data={"before": before})
    return proposal


# ---------------------------------------------------------------- signatures


@transaction.atomic
def request_signature(
    pk: int,
    *,
    revision: int,
    effective_at: datetime | None = None,
    replayed: Mapping[str, Any] | None = None,
    by: User,
) -> Proposal:
    """Asks for a draft to be signed, to be in force from `effective_at` or at once; it is frozen now.

    One's own draft, or a program's. `replayed` is what the replay said that is shown to the signer.
    Raises NotYours, Changed, and InvalidPolicy, also where it would change nothing.
    """
    proposal = at_hand(pk, Status.DRAFT, revision=revision, by=by)
    check_own(proposal, by, or_of_program=True)
    check_policy(proposal.pipeline, proposal.content)
    if not against_active(proposal):
        raise InvalidPolicy(_("it changes nothing about the policy in force"))
    now = clock()
    if effective_at is not None and effective_at <= now:
        raise InvalidPolicy(_("the time from which it is to be in force has passed"))
    proposal.requested_by, proposal.requested_at = by, now
    proposal.effective_at = effective_at
    proposal.replayed = dict(replayed) if replayed is not None else None
    move(proposal, Status.REQUESTED)
    tell("policy.signature_requested", proposal, by=by.actor, data=changes_of(proposal))
    return proposal


@transaction.atomic
def recall_request(pk: int, *, by: User) -> Proposal:
    """Takes back what one drafted or asked to be signed; it is a draft again, of its next revision.

    Raises NotYours, Changed.
    """
    proposal = at_hand(pk, Status.REQUESTED, by=by)
    if by.pk not in (proposal.drafted_by_id, proposal.requested_by_id):
        raise NotYours(_("Only who asked for the signature can take that back."))
    proposal.requested_by = proposal.requested_at = None
    proposal.effective_at = proposal.replayed = None
    move(proposal, Status.DRAFT, revision=proposal.revision + 1)
    tell("policy.request_recalled", proposal, by=by.actor)
    return proposal


@transaction.atomic
def sign_proposal(
    pk: int, *, revision: int, answer: str = "", against: int | None = None, by: User
) -> Proposal:
    """Signs what somebody else proposes; it is in force at once, or from the time that it names.

    `against` is the number of the active version that the signer was shown it beside. Raises NotYours,
    Changed, also where another version is active now, and InvalidPolicy where it no longer fits.
    """
    proposal = at_hand(pk, Status.REQUESTED, revision=revision, by=by)
    check_other(proposal, by)
    pipeline = locked(proposal.pipeline)
    active = active_policy(pipeline)
    if against is not None and against != (active.number if active else 0):
        raise Changed(_("Another version came into force meanwhile: look at what differs now."))
    check_policy(pipeline, proposal.content)
    answered(proposal, answer, by=by)
    move(proposal, Status.APPROVED)
    tell("policy.signed", proposal, by=by.actor, data=changes_of(proposal))
    if proposal.effective_at is None or proposal.effective_at <= clock():
        activate(proposal, by=by.actor)
    return proposal


@transaction.atomic
def refuse_proposal(pk: int, *, revision: int, answer: str, by: User) -> Proposal:
    """Refuses what somebody else proposes, and says why; raises NotYours, Changed, InvalidPolicy."""
    proposal = at_hand(pk, Status.REQUESTED, revision=revision, by=by)
    check_other(proposal, by)
    if not answer.strip():
        raise InvalidPolicy(_("a refusal has to say why"))
    answered(proposal, answer, by=by)
    move(proposal, Status.REFUSED)
    tell("policy.refused", proposal, by=by.actor)
    return proposal


# ---------------------------------------------------------------- into force


def activate_due_proposals(*, by: Actor) -> int:
    """Puts in force what is signed and due, the earliest first; returns how many came into force.

    One that no longer fits its pipeline is refused, loudly, and the policy in force stays. One that fails
    stays as it is, to be tried again, and keeps no other one waiting.
    """
    due = Proposal.objects.filter(status=Status.APPROVED)
    due = due.filter(Q(effective_at=None) | Q(effective_at__lte=ClockTimestamp()))
    keys = list(due.order_by("effective_at", "pk").values_list("pk", flat=True))
    activated = 0
    for pk in keys:
        try:
            activated += activate_one(pk, by=by)
        except Exception as error:
            log.error("activating_failed", proposal=pk, exc_info=error)
    return activated


@transaction.atomic
def activate_one(pk: int, *, by: Actor) -> bool:
    """Puts a signed proposal in force if it still fits; False where it does not, or is gone."""
    rows = Proposal.objects.select_for_update(skip_locked=True, of=("self",))
    proposal = rows.select_related("pipeline").filter(pk=pk, status=Status.APPROVED).first()
    if proposal is None:
        return False
    try:
        activate(proposal, by=by)
    except InvalidPolicy as error:
        fail(proposal, str(error), by=by)
        return False
    return True


def activate(proposal: Proposal, *, by: Actor) -> None:
    """Makes a signed proposal the active version, where that is still what its signer saw it replace.

    Must run in a transaction; raises InvalidPolicy.
    """
    pipeline = locked(proposal.pipeline)
    check_policy(pipeline, proposal.content)
    replaced = active_policy(pipeline)
    since = replaced.activated_at if replaced else None
    if since and proposal.signed_at and since > proposal.signed_at:
        raise InvalidPolicy(_("another policy came into force since it was signed"))
    proposal.version = put_in_force(pipeline, proposal.content)
    move(proposal, Status.ACTIVE)
    data = {**facts_of(proposal.version), "replaced": replaced.number if replaced else None}
    tell("policy.activated", proposal, by=by, data=data)


def fail(proposal: Proposal, words: str, *, by: Actor) -> None:
    """Refuses a signed proposal that no longer fits. Must run in a transaction."""
    note = _("Not put in force, it no longer fits: %(why)s") % {"why": words}
    proposal.answer = f"{proposal.answer}\n{note}".strip()
    move(proposal, Status.REFUSED)
    tell("policy.activation_failed", proposal, by=by, data={"mistake": words})
    log.error("policy_activation_failed", proposal=proposal.pk, pipeline=proposal.pipeline.slug)


@transaction.atomic
def roll_back(version: PolicyVersion, *, reason: str, by: User) -> PolicyVersion:
    """Puts the content of an earlier version in force again, at once, as a version of its own.

    One person does it, and says why: it was in force before. Raises NotYours, Changed where it is in
    force, and InvalidPolicy where it no longer fits, or automates what is adverse and was never signed.
    """
    check_right(version.pipeline, by)
    pipeline = locked(version.pipeline)
    replaced = active_policy(pipeline)
    if replaced is not None and replaced.content == version.content:
        raise Changed(_("That policy is in force already."))
    if version.activated_at is None:
        raise InvalidPolicy(_("it was never in force"))
    if not reason.strip():
        raise InvalidPolicy(_("putting an earlier policy back needs a reason"))
    check_policy(pipeline, version.content)
    if version.content.get("automatic_adverse") and not was_signed(version):
        raise InvalidPolicy(_("it automates an adverse outcome, and nobody signed it"))
    restored = put_in_force(
        pipeline, version.content, restores=version, restored_by=by, reason=reason.strip()
    )
    data = {
        **facts_of(restored),
        "restores": version.number,
        "replaced": replaced.number if replaced else None,
    }
    record("policy.rolled_back", by=by.actor, pipeline=pipeline.slug, data=data)
    return restored


def was_signed(version: PolicyVersion) -> bool:
    """Whether a version came from a signed proposal, or restores one that did."""
    if version.restores is not None:
        return was_signed(version.restores)
    return Proposal.objects.filter(version=version).exists()
