"""Publishing checkpoints outside, where nobody of the house can take them back.

A row of Publication is the truth of each: due, done, or failed and due again. No event is recorded of
it: an event would need a checkpoint, and that one an event again, for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from audit import notes
from audit.merkle import Tree
from audit.models import Checkpoint, ClockTimestamp, Publication
from audit.places.naming import Place
from audit.places.parcel import Contradicted, NotPublished, Parcel
from audit.proving import kept_hashes, latest_checkpoint
from audit.sealing import introduced_keys

log = structlog.get_logger("countersign.publishing")

MODULES = {
    "file": "audit.places.files",
    "s3": "audit.places.buckets",
    "hook": "audit.places.hooks",
    "mailto": "audit.places.mail",
    "tsa": "audit.timestamps",
}
"""Who puts a checkpoint into a place, by its kind: loaded where there is one, since S3's is heavy."""

LEASE = timedelta(minutes=10)
"""How long one attempt may take before it is due again: its process was lost."""

FIRST_DELAY, LONGEST_DELAY = 15, 3600
"""Seconds until the second attempt; each further one waits twice as long, and an hour at most."""

FARTHEST = timedelta(seconds=2 * LONGEST_DELAY)
"""What is due later than that was put off by a clock that has been set back since."""


def places() -> dict[str, Place]:
    """Where checkpoints go, by label."""
    return {place.label: place for place in (*settings.CHECKPOINT_PLACES, *settings.TSAS)}


def publish_due() -> int:
    """Publishes whatever is due, once; returns how many checkpoints went out."""
    known, sent = places(), 0
    for place in known.values():
        owe(place)
    while row := take(known):
        sent += publish(row, known[row.place])
    return sent


def hasten() -> None:
    """What failed is due at once: somebody has put its place right."""
    Publication.objects.filter(due_at__isnull=False).exclude(error="").update(
        due_at=ClockTimestamp()
    )


def owe(place: Place) -> None:
    """Notes that the newest checkpoint has to go to a place, where the time for another has come."""
    newest = latest_checkpoint()
    if newest is None:
        return
    rows = Publication.objects.filter(place=place.label).annotate(now=ClockTimestamp())
    last = rows.order_by("-id").first()
    if last is None or is_past(last, newest, timedelta(seconds=place.every)):
        row = Publication(checkpoint=newest, place=place.label)
    elif last.attempts and last.checkpoint_id != newest.pk and is_due(last):
        row = Publication(checkpoint=newest, place=place.label, attempts=last.attempts)
        Publication.objects.filter(pk=last.pk, published_at=None).update(due_at=None)
    else:
        return
    Publication.objects.bulk_create([row], ignore_conflicts=True)


def is_due(last: Any) -> bool:
    """Whether a failed row is to be tried again: the newest checkpoint goes in its stead, and says more."""
    return last.due_at is not None and not last.now < last.due_at <= last.now + FARTHEST


def is_past(last: Any, newest: Checkpoint, every: timedelta) -> bool:
    """Whether a place's last checkpoint arrived, is not the newest, and is old enough.

    One that arrived in the future did so before a clock was set back: it keeps no other from going out.
    """
    if last.published_at is None or last.checkpoint_id == newest.pk:
        return False
    return not last.published_at <= last.now < last.published_at + every


@transaction.atomic
def take(known: dict[str, Place]) -> Any | None:
    """Takes the next row that is due, with a lease, and counts the attempt."""
    now = ClockTimestamp()
    due = Q(due_at__lte=now) | Q(due_at__gt=now + FARTHEST)
    row = (
        Publication.objects.filter(due, place__in=known)
        .select_related("checkpoint")
        .select_for_update(of=("self",), skip_locked=True)
        .annotate(now=now)
        .order_by("due_at")
        .first()
    )
    if row is not None:
        Publication.objects.filter(pk=row.pk).update(
            attempts=F("attempts") + 1, due_at=ClockTimestamp() + LEASE
        )
        row.attempts += 1
    return row


def publish(row: Any, place: Place) -> bool:
    """Puts a checkpoint into a place and keeps how that ended; whether it is there."""
    rows = Publication.objects.filter(pk=row.pk, published_at=None)
    try:
        receipt = import_module(MODULES[place.kind]).put(place, parcel_of(row))
    except Exception as error:  # whatever is wrong with one place, the others get theirs
        report(row, error)
        rows.update(error=words_of(error), due_at=ClockTimestamp() + delay_after(row.attempts))
        return False
    rows.update(published_at=ClockTimestamp(), due_at=None, error="", receipt=receipt)
    return True


def parcel_of(row: Any) -> Parcel:
    """What goes to the place; raises NotPublished for a checkpoint that no key of the log has signed."""
    checkpoint, newest = row.checkpoint, latest_checkpoint() or row.checkpoint
    check_signed(checkpoint)
    return Parcel(
        key=f"publication-{row.pk}",
        origin=checkpoint.note.partition("\n")[0],
        size=checkpoint.size,
        root=bytes(checkpoint.root),
        note=checkpoint.note,
        made_at=checkpoint.made_at,
        now=row.now,
        root_at=lambda size: root_at(size) if size <= newest.size else None,
    )


def check_signed(checkpoint: Checkpoint) -> None:
    """Raises NotPublished where a note is not what its row says, or nobody's: any role can add a row."""
    try:
        head = notes.checkpoint_head(notes.opened(checkpoint.note, introduced_keys()).text)
    except notes.NoteRefused as refusal:
        raise NotPublished(f"the checkpoint itself is wrong: {refusal}") from refusal
    if (head.size, head.root) != (checkpoint.size, bytes(checkpoint.root)):
        raise NotPublished("the checkpoint itself is wrong: its note is another one's")


def root_at(size: int) -> bytes:
    """The root of the log's first `size` events, out of the hashes that are kept; raises LogBroken."""
    return Tree(size, kept_hashes).root()


def delay_after(attempts: int) -> timedelta:
    """How long after a failure the next attempt is due."""
    return timedelta(seconds=min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY))


def report(row: Any, error: Exception) -> None:
    """Logs a failure: a contradiction as an error, since somebody rewrote what was published or the log."""
    what = {"place": row.place, "size": row.checkpoint.size, "attempt": row.attempts}
    if isinstance(error, Contradicted):
        log.error("checkpoint_contradicts_published", **what, why=str(error))
    else:
        log.warning("checkpoint_not_published", **what, why=words_of(error))


def words_of(error: Exception) -> str:
    """A failure in words; of one that we do not know its kind alone: its text may quote secrets."""
    known = isinstance(error, NotPublished)
    return (str(error) if known else f"it failed: {type(error).__name__}")[:300]


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with a place: what it has, and what it does not take.

    `error` is that of the row that waits, empty where none failed; `due_at` when it is tried next.
    """

    place: Place
    last: Publication | None
    waiting: Publication | None

    @property
    def published_at(self) -> datetime | None:
        """When a checkpoint last arrived."""
        return self.last.published_at if self.last else None

    @property
    def failed(self) -> bool:
        """Whether the place did not take what it was last sent."""
        return bool(self.waiting and self.waiting.error)


def standings() -> list[Standing]:
    """How things stand with each place."""
    rows = Publication.objects.select_related("checkpoint").order_by("-id")
    return [
        Standing(
            place,
            last=rows.filter(place=place.label, published_at__isnull=False).first(),
            waiting=rows.filter(place=place.label, due_at__isnull=False).first(),
        )
        for place in places().values()
    ]
