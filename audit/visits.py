"""Reads as events: who looked at what, once a visit, in one statement of its own.

A read changes nothing, so its event needs no transaction but its own: it stands before any byte leaves.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from audit.actors import Actor

VISIT = timedelta(minutes=30)
"""So long, by the database's clock, whatever somebody looks at again is the same visit."""

NOTE = """
INSERT INTO audit_event (type, actor_kind, actor_id, case_id, pipeline, data, commitments)
SELECT %(type)s::varchar, %(kind)s::varchar, %(actor)s::varchar, %(case)s::uuid,
    %(pipeline)s::varchar, %(data)s::jsonb, '{}'
WHERE NOT EXISTS (
    SELECT FROM audit_event known
    WHERE known.case_id = %(case)s::uuid AND known.type = %(type)s::varchar
        AND known.actor_kind = %(kind)s::varchar AND known.actor_id = %(actor)s::varchar
        AND known.data = %(data)s::jsonb
        AND known.at BETWEEN clock_timestamp() - %(visit)s AND clock_timestamp()
)
"""


def note_read(
    type: str, *, by: Actor, case_id: UUID, pipeline: str, data: Mapping[str, Any]
) -> None:
    """Records that somebody read something of a case, unless the very same stands there of this visit."""
    told: dict[str, Any] = {
        "type": type,
        "kind": by.kind,
        "actor": by.id,
        "case": case_id,
        "pipeline": pipeline,
        "data": json.dumps(data),
        "visit": VISIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, told)
