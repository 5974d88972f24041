"""Recording what happened, in the transaction of the change itself."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.actors import Actor
from audit.models import Event


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
) -> Event:
    """Adds an event; raises OutsideTransaction where no transaction holds it with its change."""
    if not transaction.get_connection().in_atomic_block:
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
    event.save(force_insert=True)
    return event
