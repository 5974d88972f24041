"""Breaking the glass: a case that is not one's to see, opened in an emergency (45 CFR 164.312(a)(2)(ii)).

Who has the right `break_glass` on a pipeline may open one of its cases for GLASS, to read and for
nothing else. Its supervisors hear of it at once, and somebody else looks at it afterwards.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Case, Pipeline
from reviews.colleagues import holders_on, people_who_supervise
from reviews.models import BrokenGlass, Notice
from reviews.notices import tell
from reviews.rights import GLASS_RIGHT, Rights

GLASS = timedelta(minutes=60)
LONGEST = 1000
"""Characters of a reason."""


class NoReason(ValueError):
    """Nobody opens a case in an emergency without saying why."""


class NotTheirs(Exception):
    """The person may not do this to the case."""


class LookedAt(Exception):
    """Somebody has looked at this opening before."""


def openable(rights: Rights) -> QuerySet[Case]:
    """The cases that a person may open in an emergency."""
    pipelines = rights.pipelines.get(GLASS_RIGHT, frozenset())
    return Case.objects.filter(pipeline__in=pipelines).select_related(
        "pipeline_version", "pipeline"
    )


def found(text: str, rights: Rights) -> list[Case]:
    """The cases of this id, or of exactly this reference, that a person may open in an emergency."""
    text = text.strip()
    try:
        wanted = Q(pk=UUID(text))
    except ValueError:
        wanted = Q(reference=text)
    return list(openable(rights).filter(wanted).order_by("-pk")[:10]) if text else []


@transaction.atomic
def break_glass(case: Case, reason: str, *, person: User, rights: Rights, by: Actor) -> BrokenGlass:
    """Opens a case to a person who may not see it; what is open already stays as it is.

    Raises NoReason, NotTheirs, and CannotOpen where the case was erased.
    """
    if not rights.may_pipeline(GLASS_RIGHT, case.pipeline_id):
        raise NotTheirs
    if not (reason := reason.strip()[:LONGEST]):
        raise NoReason
    Case.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=case.pk
    )  # two clicks: one opening
    open_now = still_open(person).filter(case=case).first()
    if open_now is not None:
        return open_now
    opened, purpose = vault.of(case.pk), purpose_for(person.pk)
    glass = BrokenGlass.objects.create(
        case=case,
        person=person,
        sealed_reason=opened.seal(purpose, reason.encode()),
        ends_at=ClockTimestamp() + GLASS,
    )
    record(
        "glass.broken",
        by=by,
        case_id=case.pk,
        pipeline=case.definition.slug,
        data={"glass": glass.pk, "minutes": int(GLASS.total_seconds() / 60)},
        commitments={purpose: opened.commitment(purpose, reason)},
    )
    told = people_who_supervise(case.pipeline_id) or holders_on("audit", case.pipeline_id)
    tell([each for each in told if each != person], Notice.Kind.GLASS, case.pk, about=person)
    return glass


def still_open(person: User) -> QuerySet[BrokenGlass]:
    """What a person has opened in an emergency and can still read."""
    return BrokenGlass.objects.filter(person=person, ends_at__gt=ClockTimestamp())


def looked_at_by(rights: Rights) -> QuerySet[BrokenGlass]:
    """The openings that a person may look at: of the pipelines that they audit or supervise."""
    supervised = Pipeline.objects.filter(queues__in=rights.queues.get("supervise", frozenset()))
    audited = rights.pipelines.get("audit", frozenset())
    own = Q(case__pipeline__in=audited) | Q(case__pipeline__in=supervised)
    return BrokenGlass.objects.filter(own).select_related("case__pipeline", "person", "reviewed_by")


@transaction.atomic
def review_glass(glass: int, *, justified: bool, reviewer: User, rights: Rights, by: Actor) -> None:
    """Says whether an emergency was one; nobody says that of themselves.

    Raises NotTheirs and LookedAt.
    """
    own = looked_at_by(rights).exclude(person=reviewer).filter(pk=glass).first()
    if own is None:
        raise NotTheirs
    done = BrokenGlass.objects.filter(pk=glass, reviewed_by=None).update(
        reviewed_by=reviewer, reviewed_at=ClockTimestamp(), justified=justified
    )
    if not done:
        raise LookedAt
    record(
        "glass.reviewed",
        by=by,
        case_id=own.case_id,
        pipeline=own.case.pipeline.slug,
        data={"glass": glass, "person": own.person_id, "justified": justified},
    )


def reason_of(glass: BrokenGlass) -> str:
    """Why a case was opened, as its opener said; empty once the case is erased."""
    if not glass.sealed_reason:
        return ""
    try:
        opened = vault.of(glass.case_id)
        return opened.open(purpose_for(glass.person_id), glass.sealed_reason).decode()
    except vault.CannotOpen:
        return ""


def purpose_for(person: int) -> str:
    """What a reason is sealed for."""
    return f"glass:{person}"
