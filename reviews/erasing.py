"""Erasing a case: its key and all that was sealed with it go, and what happened stays provable.

The key, the tombstone, the emptied rows and the event are one transaction. Outside of it lie the line
outside the database that is written first (`audit.tombstones`), and the files, which are deleted once
all is committed, and by the sweep where that failed (`cases.blobs.forget_orphans`).
"""

from functools import partial
from uuid import UUID

import structlog
from django.db import connection, transaction

from audit import tombstones, vault
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp, Event
from cases import blobs, lifecycle
from cases.erasing import CLOSED, empty_case
from cases.models import Case, Page, Status
from inference.erasing import empty_readings
from reviews.legalholds import is_held
from reviews.models import (
    AdverseNotice,
    Basis,
    BrokenGlass,
    Claim,
    Comment,
    Commitment,
    Contest,
    Correction,
    DisposalCase,
    Draft,
    Hold,
    LegalHold,
    QueueEntry,
    Reply,
    Review,
    Sample,
)
from reviews.sampling import end_samples
from reviews.trail.exportjobs import forget_exports_with

log = structlog.get_logger("countersign.erasing")
Result = DisposalCase.Result

PIPELINE = """
    SELECT FROM cases_pipeline
    WHERE id = (SELECT pipeline_id FROM cases_case WHERE id = %s) FOR SHARE
"""


@transaction.atomic
def erase_case(case_id: UUID, *, by: Actor, disposal: int) -> Result:
    """Erases a closed case that nobody holds; else says why it is kept."""
    case = locked(case_id)
    kept = why_kept(case)
    if kept is not None:
        return kept
    erase(case, by=by, disposal=disposal)
    return Result.ERASED


def locked(case_id: UUID) -> Case:
    """The case, which nobody else changes, holds or reopens before the transaction ends.

    Its pipeline first, as a hold has it: one on all of the pipeline waits, or is seen here.
    """
    with connection.cursor() as cursor:
        cursor.execute(PIPELINE, [case_id])
    QueueEntry.objects.select_for_update(no_key=True).filter(pk=case_id).first()
    cases = Case.objects.select_for_update(no_key=True, of=("self",))
    return cases.select_related("pipeline", "pipeline_version").get(pk=case_id)


def why_kept(case: Case) -> Result | None:
    """Why a case is not erased now; None where it is.

    One of which the system or a person still has something to do is open: a step that follows the
    decision, or the notice that an adverse one owes.
    """
    if case.erased_at is not None:
        return Result.BEFORE
    if is_held(case):
        return Result.HELD
    owed = AdverseNotice.objects.filter(case=case, sent_at=None, dropped_at=None)
    if case.status not in CLOSED or case.step_due_at is not None or owed.exists():
        return Result.OPEN
    return None


def erase(case: Case, *, by: Actor, disposal: int | None) -> None:
    """Erases a locked case, whatever it is about. Must run in a transaction."""
    tombstones.begin(case.pk, disposal=disposal)
    end_work(case, by=by)
    vault.destroy(case.pk)
    data = {
        "disposal": disposal,
        "documents": case.documents.count(),
        "pages": Page.objects.filter(document__case=case).count(),
    }
    empty_case(case)
    empty_readings(case.pk)
    empty_reviews(case.pk)
    forget_exports_with(case)
    record("case.erased", by=by, case_id=case.pk, pipeline=case.pipeline.slug, data=data)
    transaction.on_commit(partial(blobs.forget_files, case.pk))


def end_work(case: Case, *, by: Actor) -> None:
    """Takes a case out of everybody's hands; one that was open, in a restored database, is withdrawn."""
    if case.status not in CLOSED:
        lifecycle.move(case, Status.WITHDRAWN, by=by)
    Case.objects.filter(pk=case.pk).update(step_token=None, step_due_at=None)
    QueueEntry.objects.filter(pk=case.pk).delete()
    end_samples(case, Sample.Ended.GONE, by=by)
    now = ClockTimestamp()
    claims = Claim.objects.filter(case=case, ended_at=None)
    claims.update(ended_at=now, ended=Claim.Ended.WITHDRAWN)
    holds = Hold.objects.filter(case=case, ended_at=None)
    holds.update(ended_at=now, ended=Hold.Ended.WITHDRAWN)


def empty_reviews(case_id: UUID) -> None:
    """Empties what people wrote and answered on a case, and what tells of the person in its route.

    Verdicts, reasons by their codes, times and who gave them stay.
    """
    Draft.objects.filter(case=case_id).delete()
    Commitment.objects.filter(case=case_id).update(sealed_content=b"")
    Review.objects.filter(case=case_id).update(sealed_explanation=b"", shown={})
    Correction.objects.filter(review__case=case_id).update(sealed_values=b"")
    Reply.objects.filter(case=case_id).update(sealed_text=b"")
    Hold.objects.filter(case=case_id).update(sealed_words=b"")
    Hold.objects.filter(case=case_id, sealed_answer__isnull=False).update(sealed_answer=b"")
    Comment.objects.filter(case=case_id).update(sealed_text=b"")
    BrokenGlass.objects.filter(case=case_id).update(sealed_reason=b"")
    Contest.objects.filter(case=case_id).update(sealed_words=b"")
    AdverseNotice.objects.filter(case=case_id).update(sealed_letter=b"")
    LegalHold.objects.filter(case=case_id).update(matter="")
    Basis.objects.filter(case=case_id).update(segments=[], template="")


# ---------------------------------------------------------------- after a backup was restored


def apply_tombstones(*, by: Actor) -> int:
    """Erases again whoever a restored backup brought back; returns how many cases that were.

    First the lines outside are completed from this database: a lost worker may owe one. A case whose
    erasure was begun and that nothing says was committed is erased where its disposal is unknown here,
    for then the database is older than that, and nobody holds it; else its disposal goes on with it.
    """
    tombstones.complete()
    count = 0
    for case_id in tombstones.returned():
        count += erase_again(case_id, by=by)
    for case_id in tombstones.undecided():
        disposal = tombstones.disposal_of(case_id)
        if not DisposalCase.objects.filter(disposal=disposal, case=case_id).exists():
            count += erase_unless_held(case_id, by=by)
    if count:
        log.warning("erased_again", cases=count)
    return count


@transaction.atomic
def erase_again(case_id: UUID, *, by: Actor) -> bool:
    """Erases a case that was erased before; False where this database does not have it."""
    if not Case.objects.filter(pk=case_id).exists():
        entomb_unknown(case_id, by=by)
        return False
    erase(locked(case_id), by=by, disposal=None)
    return True


def entomb_unknown(case_id: UUID, *, by: Actor) -> None:
    """A tombstone for a case that is not here: it is not looked for again, and can't come back.

    The event of its erasure may have been lost with the backup's later days: then it is told again.
    """
    vault.destroy(case_id)
    if not Event.objects.filter(case_id=case_id, type="case.erased").exists():
        record("case.erased", by=by, case_id=case_id, data={"disposal": None})


@transaction.atomic
def erase_unless_held(case_id: UUID, *, by: Actor) -> bool:
    """The same for one of which it is not certain: what is held stays."""
    if Case.objects.filter(pk=case_id).exists() and is_held(locked(case_id)):
        return False
    return erase_again(case_id, by=by)
