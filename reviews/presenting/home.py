"""Home: what waits, in words; what the day has brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.models import Review
from reviews.presenting.formats import count, short_day
from reviews.presenting.times import Due, due, span
from reviews.queues import CAP, Depth


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One queue's line."""

    slug: str
    name: str
    pinned: bool
    pipeline: str
    waiting: str
    at_risk: str
    next_due: Due | None
    oldest: str
    in_progress: int
    on_hold: int
    held: str


@dataclass(frozen=True, slots=True)
class InHand:
    """A case that the person holds, and the time they have left for it."""

    case_id: UUID
    reference: str
    left: str


@dataclass(frozen=True, slots=True)
class Done:
    """One review of today."""

    case_id: UUID
    reference: str
    at: datetime
    verdict: str
    adverse: bool
    override: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it counts."""

    label: str
    value: str


def counted(number: int) -> str:
    """A count that ends at the cap."""
    return f"{count(CAP)}+" if number >= CAP else str(number)


def queue_lines(depths: Sequence[Depth]) -> list[QueueLine]:
    """The queues in words."""
    return [
        QueueLine(
            slug=depth.slug,
            name=_(depth.name),
            pinned=depth.pinned,
            pipeline=_(depth.pipeline),
            waiting=counted(depth.waiting),
            at_risk=counted(depth.at_risk) if depth.at_risk else "",
            next_due=due(depth.next_due, depth.now) if depth.next_due else None,
            oldest=span(depth.now - depth.oldest) if depth.oldest else "",
            in_progress=depth.in_progress,
            on_hold=depth.on_hold,
            held="" if depth.waiting else held([depth]),
        )
        for depth in depths
    ]


def headline(depths: Sequence[Depth], mine: Sequence[InHand] = ()) -> str:
    """The day's work in one line; never "all done" while somebody only holds it, or the person does."""
    if not depths:
        return _("You review no queue")
    waiting = sum(depth.waiting for depth in depths)
    if waiting:
        words = ngettext("%(count)s case waits for you", "%(count)s cases wait for you", waiting)
        return words % {"count": counted(waiting)}
    return _("Nothing waits right now") if held(depths) or mine else _("All done")


def subline(depths: Sequence[Depth]) -> str:
    """What to know beside the headline."""
    if not depths:
        return _("Ask the admin of a pipeline to grant you one, if reviewing is your work.")
    due_times = [(depth.next_due, depth.now) for depth in depths if depth.next_due]
    if not due_times:
        return held(depths) or _("No case waits in your queues.")
    nearest = due(*min(due_times)).words
    at_risk = sum(depth.at_risk for depth in depths)
    if at_risk:
        known = {"count": counted(at_risk), "nearest": nearest}
        return _("%(count)s at risk; the nearest deadline: %(nearest)s") % known
    return _("The nearest deadline: %(nearest)s") % {"nearest": nearest}


def held(depths: Sequence[Depth]) -> str:
    """Work that others hold, and when it may come free; and what is set aside, and until when."""
    return "; ".join(words for words in (in_progress(depths), set_aside(depths)) if words)


def in_progress(depths: Sequence[Depth]) -> str:
    """How many cases somebody works on, and when the first may come free."""
    frees = [depth.frees_at - depth.now for depth in depths if depth.in_progress and depth.frees_at]
    if not frees:
        return ""
    known = {"count": sum(depth.in_progress for depth in depths), "span": span(min(frees))}
    return _("%(count)s in progress, next frees in %(span)s or sooner") % known


def set_aside(depths: Sequence[Depth]) -> str:
    """How many cases are on hold, and when the first one waits again."""
    follow_ups = [depth.follow_up_at for depth in depths if depth.on_hold and depth.follow_up_at]
    if not follow_ups:
        return ""
    known = {
        "count": sum(depth.on_hold for depth in depths),
        "day": short_day(min(follow_ups)),
    }
    return _("%(count)s on hold, next follow-up on %(day)s or sooner") % known


def elsewhere(left: Sequence[timedelta]) -> str:
    """Cases that wait for somebody else's judgement, by the time left for each, least first."""
    if not left:
        return ""
    words = ngettext(
        "%(count)s waits for somebody else, %(nearest)s.",
        "%(count)s wait for somebody else, %(nearest)s.",
        len(left),
    )
    late = left[0] < timedelta(0)
    nearest = (_("%(span)s late") if late else _("%(span)s left")) % {"span": span(abs(left[0]))}
    return words % {"count": counted(len(left)), "nearest": nearest}


def done_today(reviews: Sequence[Review]) -> list[Done]:
    """Today's reviews, newest first; their cases must be loaded with their pipeline versions."""
    return [
        Done(
            case_id=review.case_id,
            reference=review.case.reference,
            at=review.reviewed_at,
            verdict=_((outcome := review.case.definition.outcome(review.outcome)).label),
            adverse=outcome.adverse,
            override=review.override,
        )
        for review in reviews
    ]


def figures(reviews: Sequence[Review], corrected: int, times: Sequence[timedelta]) -> list[Figure]:
    """Today in four figures; `times` are what the cases took."""
    seconds = [time.total_seconds() for time in times]
    return [
        Figure(_("Reviewed"), str(len(reviews))),
        Figure(_("Overrides"), str(sum(review.override for review in reviews))),
        Figure(_("Fields corrected"), str(corrected)),
        Figure(
            _("Median time a case"), span(timedelta(seconds=median(seconds))) if seconds else "–"
        ),
    ]
