"""Versions of a policy and proposals of one as lines: who, when, why, and what they changed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from cases.definition import Definition
from reviews.models import PolicyVersion, Proposal
from reviews.policydiff import Difference, differences

BADGES: Mapping[str, str] = {
    Proposal.Status.REQUESTED: "badge-accent",
    Proposal.Status.APPROVED: "badge-ok",
    Proposal.Status.ACTIVE: "badge-ok",
    Proposal.Status.REFUSED: "badge-bad",
}
"""How a proposal's step is marked, where it is marked at all."""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version of a policy: since when, of whom, why, and what it changed."""

    number: int
    active: bool
    since: datetime | None
    title: str
    drafted_by: str
    signed_by: str
    why: str
    proposal: int | None
    restores: int | None
    changes: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposal: its step, and who had a part in it."""

    pk: int
    title: str
    status: str
    badge: str
    drafted_by: str
    drafted_at: datetime
    changed_at: datetime
    requested_by: str
    requested_at: datetime | None
    signed_by: str
    signed_at: datetime | None
    effective_at: datetime | None
    version: int | None


def shown(user: User | None) -> str:
    """What somebody is called; empty for nobody."""
    return user.shown_name if user else ""


def drafter(proposal: Proposal) -> str:
    """Who drafted a proposal, a person or a program."""
    if proposal.drafted_by_client:
        return proposal.drafted_by_client.name
    return shown(proposal.drafted_by)


def proposal_line(proposal: Proposal) -> ProposalLine:
    """A proposal as a line of a list, or above its page."""
    return ProposalLine(
        pk=proposal.pk,
        title=proposal.title,
        status=str(Proposal.Status(proposal.status).label),
        badge=BADGES.get(proposal.status, ""),
        drafted_by=drafter(proposal),
        drafted_at=proposal.drafted_at,
        changed_at=proposal.changed_at,
        requested_by=shown(proposal.requested_by),
        requested_at=proposal.requested_at,
        signed_by=shown(proposal.signed_by),
        signed_at=proposal.signed_at,
        effective_at=proposal.effective_at,
        version=proposal.version.number if proposal.version else None,
    )


def version_line(version: PolicyVersion, changes: Iterable[Difference] = ()) -> VersionLine:
    """A version as a line: of a proposal, put back, or the one that the pipeline came with."""
    proposal: Proposal | None = getattr(version, "proposal", None)
    if proposal is not None:
        title, why = proposal.title, proposal.reason
    elif version.restores is not None:
        named = {"number": version.restores.number}
        title, why = _("Version %(number)s put back") % named, version.reason
    else:
        title, why = _("The policy that the pipeline came with"), ""
    return VersionLine(
        number=version.number,
        active=version.active,
        since=version.activated_at,
        title=title,
        drafted_by=drafter(proposal) if proposal else shown(version.restored_by),
        signed_by=shown(proposal.signed_by) if proposal else "",
        why=why,
        proposal=proposal.pk if proposal else None,
        restores=version.restores.number if version.restores else None,
        changes=tuple(changes),
    )


def history(versions: Sequence[PolicyVersion], definition: Definition) -> list[VersionLine]:
    """The versions, the last first, each with what it changed against the one before it.

    Of the earliest nothing is said: what came before it is not among them.
    """
    contents: list[Mapping[str, Any]] = [version.content for version in versions]
    return [
        version_line(
            version,
            differences(contents[place + 1], version.content, definition)
            if place + 1 < len(contents)
            else (),
        )
        for place, version in enumerate(versions)
    ]
