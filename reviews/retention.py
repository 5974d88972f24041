"""How long things are kept, by each pipeline's schedule, and what of them would go by it today.

A case is closed from the last of its decisions on, or from its withdrawal. An event's time begins with
the event itself. Months are the calendar's, by the database's clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from audit.eventclasses import DISPOSABLE
from cases.definition.duties import RetentionSpec
from cases.erasing import CLOSED
from cases.models import Pipeline

CLOSED_BEFORE = """
    SELECT c.id FROM cases_case c
    WHERE c.pipeline_id = %(pipeline)s AND c.erased_at IS NULL AND c.step_due_at IS NULL
        AND c.status = ANY(%(closed)s) AND c.created_at < %(before)s
        AND NOT EXISTS (SELECT FROM cases_decision later
                        WHERE later.case_id = c.id AND later.decided_at >= %(before)s)
        AND NOT EXISTS (SELECT FROM audit_event withdrawn
                        WHERE withdrawn.case_id = c.id AND withdrawn.type = 'case.withdrawn'
                            AND withdrawn.at >= %(before)s)
        AND NOT EXISTS (SELECT FROM reviews_adversenotice owed WHERE owed.case_id = c.id
                        AND owed.sent_at IS NULL AND owed.dropped_at IS NULL)
"""
"""Cases that were closed, by the last of their decisions or their withdrawal, before a time."""

HELD = """
    EXISTS (SELECT FROM reviews_legalhold hold
            WHERE hold.pipeline_id = %(pipeline)s AND hold.lifted_at IS NULL
                AND (hold.case_id IS NULL OR hold.case_id = chosen.id))
"""

OPEN = """
    EXISTS (SELECT FROM cases_case c WHERE c.id = chosen.id AND c.erased_at IS NULL
            AND (c.status <> ALL(%(closed)s) OR c.step_due_at IS NOT NULL
                OR EXISTS (SELECT FROM reviews_adversenotice owed WHERE owed.case_id = c.id
                           AND owed.sent_at IS NULL AND owed.dropped_at IS NULL)))
"""

COUNT = f"""
    WITH chosen AS ({{chosen}}),
    going AS (SELECT id FROM chosen WHERE NOT {HELD} AND NOT {OPEN})
    SELECT (SELECT count(*) FROM going), (SELECT count(*) FROM chosen WHERE {HELD}),
        (SELECT count(*) FROM chosen WHERE NOT {HELD} AND {OPEN}),
        (SELECT count(*) FROM cases_document d JOIN going ON going.id = d.case_id),
        (SELECT coalesce(sum(d.size), 0) FROM cases_document d JOIN going ON going.id = d.case_id),
        (SELECT count(*) FROM cases_page p JOIN cases_document d ON d.id = p.document_id
         JOIN going ON going.id = d.case_id)
"""  # noqa: S608  # made of constants

EVENTS = """
    SELECT event_class(event.type), count(*) FROM audit_event event
    LEFT JOIN cases_case c ON c.id = event.case_id
    WHERE coalesce(nullif(event.pipeline, ''),
                   (SELECT slug FROM cases_pipeline own WHERE own.id = c.pipeline_id)) = %(slug)s
        AND event.at < (%(before)s::jsonb ->> event_class(event.type))::timestamptz
        AND EXISTS (SELECT FROM audit_leaf leaf WHERE leaf.event_id = event.id)
        AND NOT EXISTS (SELECT FROM reviews_legalhold hold
                        WHERE hold.pipeline_id = %(pipeline)s AND hold.lifted_at IS NULL
                            AND (hold.case_id IS NULL OR hold.case_id = event.case_id))
    GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a schedule means today: cases closed, and events of a class made, before these times go."""

    cases: datetime | None
    events: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Counted:
    """How much something is: cases that go, are held or are open, papers, pages and bytes; events."""

    cases: int = 0
    held: int = 0
    open: int = 0
    documents: int = 0
    size: int = 0
    pages: int = 0
    events: Mapping[str, int] = field(default_factory=dict)

    @property
    def all_events(self) -> int:
        """How many events of all classes."""
        return sum(self.events.values())


def schedule_of(pipeline: Pipeline) -> RetentionSpec:
    """How long the pipeline's things are kept, by its definition as it is now."""
    return pipeline.current.definition.retention if pipeline.current else RetentionSpec()


def cut_of(pipeline: Pipeline) -> Cut:
    """What is older than the pipeline's schedule has it kept, by the database's clock."""
    schedule = schedule_of(pipeline)
    names = [name for name in DISPOSABLE if name in schedule.event_months]
    months = [schedule.case_months, *(schedule.event_months[name] for name in names)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT now() - make_interval(months => each.months)"
            " FROM unnest(%s::int[]) WITH ORDINALITY each(months, place) ORDER BY place",
            [months],
        )
        cases, *events = [row[0] for row in cursor.fetchall()]
    return Cut(cases, dict(zip(names, events, strict=True)))


def dry_run(pipeline: Pipeline) -> Counted:
    """What would go by the pipeline's schedule now; nothing is touched."""
    cut = cut_of(pipeline)
    if cut.cases is None:
        return Counted(events=count_events(pipeline, cut.events))
    asked = due_before(pipeline, cut.cases)
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(chosen=CLOSED_BEFORE), asked)
        row = cursor.fetchone()
    return replace(counted(row), events=count_events(pipeline, cut.events))


def due_before(pipeline: Pipeline, before: datetime) -> dict[str, Any]:
    """What CLOSED_BEFORE asks for."""
    closed = [status.value for status in CLOSED]
    return {"pipeline": pipeline.pk, "closed": closed, "before": before}


def count_cases(disposal_id: int, pipeline: Pipeline) -> Counted:
    """How much the cases of a disposal are, before any of them went."""
    chosen = "SELECT case_id AS id FROM reviews_disposalcase WHERE disposal_id = %(disposal)s"
    with connection.cursor() as cursor:
        closed = [status.value for status in CLOSED]
        asked: dict[str, Any] = {
            "pipeline": pipeline.pk,
            "disposal": disposal_id,
            "closed": closed,
        }
        cursor.execute(COUNT.format(chosen=chosen), asked)
        return counted(cursor.fetchone())


def counted(row: Sequence[Any]) -> Counted:
    """What COUNT has found."""
    going, held, open, documents, size, pages = row
    return Counted(going, held, open, documents, int(size), pages)


def count_events(pipeline: Pipeline, before: Mapping[str, datetime]) -> dict[str, int]:
    """Sealed events by class that were made before the class's time and that nobody holds."""
    if not before:
        return {}
    spelled = Jsonb({name: at.isoformat() for name, at in before.items()})
    asked: dict[str, Any] = {"slug": pipeline.slug, "pipeline": pipeline.pk, "before": spelled}
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, asked)
        return {str(name): int(count) for name, count in cursor.fetchall()}
