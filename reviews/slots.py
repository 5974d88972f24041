"""Slots: the appointments that a clinic offers, and whose they are.

A slot is booked by the review that confirms it, under one conditional update: of two reviewers who
choose the same one gets it. It is free again where that review is undone, does not decide the case, or
the case is withdrawn. Slots are the last that any act locks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils.timezone import get_current_timezone, localtime

from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Case, Pipeline
from reviews.models import Review, Slot
from reviews.slotfiles import SlotRow, check_together

FIRST, LATER = 3, 3
"""How many of the next slots are proposed, and how many days after theirs, with the first of each."""


class SlotTaken(Exception):
    """The slot is not free any more: somebody was faster, the clinic closed it, or it has begun."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading slots did. `kept` are booked ones that the clinic dropped or moved, as they were;
    `past` ones had begun already and were left out.
    """

    new: int = 0
    changed: int = 0
    closed: int = 0
    kept: int = 0
    past: int = 0


@transaction.atomic
def load_slots(pipeline: Pipeline, rows: Sequence[SlotRow], *, by: Actor) -> Loaded:
    """Makes `rows` all that the clinic offers from now on; loading the same again changes nothing.

    A slot that is not among them is closed, unless it is booked: what a person was promised stays.
    Raises InvalidSlots where rows contradict each other; then nothing is loaded.
    """
    check_together(rows)
    known = known_slots(pipeline, rows)
    put_in = put(pipeline, rows, known)
    named = {row.source_id for row in rows}
    gone = [slot for slot in known if slot.source_id not in named and slot.closed_at is None]
    free = [slot.pk for slot in gone if slot.booked_by_id is None]
    Slot.objects.filter(pk__in=free).update(closed_at=ClockTimestamp())
    kept = put_in.kept + len(gone) - len(free)
    loaded = Loaded(put_in.new, put_in.changed, len(free), kept, put_in.past)
    record("slots.loaded", by=by, pipeline=pipeline.slug, data=asdict(loaded))
    return loaded


@transaction.atomic
def add_slots(pipeline: Pipeline, rows: Sequence[SlotRow], *, by: Actor) -> Loaded:
    """Adds slots to what the clinic offers, or changes those; every other one stays as it is.

    Raises InvalidSlots where rows contradict each other; then nothing is added.
    """
    check_together(rows)
    loaded = put(pipeline, rows, known_slots(pipeline, rows))
    record("slots.loaded", by=by, pipeline=pipeline.slug, data=asdict(loaded))
    return loaded


@transaction.atomic
def close_slot(pipeline: Pipeline, source_id: str, *, by: Actor) -> bool:
    """Closes one slot by the clinic's name for it; False where there is none that is free."""
    free = Slot.objects.filter(pipeline=pipeline, source_id=source_id, closed_at=None)
    closed = free.filter(booked_by=None).update(closed_at=ClockTimestamp())
    if closed:
        data = asdict(Loaded(closed=closed))
        record("slots.loaded", by=by, pipeline=pipeline.slug, data=data)
    return bool(closed)


def known_slots(pipeline: Pipeline, rows: Sequence[SlotRow]) -> list[Slot]:
    """The slots that lie ahead or that rows name, locked, and the pipeline before: one load at a time."""
    Pipeline.objects.select_for_update(no_key=True).get(pk=pipeline.pk)
    asked = Q(starts_at__gt=ClockTimestamp()) | Q(source_id__in={row.source_id for row in rows})
    slots = Slot.objects.filter(asked, pipeline=pipeline).order_by("id")
    return list(slots.select_for_update(no_key=True, of=("self",)))


def put(pipeline: Pipeline, rows: Sequence[SlotRow], slots: Iterable[Slot]) -> Loaded:
    """Makes or changes the slots of `rows` that lie ahead. Must run in a transaction."""
    now = now_of(pipeline)
    known = {slot.source_id: slot for slot in slots}
    coming = [row for row in rows if row.starts_at > now]
    pairs = [(known.get(row.source_id), slot_of(pipeline, row)) for row in coming]
    differing = [(old, new) for old, new in pairs if old is None or facts(old) != facts(new)]
    kept = [old for old, _ in differing if old is not None and old.booked_by_id is not None]
    booked = {slot.source_id for slot in kept}
    written = [new for _, new in differing if new.source_id not in booked]
    Slot.objects.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=["pipeline", "source_id"],
        update_fields=["service", "place", "starts_at", "ends_at", "utc_minutes", "closed_at"],
    )
    changed = sum(old is not None for old, _ in differing) - len(kept)
    new = len(written) - changed
    return Loaded(new, changed, kept=len(kept), past=len(rows) - len(coming))


