"""Home: what waits, in words; what the day has brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from reviews.models import Review
from reviews.presenting.times import Due, due, span
from reviews.queues import CAP, Depth


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One queue's line."""

    slug: str
    name: str
    pipeline: str
    waiting: str
    at_risk: str
    next_due: Due | None
    oldest: str
    in_progress: int
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
    return f"{CAP:,}+" if number >= CAP else str(number)


def queue_lines(depths: Sequence[Depth]) -> list[QueueLine]:
    """The queues in words."""
    return [
        QueueLine(
            slug=depth.slug,
            name=depth.name,
            pipeline=depth.pipeline,
            waiting=counted(depth.waiting),
            at_risk=counted(depth.at_risk) if depth.at_risk else "",
            next_due=due(depth.next_due, depth.now) if depth.next_due else None,
            oldest=span(depth.now - depth.oldest) if depth.oldest else "",
            in_progress=depth.in_progress,
            held="" if depth.waiting else held([depth]),
        )
        for depth in depths
    ]


def headline(depths: Sequence[Depth]) -> str:
    """The day's work in one line; never "nothing" while somebody only holds it."""
    if not depths:
        return "You review no queue"
    waiting = sum(depth.waiting for depth in depths)
    if waiting:
        return "1 case waits for you" if waiting == 1 else f"{counted(waiting)} cases wait for you"
    return "Nothing waits right now" if held(depths) else "All done"


def subline(depths: Sequence[Depth]) -> str:
    """What to know beside the headline."""
    if not depths:
        return "Ask the admin of a pipeline to grant you one, if reviewing is your work."
    due_times = [(depth.next_due, depth.now) for depth in depths if depth.next_due]
    if not due_times:
        return held(depths) or "No case waits in your queues."
    nearest = due(*min(due_times)).words
    at_risk = sum(depth.at_risk for depth in depths)
    if at_risk:
        return f"{counted(at_risk)} at risk; the nearest deadline: {nearest}"
    return f"The nearest deadline: {nearest}"


def held(depths: Sequence[Depth]) -> str:
    """Work that others hold, and when it may come free."""
    holding = [depth for depth in depths if depth.in_progress and depth.frees_at]
    if not holding:
        return ""
    count = sum(depth.in_progress for depth in holding)
    first = min(depth.frees_at - depth.now for depth in holding if depth.frees_at)
    return f"{count} in progress, next frees in {span(first)} or sooner"


def elsewhere(left: Sequence[timedelta]) -> str:
    """Cases that wait for somebody else's judgement, by the time left for each, least first."""
    if not left:
        return ""
    wait = "waits" if len(left) == 1 else "wait"
    nearest = f"{span(-left[0])} late" if left[0] < timedelta(0) else f"{span(left[0])} left"
    return f"{counted(len(left))} {wait} for somebody else, {nearest}."


def done_today(reviews: Sequence[Review]) -> list[Done]:
    """Today's reviews, newest first; their cases must be loaded with their pipeline versions."""
    return [
        Done(
            case_id=review.case_id,
            reference=review.case.reference,
            at=review.reviewed_at,
            verdict=(outcome := review.case.definition.outcome(review.outcome)).label,
            adverse=outcome.adverse,
            override=review.override,
        )
        for review in reviews
    ]


def figures(reviews: Sequence[Review], corrected: int) -> list[Figure]:
    """Today in four figures; their claims must be loaded."""
    seconds = [(review.reviewed_at - review.claim.claimed_at).total_seconds() for review in reviews]
    return [
        Figure("Reviewed", str(len(reviews))),
        Figure("Overrides", str(sum(review.override for review in reviews))),
        Figure("Fields corrected", str(corrected)),
        Figure("Median time a case", span(timedelta(seconds=median(seconds))) if seconds else "–"),
    ]
