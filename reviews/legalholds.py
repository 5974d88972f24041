"""Legal holds: while one lasts nothing of a case, or of a whole pipeline, is erased or disposed of."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Case, Pipeline
from reviews.models import LegalHold
from reviews.rights import Rights, rights_of

LONGEST_MATTER = 200


class CannotHold(ValueError):
    """A hold that nobody can place or lift, or this person may not; the message says why."""


def live_holds() -> QuerySet[LegalHold]:
    """The holds that last."""
    return LegalHold.objects.filter(lifted_at=None)


def is_held(case: Case) -> bool:
    """Whether a hold on the case or on its pipeline lasts."""
    on_it = Q(case=case) | Q(case=None, pipeline=case.pipeline_id)
    return live_holds().filter(on_it).exists()


def holds_on(case: Case, rights: Rights) -> list[LegalHold]:
    """The holds that last on a case and on all of its pipeline, for who keeps or audits its records."""
    if not any(rights.may_pipeline(right, case.pipeline_id) for right in ("retain", "audit")):
        return []
    on_it = Q(case=case) | Q(case=None, pipeline=case.pipeline_id)
    return list(live_holds().filter(on_it).select_related("placed_by"))


@transaction.atomic
def place_hold(pipeline: Pipeline, *, case_id: UUID | None, matter: str, by: User) -> LegalHold:
    """Holds a case, or all of a pipeline; waits for an erasure that is under way, and then is too late.

    Raises CannotHold without a matter, for a case that is not the pipeline's or is erased, and for
    whoever has no right to.
    """
    check_right(pipeline, by)
    matter = " ".join(matter.split())
    if not 0 < len(matter) <= LONGEST_MATTER:
        raise CannotHold(
            _("Say what the hold is for, in up to 200 letters: a file number is best.")
        )
    Pipeline.objects.select_for_update(no_key=True).get(pk=pipeline.pk)
    if case_id is not None:
        cases = Case.objects.select_for_update(no_key=True)
        case = cases.filter(pk=case_id, pipeline=pipeline).first()
        if case is None:
            raise CannotHold(_("There is no such case in this pipeline."))
        if case.erased_at is not None:
            raise CannotHold(_("The case is erased already: there is nothing left to hold."))
    hold = LegalHold.objects.create(pipeline=pipeline, case_id=case_id, matter=matter, placed_by=by)
    record_of("legal_hold.placed", hold, by=by)
    return hold


@transaction.atomic
def lift_hold(hold_id: int, *, by: User) -> LegalHold:
    """Ends a hold; raises CannotHold where it has ended, and for whoever has no right to."""
    hold = (
        LegalHold.objects.select_for_update(of=("self",)).select_related("pipeline").get(pk=hold_id)
    )
    check_right(hold.pipeline, by)
    if hold.lifted_at is not None:
        raise CannotHold(_("The hold was lifted before."))
    LegalHold.objects.filter(pk=hold.pk).update(lifted_by=by, lifted_at=ClockTimestamp())
    record_of("legal_hold.lifted", hold, by=by)
    return hold


def check_right(pipeline: Pipeline, by: User) -> None:
    """Raises CannotHold for whoever may not say what of the pipeline is kept."""
    if not rights_of(by).may_pipeline("retain", pipeline.pk):
        raise CannotHold(_("Who keeps the pipeline's records places and lifts holds."))


def record_of(type: str, hold: LegalHold, *, by: User) -> None:
    """The event of a hold; what it is for may name somebody, and is not part of it."""
    data = {"hold": hold.pk}
    record(type, by=by.actor, case_id=hold.case_id, pipeline=hold.pipeline.slug, data=data)
