"""Veils: who works on a pipeline's queues is shown a sampled case as one that is judged blind, no more.

That holds while it waits and while somebody has it, before the first answer and after it: that a case is
decided, or drawn, or its answer known, would change how it is judged. Auditors see it as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from audit.actors import system
from audit.models import Event
from cases.models import Case, Status
from reviews.models import QueueEntry, Review, Route, Sample
from reviews.reasons import because
from reviews.rights import Rights
from reviews.sampling import held_by_gate

TELLING = (
    "case.announced",
    "case.decided",
    "decision.",
    "notice.",
    "receipt.",
    "reply.",
    "sample.",
    "webhook.",
)
"""How types of events begin that nobody hears of who may judge the case."""
FROM_BEFORE = ("case.received", "case.read", "case.scored")
"""What is told of the past of a case that was settled long ago, the last of each."""
AT_WORK = timedelta(minutes=1)
"""How long such a case is said to have been with the system before it came to people."""
TIMELESS = 80
"""Bits of a case's id that are no time: an id begins with its milliseconds (RFC 9562, UUIDv7)."""


def sampled_for(rights: Rights) -> Q:
    """The cases that a person is not to know as sampled, nor as decided."""
    return Q(queue_entry__sample__isnull=False, pipeline__in=rights.worked_on)


def unsampled_for(rights: Rights) -> Q:
    """All others."""
    return Q(queue_entry__sample=None) | ~Q(pipeline__in=rights.worked_on)


def known_for(rights: Rights) -> Q:
    """Of these cases those that are said to have come in anew: their answer is known."""
    return sampled_for(rights) & Q(queue_entry__sample__kind=Sample.Kind.KNOWN)


def not_known_for(rights: Rights) -> Q:
    """All others."""
    return unsampled_for(rights) | ~Q(queue_entry__sample__kind=Sample.Kind.KNOWN)


def place_of(case: Case) -> UUID:
    """Where a case from `veil` stands among those that came in: by its id, or the one it would have."""
    entry: QueueEntry | None = getattr(case, "queue_entry", None)
    if not is_veiled(case) or entry is None or entry.sample is None:
        return case.pk
    if entry.sample.kind != Sample.Kind.KNOWN:
        return case.pk
    milliseconds = int(case.created_at.timestamp() * 1000)
    return UUID(int=milliseconds << TIMELESS | case.pk.int % (1 << TIMELESS))


def is_veiled(case: Case) -> bool:
    """Whether a case from `veil` waits, or is held, where its reader works."""
    return bool(vars(case).get("veiled"))


def veil(case: Case, rights: Rights) -> Case:
    """A case as the person may know it, its entry and sample loaded: never to be saved."""
    entry: QueueEntry | None = getattr(case, "queue_entry", None)
    vars(case)["veiled"] = entry is not None and case.pipeline_id in rights.worked_on
    if entry is None or entry.sample is None or not is_veiled(case):
        return case
    case.status = Status.IN_REVIEW
    case.version = entry.sample.shown_version
    case.due_at = entry.due_at
    if entry.sample.kind == Sample.Kind.KNOWN:
        case.created_at = entry.entered_at - AT_WORK
    return case


def told_since(case: Case) -> datetime | None:
    """Since when is told what people said and did: of a sample since it was drawn; None where all is."""
    if not is_veiled(case) or case.queue_entry.sample_id is None:
        return None
    entered_at: datetime = case.queue_entry.entered_at
    return entered_at


def veiled_routes(routes: Iterable[Route], case: Case) -> Iterator[Route]:
    """Routes of a case; of one by which it came to people to be measured nothing else is told."""
    entry: QueueEntry | None = getattr(case, "queue_entry", None)
    for route in routes:
        if is_veiled(case) and held_by_gate(route.reasons):
            route.reasons = [asdict(because("sampled"))]
        if told_since(case) is None or entry is None or route.pk == entry.route_id:
            yield route


def veiled_reviews(reviews: Iterable[Review], case: Case) -> Iterator[Review]:
    """Reviews of a case, their routes loaded; of a sample its own alone, and none is told to be one."""
    since = told_since(case)
    for review in reviews:
        if since is None:
            yield review
        elif review.reviewed_at > since:
            review.route.reasons = []
            yield review


def veiled_events(events: Iterable[Event], case: Case) -> tuple[Event, ...]:
    """The events of a case as the person may know them."""
    events = tuple(events)
    if not is_veiled(case):
        return events
    entry: QueueEntry = case.queue_entry
    if entry.sample is None:
        return tuple(event for event in events if not event.type.startswith("sample."))
    return tuple(told(events, entry, entry.sample))


def told(events: Sequence[Event], entry: QueueEntry, sample: Sample) -> Iterator[Event]:
    """What is told of a settled case: how it came in, that it came to people, and what they did since."""
    drawn = next(
        event
        for event in events
        if event.type == "sample.drawn" and event.data["sample"] == sample.pk
    )
    before = [event for event in events if event.pk < drawn.pk]
    if sample.kind == Sample.Kind.KNOWN:
        before = moved(before, drawn.at - AT_WORK)
    yield from untelling(before)
    yield sent(drawn, entry)
    yield from untelling(event for event in events if event.pk > drawn.pk)


def untelling(events: Iterable[Event]) -> Iterator[Event]:
    """The events that do not tell."""
    return (event for event in events if not event.type.startswith(TELLING))


def moved(events: Sequence[Event], to: datetime) -> list[Event]:
    """How a case came in, as if that had been at another time."""
    last = {event.type: event for event in events if event.type in FROM_BEFORE}
    found = [copy(event) for event in sorted(last.values(), key=lambda event: event.pk)]
    start = found[0].at if found else to
    for number, event in enumerate(found, start=1):
        event.at = to + min(event.at - start, AT_WORK * 0.9)
        if "version" in event.data:
            event.data = {**event.data, "version": number}
    return found


def sent(drawn: Event, entry: QueueEntry) -> Event:
    """That a case was drawn, as the event of one that was sent to people."""
    policy = system("policy")
    return Event(
        id=drawn.pk,
        at=drawn.at,
        type="case.sent_to_review",
        actor_kind=policy.kind,
        actor_id=policy.id,
        case_id=drawn.case_id,
        pipeline=drawn.pipeline,
        data={name: drawn.data[name] for name in ("route", "queue", "version")}
        | {"reasons": [], "blind": entry.route.blind},
    )
