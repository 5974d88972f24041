"""Who looked at what of a pipeline's cases in a period, and who has rights that they do not use.

Counted from the log itself; an auditor who has looked it through signs that (NIST SP 800-53, AC-2(j)).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet

from accounts.models import User
from audit.events import record
from audit.models import Event
from cases.models import Pipeline
from reviews.models import AccessReview
from reviews.rights import Rights

LOOKED = ("case.opened", "case.claimed", "case.fetched_ahead", "glass.broken", "export.downloaded")
"""Events by which a person had a case in front of them, or their browser did."""
READS = (
    *LOOKED,
    "case.unmasked",
    "document.opened",
    "document.fetched_ahead",
    "document.downloaded",
)
DAY_BEGINS, DAY_ENDS = 6, 22
"""Hours of the house's day; what is outside of them is counted apart."""
SLACK = timedelta(days=1)
"""So far may a clock have been set back, and ids still be found by their time."""
PAGE = 50

COUNTED = """
SELECT event.actor_id::bigint,
    count(DISTINCT event.case_id) FILTER (WHERE event.type = ANY(%(looked)s)),
    count(*) FILTER (WHERE event.type IN ('document.opened', 'document.fetched_ahead')),
    count(*) FILTER (WHERE event.type IN ('document.downloaded', 'export.downloaded')),
    count(*) FILTER (WHERE event.type = 'glass.broken'),
    count(*) FILTER (WHERE extract(hour FROM event.at AT TIME ZONE %(zone)s) < %(begins)s
                     OR extract(hour FROM event.at AT TIME ZONE %(zone)s) >= %(ends)s),
    count(*), max(event.at)
FROM audit_event event
WHERE event.type = ANY(%(types)s) AND event.id BETWEEN %(first)s AND %(last)s
    AND event.pipeline = %(pipeline)s AND event.actor_kind = 'user'
    AND event.at >= %(since)s AND event.at < %(until)s
GROUP BY event.actor_id
"""
FIGURES = ("cases", "documents", "downloads", "glass", "odd_hours", "events", "last")
"""What is counted, in the order of its columns."""
PURPOSES = """
SELECT event.actor_id::bigint, event.data ->> 'purpose', count(*)
FROM audit_event event
WHERE event.type = 'case.unmasked' AND event.id BETWEEN %(first)s AND %(last)s
    AND event.pipeline = %(pipeline)s AND event.actor_kind = 'user'
    AND event.at >= %(since)s AND event.at < %(until)s
GROUP BY 1, 2 ORDER BY 3 DESC, 2
"""
GRANTED = """
SELECT person.id, array_agg(DISTINCT permission.codename ORDER BY permission.codename)
FROM (
    SELECT content_type_id, permission_id, object_pk, user_id FROM guardian_userobjectpermission
    UNION ALL
    SELECT content_type_id, permission_id, object_pk, membership.user_id
    FROM guardian_groupobjectpermission JOIN accounts_user_groups membership USING (group_id)
) granted
JOIN django_content_type kind ON kind.id = granted.content_type_id
JOIN auth_permission permission ON permission.id = granted.permission_id
JOIN accounts_user person ON person.id = granted.user_id AND person.is_active
LEFT JOIN reviews_queue queue
    ON (kind.app_label, kind.model) = ('reviews', 'queue') AND queue.id::text = granted.object_pk
WHERE queue.pipeline_id = %(pipeline)s
    OR ((kind.app_label, kind.model) = ('cases', 'pipeline')
        AND granted.object_pk = %(pipeline)s::text AND permission.codename = ANY(%(reading)s))
GROUP BY person.id
"""
READING = ("audit", "break_glass")
"""Rights on a pipeline itself by which its cases can be read."""


class NotAuditor(Exception):
    """Only who audits a pipeline signs for who had access to it."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days, the last one included, in the house's time zone."""

    since: date
    until: date

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.since, time.min, ZoneInfo(settings.TIME_ZONE))

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        after = self.until + timedelta(days=1)
        return datetime.combine(after, time.min, ZoneInfo(settings.TIME_ZONE))


@dataclass(frozen=True, slots=True)
class Access:
    """What one person did: numbers of cases, papers, downloads, unmaskings by purpose, emergencies.

    `odd_hours` are reads at night; `events` all of them. `rights` are those that they have now.
    """

    person: User
    rights: tuple[str, ...]
    cases: int = 0
    documents: int = 0
    downloads: int = 0
    glass: int = 0
    odd_hours: int = 0
    events: int = 0
    last: datetime | None = None
    purposes: Mapping[str, int] = field(default_factory=dict)

    @property
    def unused(self) -> bool:
        """Whether the person has rights and looked at nothing: to be taken away."""
        return bool(self.rights) and not self.events


