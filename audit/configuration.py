"""Changes of configuration: what django-auditlog notes becomes an event in the same transaction."""

from typing import Any

from auditlog.models import LogEntry
from django.db import models

from audit.acting import present_actor
from audit.events import record

NAMES = {
    LogEntry.Action.CREATE: "created",
    LogEntry.Action.UPDATE: "changed",
    LogEntry.Action.DELETE: "deleted",
}


def keep_ids_alone(sender: type[LogEntry], instance: LogEntry, **_: Any) -> None:
    """Receives `pre_save` of an entry: it names by id what changed and who changed it."""
    instance.object_repr = f"{instance.content_type.model} {instance.object_pk}"
    actor = present_actor()
    if actor.kind == "user":
        instance.actor_id = int(actor.id)


def record_change(
    sender: type[models.Model], instance: models.Model, log_entry: LogEntry | None, **_: Any
) -> None:
    """Receives django-auditlog's `post_log`; entries of reading are none of its business."""
    if log_entry is None or log_entry.action not in NAMES:
        return
    label = sender._meta.model_name
    record(
        f"configuration.{label}_{NAMES[log_entry.action]}",
        by=present_actor(),
        data={"id": str(instance.pk), "changes": log_entry.changes_dict},
    )
