"""How much of what came in lately was decided without a person, and how many of it people judged."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from audit.models import ClockTimestamp
from reviews.models import Basis, Route

DAYS = 30


@dataclass(frozen=True, slots=True)
class Automation:
    """Routes of a pipeline in the last days: all, automatic ones, and those that people judged."""

    routed: int = 0
    automatic: int = 0
    labelled: int = 0


def automation_of(pipelines: Collection[int]) -> dict[int, Automation]:
    """By pipeline, what was made of its cases in the last DAYS days."""
    lately = Basis.objects.filter(
        pipeline__in=pipelines, routed_at__gt=ClockTimestamp() - timedelta(days=DAYS)
    )
    counted = lately.values("pipeline").annotate(
        routed=Count("pk"),
        automatic=Count("pk", filter=Q(route__kind=Route.Kind.AUTOMATIC)),
        labelled=Count("labelled_at"),
    )
    return {
        row["pipeline"]: Automation(row["routed"], row["automatic"], row["labelled"])
        for row in counted.order_by()
    }
