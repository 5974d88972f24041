"""Changes of configuration: what django-auditlog notes becomes an event in the same transaction."""

from typing import Any

from auditlog.models import LogEntry
from django.db import models

from audit.actors import Actor, system
from audit.events import record

NAMES = {
    LogEntry.Action.CREATE: "created",
    LogEntry.Action.UPDATE: "changed",
    LogEntry.Action.DELETE: "deleted",
}


def record_change(
    sender: type[models.Model], instance: models.Model, log_entry: LogEntry | None, **_: Any
) -> None:
    """Receives django-auditlog's `post_log`; entries of reading are none of its business."""
    if log_entry is None or log_entry.action not in NAMES:
        return
    label = sender._meta.model_name
    by = Actor("user", str(log_entry.actor_id)) if log_entry.actor_id else system("configuration")
    record(
        f"configuration.{label}_{NAMES[log_entry.action]}",
        by=by,
        data={"id": str(instance.pk), "changes": log_entry.changes_dict},
    )
