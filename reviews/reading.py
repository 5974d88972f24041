"""Reads by people as events: every byte of a paper, or of what is sealed, names who had it, and of what.

A person's claim on a case says that they read it while they hold it; whoever reads without one is noted
here. A paper is noted once a visit (`audit.visits`), what their browser fetched ahead of a claim as such.
"""

import json
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import User
from audit.events import record
from audit.visits import VISIT
from cases.models import Case
from reviews.masking import ALL, PAPERS, UNMASKED

NOTE_CASE = """
INSERT INTO audit_event (type, actor_kind, actor_id, case_id, pipeline, data, commitments)
SELECT 'case.opened', 'user', %(actor)s::varchar, %(case)s::uuid, %(pipeline)s::varchar, %(data)s::jsonb, '{}'
WHERE NOT EXISTS (
    SELECT FROM reviews_claim
    WHERE case_id = %(case)s::uuid AND reviewer_id = %(person)s AND ended_at IS NULL
        AND expires_at > clock_timestamp()
) AND NOT EXISTS (
    SELECT FROM audit_event known
    WHERE known.case_id = %(case)s::uuid AND known.type = 'case.opened'
        AND known.actor_kind = 'user' AND known.actor_id = %(actor)s::varchar
        AND known.at > clock_timestamp() - %(visit)s
)
"""
NOTE_PAPERS = """
WITH reader AS (
    SELECT CASE WHEN (
        SELECT type FROM audit_event
        WHERE case_id = %(case)s::uuid AND actor_kind = 'user' AND actor_id = %(actor)s::varchar
            AND type IN ('case.claimed', 'case.opened', 'case.fetched_ahead', 'glass.broken')
        ORDER BY id DESC LIMIT 1
    ) = 'case.fetched_ahead' THEN 'document.fetched_ahead' ELSE 'document.opened' END AS type,
    (
        SELECT purpose FROM reviews_unmasking
        WHERE case_id = %(case)s::uuid AND person_id = %(person)s AND field = ANY(%(unmasks)s)
            AND unmasked_at > clock_timestamp() - %(unmasked)s
        ORDER BY unmasked_at DESC LIMIT 1
    ) AS purpose
)
INSERT INTO audit_event (type, actor_kind, actor_id, case_id, pipeline, data, commitments)
SELECT reader.type, 'user', %(actor)s::varchar, %(case)s::uuid, %(pipeline)s::varchar,
    jsonb_strip_nulls(jsonb_build_object('document', paper.id, 'purpose', reader.purpose)), '{}'
FROM reader CROSS JOIN unnest(%(papers)s::text[]) AS paper (id)
WHERE NOT EXISTS (
    SELECT FROM audit_event known
    WHERE known.case_id = %(case)s::uuid AND known.type = reader.type
        AND known.actor_kind = 'user' AND known.actor_id = %(actor)s::varchar
        AND known.data ->> 'document' = paper.id AND known.at > clock_timestamp() - %(visit)s
)
"""
"""One statement a picture: all of it goes by the events of the one case."""


def record_opened(case: Case, *, reader: User) -> None:
    """Records that a person opened the record of a case. Must run in a transaction."""
    data = {"version": case.version}
    pipeline = case.definition.slug
    record("case.opened", by=reader.actor, case_id=case.pk, pipeline=pipeline, data=data)


def note_case(case: Case, *, reader: User) -> None:
    """Records that a person was shown what is in a case, unless they hold it or it is the same visit."""
    data = json.dumps({"version": case.version})
    run(NOTE_CASE, case, reader, data=data)


def note_papers(case: Case, *papers: UUID, reader: User) -> None:
    """Records that a person was given pictures or words of papers of a case, each once a visit.

    With it stands the purpose for which the papers were unmasked for them, if they were.
    """
    ids = [str(paper) for paper in papers]
    run(NOTE_PAPERS, case, reader, papers=ids, unmasks=[ALL, PAPERS], unmasked=UNMASKED)


def run(statement: str, case: Case, reader: User, **given: Any) -> None:
    """Runs a statement with what both of them ask for."""
    named: dict[str, Any] = {
        "case": case.pk,
        "pipeline": case.definition.slug,
        "person": reader.pk,
        "actor": str(reader.pk),
        "visit": VISIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, named | given)
