"""Making an export: taken with a lease, written sealed, vouched for by the log, and only then there.

What is half made has no name: the temporary file is gone with its process, and the row says done in the
same transaction as its event, or not at all.
"""

import errno
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_noop

import audit
from audit.actors import system
from audit.models import Checkpoint, ClockTimestamp, Event, Leaf
from audit.proving import latest_checkpoint
from reviews.models import Export
from reviews.rights import rights_of
from reviews.trail import exportfiles
from reviews.trail.bundles import Bundle
from reviews.trail.exportjobs import Status, may_have, record_export
from reviews.trail.members import Contents, contents_of
from reviews.trail.sealedfiles import SealedWriter, new_key
from reviews.trail.vouching import vouch
from reviews.trail.wholefile import MayHaveToJudge

log = structlog.get_logger("countersign.exports")

LEASE = timedelta(seconds=60)
BEAT = 1.0
"""Seconds between two looks whether the job is still wanted."""
ATTEMPTS = 3
PATIENCE = 60.0
"""Seconds that the log's word is waited for."""
LOOK = 0.2
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
README = Path(__file__).with_name("README.txt")
VERIFIER = Path(audit.__file__).with_name("verify.py")

NO_SEALER = gettext_noop("The log was not sealed within a minute: the sealer does not run.")
NO_SPACE = gettext_noop("The disk is full.")
NO_RIGHT = gettext_noop("Who asked for it may not have it any more.")
LOST = gettext_noop("The worker was lost at every attempt.")
TO_JUDGE = gettext_noop(
    "Who asked for it may have to judge the case without knowing what others said."
)
BROKEN = gettext_noop("It failed at every attempt: %s")

BEATS = """
UPDATE reviews_export SET due_at = clock_timestamp() + make_interval(secs => %s), rows_made = %s
WHERE id = %s AND token = %s AND status = 'running'
"""


class Overtaken(Exception):
    """The export was cancelled, or another worker has it."""


class CannotExport(Exception):
    """What no further attempt can mend; the message is what people read."""


@dataclass
class Job:
    """A worker's lease on an export, renewed over a line of its own: the other one is busy copying."""

    export: Export
    token: UUID
    began: datetime
    rows: int = 0
    beaten: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.line = connection.copy()

    def wrote(self, rows: int) -> None:
        """Hears of rows that were written; raises Overtaken where nobody wants them any more."""
        self.rows += rows
        if time.monotonic() - self.beaten >= BEAT:
            self.beat()

    def beat(self) -> None:
        """Lengthens the lease and tells how far it is; raises Overtaken."""
        with self.line.cursor() as cursor:
            cursor.execute(BEATS, [LEASE.total_seconds(), self.rows, self.export.pk, self.token])
            if not cursor.rowcount:
                raise Overtaken(self.export.pk)
        self.beaten = time.monotonic()


def make_export(export_id: int) -> None:
    """Makes an export that is due, and ends in one of its statuses; nothing where it is another's."""
    job = take(export_id)
    if job is None:
        return
    try:
        make(job)
    except Overtaken:
        log.info("export_overtaken", export=export_id)
    except CannotExport as error:
        fail(job, str(error))
    except MayHaveToJudge:
        fail(job, TO_JUDGE)
    except OSError as error:
        if error.errno in FULL:
            fail(job, NO_SPACE)
        else:
            try_again(job, error)
    except Exception as error:
        try_again(job, error)
    finally:
        job.line.close()


def take(export_id: int) -> Job | None:
    """Takes an export with a lease; None where there is nothing to take, or too often was."""
    token = uuid.uuid4()
    free = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, due_at__lt=ClockTimestamp())
    taken = Export.objects.filter(free, pk=export_id).update(
        status=Status.RUNNING,
        token=token,
        due_at=ClockTimestamp() + LEASE,
        attempts=F("attempts") + 1,
        rows_made=0,
    )
    if not taken:
        return None
    people = ("pipeline__current", "exported_by", "case")
    found = Export.objects.select_related(*people).annotate(now=ClockTimestamp())
    export = found.get(pk=export_id)
    job = Job(export, token, export.now)
    if export.attempts > ATTEMPTS:
        fail(job, export.error or LOST)
        return None
    return job


def make(job: Job) -> None:
    """Makes the file and says so; raises Overtaken, CannotExport, OSError."""
    export, key = job.export, new_key()
    if not may_have(export.kind, export.pipeline, rights_of(export.exported_by)):
        raise CannotExport(NO_RIGHT)
    with tempfile.TemporaryFile() as file:
        bundle = Bundle(SealedWriter(file, key), job.began, job.wrote)
        fill(bundle, job)
        bundle.finish()
        job.beat()
        blob = exportfiles.store(export, job.token, file)
    try:
        finish(job, bundle, key, blob)
    except BaseException:
        exportfiles.discard([blob])
        raise


