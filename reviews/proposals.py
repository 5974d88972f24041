"""Proposals as they stand: who may do what with them, what they differ in, and what is told of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import ApiClient, User
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Pipeline
from reviews.models import Proposal
from reviews.policies import active_policy, definition_of
from reviews.policydiff import Difference, differences
from reviews.rights import rights_of
from reviews.routing import InvalidPolicy

Author = User | ApiClient
TITLE = 200
"""Characters of a title, at most."""
DRAFTED = ("pipeline", "base", "drafted_by", "drafted_by_client", "drafted_at")
MOVING = [
    field.name
    for field in Proposal._meta.concrete_fields
    if not field.primary_key and field.name not in DRAFTED
]
"""What of a proposal may become another; the rest is as it was drafted, for good."""


class Refused(Exception):
    """A step that can't be done; the message says why, for people."""

    @property
    def explanation(self) -> str:
        """The message, for the one who asked."""
        return str(self)


class NotYours(Refused):
    """The step is not this person's to do."""


class Changed(Refused):
    """The proposal, or the policy in force, is not what was looked at."""


class Outdated(Changed):
    """The proposal is of another revision than the one that was looked at."""


# ---------------------------------------------------------------- who may, and what is at hand


def check_right(pipeline: Pipeline, by: Author) -> None:
    """Raises NotYours where a person may not configure the pipeline, or a program has no part in it."""
    if isinstance(by, ApiClient):
        may = by.active and pipeline.slug in by.pipelines
    else:
        may = rights_of(by).may_pipeline("configure", pipeline.pk)
    if not may:
        raise NotYours(_("You may not change this pipeline's policy."))


def check_own(proposal: Proposal, by: Author, *, or_of_program: bool = False) -> None:
    """Raises NotYours where the draft is somebody else's."""
    if isinstance(by, ApiClient):
        own = proposal.drafted_by_client_id == by.pk
    else:
        own = proposal.drafted_by_id == by.pk or (or_of_program and proposal.drafted_by_id is None)
    if not own:
        raise NotYours(_("Only its drafter can do that with a draft. You can copy it."))


def check_other(proposal: Proposal, by: User) -> None:
    """Raises NotYours where somebody would answer what they drafted or asked to be signed."""
    if by.pk in (proposal.drafted_by_id, proposal.requested_by_id):
        raise NotYours(_("Somebody else has to sign this: you drafted it or asked for it."))


def at_hand(pk: int, *statuses: str, revision: int | None = None, by: Author) -> Proposal:
    """A proposal that is at one of these steps, locked; of this `revision`, where one is given.

    Raises Proposal.DoesNotExist, NotYours and Changed.
    """
    rows = Proposal.objects.select_for_update(of=("self",))
    proposal = rows.select_related("pipeline__current", "base").get(pk=pk)
    check_right(proposal.pipeline, by)
    if proposal.status not in statuses:
        status = Proposal.Status(proposal.status).label
        raise Changed(_("The proposal is at another step now: %(status)s.") % {"status": status})
    if revision is not None and proposal.revision != revision:
        raise Outdated(_("The proposal was changed meanwhile. Look at it again."))
    return proposal


def checked_title(title: str) -> str:
    """A title without the space around it; raises InvalidPolicy where it is none."""
    title = title.strip()
    if not title or len(title) > TITLE or not title.isprintable():
        raise InvalidPolicy(_("a proposal needs a title of one line, up to 200 characters"))
    return title


def answered(proposal: Proposal, answer: str, *, by: User) -> None:
    """Notes who answers a request, and how."""
    proposal.signed_by, proposal.signed_at = by, clock()
    proposal.answer = answer.strip()


def move(proposal: Proposal, status: Proposal.Status, *, revision: int | None = None) -> None:
    """Takes a locked proposal to a step, with all else that was set. Must run in a transaction."""
    proposal.status = status
    proposal.revision = revision or proposal.revision
    proposal.changed_at = clock()
    proposal.save(update_fields=MOVING)


def clock() -> datetime:
    """The database's time."""
    found: datetime = Pipeline.objects.values_list(ClockTimestamp(), flat=True)[:1].get()
    return found


# ---------------------------------------------------------------- what is told


def against_active(proposal: Proposal) -> tuple[Difference, ...]:
    """How a proposal differs from the policy that is in force now."""
    active = active_policy(proposal.pipeline)
    definition = definition_of(proposal.pipeline)
    return differences(active.content if active else {}, proposal.content, definition)


def overtaken(proposal: Proposal) -> bool:
    """Whether another version came into force since the proposal's draft began."""
    active = active_policy(proposal.pipeline)
    return (active.pk if active else None) != proposal.base_id


def changes_of(proposal: Proposal) -> dict[str, Any]:
    """What an event says of how a proposal differs from the policy in force, and from which."""
    active = active_policy(proposal.pipeline)
    return {
        "base": proposal.base.number if proposal.base else None,
        "active": active.number if active else None,
        "effective_at": proposal.effective_at.isoformat() if proposal.effective_at else None,
        "changes": listed(against_active(proposal)),
    }


def listed(found: tuple[Difference, ...]) -> list[dict[str, Any]]:
    """Differences as an event keeps them."""
    return [each.facts for each in found]


def tell(
    type: str, proposal: Proposal, *, by: Actor, data: Mapping[str, Any] | None = None
) -> None:
    """Records a step of a proposal. Must run in its transaction."""
    about = {"proposal": proposal.pk, "revision": proposal.revision}
    record(type, by=by, pipeline=proposal.pipeline.slug, data={**about, **(data or {})})
