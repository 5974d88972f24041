"""What became of samples, counted: by stratum and by week; and what people said of the same cases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncWeek

from audit.models import ClockTimestamp
from cases.models import Decision, Pipeline
from reviews.lab.strata import Counted
from reviews.models import Review, Sample, Stage


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to a case by two people, by name, and of what they say."""

    one: str
    other: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Swayed:
    """Answers before the model's view was seen and after: how many changed, and how many towards it.

    `differed` are those that were not the model's before.
    """

    answers: int
    changed: int
    towards: int
    differed: int


def samples_of(pipeline: Pipeline, days: int) -> QuerySet[Sample]:
    """The samples that were drawn in the last days."""
    since = ClockTimestamp() - timedelta(days=days)
    return Sample.objects.filter(case__pipeline=pipeline, drawn_at__gt=since)


def counted_by_week(pipeline: Pipeline, days: int) -> Iterator[tuple[datetime, Counted]]:
    """Samples of automatic decisions by the week in which they were drawn, and by stratum."""
    judged = Q(judged_at__isnull=False)
    rows = (
        samples_of(pipeline, days)
        .filter(kind=Sample.Kind.AUTOMATIC)
        .annotate(week=TruncWeek("drawn_at"))
        .values_list("week", "outcome", "stratum", "probability")
        .annotate(
            drawn=Count("pk"),
            judged=Count("pk", filter=judged),
            wrong=Count("pk", filter=judged & ~Q(verdict=F("outcome"))),
            ended_=Count("pk", filter=~Q(ended="")),
        )
        .order_by("week", "outcome", "stratum")
    )
    for week, *facts in rows:
        yield week, Counted(*facts)


def automatic_decisions(pipeline: Pipeline, days: int) -> int:
    """How many cases were decided without a person in the last days."""
    since = ClockTimestamp() - timedelta(days=days)
    made = Decision.objects.filter(case__pipeline=pipeline, made_by=Decision.MadeBy.POLICY)
    return made.filter(decided_at__gt=since).count()


def labels_since(pipeline: Pipeline, days: int) -> int:
    """How many samples of automatic decisions were judged in the last days."""
    since = ClockTimestamp() - timedelta(days=days)
    kind = Sample.Kind.AUTOMATIC
    return Sample.objects.filter(case__pipeline=pipeline, kind=kind, judged_at__gt=since).count()


def disagreements(pipeline: Pipeline, days: int) -> QuerySet[Sample]:
    """The samples whose verdict was not the decision, the last first; what the gate held back as well."""
    found = samples_of(pipeline, days).exclude(kind=Sample.Kind.KNOWN)
    differ = found.filter(judged_at__isnull=False).exclude(verdict=F("outcome"))
    return (
        differ.select_related("case", "reviewer").defer("case__sealed_data").order_by("-judged_at")
    )


def pairs_of(pipeline: Pipeline, days: int) -> list[Pair]:
    """First and second reviews of the same cases and rounds, in the last days."""
    first = Review.objects.filter(
        case=OuterRef("case"), round=OuterRef("round"), stage=Stage.FIRST, undone_at=None
    )
    seconds = (
        Review.objects.filter(case__pipeline=pipeline, stage=Stage.SECOND, undone_at=None)
        .filter(reviewed_at__gt=ClockTimestamp() - timedelta(days=days))
        .exclude(case__queue_entry__claim=F("claim"))
        .annotate(
            said=Subquery(first.values("outcome")[:1]),
            by_first=Subquery(first.values("reviewer__username")[:1]),
        )
    )
    rows = seconds.exclude(said=None).values_list(
        "by_first", "reviewer__username", "said", "outcome"
    )
    return [Pair(*row) for row in rows]


def samples_against(pipeline: Pipeline, days: int) -> list[tuple[str, str]]:
    """Of judged samples what they were measured against, and what was said unseen."""
    judged = samples_of(pipeline, days).exclude(kind=Sample.Kind.KNOWN).exclude(judged_at=None)
    return list(judged.values_list("outcome", "verdict"))


def swayed_in(pipeline: Pipeline, days: int) -> Swayed:
    """How often people changed their first, unseen answer once they saw the model's view."""
    blind = Review.objects.filter(case__pipeline=pipeline, undone_at=None).exclude(
        committed_outcome=""
    )
    recent = blind.filter(
        reviewed_at__gt=ClockTimestamp() - timedelta(days=days), route__prediction__isnull=False
    ).exclude(case__queue_entry__claim=F("claim"))
    changed = ~Q(outcome=F("committed_outcome"))
    differed = ~Q(committed_outcome=F("route__prediction__outcome"))
    towards = changed & Q(outcome=F("route__prediction__outcome"))
    return Swayed(
        **recent.aggregate(
            answers=Count("pk"),
            changed=Count("pk", filter=changed),
            towards=Count("pk", filter=towards),
            differed=Count("pk", filter=differed),
        )
    )