def fill(bundle: Bundle, job: Job) -> None:
    """Writes all members: what was asked for, how to check it, and the log's word for it.

    All that had happened before it was asked for is sealed first, so that no event is missing.
    """
    sealed(job, asked(job.export))
    contents = contents_of(job.export)
    Export.objects.filter(pk=job.export.pk).update(rows_expected=contents.expected)
    for name, content in contents.members:
        bundle.add(name, content)
    bundle.add("README.txt", [(README.read_bytes(), 0)])
    bundle.add("verify.py", [(VERIFIER.read_bytes(), 0)])
    manifest = bundle.add_manifest(facts_of(job, contents))
    event_id = prepared(job, manifest)
    vouch(bundle, event_id, sealed(job, event_id), contents.positions)


def asked(export: Export) -> int:
    """The event of the request, or of its approval: what happened before that is before it in the log.

    A whole trail has it, so that nothing can be missing at its end unseen.
    """
    types = ("export.asked", "export.approved")
    found = Event.objects.filter(type__in=types, data__export=export.pk)
    return found.latest("id").pk


def facts_of(job: Job, contents: Contents) -> dict[str, object]:
    """What the manifest says beside its files."""
    export = job.export
    found: dict[str, object] = {
        "kind": export.kind,
        "export": export.pk,
        "made_at": job.began.isoformat(),
        "origin": settings.LOG_ORIGIN,
        "asked_by": str(export.exported_by.actor),
        "pipeline": export.pipeline.slug if export.pipeline else "",
        "filter": export.filter,
        "masked": contents.masked,
    }
    return found


@transaction.atomic
def prepared(job: Job, manifest: str) -> int:
    """Has the log vouch for the manifest; returns the event's id. Raises Overtaken."""
    held(job).update(manifest_sha256=manifest)
    facts = {"manifest": manifest}
    return int(record_export("export.prepared", job.export, by=system("exports"), **facts).pk)


def sealed(job: Job, event_id: int) -> Checkpoint:
    """The first checkpoint seen that has the event; raises CannotExport where none comes in time."""
    deadline = time.monotonic() + PATIENCE
    while True:
        leaf, checkpoint = Leaf.objects.filter(event_id=event_id).first(), latest_checkpoint()
        if leaf and checkpoint and leaf.position < checkpoint.size:
            return checkpoint
        if time.monotonic() > deadline:
            raise CannotExport(NO_SEALER)
        job.wrote(0)
        time.sleep(LOOK)


@transaction.atomic
def finish(job: Job, bundle: Bundle, key: bytes, blob: str) -> None:
    """The export is done, and its file there for a while; raises Overtaken."""
    export, digest = job.export, bundle.out.digest.hexdigest()
    held(job).update(
        status=Status.DONE,
        token=None,
        due_at=None,
        error="",
        finished_at=ClockTimestamp(),
        kept_until=ClockTimestamp() + exportfiles.KEPT,
        rows_made=bundle.rows,
        row_count=bundle.rows,
        size=bundle.out.size,
        sha256=digest,
        sealed_key=exportfiles.sealed_key(export, key),
        blob=blob,
    )
    facts = {"rows": bundle.rows, "size": bundle.out.size, "sha256": digest}
    record_export("export.finished", export, by=system("exports"), **facts)


def held(job: Job) -> QuerySet[Export]:
    """The export, locked, while the job has it; raises Overtaken."""
    mine = Export.objects.select_for_update(no_key=True).filter(
        pk=job.export.pk, token=job.token, status=Status.RUNNING
    )
    if not mine.exists():
        raise Overtaken(job.export.pk)
    return Export.objects.filter(pk=job.export.pk)


@transaction.atomic
def fail(job: Job, error: str) -> None:
    """Ends an export that can't be made, with words for people."""
    try:
        held(job).update(
            status=Status.FAILED,
            token=None,
            due_at=None,
            finished_at=ClockTimestamp(),
            error=error[:300],
        )
    except Overtaken:
        return
    record_export("export.failed", job.export, by=system("exports"), error=error[:300])


def try_again(job: Job, error: Exception) -> None:
    """Gives an export back, to be tried again after a while; after the last attempt it has failed."""
    log.error("export_failed", export=job.export.pk, exc_info=error)
    if job.export.attempts >= ATTEMPTS:
        fail(job, BROKEN % type(error).__name__)
        return
    mine = Export.objects.filter(pk=job.export.pk, token=job.token, status=Status.RUNNING)
    mine.update(
        status=Status.QUEUED,
        token=None,
        due_at=ClockTimestamp() + timedelta(seconds=2**job.export.attempts),
        error=type(error).__name__,
    )