def now_of(pipeline: Pipeline) -> datetime:
    """The database's clock."""
    return Pipeline.objects.annotate(now=ClockTimestamp()).get(pk=pipeline.pk).now


def slot_of(pipeline: Pipeline, row: SlotRow) -> Slot:
    """A row as a slot that is open."""
    offset = row.starts_at.utcoffset() or timedelta(0)
    return Slot(
        pipeline=pipeline,
        source_id=row.source_id,
        service=row.service,
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        utc_minutes=offset // timedelta(minutes=1),
    )


def facts(slot: Slot) -> tuple[Any, ...]:
    """What the clinic says of a slot."""
    times = slot.starts_at, slot.ends_at, slot.utc_minutes
    return slot.service, slot.place, *times, slot.closed_at is None


def free_slots(pipeline_id: int, within: timedelta) -> QuerySet[Slot]:
    """The slots that can be booked now and begin `within` that time, by the database's clock."""
    return Slot.objects.filter(
        pipeline=pipeline_id,
        booked_by=None,
        closed_at=None,
        starts_at__gt=ClockTimestamp(),
        starts_at__lte=ClockTimestamp() + within,
    ).order_by("starts_at", "id")


def proposable(pipeline_id: int, within: timedelta) -> list[Slot]:
    """Of each day, where the reader is, the first free slots: all that can be proposed."""
    zone = get_current_timezone()
    ranked = free_slots(pipeline_id, within).annotate(
        rank=Window(
            RowNumber(),
            partition_by=[TruncDate("starts_at", tzinfo=zone)],
            order_by=[F("starts_at"), F("id")],
        )
    )
    return list(ranked.filter(rank__lte=FIRST))


def spread(slots: Sequence[Slot], until: datetime, zone: tzinfo) -> list[Slot]:
    """A few slots up to a time: the next ones, and the first of each of some days after. Pure.

    `slots` are in order and have of each day at least as many as there are next ones.
    """
    fitting = [slot for slot in slots if slot.starts_at <= until]
    first, later = fitting[:FIRST], fitting[FIRST:]
    days = {localtime(slot.starts_at, zone).date() for slot in first}
    chosen = list(first)
    for slot in later:
        day = localtime(slot.starts_at, zone).date()
        if day not in days and len(chosen) < FIRST + LATER:
            days.add(day)
            chosen.append(slot)
    return chosen


def book(slot_id: UUID, review: Review, *, within: timedelta, by: Actor) -> Slot:
    """Books a slot for a review that is kept; raises SlotTaken. Must run in a transaction."""
    free = free_slots(review.case.pipeline_id, within).order_by().filter(pk=slot_id)
    if not free.update(booked_by=review):
        raise SlotTaken(str(slot_id))
    tell("slot.booked", review.case, slot_id, by=by)
    return Slot.objects.get(pk=slot_id)


def free_other(case: Case, review_id: int, *, by: Actor) -> None:
    """Frees what the case's other reviews have booked: one decides. Must run in a transaction."""
    if any(spec.appointment_minutes for spec in case.definition.outcomes):
        free(Slot.objects.filter(booked_by__case=case).exclude(booked_by=review_id), case, by=by)


def free(booked: QuerySet[Slot], case: Case, *, by: Actor) -> None:
    """Frees slots that a case has. Must run in a transaction."""
    for slot_id in list(booked.order_by("id").values_list("pk", flat=True)):
        Slot.objects.filter(pk=slot_id).update(booked_by=None)
        tell("slot.freed", case, slot_id, by=by)


def tell(type: str, case: Case, slot_id: UUID, *, by: Actor) -> None:
    """The event of a slot that a case has, or has no more."""
    data = {"slot": str(slot_id)}
    record(type, by=by, case_id=case.pk, pipeline=case.definition.slug, data=data)