def first_from(moment: datetime, lowest: int, highest: int) -> int:
    """The first event's id at or after a moment, found by halving: ids are given in time's order."""
    with connection.cursor() as cursor:
        while lowest < highest:
            middle = (lowest + highest) // 2
            cursor.execute(
                "SELECT id, at FROM audit_event WHERE id >= %s ORDER BY id LIMIT 1", [middle]
            )
            found, at = cursor.fetchone()
            if at < moment:
                lowest = found + 1
            else:
                highest = middle
    return lowest


def ids_in(period: Period) -> tuple[int, int]:
    """The ids between which the events of a period stand, and a few more; an empty log has none."""
    log = Event.objects.aggregate(first=Min("id"), last=Max("id"))
    if log["last"] is None:
        return 1, 0
    first = first_from(period.begins - SLACK, log["first"], log["last"])
    return first, first_from(period.ends + SLACK, first, log["last"])


def asked(pipeline: Pipeline, period: Period) -> dict[str, Any]:
    """What the statements are asked by."""
    first, last = ids_in(period)
    return {
        "pipeline": pipeline.slug,
        "first": first,
        "last": last,
        "since": period.begins,
        "until": period.ends,
        "types": [*READS],
        "looked": [*LOOKED],
        "zone": settings.TIME_ZONE,
        "begins": DAY_BEGINS,
        "ends": DAY_ENDS,
    }


def access_to(pipeline: Pipeline, period: Period) -> list[Access]:
    """What each person did who did anything, most first, and then who has rights and did nothing."""
    given = asked(pipeline, period)
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, given)
        counted = {row[0]: dict(zip(FIGURES, row[1:], strict=True)) for row in cursor.fetchall()}
        cursor.execute(PURPOSES, given)
        purposes: dict[int, dict[str, int]] = {}
        for person, purpose, count in cursor.fetchall():
            purposes.setdefault(person, {})[purpose or ""] = count
        cursor.execute(GRANTED, {"pipeline": pipeline.pk, "reading": [*READING]})
        rights = {person: tuple(names) for person, names in cursor.fetchall()}
    people = User.objects.in_bulk([*counted.keys() | rights.keys()])
    rows = [
        Access(
            person,
            rights.get(key, ()),
            purposes=purposes.get(key, {}),
            **counted.get(key, {}),
        )
        for key, person in people.items()
    ]
    return sorted(rows, key=lambda row: (-row.events, row.person.shown_name, row.person.pk))


def reads_by(person: int, pipeline: Pipeline, period: Period, *, before: int | None) -> list[Event]:
    """A page of what a person read, the last first, and one more."""
    first, last = ids_in(period)
    found = Event.objects.filter(
        type__in=READS,
        id__gte=first,
        id__lte=min(last, before - 1) if before else last,
        pipeline=pipeline.slug,
        actor_kind="user",
        actor_id=str(person),
        at__gte=period.begins,
        at__lt=period.ends,
    )
    return list(found.order_by("-id")[: PAGE + 1])


def figures_of(rows: Sequence[Access]) -> dict[str, int]:
    """What a period comes to."""
    return {
        "people": sum(bool(row.events) for row in rows),
        "reads": sum(row.events for row in rows),
        "documents": sum(row.documents for row in rows),
        "downloads": sum(row.downloads for row in rows),
        "unmaskings": sum(sum(row.purposes.values()) for row in rows),
        "glass": sum(row.glass for row in rows),
        "odd_hours": sum(row.odd_hours for row in rows),
        "unused": sum(row.unused for row in rows),
    }


@transaction.atomic
def sign_access(pipeline: Pipeline, period: Period, *, rights: Rights, by: User) -> AccessReview:
    """Signs that who had access in a period was looked through; raises NotAuditor."""
    if not rights.may_pipeline("audit", pipeline.pk):
        raise NotAuditor
    figures = figures_of(access_to(pipeline, period))
    review = AccessReview.objects.create(
        pipeline=pipeline,
        since=period.since,
        until=period.until,
        figures=figures,
        reviewed_by=by,
    )
    days = {"since": period.since.isoformat(), "until": period.until.isoformat()}
    record(
        "access.reviewed",
        by=by.actor,
        pipeline=pipeline.slug,
        data={"review": review.pk, **days, **figures},
    )
    return review


def signed_before(pipeline: Pipeline) -> QuerySet[AccessReview]:
    """The reviews of a pipeline's access, the last first."""
    return AccessReview.objects.filter(pipeline=pipeline).select_related("reviewed_by")
