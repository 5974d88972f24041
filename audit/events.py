"""Recording what happened, in the transaction of the change itself."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction

from audit.actors import Actor
from audit.models import Event

INSERT = """
    INSERT INTO audit_event (type, actor_kind, actor_id, case_id, pipeline, data, commitments)
    VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb)
    RETURNING id, at, transaction
"""
"""By hand: each act records an event, and the ORM would cost more than all the database does."""


class OutsideTransaction(RuntimeError):
    """An event was about to be recorded outside its change's transaction."""


def record(
    type: str,
    *,
    by: Actor,
    case_id: UUID | None = None,
    pipeline: str = "",
    data: Mapping[str, Any] | None = None,
    commitments: Mapping[str, str] | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> Event:
    """Adds an event; raises OutsideTransaction where no transaction holds it with its change.

    The change was made by the connection `using`.
    """
    connection = transaction.get_connection(using)
    if not connection.in_atomic_block:
        raise OutsideTransaction(type)
    event = Event(
        type=type,
        actor_kind=by.kind,
        actor_id=by.id,
        case_id=case_id,
        pipeline=pipeline,
        data=dict(data or {}),
        commitments=dict(commitments or {}),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                event.type,
                event.actor_kind,
                event.actor_id,
                event.case_id,
                event.pipeline,
                json.dumps(event.data),
                json.dumps(event.commitments),
            ],
        )
        event.id, event.at, event.transaction = cursor.fetchone()
    return event
